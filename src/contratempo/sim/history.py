"""History: the numbered commands of a world, the snapshots between them, and the branches that rewinds have begun."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from contratempo.sim.commands import Command
from contratempo.sim.instants import Instant, format_instant
from contratempo.sim.snapshot import Snapshot

HISTORY_BYTES_KEPT: Final = 128 * 1_024 * 1_024
"""Bytes of commands that a world's history holds; then the oldest go, as far as a snapshot makes up for them."""
SNAPSHOTS_KEPT: Final = 64
"""Snapshots of a world; when there are more, every other one goes and the next ones are spaced twice as far."""
SNAPSHOT_BYTES_KEPT: Final = 128 * 1_024 * 1_024
"""Bytes that they may take together; when it is more, those go that come soonest after others."""
SPACING: Final = 2_000
"""Commands and timers between two snapshots at first: some tenth of a second's work."""
CHECKPOINTS_KEPT: Final = 1_000
_ENTRY_WEIGHT: Final = 64
_JSON: Final = msgspec.json.Encoder()


class HistoryError(ValueError):
    """A position that cannot be gone to; `code` is unknown-position, unknown-checkpoint, forgotten, before-history or
    after-now."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Place(NamedTuple):
    """A position, and with `until` the instant to go on to from there.

    What an advance would have done by that instant is done: it is as if the advance had been cut there.
    """

    position: int
    until: Instant | None = None


class Branch(NamedTuple):
    """A stretch of history: the position it comes from, and the number of the command that opened it."""

    number: int
    parent: int
    first: int


class History:
    """Commands by number: those after `first`, the oldest position that can be gone back to, and up to `head`.

    A number is never given twice: going back opens a branch, whose commands are numbered on. `base` is the world at
    `first`, None when that is how it starts; `began` is the instant of it.
    """

    def __init__(self, first: int, began: Instant, base: Snapshot | None = None, *, work: int = 0) -> None:
        self.first = first
        self.began = began
        self.base = base
        self.snapshots: dict[int, Snapshot] = {}
        self.checkpoints: dict[str, int] = {}
        self._lost: list[str] = []  # names of those that were forgotten, the latest last
        self.weight = 0
        self._entries: list[bytes] = []
        self._nows = array("q")
        self._branches = [Branch(0 if base is None else base.branch, first, first + 1)]
        self._spacing, self._work, self._weighed = SPACING, work, 0

    @property
    def head(self) -> int:
        """Return the number of the latest command."""
        return self.first + len(self._entries)

    @property
    def now(self) -> Instant:
        """Return the instant of the latest command."""
        return self._nows[-1] if self._nows else self.began

    @property
    def latest_branch(self) -> int:
        """Return the number of the branch that was opened last."""
        return self._branches[-1].number

    def note(self, command: Command, now: Instant) -> None:
        """Add a command that has just been done, at the instant it was done."""
        entry = _JSON.encode(command)
        self._entries.append(entry)
        self._nows.append(now)
        self.weight += len(entry) + _ENTRY_WEIGHT

    def open(self, command: Command, now: Instant, parent: int) -> None:
        """Add the command that opens the next branch, at a position gone back to."""
        self._branches.append(Branch(command["branch"], parent, self.head + 1))
        self.note(command, now)

    def entry(self, number: int) -> tuple[bytes, Instant]:
        """Return a command as JSON and the instant it was done at."""
        index = number - self.first - 1
        return self._entries[index], self._nows[index]

    # where

    def check(self, position: int) -> None:
        """Raise HistoryError unless a position can be gone to."""
        if position > self.head or position < 0:
            raise HistoryError("unknown-position", f"There is no position {position}: the head is {self.head}.")
        if not self._leads(position):
            raise HistoryError("forgotten", f"Position {position} is forgotten; the oldest is {self.first}.")

    def named(self, checkpoint: str) -> int:
        """Return the position of a checkpoint; HistoryError when there is none of this name, or no more."""
        if checkpoint not in self.checkpoints:
            if checkpoint in self._lost:
                text = f"The checkpoint {checkpoint!r} is forgotten with what led to it; the oldest position is "
                raise HistoryError("forgotten", f"{text}{self.first}.")
            known = ", ".join(list(self.checkpoints)[-10:]) or "none"
            raise HistoryError("unknown-checkpoint", f"There is no checkpoint {checkpoint!r}; there are: {known}.")
        return self.checkpoints[checkpoint]

    def at(self, instant: Instant, now: Instant) -> Place:
        """Return the place of an instant on the way to the present, `now`; HistoryError when it is off that way."""
        if instant > now:
            raise HistoryError("after-now", f"{format_instant(instant)} is yet to come: it is {format_instant(now)}.")
        for stretch in self.way(self.head):
            start = stretch.start - self.first - 1
            found = bisect_right(self._nows, instant, start, stretch.stop - self.first - 1)
            if found > start:
                return Place(self.first + found, instant)
        if instant < self.began:
            text = f"{format_instant(instant)} is before history begins, at {format_instant(self.began)}."
            raise HistoryError("before-history", text)
        return Place(self.first, instant)

    def instant(self, position: int) -> Instant:
        """Return the instant of a position."""
        return self.began if position == self.first else self.entry(position)[1]

    def branch_of(self, position: int) -> Branch:
        """Return the branch that a position lies on."""
        return self._branches[max(0, bisect_right(self._branches, position, key=attrgetter("first")) - 1)]

    def way(self, position: int) -> Iterator[range]:
        """Yield the numbers of the commands that led to a position, the latest stretch first."""
        while position > self.first:
            branch = self.branch_of(position)
            yield range(branch.first, position + 1)
            position = branch.parent

    def next_on_way(self, position: int) -> int | None:
        """Return the number of the command that follows a position on the way to the present, if one does."""
        after: int | None = None
        for stretch in self.way(self.head):
            if position >= stretch.stop - 1:
                return after
            if position >= stretch.start:
                return position + 1
            after = stretch.start
        return after

    def undone(self, place: Place) -> int:
        """Return how many commands of the way to the present are not on the way to a place; openings do not count."""
        kept = {stretch.start: stretch.stop for stretch in self.way(place.position)}
        count = 0
        for stretch in self.way(self.head):
            begin = min(kept.get(stretch.start, stretch.start), stretch.stop)
            opens = begin == stretch.start and stretch.start != self._branches[0].first
            count += stretch.stop - begin - opens
        return count

    def _leads(self, position: int) -> bool:
        """Say whether the way to a position is still there."""
        while position > self.first:
            position = self.branch_of(position).parent
        return position == self.first

    # snapshots

    def wants_snapshot(self, work: int) -> bool:
        """Say whether so much was done since the last snapshot that another is due; `work` counts all ever done."""
        return work - self._work >= self._spacing or self.weight - self._weighed >= HISTORY_BYTES_KEPT // 16

    def keep(self, snapshot: Snapshot, work: int) -> None:
        """Keep a snapshot of the head, and of everything as much as may be kept."""
        self.snapshots[snapshot.head] = snapshot
        self._work, self._weighed = work, self.weight
        while len(self.snapshots) > 1 and self._has_too_many():
            self._thin_out()
        self.trim()

    def trim(self) -> None:
        """Forget the oldest commands while they are too many, as far as a snapshot makes up for them."""
        while self.weight > HISTORY_BYTES_KEPT and (oldest := self._oldest_snapshot()) is not None:
            self._forget(oldest)

    def nearest(self, position: int) -> tuple[Snapshot | None, list[int]]:
        """Return where to start from to get to a position, None for how the world started, and the commands to do."""
        stretches: list[range] = []
        for stretch in self.way(position):
            found = max((each for each in self.snapshots if each in stretch), default=None)
            if found is not None:
                stretches.append(range(found + 1, stretch.stop))
                return self.snapshots[found], _flat(stretches)
            stretches.append(stretch)
        return self.base, _flat(stretches)

    @property
    def snapshot_weight(self) -> int:
        """Return about how many bytes the snapshots take together beside the world."""
        before = [self.base, *self.snapshots.values()]
        return sum(each.weight_after(last) for last, each in zip(before, self.snapshots.values(), strict=False))

    def copy(self) -> "History":
        """Return a history of the same commands, to go on apart."""
        copied = History(self.first, self.began, self.base)
        copied.snapshots, copied.checkpoints = dict(self.snapshots), dict(self.checkpoints)
        copied._lost = list(self._lost)
        copied._entries, copied._nows, copied.weight = list(self._entries), self._nows[:], self.weight
        copied._branches = list(self._branches)
        copied._spacing, copied._work, copied._weighed = self._spacing, self._work, self._weighed
        return copied

    def _thin_out(self) -> None:
        """Drop every other snapshot where they are too many; where they weigh too much, one that comes soonest.

        So they lie about evenly however few there may be: history that is too long is to begin at the oldest of them,
        and would begin anew if that were the latest.
        """
        places = list(self.snapshots)
        if len(places) > SNAPSHOTS_KEPT:
            for position in places[-2::-2]:
                del self.snapshots[position]
            self._spacing *= 2
        else:
            _, soonest = min((after - before, after) for before, after in pairwise([self.first, *places]))
            del self.snapshots[soonest]
            self._spacing = max(self._spacing, (self.head - self.first) // (4 * len(places)))

    def _has_too_many(self) -> bool:
        return len(self.snapshots) > SNAPSHOTS_KEPT or self.snapshot_weight > SNAPSHOT_BYTES_KEPT

    def _oldest_snapshot(self) -> int | None:
        """Return the first position on the way to the present that has a snapshot."""
        ways = list(self.way(self.head))
        return min((each for each in self.snapshots if any(each in stretch for stretch in ways)), default=None)

    def _forget(self, first: int) -> None:
        """Begin at a position that has a snapshot: what led there is dropped, what branched off before it is lost."""
        branch, gone = self.branch_of(first), first - self.first
        self.base, self.began, self.first = self.snapshots[first], self.instant(first), first
        dropped = sum(map(len, self._entries[:gone])) + gone * _ENTRY_WEIGHT
        self.weight, self._weighed = self.weight - dropped, self._weighed - dropped
        del self._entries[:gone], self._nows[:gone]
        later = [each for each in self._branches if each.first > first]
        self._branches = [Branch(branch.number, first, first + 1), *later]
        self.snapshots = {each: kept for each, kept in self.snapshots.items() if each > first and self._leads(each)}
        lost = [name for name, each in self.checkpoints.items() if each < first or not self._leads(each)]
        for name in lost:
            del self.checkpoints[name]
        self._lost = [*self._lost, *lost][-CHECKPOINTS_KEPT:]


def _flat(stretches: list[range]) -> list[int]:
    """Return the numbers of stretches, of which the latest comes first, in the order they were given."""
    return [number for stretch in reversed(stretches) for number in stretch]
