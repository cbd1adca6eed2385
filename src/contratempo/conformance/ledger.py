"""The ledger: everything seen so far, and what follows from it: what there is, who asked for it, how it last looked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from contratempo.conformance.book import Book
from contratempo.conformance.exchange import Exchange, Observation, Receipt, Script
from contratempo.conformance.vocabulary import Vocabulary

Json: TypeAlias = Any


@dataclass(frozen=True)
class Shown:
    """How a record looked at an instant, in the answer `by`."""

    record: dict[str, Json]
    now: datetime | None
    by: Exchange


@dataclass
class Made:
    """A record that a create answered with: its id, where it lives, what was sent, and how it looked since."""

    id: str
    scope: str
    sent: dict[str, Json]
    by: Exchange
    shown: list[Shown] = field(default_factory=list)
    gone: Exchange | None = None
    script: tuple[str, ...] = ()

    @property
    def last(self) -> Shown:
        """Return how it looked last."""
        return self.shown[-1]


@dataclass
class Ledger:
    """What was seen, in order. Rules read it; only `note` and `scripted` change it."""

    book: Book
    vocabulary: Vocabulary
    real: bool = False
    made: dict[str, Made] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    keys: dict[tuple[str, str], list[Exchange]] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    history: list[Observation] = field(default_factory=list)
    last_change: int = -1
    public_key: str = ""
    token: str = ""
    receiver: str = ""
    mark: int = 0

    def begin(self) -> None:
        """Mark where a conversation begins."""
        self.mark = len(self.history)

    def note(self, seen: Observation) -> None:
        """Take down what was seen, after the rules have judged it."""
        self.history.append(seen)
        if isinstance(seen, Receipt):
            self.receipts.append(seen)
        elif isinstance(seen, Exchange):
            self._exchange(seen)

    def _exchange(self, x: Exchange) -> None:
        if x.method not in ("GET", "HEAD"):
            self.last_change = len(self.history)
        key = x.headers.get("idempotency-key")
        if x.auth != "good":
            return
        if key is not None and x.operation in self.vocabulary.creates:
            self.keys.setdefault((key, x.path), []).append(x)
        record = self.vocabulary.made(x)
        if record is not None:
            self._made(x, record)
        for shown in self.vocabulary.shown(x):
            known = self.made.get(str(shown.get(self.vocabulary.identity)))
            if known is not None and (not known.shown or known.last.by is not x):
                known.shown.append(Shown(shown, x.now, x))
        if x.ok and x.operation is not None and x.operation in self.vocabulary.removes:
            removed = self.made.get(x.params.get(self.vocabulary.removes[x.operation], ""))
            if removed is not None and removed.gone is None and removed.scope == self.vocabulary.scope(x):
                removed.gone = x

    def _made(self, x: Exchange, record: dict[str, Json]) -> None:
        identifier = str(record[self.vocabulary.identity])
        if identifier not in self.made:
            sent = x.sent if isinstance(x.sent, dict) else {}
            made = Made(identifier, self.vocabulary.scope(x), sent, x)
            made.shown.append(Shown(record, x.now, x))
            self.made[identifier] = made

    def scripted(self, identifier: str, outcomes: tuple[str, ...]) -> None:
        """Take down what the far end was told to do."""
        self.made[identifier].script = outcomes
        self.history.append(Script(identifier, outcomes))

    def living(self, scope: str) -> Iterator[Made]:
        """Yield what was made in a scope and not removed, oldest first."""
        return (made for made in self.made.values() if made.scope == scope and made.gone is None)

    def of(self, x: Exchange) -> Made | None:
        """Return the record that an exchange is about by its path."""
        name = self.vocabulary.names.get(x.operation or "")
        return None if name is None else self.made.get(x.params.get(name, ""))
