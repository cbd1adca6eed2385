"""What the edge's tests share: a connection on a transport in memory; time passes when nobody has anything to do."""

import asyncio
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from contratempo.server.edge.connection import Connection
from contratempo.server.edge.limits import LIMITS, Limits
from contratempo.server.edge.line import Edge
from contratempo.server.edge.refusals import Refused

HOST = b"Host: mock\r\n"


class Transport(asyncio.Transport):
    """A socket's end: what was written, and what has become of it. While it is `stuck` the client takes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.protocol = b"", None
        self.closing = self.lost = self.aborted = self.eof = self.stuck = False
        self.reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        assert (self.closing, self.eof) == (False, False)
        self.written += data
        if self.stuck:
            self.protocol.pause_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.eof = True

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def close(self) -> None:
        self.closing = True
        if not self.stuck:
            self._lose()

    def abort(self) -> None:
        self.closing = self.aborted = True
        self._lose()

    def _lose(self) -> None:
        if not self.lost:
            self.lost = True
            self.protocol.loop.call_soon(self.protocol.connection_lost, None)


class Door:
    """A server's connections, in a running loop; `app` is an ASGI application, `seen` what came to the default one."""

    def __init__(self, limits: Limits = LIMITS, app: Any = None) -> None:
        self.seen: list[tuple[str, str, bytes]] = []
        self.state = SimpleNamespace(
            connections=set(), tasks=set(), default_headers=[(b"date", b"today")], total_requests=0
        )
        self.config = SimpleNamespace(loaded_app=app or self.echo)
        self.edge = Edge(self.refuse, limits)

    @staticmethod
    def refuse(problem: Any, target: bytes) -> Refused:
        body = problem.detail.encode()
        return Refused(problem.status, [(b"content-length", b"%d" % len(body)), (b"x-target", target)], body)

    async def echo(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self.seen.append((scope["method"], scope["raw_path"].decode(), body))
        answer = b"%d" % len(self.seen)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"1")]})
        await send({"type": "http.response.body", "body": answer[-1:]})

    def connect(self) -> "Client":
        connection = Connection(self.config, self.state, {}, edge=self.edge)
        transport = Transport()
        transport.protocol = connection
        connection.connection_made(transport)
        return Client(connection, transport)


class Client:
    """One client at the door."""

    def __init__(self, connection: Connection, transport: Transport) -> None:
        self.connection, self.transport = connection, transport

    async def send(self, *parts: bytes, every: float = 0) -> "Client":
        """Send parts, `every` so many seconds, as long as the server reads, and let everybody have their turn."""
        for part in parts:
            if self.transport.lost or not self.transport.reading:
                break
            self.connection.data_received(part)
            await asyncio.sleep(every)
        return await self.wait(0)

    async def wait(self, seconds: float) -> "Client":
        await asyncio.sleep(seconds)
        for _ in range(10):
            await asyncio.sleep(0)
        return self

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.transport.written)]

    @property
    def outcome(self) -> str:
        """The status of the last answer, if there is any, and what has become of the connection."""
        transport = self.transport
        end = "aborted" if transport.aborted else "closed" if transport.lost else "ending" if transport.eof else "open"
        return " ".join([*map(str, self.statuses[-1:]), end])


@pytest.fixture
def door(run_skipping: Callable[[Any], Any]) -> Callable[..., Any]:
    """Run a coroutine function with a door of these limits and this application, and return what it does."""

    def run(play: Callable[[Door], Any], limits: Limits = LIMITS, app: Any = None) -> Any:
        async def played() -> Any:
            return await play(Door(limits, app))

        return run_skipping(played())

    return run
