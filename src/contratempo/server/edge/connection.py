"""A connection: bytes of a socket into requests, within limits, and their answers back, in order."""

import asyncio
import logging
from collections import deque
from typing import Any, Final
from urllib.parse import unquote

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.utils import get_local_addr, get_remote_addr
from uvicorn.server import ServerState

from contratempo.provider import Problem
from contratempo.server.connection import WIRE
from contratempo.server.edge import breaches
from contratempo.server.edge.answer import field_lines, has_body, status_line
from contratempo.server.edge.exchange import Exchange
from contratempo.server.edge.head import Head, Headers, split_target
from contratempo.server.edge.line import Edge, Line
from contratempo.server.edge.reading import Reading

_LOG: Final = logging.getLogger("contratempo")
_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}


class Connection(Line):
    """One client. Requests that come before the answer to an earlier one wait; reading stops meanwhile.

    The answers that are due go out in order, and then a refusal, if one is why no more is read.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None, *, edge: Edge,
    ) -> None:  # fmt: skip
        self.loop = _loop or asyncio.get_running_loop()
        super().__init__(self.loop, edge.limits)
        self._edge, self._app = edge, config.loaded_app
        self._state, self._app_state = server_state, app_state
        self._reading = Reading(edge.limits, self)
        self._surplus = False
        self._current: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._held = b""
        self._refusal: tuple[Problem, bytes, str] | None = None
        self._common: tuple[list[tuple[bytes, bytes]], bytes] = [], b""

    # From the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvloop's are none
        """Begin: a head must come."""
        self.transport = transport
        connections = self._state.connections
        connections.add(self)  # type: ignore[arg-type]  # uvicorn lists its own classes
        self._ends = get_local_addr(transport), get_remote_addr(transport)
        self._surplus = len(connections) > self._limits.connections
        if len(connections) > self._limits.connections + self._limits.surplus:
            return transport.abort()
        self._watch.start("head", self._limits.surplus_seconds if self._surplus else self._limits.head_seconds)
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        """End: whoever still works for this client hears that it is gone."""
        self._open = False
        self._state.connections.discard(self)
        self._watch.end()
        for exchange in (self._current, *self._waiting):
            if exchange is not None:
                exchange.leave()
        self._waiting.clear()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Read on, a piece at a time, until requests wait; the rest is held then, and reading stops."""
        size = self._limits.piece_bytes
        for start in range(0, len(data), size):
            if self._waiting and self._open:
                self._held = data[start:]
                break
            self._read(data[start : start + size])
        self._settle()

    def _read(self, piece: bytes) -> None:
        if not self._open:
            return
        try:
            self._reading.feed(piece)
            self._open = not self._reading.last
        except breaches.Breach as breach:
            self._refuse(breach.problem)

    # From the reading

    def head_began(self) -> None:
        """Hear that a request begins."""
        self._watch.stop("idle")

    def head_ended(self) -> None:
        """Hear that a head is complete."""
        self._watch.stop("head")

    def body_ended(self) -> None:
        """Hear that a request is whole."""
        self._watch.stop("gap", "body")

    def begin(self, head: Head, headers: Headers, *, keep_alive: bool) -> Exchange:
        """Take a request, to be answered now or in its turn."""
        if self._surplus:
            raise breaches.Breach(breaches.too_many_connections(self._limits))
        expects = head.version == "1.1" and b"expect" in head.fields
        exchange = Exchange(self, self._scope(head, headers), head.target, keep_alive=keep_alive, expects=expects)
        if self._current is None:
            self._start(exchange)
        else:
            self._waiting.append(exchange)
        return exchange

    def _scope(self, head: Head, headers: Headers) -> Scope:
        raw_path, query = split_target(head.target)
        path = raw_path.decode("ascii")
        return {
            "type": "http", "asgi": _ASGI, "http_version": head.version, "method": head.method.decode("ascii"),
            "scheme": "http", "server": self._ends[0], "client": self._ends[1], "root_path": "",
            "path": unquote(path) if "%" in path else path, "raw_path": raw_path, "query_string": query,
            "headers": headers, "state": self._app_state.copy(), "extensions": {WIRE: self},
        }  # fmt: skip

    def _start(self, exchange: Exchange) -> None:
        self._current = exchange
        task = self.loop.create_task(exchange.run(self._app))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def _settle(self) -> None:
        """Read or pause as there is room, and set the deadline of what is being read."""
        receiving = self._reading.exchange
        full = receiving is not None and len(receiving.body) > self._limits.read_ahead_bytes
        self._pause(reading=not (self._open and (full or self._waiting)))
        if not self._open:
            return
        if self._paused:
            self._watch.stop("head", "gap", *(("body",) if self._waiting else ()))
        elif receiving is not None:
            self._watch.start("gap", self._limits.gap_seconds)
            if not self._watch.runs("body"):
                self._watch.start("body", self._limits.body_seconds)
        elif self._reading.in_head and not self._watch.runs("head"):
            self._watch.start("head", self._limits.head_seconds)

    # From the exchanges

    def common_fields(self) -> bytes:
        """Return the lines of headers that every answer has."""
        made_of = self._state.default_headers
        if self._common[0] is not made_of:  # uvicorn makes a new list when the second changes
            self._common = made_of, field_lines(made_of)
        return self._common[1]

    def consumed(self) -> None:
        """Hear that the application has taken what there was of the body."""
        if self._paused:
            self._settle()

    def answered(self, exchange: Exchange) -> None:
        """Hear that an answer is complete: the next one's turn has come, or the end."""
        self._state.total_requests += 1
        self._current = None
        if self.transport.is_closing():
            return
        if not exchange.keep_alive:
            self._end() if exchange.whole else self._linger()
            return
        if self._waiting:
            self._start(self._waiting.popleft())
        if not self._waiting and self._paused:
            held, self._held = self._held, b""
            self.data_received(held)  # none, maybe: then reading goes on
        self._rest()

    def _rest(self) -> None:
        """Do what is due when no answer is."""
        if self._current is not None:
            return
        if self._refusal is not None:
            self.answer(*self._refusal)
        elif not self._reading.in_head:
            self._watch.start("idle", self._limits.idle_seconds)

    # Refusals and ends

    def _refuse(self, problem: Problem) -> None:
        """Read no more, and refuse in its turn the request that is being read."""
        _LOG.info("a request is refused at the edge: %s", problem.detail)
        self._open = False
        self._watch.stop("head", "gap", "body")
        self._refusal = problem, self._reading.target, self._reading.method
        broken = self._reading.exchange
        if broken is not None and broken is not self._current:
            self._waiting.remove(broken)
        if broken is None or broken is not self._current:
            self._rest()
        elif broken.started:
            self.close()
        else:
            self._leave()
            self._rest()

    def answer(self, problem: Problem, target: bytes, method: str) -> None:
        """Answer a problem in place of the application, and end."""
        self._leave()
        refused = self._edge.refuse(problem, target)
        head = status_line(refused.status) + self.common_fields() + field_lines(refused.headers)
        body = refused.body if has_body(method, refused.status) else b""
        self.write(head + b"connection: close\r\n\r\n" + body)
        self._linger()

    def _leave(self) -> None:
        """Have the application answer no more."""
        if self._current is not None:
            self._current.leave()
            self._current = None

    def close(self) -> None:
        """End the connection after what was sent."""
        self._leave()
        self._end()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self._leave()
        self._abort()

    def shutdown(self) -> None:
        """End when the answer under way is out: the server closes."""
        if self._current is None:
            self._end()
        else:
            self._current.keep_alive = False

    def _late(self, name: str) -> None:
        if name == "gap":
            self._refuse(breaches.body_stopped(self._limits))
        elif name == "body":
            self._refuse(breaches.body_too_slow(self._limits))
        elif name == "head" and self._reading.in_head:
            self._refuse(breaches.head_too_slow(self._limits))
        else:
            super()._late(name)
