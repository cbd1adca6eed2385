"""An exchange: one request and its answer, as ASGI has them."""

import asyncio
import logging
from typing import Any, Final, Protocol

from starlette.types import ASGIApp, Message, Scope

from contratempo.provider import Problem
from contratempo.server.edge.answer import field_line, has_body, status_line
from contratempo.server.edge.breaches import failed

_LOG: Final = logging.getLogger("contratempo")
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE: Final = b"connection: close\r\n"
_CHUNKED: Final = b"transfer-encoding: chunked\r\n"
_DISCONNECTED: Final[Message] = {"type": "http.disconnect"}


class Below(Protocol):
    """What an exchange needs of its connection; `stalled` says that the client does not take what was sent."""

    stalled: bool

    def write(self, data: bytes) -> None:
        """Send bytes."""

    async def writable(self) -> None:
        """Wait until the client has taken enough of what was sent."""

    def common_fields(self) -> bytes:
        """Return the lines of headers that every answer has."""

    def consumed(self) -> None:
        """Hear that the application has taken what there was of the body."""

    def answered(self, exchange: "Exchange") -> None:
        """Hear that an answer is complete."""

    def answer(self, problem: Problem, target: bytes, method: str) -> None:
        """Answer a problem in place of the application, and end."""

    def close(self) -> None:
        """End in good order."""

    def reset(self) -> None:
        """End at once."""


class Exchange:
    """A request whose body may still be coming, and the answer that the application makes of it.

    `whole` is a request that has come completely. `gone` is a client that is not there any more, or is not to be
    answered by the application: it hears so when it asks, and what it sends is thrown away.
    """

    __slots__ = (
        "_below", "_bodiless", "_chunked", "_expects", "_head", "_left", "_news", "_told", "body", "complete", "gone",
        "keep_alive", "method", "scope", "size", "started", "target", "whole", "wire_bytes",
    )  # fmt: skip

    def __init__(self, below: Below, scope: Scope, target: bytes, *, keep_alive: bool, expects: bool) -> None:
        self._below, self.scope, self.target, self.keep_alive = below, scope, target, keep_alive
        self.method: str = scope["method"]
        self.body = bytearray()
        self.size = self.wire_bytes = 0
        self.whole = self.gone = self.started = self.complete = False
        self._told, self._expects = False, expects
        self._news: asyncio.Event | None = None
        self._head, self._chunked, self._bodiless = b"", False, False
        self._left: int | None = None

    def take(self, body: bytes) -> None:
        """Take a part of the body from the client."""
        self.size += len(body)
        if not (self.complete or self.gone):
            self.body += body
            self._tell()

    def end_request(self) -> None:
        """Hear that the request is whole."""
        self.whole = True
        self._tell()

    def leave(self) -> None:
        """Hear that the client is gone."""
        self.gone = True
        self._tell()

    def _tell(self) -> None:
        if self._news is not None:
            self._news.set()
            self._news = None

    async def run(self, app: ASGIApp) -> None:
        """Have the application answer; where it fails to, answer in its place or end the connection."""
        try:
            await app(self.scope, self.receive, self.send)
        except asyncio.CancelledError:  # the server closes and has waited long enough
            self._below.close()
        except Exception:
            _LOG.exception("%s: the application failed", self.method)
            self._unfinished()
        else:
            if not (self.complete or self.gone):
                _LOG.error("%s: the application returned without a complete answer", self.method)
                self._unfinished()

    def _unfinished(self) -> None:
        if self.complete or self.gone:
            return
        if self.started and not self._head:  # half an answer is out: only an end in disorder tells the client
            self._below.reset()
        else:
            self.leave()
            self._below.answer(failed(), self.target, self.method)

    async def receive(self) -> Message:
        """Return the next of the request: body as it comes, at last that nobody is there any more."""
        if self._expects and not (self.body or self.whole or self.started):
            self._below.write(_CONTINUE)
        self._expects = False
        while not (self.gone or self.complete):
            if self.body or (self.whole and not self._told):
                return self._next()
            self._news = self._news or asyncio.Event()
            await self._news.wait()
        return _DISCONNECTED

    def _next(self) -> Message:
        message = {"type": "http.request", "body": bytes(self.body), "more_body": not self.whole}
        self.body.clear()
        self._told = self.whole
        if not self.whole:
            self._below.consumed()
        return message

    async def send(self, message: Message) -> None:
        """Send the next of the answer, once the client has taken enough of what went before."""
        if self._below.stalled and not self.gone:
            await self._below.writable()
        if self.gone:
            return
        if message["type"] == "http.response.start" and not self.started:
            self._begin(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body" and self.started and not self.complete:
            self._go_on(message.get("body", b""), more=message.get("more_body", False))
        else:
            raise RuntimeError(f"{message['type']} has no place here: the application sends out of order")

    def _begin(self, status: int, headers: Any) -> None:
        """Make the head; it waits for the body to go out with it, unless nobody knows when that will be."""
        kept = []
        for name, value in headers:
            lower = name.lower()
            if lower == b"content-length":
                self._left = int(value)
                kept.append(b"content-length: %d\r\n" % self._left)
            elif lower == b"connection":
                self.keep_alive = self.keep_alive and b"close" not in value.lower()
            elif lower != b"transfer-encoding":
                kept.append(field_line(lower, value))
        self._bodiless = not has_body(self.method, status)
        self._chunked = self._left is None and not self._bodiless and self.scope["http_version"] == "1.1"
        ends_with_close = self._left is None and not (self._bodiless or self._chunked)
        self.keep_alive = self.keep_alive and self._is_read() and not ends_with_close
        self._head = b"".join((
            status_line(status), self._below.common_fields(), *kept,
            _CHUNKED if self._chunked else b"", b"" if self.keep_alive else _CLOSE, b"\r\n",
        ))  # fmt: skip
        self.started = True
        if self._left is None:
            self._flush(b"")

    def _is_read(self) -> bool:
        """Say whether the connection is free for another request: a body that nobody wants is not waited for."""
        return self.whole

    def _go_on(self, body: bytes, *, more: bool) -> None:
        if self._bodiless:
            body = b""
        elif self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the answer is not as long as its Content-Length")
        if self._chunked:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        self._flush(body)
        if not more:
            self.complete = True
            self._tell()
            self._below.answered(self)

    def _flush(self, body: bytes) -> None:
        data, self._head = self._head + body, b""
        if data:
            self._below.write(data)
