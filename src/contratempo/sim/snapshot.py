"""Snapshots: a world as it was, in a form that takes little to make, to keep and to go back to."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from contratempo.sim.clock import Clock
from contratempo.sim.journal import Transition
from contratempo.sim.outbox import KeptOutbox
from contratempo.sim.records import KeptRecords
from contratempo.sim.timers import Timer

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

_POINTER: Final = 8
_BESIDE: Final = 300
_SAMPLED: Final = 64


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a world's future depends on; what is large is in tuples that are shared with the world."""

    head: int
    clock: dict[str, Any]
    start: dict[str, Any]
    branch: int
    line: str
    ordinals: dict[str, int]
    rules: dict[str, Any]
    records: KeptRecords
    timers: tuple[tuple[Timer, ...], int]
    outcomes: list[dict[str, Any]]
    faults: list[dict[str, Any]]
    outbox: KeptOutbox
    idempotency: tuple[tuple[str, dict[str, Any]], ...]
    transitions: tuple[tuple[Transition, ...], int]
    work: int
    places: int
    size: int

    def weight_after(self, before: "Snapshot | None") -> int:
        """Return about how many bytes it takes beside the one before: each command or timer has changed one thing.

        `places` are those in its tuples, `size` is what a record takes.
        """
        changed = self.work if before is None else max(0, self.work - before.work)
        return _POINTER * self.places + self.size * min(changed, self.places)


def take(simulation: "Simulation") -> Snapshot:
    """Return the world as it is now; between commands only."""
    minting, transitions = simulation.minting, simulation.journal.transitions
    records, timers, outbox = simulation.records.snapshot(), simulation.timers.snapshot(), simulation.outbox.snapshot()
    idempotency, journal = simulation.idempotency.snapshot(), tuple(transitions)
    tuples = (
        *chain(*records.rows.values()),
        *records.listed.values(),
        timers[0],
        outbox.webhooks,
        idempotency,
        journal,
    )
    return Snapshot(
        simulation.head, simulation.clock.dump(), simulation.start, minting.branch, minting.line,
        dict(minting.ordinals), simulation.rules.overrides, records, timers, simulation.outcomes.dump(),
        simulation.faults.dump(), outbox, idempotency, (journal, transitions.total), simulation.work,
        sum(map(len, tuples)), _size(records),
    )  # fmt: skip


def _size(records: KeptRecords) -> int:
    """Return about how many bytes a record takes, with what lists it and waits for it."""
    sample = [raw for _, raws in records.rows.values() for raw in raws[:: len(raws) // _SAMPLED + 1]]
    return _BESIDE + sum(map(len, sample)) // max(1, len(sample))


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
    transitions, total = snapshot.transitions
    simulation.journal.transitions.load(transitions, total)
