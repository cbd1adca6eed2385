"""Reading: bytes into requests, by llhttp, which is strict about HTTP; bounded here, which it is not."""

import re
from typing import Final, Protocol

import httptools

from contratempo.server.edge import breaches
from contratempo.server.edge.breaches import Breach
from contratempo.server.edge.exchange import Exchange
from contratempo.server.edge.head import Head, Headers, breach, read_head, without_upgrade
from contratempo.server.edge.limits import CHUNK_COST, Limits

_REQUEST_LINE: Final = re.compile(rb"\A\s*\S+ +([!-~]+)")
_BEGINNING: Final = re.compile(rb"\s*[!-~]+(?: +[!-~]*)?")
"""A request line whose target may not have ended."""


class Taker(Protocol):
    """Who takes what was read."""

    def begin(self, head: Head, headers: Headers, *, keep_alive: bool) -> Exchange:
        """Take a request whose head is complete; Breach when there is no taking it."""

    def head_began(self) -> None:
        """Hear that a request begins."""

    def head_ended(self) -> None:
        """Hear that a head is complete."""

    def body_ended(self) -> None:
        """Hear that a request is whole."""


class Reading:
    """Feeds a taker with the requests of one connection.

    `target` is that of the latest request, as far as it is known. `exchange` is the one whose body is being read, None
    in and between heads. `last` says that the client sends no more requests: what still comes is none.
    """

    def __init__(self, limits: Limits, taker: Taker) -> None:
        self._limits, self._taker = limits, taker
        self._parser = httptools.HttpRequestParser(self)
        self.in_head = self.last = False
        self.exchange: Exchange | None = None
        self.target = b""
        self._headers: Headers = []
        self._opening, self._began = b"", 0
        self._piece, self._end, self._body, self._chunked = b"", 0, 0, False
        self._head_bytes = self._partial_bytes = self._trailers = 0
        self._breach: Breach | None = None
        self._failure: httptools.HttpParserError | None = None

    @property
    def method(self) -> str:
        """Return the method of the latest request, empty while it is not known."""
        return self._parser.get_method().decode("ascii") if self.target and self._began else ""

    def feed(self, piece: bytes) -> None:
        """Read on; Breach when what comes is refused."""
        if self._failure is not None:
            self._opening += piece
            self._fail(self._failure)
            return
        began, exchange = self._began, self.exchange
        if self.in_head:
            self._opening += b"" if self.target else piece  # bounded as heads are
        else:
            self._opening = piece if exchange is None else b""
        before = self._piece[-3:]  # what ends a head or chunks may have begun in another piece
        self._piece, self._end, self._body = before + piece, 0, len(before)
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._pass_over_upgrade(piece[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            if not self.last:
                self._fail(error)
        if began == self._began:
            self._count(len(piece), exchange)

    def _pass_over_upgrade(self, rest: bytes) -> None:
        """Read the request as if it had not offered another protocol: for its body the parser would not wait."""
        line = b"%s %s HTTP/1.1\r\n" % (self._parser.get_method(), self.target)
        plain = line + without_upgrade(self._headers) + b"\r\n" + rest
        self._parser, self.in_head = httptools.HttpRequestParser(self), False
        self.feed(plain)

    def _fail(self, error: httptools.HttpParserError) -> None:
        """Refuse what the parser cannot read; a bad method when the target is here, which says in whose words."""
        if not (self.target or self._opening):
            self._opening = self._piece[self._end :]
        if not self.target and self._breach is None and self._waits_for_target():
            self._failure = error
            return
        if not self.target and (line := _REQUEST_LINE.match(self._opening)):
            self.target = line[1]
        raise self._breach or Breach(breaches.unparsed(error)) from error

    def _waits_for_target(self) -> bool:
        return len(self._opening) <= self._limits.target_bytes and bool(_BEGINNING.fullmatch(self._opening))

    def _count(self, size: int, exchange: Exchange | None) -> None:
        """Count what the parser keeps to itself: parts of headers, and the framing of chunks."""
        if self.in_head:
            self._partial_bytes += size
            if self._partial_bytes > self._limits.head_bytes:
                raise Breach(breaches.head_too_large(self._limits))
        elif exchange is not None and exchange is self.exchange:
            exchange.wire_bytes += size
            if exchange.wire_bytes - CHUNK_COST * exchange.size > self._limits.framing_bytes:
                raise Breach(breaches.too_much_framing(self._limits))

    def _refuse(self, breach: Breach) -> Breach:
        """Keep a breach, as the parser does not hand on what is raised while it works."""
        self._breach = breach
        return breach

    def on_message_begin(self) -> None:
        """Begin a request: the parser has met the first byte of one."""
        self.in_head, self.target, self._headers = True, b"", []
        self._head_bytes = self._partial_bytes = self._trailers = 0
        self._began += 1
        self._taker.head_began()

    def on_url(self, part: bytes) -> None:
        """Take a part of the target."""
        self.target += part
        if len(self.target) > self._limits.target_bytes:
            raise self._refuse(Breach(breaches.target_too_long(self._limits)))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are counted and dropped."""
        if self.exchange is not None:
            self._trailers += 1
            if self._trailers > self._limits.trailers:
                raise self._refuse(Breach(breaches.too_many_trailers(self._limits)))
            return
        self._headers.append((name.lower(), value))
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._limits.head_bytes:
            raise self._refuse(Breach(breaches.head_too_large(self._limits)))
        if len(self._headers) > self._limits.headers:
            raise self._refuse(Breach(breaches.too_many_headers(self._limits)))

    def on_headers_complete(self) -> None:
        """Judge the head and hand the request over."""
        parser = self._parser
        self._end = self._piece.find(b"\r\n\r\n", self._end) + 4
        head = read_head(parser.get_method(), self.target, parser.get_http_version(), self._headers)
        if problem := breach(head):
            raise self._refuse(Breach(problem))
        if parser.should_upgrade():
            return  # and the parser says so
        self._chunked = b"transfer-encoding" in head.fields
        keep_alive = head.version == "1.1" and parser.should_keep_alive()
        try:
            self.exchange = self._taker.begin(head, self._headers, keep_alive=keep_alive)
        except Breach as found:
            raise self._refuse(found) from None
        self.in_head = False
        self._taker.head_ended()

    def on_body(self, part: bytes) -> None:
        """Hand a part of the body over."""
        if self.exchange is not None:
            self._end = self._piece.find(part, max(self._end, self._body)) + len(part)
            self.exchange.take(part)

    def on_message_complete(self) -> None:
        """End a request; note where in the piece, which the parser does not tell when the next one fails."""
        if self._chunked:
            self._end = self._piece.find(b"\r\n\r\n", self._end) + 4
        if self.exchange is not None:
            self.last = not self.exchange.keep_alive
            self.exchange.end_request()
        self.exchange, self._opening = None, b""
        self._taker.body_ended()
