"""The gate: which requests may go to the deployment, and why the others may not. It sends nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from contratempo.conformance.book import Book
from contratempo.conformance.door import Asked, Refused
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.guard.harm import harm
from contratempo.conformance.guard.permit import REACHES, REMOVES, Permit
from contratempo.conformance.intent import intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.visit import read_exchange
from contratempo.conformance.vocabulary import VOCABULARIES

_READS: Final = ("GET", "HEAD")
_HEADERS: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host"}
    | {"idempotency-key", "user-agent"}
)
_LONGEST: Final = 8_000


@dataclass(frozen=True)
class Passage:
    """A request that may go: what it does, and whether a correct server must refuse it."""

    does: str
    seen: Exchange
    hopeless: bool = False


@dataclass
class Gate:
    """`ours` are the ids that were created here: only they may be removed."""

    permit: Permit
    book: Book
    prefix: str
    token: str
    wall: Callable[[], datetime]
    ours: set[str] = field(default_factory=set)
    sent: int = 0
    created: int = 0

    def admit(self, asked: Asked) -> Passage:
        """Return how a request may go; Refused when it may not. Nothing is counted."""
        self._well_formed(asked)
        path, _, query = asked.target.partition("?")
        self._in_place(path)
        fields = dict(asked.headers)
        seen = self._read(asked, path[len(self.prefix) :], query, fields)
        if self.sent >= self.permit.max_requests:
            raise Refused(f"requests: all {self.permit.max_requests} are spent (--max-requests)")
        self._assistant(seen)
        if asked.method in _READS:
            return self._reading(asked, seen)
        return self._writing(asked, seen, fields)

    def _well_formed(self, asked: Asked) -> None:
        names = [name for name, _ in asked.headers]
        strange = sorted(set(names) - _HEADERS)
        if strange:
            raise Refused(f"headers: {strange[0]} is none that this API knows")
        if len(set(names)) < len(names):
            raise Refused("headers: one comes twice")
        if len(asked.target) > _LONGEST or not asked.target.isascii() or "#" in asked.target:
            raise Refused("target: it is too long, or no target of a request")

    def _in_place(self, path: str) -> None:
        plain = unquote(unquote(path, "latin-1"), "latin-1")
        if path != self.prefix and not path.startswith(self.prefix + "/"):
            raise Refused(f"target: it is not below {self.prefix}")
        if "\\" in plain or "//" in plain or plain.count("/") != path.count("/") or ";" in plain:
            raise Refused("target: two servers could read its path differently")
        if any(part in (".", "..") for part in plain.split("/")) or any(ord(each) < 32 for each in plain):
            raise Refused("target: two servers could read its path differently")

    def _read(self, asked: Asked, path: str, query: str, fields: Mapping[str, str]) -> Exchange:
        return read_exchange(
            self.book,
            method=asked.method,
            path=path,
            query=query,
            headers={name: value for name, value in fields.items() if name != "authorization"},
            sent_bytes=asked.body,
            content=b"",
            wall=self.wall(),
        )

    def _assistant(self, seen: Exchange) -> None:
        named, allowed = seen.params.get("assistant_id"), self.permit.assistants
        if named is not None and allowed and named not in allowed:
            raise Refused("assistants: it is not one of those allowed (--allow-assistant)")
        if named is not None and not allowed and self.permit.targets and seen.method not in _READS:
            raise Refused("assistants: none is allowed (--allow-assistant)")

    def _reading(self, asked: Asked, seen: Exchange) -> Passage:
        if asked.body:
            raise Refused("body: one that comes with a read is not sent on")
        if not seen.known_methods and seen.path and not seen.path.startswith("/conform"):
            raise Refused("path: the document does not know it, and it may be somebody's")
        if seen.known_methods and "GET" not in seen.known_methods:
            raise Refused(f"method: {asked.method} is none of this path's")
        return Passage("read", seen)

    def _writing(self, asked: Asked, seen: Exchange, fields: Mapping[str, str]) -> Passage:
        if self.permit.level == "read":
            raise Refused("level: only reading is allowed (--level)")
        self._signed_in(fields.get("authorization", ""))
        vocabulary = VOCABULARIES[self.book.provider]
        if seen.operation in REMOVES:
            return self._removing(seen, REMOVES[seen.operation or ""])
        if seen.operation not in vocabulary.creates:
            raise Refused(f"method: {asked.method} is none of this path's")
        return self._creating(asked, seen)

    def _signed_in(self, credentials: str) -> None:
        scheme, _, token = credentials.partition(" ")
        if scheme.lower() != "bearer" or not self.token or token != self.token:
            raise Refused("credentials: nothing is written without the deployment's own token", 401)

    def _removing(self, seen: Exchange, name: str) -> Passage:
        if seen.params[name] not in self.ours:
            raise Refused("removal: it was not created here")
        if seen.sent_bytes:
            raise Refused("body: one that comes with a removal is not sent on")
        return Passage("remove", seen)

    def _creating(self, asked: Asked, seen: Exchange) -> Passage:
        hopeless = intent(seen, Ledger(self.book, VOCABULARIES[self.book.provider], real=True)) == "invalid"
        if self.permit.level == "reject" and not hopeless:
            raise Refused("level: a correct server may accept it (--level full)")
        breached = frozenset(str(each.path[0]) for each in seen.breaches if each.location == "body" and each.path)
        reach = REACHES[self.book.provider]
        if why := harm(seen.sent, asked.body, self.permit, reach, breached, self.wall()):
            raise Refused(why)
        if self.created >= self.permit.max_creates:
            raise Refused(f"creates: all {self.permit.max_creates} are spent (--max-creates)")
        return Passage("create", seen, hopeless)
