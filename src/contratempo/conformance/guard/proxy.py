"""The guard itself: a reverse proxy on loopback, and the only thing that speaks to a real deployment."""

import socketserver
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from threading import Lock, Thread
from typing import Final
from urllib.parse import unquote

import h11

from contratempo.conformance.exchange import read_json
from contratempo.conformance.guard.gate import Asked, Gate, Passage, Refused
from contratempo.conformance.guard.pace import Pace
from contratempo.conformance.guard.permit import REMOVES
from contratempo.conformance.guard.record import MARK, Record
from contratempo.conformance.instants import written
from contratempo.conformance.visit import GUARDED as HEADER
from contratempo.conformance.vocabulary import VOCABULARIES
from contratempo.conformance.wire import Answer, Unreachable, Wire

_LARGEST: Final = 8 * 1024 * 1024
_PATIENCE: Final = 60
_OURS: Final = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive"})
_UNDECIDED: Final = (408, 409)
"""Refusals that may come although something was made."""
_NOT_SENT: Final = frozenset({"host", "connection", "content-length", "accept-encoding"})


class Guard:
    """One gate, one record, one way to the deployment: requests go one at a time, at the pace allowed."""

    def __init__(self, gate: Gate, record: Record, upstream: Wire, pace: Pace, wall: Callable[[], datetime]) -> None:
        self.gate, self.record, self.upstream, self.pace, self._wall = gate, record, upstream, pace, wall
        self._turn = Lock()
        self.dead = ""

    def answer(self, asked: Asked) -> Answer:
        """Return the deployment's answer to a request that may go; Refused for one that may not."""
        with self._turn:
            passage = self.gate.admit(asked)
            self.pace.wait()
            self.gate.sent += 1
            return self._create(asked, passage) if passage.does == "create" else self._plain(asked, passage)

    def _plain(self, asked: Asked, passage: Passage) -> Answer:
        answer = self._forward(asked)
        if passage.does == "remove" and 200 <= answer.status < 300:
            self.record.gone(passage.seen.params[REMOVES[passage.seen.operation or ""]])
        return answer

    def _create(self, asked: Asked, passage: Passage) -> Answer:
        # Counted as made until the answer says otherwise.
        self.gate.created += 1
        number = self.record.intend(unquote(passage.seen.path), _mark(passage), written(self._wall()))
        answer = self._forward(asked)
        if 300 <= answer.status < 500 and answer.status not in _UNDECIDED:
            self.record.nothing(number, str(answer.status))
            self.gate.created -= passage.hopeless
        elif identifier := self._identifier(passage, answer):
            self.record.made(number, identifier)
            self.gate.ours.add(identifier)
        return answer

    def _identifier(self, passage: Passage, answer: Answer) -> str:
        vocabulary = VOCABULARIES[self.gate.book.provider]
        body = read_json(answer.content)
        data = body.get("data", body) if isinstance(body, dict) else None
        found = data.get(vocabulary.identity) if isinstance(data, dict) else None
        return found if isinstance(found, str) else ""

    def _forward(self, asked: Asked) -> Answer:
        fields = {name: value for name, value in asked.headers if name not in _NOT_SENT}
        try:
            answer = self.upstream.send(asked.method, asked.target, fields, asked.body)
        except Unreachable as error:
            self.dead = str(error)
            raise Refused(f"unreachable: {error}") from error
        told = {name: value for name, value in answer.headers.items() if name != HEADER}
        if answer.status == 429:
            self.pace.slow_down(answer.headers.get("retry-after", ""))
            told[HEADER] = "upstream: it said 429"
        return replace(answer, headers=told)


def _mark(passage: Passage) -> str | None:
    sent = passage.seen.sent
    metadata = sent.get("conversation_metadata") if isinstance(sent, dict) else None
    mark = metadata.get(MARK) if isinstance(metadata, dict) else None
    return mark if isinstance(mark, str) else None


class Door(socketserver.ThreadingTCPServer):
    """Where the guard listens: a free port of loopback."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, guard: Guard) -> None:
        super().__init__(("127.0.0.1", 0), _Visitor)
        self.guard = guard
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """Return the origin to speak to instead of the deployment's."""
        return f"http://127.0.0.1:{self.server_address[1]}"

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
        asked = None
        try:
            try:
                asked = self._asked(speech)
                answer = self.server.guard.answer(asked)
            except Refused as refused:
                answer = _refusal(refused)
            except h11.RemoteProtocolError as error:
                answer = _refusal(Refused(f"parse: it is no plain HTTP request ({error})", 400))
            self._reply(speech, answer, bodiless=asked is not None and asked.method == "HEAD")
        except OSError:
            return  # whoever asked has gone

    def _asked(self, speech: h11.Connection) -> Asked:
        head, parts = None, []
        for event in self._events(speech):
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
        if head is None:
            raise Refused("parse: it is no HTTP request", 400)
        if speech.trailing_data[0]:
            raise Refused("parse: more than one request came at once", 400)
        if head.http_version != b"1.1":
            raise Refused("parse: it is not HTTP/1.1", 400)
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
            raise Refused("headers: a request that waits for 100 is not sent on")
        data = self.request.recv(65_536)
        speech.receive_data(data)
        return len(data)

    def _reply(self, speech: h11.Connection, answer: Answer, *, bodiless: bool) -> None:
        if speech.our_state not in (h11.SEND_RESPONSE, h11.IDLE):
            return  # h11 has found the speaker to be no HTTP client, and says nothing more
        if answer.status == 0:
            return  # the deployment broke off, and so do we
        fields = [(name, value) for name, value in answer.headers.items() if name not in _OURS]
        # That of an answer to HEAD says what GET would get.
        length = str(len(answer.content)) if answer.content else answer.headers.get("content-length", "0")
        headers = [*fields, ("content-length", length), ("connection", "close")]
        reply = h11.Response(status_code=answer.status, headers=headers)
        self.request.sendall(speech.send(reply) or b"")
        self.request.sendall(speech.send(h11.Data(b"" if bodiless else answer.content)) or b"")
        self.request.sendall(speech.send(h11.EndOfMessage()) or b"")


def _refusal(refused: Refused) -> Answer:
    reason = refused.reason.encode("ascii", "replace").decode()
    fields = {HEADER: "".join(each if 32 <= ord(each) < 127 else "?" for each in reason), "content-type": "text/plain"}
    return Answer(refused.status, fields, f"The guard did not send this on: {reason}\n".encode())
