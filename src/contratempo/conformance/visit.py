"""A visit to a deployment: sends requests, moves its clock, gathers webhooks, and lets the rules judge it all."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from contratempo.conformance.book import Book
from contratempo.conformance.exchange import ABSENT, REDACTED, SWAPPED, Auth, Exchange, Tick, read_json
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.plane import Plane
from contratempo.conformance.receiver import Receiver
from contratempo.conformance.rule import Level
from contratempo.conformance.tally import Tally
from contratempo.conformance.wire import Answer, Unreachable, Wire

Json: TypeAlias = Any
Hearing: TypeAlias = Callable[[str, int, Exchange, Mapping[str, list[str]]], None]

UNKNOWN_TOKEN: Final = "not-a-key-of-this-deployment"
_PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""How long to wait, in real seconds, for a deployment that takes a moment."""
_TURNS: Final = 5
"""How often a request is sent again that came too soon (429)."""
_RETRY: Final = b"Please retry."
"""What TemPhone's page has a deployment say that cannot do it at this time."""
_LONGEST_TURN: Final = 10.0
_LONGEST_WAITING: Final = 120.0
"""How long all the waiting for a turn may take, in real seconds."""
GUARDED: Final = "x-contract-guard"
"""The header of an answer that the guard gave, with its reason, in place of a deployment."""
_READS: Final = ("GET", "HEAD")


class NotAllowed(Exception):
    """The suite was about to do what its level does not allow: a fault of the suite."""


@dataclass
class Visit:
    """One target, one book, one ledger; `now` is the target's instant where its clock is ours.

    `heard` is told of each exchange, with its probe, the number of the request in it, and what the rules say.
    """

    wire: Wire
    prefix: str
    token: str
    book: Book
    ledger: Ledger
    tally: Tally
    wall: Callable[[], datetime]
    pause: Callable[[float], None]
    seed: int = 1
    level: Level = "full"
    plane: Plane | None = None
    receiver: Receiver | None = None
    now: datetime | None = None
    profile: str = ""
    nonce: str = ""
    assistant: str = "assistant_id"
    probe: str = ""
    number: int = 0
    requests: int = 0
    heard: Hearing | None = None
    adapt: Callable[[str, str, bytes, dict[str, str]], tuple[str, bytes]] | None = None
    withheld: Counter[str] = field(default_factory=Counter)
    log: list[Exchange] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    waited: float = 0.0

    def begin(self, probe: str) -> None:
        """Say what comes next."""
        self.probe, self.number = probe, 0
        self.ledger.begin()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | str = "",
        json: Json = ABSENT,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Auth = "good",
        credentials: str | None = None,
        exclusive: bool = True,
    ) -> Exchange:
        """Send a request, let the rules judge the exchange and return it.

        A read whose answer breaks a rule that may take a moment is repeated for a while. `credentials` are an
        Authorization header of one's own, in which `{token}` is the token.
        """
        if self.level == "read" and method not in _READS:
            raise NotAllowed(f"{method} {path}: only reading is allowed")
        self.number += 1
        content = body if body is not None else b"" if json is ABSENT else _bytes(json)
        fields = {name.lower(): value for name, value in (headers or {}).items()}
        if content and "content-type" not in fields:
            fields["content-type"] = "application/json"
        if self.adapt is not None:
            path, content = self.adapt(method, path, content, fields)
        raw = query if isinstance(query, str) else urlencode(query)
        call = (method, path, raw, fields, content, auth, credentials, exclusive and not self.ledger.real)
        return self._settled(lambda: self._exchange(*call), again=method in _READS)

    def _settled(self, once: Callable[[], Exchange], *, again: bool) -> Exchange:
        x = once()
        if self._kept_back(x):
            return x
        found = self.tally.judge(x, self.ledger)
        for seconds in _PAUSES if again else ():
            if not self.tally.unsettled(found):
                break
            self.pause(seconds)
            next_one = once()
            if self._kept_back(next_one):
                break
            x = next_one
            found = self.tally.judge(x, self.ledger)
        self.tally.count(found, x, self.ledger, self.probe)
        if self.heard is not None:
            self.heard(self.probe, self.number, x, found)
        self.ledger.note(x)
        return x

    def _kept_back(self, x: Exchange) -> bool:
        """Say whether the guard before a real deployment kept a request back: then nothing was sent."""
        if self.adapt is None or GUARDED not in x.answer_headers:
            return False
        self.withheld[x.answer_headers[GUARDED]] += 1
        self.requests -= 1
        return True

    def _exchange(
        self,
        method: str,
        path: str,
        query: str,
        fields: dict[str, str],
        body: bytes,
        auth: Auth,
        credentials: str | None,
        exclusive: bool,
    ) -> Exchange:
        sent = dict(fields)
        authorization = self._authorization(auth, credentials)
        if authorization:
            sent["authorization"] = authorization
        target = self.prefix + path + (f"?{query}" if query else "")
        answer = self.wire.send(method, target, sent, body)
        for _ in range(_TURNS):
            if not _says_later(answer) or GUARDED in answer.headers:
                break
            self._wait_for_turn(answer)
            answer = self.wire.send(method, target, sent, body)
        self.requests += 1
        told = fields if credentials is None else {**fields, "authorization": credentials.replace("{token}", REDACTED)}
        return read_exchange(
            self.book,
            method=method,
            path=path,
            query=query,
            auth=auth,
            headers=told,
            sent_bytes=body,
            status=answer.status,
            answer_headers=answer.headers,
            content=answer.content,
            elapsed=answer.elapsed,
            now=self.now,
            wall=self.wall(),
            exclusive=exclusive,
            url=self.wire.origin + self.prefix,
        )

    def _wait_for_turn(self, answer: Answer) -> None:
        """Wait as long as a 429 asks; Unreachable when all such waiting comes to too much."""
        seconds = _wait_of(answer)
        self.waited += seconds
        if self.waited > _LONGEST_WAITING:
            raise Unreachable(
                f"{self.wire.origin} says 429 (too many requests) again and again, although"
                f" {_LONGEST_WAITING:.0f} s were waited for it: give it a higher limit"
            )
        self.pause(seconds)

    def _authorization(self, auth: Auth, credentials: str | None) -> str | None:
        if credentials is not None:
            return credentials.replace("{token}", self.token).replace(SWAPPED, self.token.swapcase())
        if auth == "other":
            assert self.plane is not None, "a target without a control plane has no other customer"
            return f"Bearer {self.plane.other_key}"
        return {"good": f"Bearer {self.token}", "unknown": f"Bearer {UNKNOWN_TOKEN}"}.get(auth)

    def advance(self, by: timedelta) -> None:
        """Let the target's time pass, gather the webhooks that came, and judge them and the passage."""
        assert self.plane is not None, "a target without a control plane keeps its own time"
        assert self.now is not None
        self.advance_to(self.now + by)

    def advance_to(self, moment: datetime) -> None:
        """Let the target's time pass up to an instant."""
        assert self.plane is not None, "a target without a control plane keeps its own time"
        assert self.now is not None
        was, self.now = self.now, self.plane.advance_to(moment)
        tick = Tick(was, self.now)
        self._gather()
        found = self.tally.judge(tick, self.ledger)
        for seconds in _PAUSES:
            if not self.tally.unsettled(found):
                break
            self.pause(seconds)
            self._gather()
            found = self.tally.judge(tick, self.ledger)
        self.tally.count(found, tick, self.ledger, self.probe)
        self.ledger.note(tick)

    def _gather(self) -> None:
        for receipt in self.receiver.take() if self.receiver else ():
            stamped = replace(receipt, now=self.now)
            self.tally.count(self.tally.judge(stamped, self.ledger), stamped, self.ledger, self.probe)
            self.ledger.note(stamped)

    def script(self, identifier: str, *outcomes: str, talk: int | None = None) -> None:
        """Say what the far end of a record will do, one outcome an attempt, and for how long it would talk."""
        assert self.plane is not None, "a target without a control plane has no outcomes to script"
        for spelling in dict.fromkeys((identifier, identifier.lower())):
            # a UUID that is shown in capitals may be kept in small letters
            self.plane.script({"resource": spelling}, outcomes, talk)
        self.ledger.scripted(identifier, outcomes)

    def at(self) -> datetime:
        """Return the target's instant, or the wall clock's where the target keeps its own."""
        return self.now or self.wall()

    def later(self, **span: float) -> datetime:
        """Return an instant some way ahead, in whole seconds."""
        return self.at().replace(microsecond=0) + timedelta(**span)

    def chance(self, *what: object) -> int:
        """Return a number that seed and words decide."""
        text = repr((self.seed, *what)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big")

    def fresh(self, word: str) -> str:
        """Return a name that nobody has used."""
        return f"conform-{self.seed}-{word}{self.nonce}"

    def unused(self, key: str) -> str:
        """Return a key like this one that no run before has used; one of the greatest length stays so long."""
        return (key if len(key) < 200 else key[: len(key) - len(self.nonce)]) + self.nonce


def _says_later(answer: Answer) -> bool:
    """Say whether the deployment asks for the request again later: then this is no answer to it."""
    busy = answer.status == 503 and "retry-after" in answer.headers
    return answer.status == 429 or busy or (answer.status == 500 and _RETRY in answer.content)


def _wait_of(answer: Answer) -> float:
    """Return for how many seconds an answer asks; a second where a 429 does not say."""
    said = answer.headers.get("retry-after") or answer.headers.get("x-ratelimit-reset")
    if not said:
        return float(answer.status == 429)
    return min(float(said), _LONGEST_TURN) if said.isascii() and said.isdecimal() else 1.0


def read_exchange(book: Book, *, headers: Mapping[str, str], sent_bytes: bytes, **seen: Any) -> Exchange:
    """Return an exchange with what the document makes of its request."""
    method, path = seen["method"], seen["path"]
    operation, params, methods = book.find(method, path)
    breaches: tuple[Any, ...] = ()
    strict: tuple[Any, ...] = ()
    if operation is not None:
        call = (operation, params, seen["query"], headers, sent_bytes)
        strict = book.breaches(*call, False)
        breaches = book.breaches(*call, True) if strict else ()
    return Exchange(
        provider=book.provider,
        headers=headers,
        sent_bytes=sent_bytes,
        sent=read_json(sent_bytes),
        json=read_json(seen["content"]),
        operation=operation,
        params=params,
        known_methods=methods,
        breaches=breaches,
        strict=strict,
        **seen,
    )


def _bytes(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
