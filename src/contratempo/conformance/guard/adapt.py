"""The suite's requests made fit for a real deployment: numbers, senders, assistants and instants become allowed ones.

A value is changed only where it is of the right type, and only if what the contract refuses stays so.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from contratempo.conformance.book import Book
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.guard.harm import is_nowhere
from contratempo.conformance.guard.permit import REACHES, Permit
from contratempo.conformance.guard.record import MARK
from contratempo.conformance.instants import instant_of
from contratempo.conformance.intent import intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.visit import read_exchange
from contratempo.conformance.vocabulary import VOCABULARIES

Json: TypeAlias = Any
_NOWHERE: Final = "https://www.example.com/conform"


class Adaptation:
    """Changes requests on their way out of the suite; the guard judges what comes of it."""

    def __init__(self, permit: Permit, book: Book, wall: Callable[[], datetime], run: str) -> None:
        self._permit, self._book, self._wall, self._run = permit, book, wall, run
        self._reach = REACHES[book.provider]
        self._number = 0

    def __call__(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[str, bytes]:
        """Return the path and the body to send instead."""
        path = self._path(method, path)
        before = self._read(method, path, body, headers)
        if before.operation not in VOCABULARIES[self._book.provider].creates or not isinstance(before.sent, dict):
            return path, body
        changed = self._body(before)
        head, tail = body[: len(body) - len(body.lstrip())], body[len(body.rstrip()) :]
        after = (
            head
            + json.dumps(changed, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            + tail
        )
        if self._intent(before) == "invalid" != self._intent(self._read(method, path, after, headers)):
            return path, body
        return path, after

    def _path(self, method: str, path: str) -> str:
        named = self._book.find(method, path)[1].get("assistant_id")
        allowed = self._permit.assistants
        if named is None or not allowed or named in allowed:
            return path
        start = path.index("/assistants/") + len("/assistants/")
        return path[:start] + quote(allowed[0], safe="") + path[path.index("/", start) :]

    def _read(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Exchange:
        return read_exchange(
            self._book,
            method=method,
            path=path,
            query="",
            headers=headers,
            sent_bytes=body,
            content=b"",
            wall=self._wall(),
        )

    def _intent(self, x: Exchange) -> str:
        return intent(x, Ledger(self._book, VOCABULARIES[self._book.provider], real=True))

    def _body(self, x: Exchange) -> dict[str, Json]:
        wrong = {str(each.path[0]) for each in x.breaches if each.location == "body" and each.path}
        sent: dict[str, Json] = x.sent
        return sent | dict(self._changes({name: value for name, value in x.sent.items() if name not in wrong}, wrong))

    def _changes(self, right: dict[str, Json], wrong: set[str]) -> Iterator[tuple[str, Json]]:
        for name, kind in self._reach.members.items():
            if isinstance(right.get(name), str) and right[name].strip():
                yield name, self._allowed(name, kind, right[name])
        for name in self._reach.addresses:
            if name in right:
                yield name, _led_nowhere(right[name])
        if isinstance(right.get(self._reach.when), str):
            yield self._reach.when, self._later(right[self._reach.when])
        if self._book.provider == "telnyx_assistants" and "conversation_metadata" not in wrong:
            self._number += 1
            metadata = right.get("conversation_metadata") or {}
            yield "conversation_metadata", {**metadata, MARK: f"{self._run}-{self._number}"}

    def _allowed(self, name: str, kind: str, value: str) -> str:
        allowed = self._permit.lists(kind)
        profile = name == "messaging_profile_id"
        if kind == "senders" and self._book.provider == "telnyx_messages":
            allowed = tuple(each for each in allowed if (each.count("-") == 4) == profile)
        return value if value in allowed or not allowed else allowed[0]

    def _later(self, text: str) -> str:
        """Return a date so many days later, the rest of the text as it was: offset and spelling are what matters."""
        moment, now = instant_of(text), self._wall()
        if moment is None or not now < moment < now + self._permit.lead + timedelta(hours=15):
            return text
        day = datetime.fromisoformat(text[:10]) + timedelta(days=self._permit.lead.days + 2)
        return day.date().isoformat() + text[10:]


def _led_nowhere(value: Json) -> Json:
    if isinstance(value, list):
        return [_led_nowhere(each) for each in value]
    return value if not isinstance(value, str) or is_nowhere(value) else _NOWHERE
