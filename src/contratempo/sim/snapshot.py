"""Snapshots: a world as it was, in a form that takes little to make, to keep and to go back to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contratempo.sim.clock import Clock
from contratempo.sim.journal import KeptRows, Transition
from contratempo.sim.outbox import KeptOutbox
from contratempo.sim.records import KeptRecords
from contratempo.sim.shelves import ROW
from contratempo.sim.timers import KeptTimers

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

_BESIDE: Final = 300
"""About how many bytes a command or timer leaves beside a changed record: its transition, webhook, answer kept."""


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
    idempotency: tuple[tuple[str, dict[str, Any]], ...]
    transitions: KeptRows[Transition]
    work: int
    churned: int

    def weight_after(self, before: "Snapshot | None") -> int:
        """Return about how many bytes it takes beside the one before: what changed since, at most all that it has."""
        work, churned = (0, 0) if before is None else (before.work, before.churned)
        rows = self.records.total + self.timers.total
        return min(self.churned - churned + _BESIDE * (self.work - work), self.records.weight + (ROW + _BESIDE) * rows)


def take(simulation: "Simulation") -> Snapshot:
    """Return the world as it is now; between commands only."""
    minting, transitions = simulation.minting, simulation.journal.transitions
    records, timers, outbox = simulation.records.snapshot(), simulation.timers.snapshot(), simulation.outbox.snapshot()
    idempotency = simulation.idempotency.snapshot()
    return Snapshot(
        simulation.head, simulation.clock.dump(), simulation.start, minting.branch, minting.line,
        dict(minting.ordinals), simulation.rules.overrides, records, timers, simulation.outcomes.dump(),
        simulation.faults.dump(), outbox, idempotency, transitions.snapshot(), simulation.work,
        simulation.churned,
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
