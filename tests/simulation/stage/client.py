"""Clients of the server over a transport in memory: each request is a task of its own, as under a real server."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Protocol

from stage.loop import SeededLoop, give_way

from contratempo.server.connection import WIRE

CLOCK: Final = "/_mock/clock"


class Audience(Protocol):
    """Who hears of every request: when it begins, at the very moment it is answered, and when it is over."""

    def began(self, exchange: "Exchange") -> None: ...

    def answered(self, exchange: "Exchange") -> None: ...

    def over(self, exchange: "Exchange") -> None: ...


@dataclass(eq=False)
class Manners:
    """How a client behaves: it sends its body in pieces, goes away or is cut off after seconds, or never reads."""

    pieces: int = 1
    leave: float | None = None
    cancel: float | None = None
    stall: bool = False


@dataclass(eq=False)
class Exchange:
    """A request and what came back; `ended` is answered, close, reset, left or cancelled."""

    number: int
    method: str
    target: str
    body: Any
    headers: Mapping[str, str]
    manners: Manners
    began: float
    lagged: float
    ended: str | None = None
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        return json.loads(b"".join(self.chunks))

    def __str__(self) -> str:
        return f"#{self.number} {self.method} {self.target} {json.dumps(self.body)} -> {self.ended} {self.status}"


@dataclass(eq=False)
class Wire:
    """The connection below a request."""

    exchange: Exchange

    def close(self) -> None:
        self._end("close")

    def reset(self) -> None:
        self._end("reset")

    def _end(self, how: str) -> None:
        self.exchange.ended = self.exchange.ended or how
        self.exchange.leaving.set()


@dataclass(eq=False)
class Client:
    """Calls an ASGI application; `open` are the requests under way."""

    app: Any
    chance: Random
    audience: Audience
    open: dict[Exchange, "asyncio.Task[None]"] = field(default_factory=dict)
    made: int = 0
    closed: bool = False

    async def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        key: str = "key",
        manners: Manners | None = None,
        **headers: str,
    ) -> Exchange:
        """Make a request and return when it is over, whichever way."""
        exchange, task = self.begin(method, target, body, key=key, manners=manners, **headers)
        await asyncio.wait({task})
        return exchange

    def begin(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        key: str = "key",
        manners: Manners | None = None,
        **headers: str,
    ) -> tuple[Exchange, "asyncio.Task[None]"]:
        """Send a request off; ConnectionRefusedError once the server takes no more."""
        if self.closed:
            raise ConnectionRefusedError
        loop, self.made = asyncio.get_running_loop(), self.made + 1
        assert isinstance(loop, SeededLoop)
        sent = {"host": "127.0.0.1:4010", "authorization": f"Bearer {key}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["content-type"] = "application/json"
        exchange = Exchange(self.made, method, target, body, sent, manners or Manners(), loop.time(), loop.lagged)
        task = loop.create_task(self._exchange(exchange), name=str(exchange))
        self.open[exchange] = task
        task.add_done_callback(lambda _: self.open.pop(exchange))
        if (after := exchange.manners.leave) is not None:
            loop.call_later(after, self._leave, exchange)
        if (after := exchange.manners.cancel) is not None:
            loop.call_later(after, self._cancel, exchange, task)
        return exchange, task

    def _leave(self, exchange: Exchange) -> None:
        exchange.ended = exchange.ended or "left"
        exchange.leaving.set()

    def _cancel(self, exchange: Exchange, task: "asyncio.Task[None]") -> None:
        if not task.done():
            exchange.ended = exchange.ended or "cancelled"
            exchange.leaving.set()
            task.cancel()

    async def _exchange(self, exchange: Exchange) -> None:
        self.audience.began(exchange)
        try:
            await self.app(self._scope(exchange), self._receiver(exchange), self._sender(exchange))
        except asyncio.CancelledError:
            if exchange.ended is None:
                raise
        except Exception as error:  # which a server answers with 500
            exchange.ended = f"failed: {error!r}"
        finally:
            exchange.ended = exchange.ended or "unanswered"
            self.audience.over(exchange)

    def _scope(self, exchange: Exchange) -> dict[str, Any]:
        path, _, query = exchange.target.encode().partition(b"?")
        return {
            "type": "http", "http_version": "1.1", "scheme": "http", "method": exchange.method, "root_path": "",
            "raw_path": path, "path": path.decode("latin-1"), "query_string": query,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in exchange.headers.items()],
            "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 4010), "extensions": {WIRE: Wire(exchange)},
        }  # fmt: skip

    def _receiver(self, exchange: Exchange) -> Callable[[], Any]:
        raw = b"" if exchange.body is None else json.dumps(exchange.body).encode()
        size = max(1, -(-len(raw) // exchange.manners.pieces))
        pieces = [raw[at : at + size] for at in range(0, len(raw), size)] or [b""]

        async def receive() -> dict[str, Any]:
            if not pieces:
                await exchange.leaving.wait()
            elif len(pieces) > 1:
                await give_way(self.chance.randrange(3))
            if exchange.leaving.is_set():
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        return receive

    def _sender(self, exchange: Exchange) -> Callable[[dict[str, Any]], Any]:
        async def send(message: dict[str, Any]) -> None:
            if exchange.ended is not None:  # nobody is there any more: a server drops what comes then
                return
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.answer_headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
                return
            exchange.chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                exchange.ended = "answered"
                self.audience.answered(exchange)
            elif exchange.manners.stall:
                await exchange.leaving.wait()
            await give_way(self.chance.randrange(2))

        return send
