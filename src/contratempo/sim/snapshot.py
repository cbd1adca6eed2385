"""Snapshots: a world as it was, in a form that takes little to make, to keep and to go back to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contratempo.sim.clock import Clock
from contratempo.sim.idempotency import KeptAnswers
from contratempo.sim.journal import Transition
from contratempo.sim.outbox import KeptOutbox
from contratempo.sim.records import KeptRecords
from contratempo.sim.rings import KeptRows
from contratempo.sim.timers import KeptTimers

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

_POINTER: Final = 8
_PLACE: Final = 32
"""Bytes of a row's place on a shelf."""
_TIMER: Final = 130
_TRANSITION: Final = 130
_WEBHOOK: Final = 1_200
_ATTEMPT: Final = 400
"""Bytes of a webhook that has changed: its body is the same."""
_ANSWER: Final = 300


@dataclass(frozen=True, slots=True)
class Churn:
    """What goes through a world's shelves and is no longer there, but in snapshots.

    `replaced` are bytes of records, `records` and `timers` the rows on shelves that were copied for a change. Rows that
    came and went between two snapshots are among those replaced, but on no shelf that was copied.
    """

    replaced: int = 0
    records: int = 0
    timers: int = 0

    def plus(self, other: "Churn") -> "Churn":
        """Return both together."""
        return Churn(self.replaced + other.replaced, self.records + other.records, self.timers + other.timers)

    def since(self, before: "Churn") -> "Churn":
        """Return what came after another."""
        return Churn(self.replaced - before.replaced, self.records - before.records, self.timers - before.timers)

    @classmethod
    def between(cls, present: "Simulation", past: "Simulation") -> "Churn":
        """Return about what is lost when a world goes back to what it was."""
        replaced = max(0, present.records.weight - past.records.weight)
        records = max(0, len(present.records) - len(past.records))
        return cls(replaced, records, max(0, len(present.timers) - len(past.timers)))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a world's future depends on; what is large is shared with the world, which copies what it changes."""

    head: int
    clock: dict[str, Any]
    start: dict[str, Any]
    branch: int
    line: str
    ordinals: dict[str, int]
    rules: dict[str, Any]
    records: KeptRecords
    timers: KeptTimers
    outcomes: list[dict[str, Any]]
    faults: list[dict[str, Any]]
    outbox: KeptOutbox
    idempotency: KeptAnswers
    transitions: KeptRows[Transition]
    churned: Churn

    def weight_after(self, before: "Snapshot | None") -> int:
        """Return about how many bytes it takes beside the world to have the one before it, and pointers of its own."""
        pointers = _POINTER * (len(self.outbox.webhooks) + 2 * len(self.idempotency.scopes))
        return pointers + (0 if before is None else before._lost(self))

    def _lost(self, after: "Snapshot") -> int:
        """Return about how many bytes of it are no longer in a later one."""
        churn, kept = after.churned.since(self.churned), self.records
        records, timers = min(churn.records, kept.total), min(churn.timers, self.timers.total)
        rows = min(churn.replaced, records * kept.weight // max(1, kept.total)) + _PLACE * (records + timers)
        beside = _TRANSITION * _gone(self.transitions.span, after.transitions.span)
        beside += _WEBHOOK * _gone(self.outbox.span, after.outbox.span) + _ATTEMPT * self.outbox.unfinished
        beside += _ANSWER * _gone(self.idempotency.span, after.idempotency.span)
        return rows + _TIMER * timers + beside


def _gone(rows: range, later: range) -> int:
    """Return how many of numbered rows are no longer there later, which may be on another branch."""
    return min(len(rows), max(0, rows.stop - later.stop, later.start - rows.start))


def take(simulation: "Simulation") -> Snapshot:
    """Return the world as it is now; between commands only."""
    minting, transitions = simulation.minting, simulation.journal.transitions
    records, timers, outbox = simulation.records.snapshot(), simulation.timers.snapshot(), simulation.outbox.snapshot()
    idempotency = simulation.idempotency.snapshot()
    return Snapshot(
        simulation.head, simulation.clock.dump(), simulation.start, minting.branch, minting.line,
        dict(minting.ordinals), simulation.rules.overrides, records, timers, simulation.outcomes.dump(),
        simulation.faults.dump(), outbox, idempotency, transitions.snapshot(), simulation.churned,
    )  # fmt: skip


def put_back(snapshot: Snapshot, simulation: "Simulation") -> Iterator[None]:
    """Make a world that nothing has happened in the one that was kept, pausing now and then."""
    minting = simulation.minting
    simulation.head, simulation.clock, simulation.start = snapshot.head, Clock.load(snapshot.clock), snapshot.start
    minting.branch, minting.line, minting.ordinals = snapshot.branch, snapshot.line, dict(snapshot.ordinals)
    simulation.rules.set(snapshot.rules)
    yield from simulation.records.restore(snapshot.records)
    yield from simulation.timers.restore(snapshot.timers)
    simulation.outcomes.load(snapshot.outcomes)
    simulation.faults.load(snapshot.faults)
    simulation.outbox.restore(snapshot.outbox)
    simulation.idempotency.restore(snapshot.idempotency)
    simulation.journal.transitions.restore(snapshot.transitions)
