"""The guard itself: a reverse proxy on loopback, and the only thing that speaks to a real deployment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Final
from urllib.parse import unquote

from contratempo.conformance import door
from contratempo.conformance.door import Asked, Refused, Reply, printable
from contratempo.conformance.exchange import read_json
from contratempo.conformance.guard.gate import Gate, Passage
from contratempo.conformance.guard.pace import Pace
from contratempo.conformance.guard.permit import REMOVES
from contratempo.conformance.guard.record import MARK, Record
from contratempo.conformance.instants import written
from contratempo.conformance.visit import GUARDED as HEADER
from contratempo.conformance.vocabulary import VOCABULARIES
from contratempo.conformance.wire import Answer, Unreachable, Wire

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


class Door(door.Door):
    """Where the guard listens: a free port of loopback."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(
            ("127.0.0.1", 0),
            lambda asked: _reply(guard.answer(asked)),
            lambda refused: _reply(_refusal(refused)),
        )


def _reply(answer: Answer) -> Reply:
    fields = [(name, value) for name, value in answer.headers.items() if name != "content-encoding"]
    return Reply(answer.status, fields, answer.content)


def _refusal(refused: Refused) -> Answer:
    reason = printable(refused.reason)
    fields = {HEADER: reason, "content-type": "text/plain"}
    return Answer(refused.status, fields, f"The guard did not send this on: {reason}\n".encode())
