"""The journal: transitions that happened and requests that came, for people; bounded, oldest first to go."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import Instant, format_instant, parse_instant
from contratempo.sim.undo import UndoLog

TRANSITIONS_KEPT: Final = 100_000
REQUESTS_KEPT: Final = 10_000
SINK_KEPT: Final = 1_000
SINK_BYTES_KEPT: Final = 16 * 1_024 * 1_024
LENGTH: Final = 1_024
"""Rows that the lengths which snapshots share have at least, but for the last."""

Row = TypeVar("Row")


class Transition(msgspec.Struct, frozen=True, gc=False):
    """A change of a resource's `status`, or with kind `call` of its call status; `attempt` counts from 1."""

    at: Instant
    provider: str
    resource: str
    was: str | None
    to: str | None
    cause: str
    attempt: int | None = None
    kind: str = "status"

    def describe(self, state: str = "fired") -> dict[str, Any]:
        """Return the transition as the control plane shows it; one that is to come has the state "planned"."""
        shown: dict[str, Any] = {"at": format_instant(self.at), "provider": self.provider, "resource": self.resource}
        if self.attempt is not None:
            shown["attempt"] = self.attempt
        return shown | {"from": self.was, "to": self.to, "cause": self.cause, "kind": self.kind, "state": state}

    @classmethod
    def load(cls, shown: dict[str, Any]) -> "Transition":
        """Return the transition that was described."""
        at, attempt = parse_instant(shown["at"]), shown.get("attempt")
        named = {name: shown[name] for name in ("provider", "resource", "to", "cause", "kind")}
        return cls(at=at, was=shown["from"], attempt=attempt, **named)


class KeptRows(NamedTuple, Generic[Row]):
    """The rows of a ring as a snapshot keeps them: in lengths, and how many there have been."""

    lengths: tuple[tuple[Row, ...], ...]
    total: int

    @property
    def span(self) -> range:
        """Return the numbers of the rows, counted from 0."""
        return range(self.total - sum(map(len, self.lengths)), self.total)


class Ring(Generic[Row]):
    """Rows numbered from 1, of which the newest `kept` are held; `weight` is what they weigh together.

    With `heaviest` the oldest go while they weigh more, but for the very last.
    """

    def __init__(self, kept: int, weigh: Callable[[Row], int] | None = None, heaviest: int | None = None) -> None:
        self._rows: deque[Row] = deque(maxlen=kept)
        self._lengths: tuple[tuple[Row, ...], ...] = ()  # that snapshots share: the rows up to the latest snapshot
        self._cut = 0  # its total
        self._heaviest = heaviest
        self._weigh = weigh or _weightless
        self.kept = kept
        self.total = 0
        self.weight = 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Row) -> Row | None:
        """Add a row and return the one that it pushes out, if it does."""
        rows = self._rows
        pushed_out = rows[0] if len(rows) == self.kept else None
        if self._weigh is not _weightless:
            self.weight += self._weigh(row) - (0 if pushed_out is None else self._weigh(pushed_out))
        self.total += 1
        rows.append(row)
        while self._heaviest is not None and self.weight > self._heaviest and len(rows) > 1:
            self.weight -= self._weigh(rows.popleft())
        return pushed_out

    def take_back(self, pushed_out: Row | None = None) -> None:
        """Undo the latest `add`, which pushed out the row given."""
        self.weight -= self._weigh(self._rows.pop())
        self.total -= 1
        if pushed_out is not None:
            self._rows.appendleft(pushed_out)
            self.weight += self._weigh(pushed_out)

    def since(self, number: int, limit: int | None = None) -> list[Row]:
        """Return the rows after a number, at most `limit`, as far as they are still held."""
        held = len(self._rows)
        first = max(0, held - max(0, self.total - number))
        last = held if limit is None else min(held, first + limit)
        if first < held // 2:
            return list(islice(self._rows, first, last))
        newest = list(islice(reversed(self._rows), held - last, held - first))  # which are found at once from that end
        newest.reverse()
        return newest

    def where(self, wanted: Callable[[Row], bool]) -> list[Row]:
        """Return the rows that are wanted, oldest first."""
        return [row for row in self._rows if wanted(row)]

    def clear(self) -> None:
        """Drop every row; numbers go on."""
        self.replace([])

    def replace(self, rows: Iterable[Row]) -> None:
        """Hold other rows in place of the present ones; numbers go on."""
        self.load(rows, self.total)

    def load(self, rows: Iterable[Row], total: int) -> None:
        """Take over saved rows and the number of the last."""
        self._rows = deque(rows, maxlen=self.kept)
        self.weight = 0 if self._weigh is _weightless else sum(map(self._weigh, self._rows))
        self.total = total
        self._lengths, self._cut = (), total - len(self._rows)

    def snapshot(self) -> KeptRows[Row]:
        """Return what is there, at the cost of what was added since the last time; between commands only."""
        fresh, lengths = tuple(self.since(self._cut)), self._lengths
        if lengths and len(lengths[-1]) < LENGTH:
            lengths, fresh = lengths[:-1], lengths[-1] + fresh
        over = sum(map(len, lengths)) + len(fresh) - self.kept
        while lengths and len(lengths[0]) <= over:
            over -= len(lengths[0])
            lengths = lengths[1:]
        self._lengths, self._cut = (*lengths, fresh) if fresh else lengths, self.total
        return KeptRows(self._lengths, self.total)

    def restore(self, kept: KeptRows[Row]) -> None:
        """Take over what was there."""
        self.load(chain.from_iterable(kept.lengths), kept.total)
        self._lengths, self._cut = kept


def _weightless(_: object) -> int:
    return 0


def _sunk(row: dict[str, Any]) -> int:
    """Return about how many bytes a row of the sink takes."""
    return len(row["body"]) + sum(len(name) + len(value) + 200 for name, value in row["headers"])


class Journal:
    """What happened in a world: `transitions` are part of it.

    About it are `requests`, and as plain JSON the `sink`, what was sent to the built-in receivers.
    """

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self.transitions: Ring[Transition] = Ring(TRANSITIONS_KEPT)
        self.requests: Ring[Exchange] = Ring(REQUESTS_KEPT, attrgetter("weight"))
        self.sink: Ring[dict[str, Any]] = Ring(SINK_KEPT, _sunk, SINK_BYTES_KEPT)

    def number_on_from(self, other: "Journal") -> None:
        """Number requests and what sinks receive on from another journal, whose place this one takes."""
        self.requests.total, self.sink.total = other.requests.total, other.sink.total

    def note(self, transition: Transition) -> None:
        """Add a transition that is happening now."""
        transitions = self.transitions
        pushed_out = transitions.add(transition)
        self._undo.note(transitions.take_back if pushed_out is None else partial(transitions.take_back, pushed_out))
