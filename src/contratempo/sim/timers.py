"""Timers: due things as plain data, fired in order of (due, number)."""

import heapq
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from contratempo.sim import runs
from contratempo.sim.instants import Instant
from contratempo.sim.shelves import Kept, Shelves
from contratempo.sim.undo import UndoLog

SORTED_AT_ONCE: Final = 10_000
"""Timers of a world that is put back which are brought in order between two looks at the rest of the server."""
_STALE: Final = 64
_EVER: Final[Instant] = 1 << 62
_BITS: Final = 40
"""Bits of a heap's entry that are the timer's number; those above are the instant."""
_NUMBER: Final = (1 << _BITS) - 1


class Timer(msgspec.Struct, frozen=True, gc=False):
    """One due thing: `subject` is the id of the record it is about, `kind` names the provider's function for it.

    A million of them wait in a busy world, so that no collection of garbage looks at one.
    """

    due: Instant
    number: int
    provider: str
    kind: str
    subject: str
    data: dict[str, Any] | None = None


class KeptTimers(NamedTuple):
    """Timers as a snapshot keeps them, how many, and the number given last."""

    shelves: Kept[int, Timer]
    total: int
    last: int


class Timers:
    """A queue of timers; a cancelled one leaves a stale heap entry behind, passed over until there are too many."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._live: Shelves[int, Timer] = Shelves()
        self._heap: list[int] = []  # an instant and a number in one integer: they sort alike, and are half as large
        self._of: dict[str, int | tuple[int, ...]] = {}  # most subjects have one
        self._last = 0

    def __len__(self) -> int:
        return len(self._live)

    def add(self, due: Instant, provider: str, kind: str, subject: str, data: dict[str, Any] | None = None) -> Timer:
        """Schedule a timer; among timers due at one instant the earlier added fires first."""
        self._last += 1
        timer = Timer(due, self._last, provider, kind, subject, data)
        self._enter(timer)
        self._undo.note((self._withdraw, timer))
        return timer

    def peek(self, by: Instant = _EVER) -> Timer | None:
        """Return the next timer to fire, or None when none is due by an instant, which is found out at once."""
        heap = self._heap
        while heap and (due := heap[0] >> _BITS) <= by:
            timer = self._live.get(heap[0] & _NUMBER)
            if timer is not None and timer.due == due:
                return timer
            heapq.heappop(heap)
        return None

    def pop(self) -> Timer:
        """Take out the next timer; IndexError when there is none."""
        timer = self.peek()
        if timer is None:
            raise IndexError("no timer is left")
        self.take(timer)
        return timer

    def take(self, timer: Timer) -> None:
        """Take out one timer."""
        self._forget(timer)
        self._undo.note((self._enter, timer))

    def cancel(self, subject: str) -> int:
        """Drop every timer of a subject and return how many there were."""
        timers = self.of(subject)
        for timer in timers:
            self.take(timer)
        return len(timers)

    def of(self, subject: str) -> list[Timer]:
        """Return the timers of a subject, in the order they will fire."""
        return sorted((self._live[number] for number in self._numbers(subject)), key=lambda t: (t.due, t.number))

    def dump(self) -> dict[str, Any]:
        """Return every timer as JSON, in order of number."""
        return {
            "last": self._last,
            "timers": [msgspec.structs.asdict(self._live[number]) for number in sorted(self._live)],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take over saved timers, numbers included."""
        for entry in saved["timers"]:
            self._enter(Timer(**entry))
        self._last = saved["last"]

    @property
    def copied(self) -> int:
        """Return how many rows were copied since the world was made, since snapshots have them too."""
        return self._live.copied

    def snapshot(self) -> KeptTimers:
        """Return every timer, and the number given last."""
        return KeptTimers(self._live.snapshot(), len(self._live), self._last)

    def restore(self, kept: KeptTimers) -> Iterator[None]:
        """Take over the timers that there were, numbers included, pausing now and then."""
        self._last = kept.last
        for shelf in kept.shelves:
            self._live.lay(shelf)
            for timer in shelf.values():
                self._list(timer)
                self._heap.append(timer.due << _BITS | timer.number)
            yield
        yield from runs.sort(self._heap, SORTED_AT_ONCE)

    def _enter(self, timer: Timer) -> None:
        self._live[timer.number] = timer
        self._list(timer)
        heapq.heappush(self._heap, timer.due << _BITS | timer.number)

    def _list(self, timer: Timer) -> None:
        if self._of.setdefault(timer.subject, timer.number) != timer.number:
            self._of[timer.subject] = (*self._numbers(timer.subject), timer.number)

    def _withdraw(self, timer: Timer) -> None:
        self._forget(timer)
        self._last = timer.number - 1

    def _forget(self, timer: Timer) -> None:
        number, subject = timer.number, timer.subject
        del self._live[number]
        if self._heap[0] == timer.due << _BITS | number:
            heapq.heappop(self._heap)
        elif len(self._heap) > 2 * len(self._live) + _STALE:
            self._heap = sorted(live.due << _BITS | live.number for live in self._live.values())
        if self._of[subject] == number:
            del self._of[subject]
        else:
            left = tuple(other for other in self._numbers(subject) if other != number)
            self._of[subject] = left[0] if len(left) == 1 else left

    def _numbers(self, subject: str) -> tuple[int, ...]:
        found = self._of.get(subject, ())
        return (found,) if isinstance(found, int) else found
