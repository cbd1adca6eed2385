"""A door: listens, reads one plain HTTP request after another, hands on what comes of each. It knows no deployment."""

import socket
import socketserver
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import responses
from threading import Condition, Thread
from typing import Any, Final

import h11

_LARGEST: Final = 8 * 1024 * 1024
_PATIENCE: Final = 60
_FRAMING: Final = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive"})
_BODILESS: Final = (204, 304)
_CROWDED: Final = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """A request as it came, headers in lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What is answered; a status of 0 breaks the connection off."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    content: bytes = b""


class Refused(Exception):
    """A request that is not sent on; the text says the reason, a word first."""

    def __init__(self, reason: str, status: int = 429) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


class Door(socketserver.ThreadingTCPServer):
    """Listens at a place until it is closed. A strict one takes one request of HTTP/1.1 a connection and no more.

    `most` are the connections that are open at once.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        place: tuple[str, int],
        answer: Callable[[Asked], Reply],
        refuse: Callable[[Refused], Reply],
        *,
        strict: bool = True,
        most: int = 256,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        super().__init__(place, _Visitor)
        self.answer, self.refuse, self.strict = answer, refuse, strict
        self._most, self._open, self._left = most, 0, Condition()
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port that it listens at."""
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        """Return the origin to speak to."""
        host = str(self.server_address[0])
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Let somebody in, unless it is crowded."""
        with self._left:
            crowded = self._open >= self._most
            self._open += not crowded
        if crowded:
            request.send(_CROWDED)
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve somebody, and see them out."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._left:
                self._open -= 1

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Visitor(socketserver.BaseRequestHandler):
    server: Door

    def handle(self) -> None:
        self.request.settimeout(_PATIENCE)
        speech = h11.Connection(h11.SERVER, max_incomplete_event_size=65_536)
        try:
            while self._once(speech):
                speech.start_next_cycle()
        except (OSError, h11.LocalProtocolError):
            return  # whoever asked has gone, or what came for them is no HTTP: so no more is said

    def _once(self, speech: h11.Connection) -> bool:
        """Answer one request; return whether another may follow."""
        asked = None
        try:
            asked = self._asked(speech)
            if asked is None:
                return False
            reply = self.server.answer(asked)
        except Refused as refused:
            reply = self.server.refuse(refused)
        except h11.RemoteProtocolError as error:
            reply = self.server.refuse(Refused(f"parse: it is no plain HTTP request ({error})", 400))
        whole = self._reply(speech, reply, bodiless=asked is not None and asked.method == "HEAD")
        return whole and not self.server.strict and speech.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    def _asked(self, speech: h11.Connection) -> Asked | None:
        head, parts = None, []
        for event in self._events(speech):
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
        if head is None:
            if self.server.strict:
                raise Refused("parse: it is no HTTP request", 400)
            return None
        if self.server.strict:
            _check(speech, head)
        headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers)
        return Asked(head.method.decode("ascii"), head.target.decode("latin-1"), headers, b"".join(parts))

    def _events(self, speech: h11.Connection) -> Iterator[h11.Event]:
        length = 0
        while True:
            event = speech.next_event()
            if event is h11.NEED_DATA:
                length += self._read(speech)
                if length > _LARGEST:
                    raise Refused("body: it is too large", 413)
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
                return
            else:
                yield event  # type: ignore[misc]

    def _read(self, speech: h11.Connection) -> int:
        if speech.they_are_waiting_for_100_continue:
            if self.server.strict:
                raise Refused("headers: a request that waits for 100 is not sent on")
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self.request.sendall(speech.send(go_on) or b"")
        data = self.request.recv(65_536)
        speech.receive_data(data)
        return len(data)

    def _reply(self, speech: h11.Connection, reply: Reply, *, bodiless: bool) -> bool:
        """Say what is answered; return whether all of it was said."""
        if speech.our_state not in (h11.SEND_RESPONSE, h11.IDLE):
            return False  # h11 has found the speaker to be no HTTP client, and says nothing more
        if reply.status == 0:
            return False  # the deployment broke off, and so do we
        headers = [each for each in reply.headers if each[0] not in _FRAMING]
        if not bodiless or "content-length" in dict(reply.headers):
            headers += _length(reply)
        if self.server.strict or speech.their_state is not h11.DONE:
            headers.append(("connection", "close"))
        coded = [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers]
        head = h11.Response(status_code=reply.status, headers=coded, reason=responses.get(reply.status, "").encode())
        self.request.sendall(speech.send(head) or b"")
        self.request.sendall(speech.send(h11.Data(b"" if bodiless else reply.content)) or b"")
        self.request.sendall(speech.send(h11.EndOfMessage()) or b"")
        return True


def _check(speech: h11.Connection, head: h11.Request) -> None:
    if speech.trailing_data[0]:
        raise Refused("parse: more than one request came at once", 400)
    if head.http_version != b"1.1":
        raise Refused("parse: it is not HTTP/1.1", 400)


def _length(reply: Reply) -> Iterator[tuple[str, str]]:
    """Yield the length of what is answered: that of an answer without a body, as to HEAD, says what GET would get."""
    told = dict(reply.headers).get("content-length")
    if reply.content or (told is None and reply.status not in _BODILESS):
        yield "content-length", str(len(reply.content))
    elif told is not None:
        yield "content-length", told


def printable(text: str) -> str:
    """Return a text fit for a header."""
    return "".join(each if " " <= each < "\x7f" else "?" for each in text)
