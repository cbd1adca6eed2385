"""Rings: numbered rows of which the newest are held, and how snapshots keep them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Final, Generic, NamedTuple, TypeVar

LENGTH: Final = 1_024
"""Rows that the lengths which snapshots share have at least, but for the last."""

Row = TypeVar("Row")


class KeptRows(NamedTuple, Generic[Row]):
    """The rows of a ring as a snapshot keeps them: in lengths, and how many there have been."""

    lengths: tuple[tuple[Row, ...], ...]
    total: int

    @property
    def span(self) -> range:
        """Return the numbers of the rows, counted from 0."""
        return range(self.total - sum(map(len, self.lengths)), self.total)


class Ring(Generic[Row]):
    """Rows numbered from 1, of which the newest `kept` are held."""

    def __init__(self, kept: int) -> None:
        self._rows: deque[Row] = deque(maxlen=kept)
        self._lengths: tuple[tuple[Row, ...], ...] = ()  # that snapshots share: the rows up to the latest snapshot
        self._cut = 0  # its total
        self.kept = kept
        self.total = 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Row) -> Row | None:
        """Add a row and return the one that it pushes out, if it does."""
        rows = self._rows
        pushed_out = rows[0] if len(rows) == self.kept else None
        self.total += 1
        rows.append(row)
        return pushed_out

    def take_back(self, pushed_out: Row | None = None) -> None:
        """Undo the latest `add`, which pushed out the row given."""
        self._rows.pop()
        self.total -= 1
        if pushed_out is not None:
            self._rows.appendleft(pushed_out)

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


class Weighed(Ring[Row]):
    """A ring whose rows weigh something: `weight` is what those that are held weigh together.

    With `heaviest` the oldest go while they weigh more, but for the very last.
    """

    def __init__(self, kept: int, weigh: Callable[[Row], int], heaviest: int | None = None) -> None:
        super().__init__(kept)
        self._weigh = weigh
        self._heaviest = heaviest
        self.weight = 0

    def add(self, row: Row) -> Row | None:
        """Add a row and return the one that it pushes out by their number, if it does."""
        pushed_out = super().add(row)
        self.weight += self._weigh(row) - (0 if pushed_out is None else self._weigh(pushed_out))
        while self._heaviest is not None and self.weight > self._heaviest and len(self._rows) > 1:
            self.weight -= self._weigh(self._rows.popleft())
        return pushed_out

    def take_back(self, pushed_out: Row | None = None) -> None:
        """Undo the latest `add`, which pushed out the row given."""
        self.weight += (0 if pushed_out is None else self._weigh(pushed_out)) - self._weigh(self._rows[-1])
        super().take_back(pushed_out)

    def load(self, rows: Iterable[Row], total: int) -> None:
        """Take over saved rows and the number of the last."""
        super().load(rows, total)
        self.weight = sum(map(self._weigh, self._rows))
