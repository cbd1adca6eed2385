"""Snapshots: a world as it was, in a form that takes little to make, to keep and to go back to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contratempo.sim.clock import Clock
from contratempo.sim.journal import Transition
from contratempo.sim.outbox import KeptOutbox
from contratempo.sim.records import KeptRecords
from contratempo.sim.timers import Timer

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

_POINTER: Final = 8


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

    @property
    def weight(self) -> int:
        """Return about how many bytes it takes beside the world: what the world has, too, is not counted."""
        return _POINTER * sum(map(len, self._tuples()))

    def _tuples(self) -> Iterator[tuple[Any, ...]]:
        for identifiers, raws in self.records.rows.values():
            yield from (identifiers, raws)
        yield from self.records.listed.values()
        yield from (self.timers[0], self.outbox.webhooks, self.idempotency, self.transitions[0])


def take(simulation: "Simulation") -> Snapshot:
    """Return the world as it is now; between commands only."""
    minting, transitions = simulation.minting, simulation.journal.transitions
    return Snapshot(
        simulation.head, simulation.clock.dump(), simulation.start, minting.branch, minting.line,
        dict(minting.ordinals), simulation.rules.overrides, simulation.records.snapshot(), simulation.timers.snapshot(),
        simulation.outcomes.dump(), simulation.faults.dump(), simulation.outbox.snapshot(),
        simulation.idempotency.snapshot(), (tuple(transitions), transitions.total),
    )  # fmt: skip


def put_back(snapshot: Snapshot, simulation: "Simulation") -> None:
    """Make a world that nothing has happened in the one that was kept."""
    minting = simulation.minting
    simulation.head, simulation.clock, simulation.start = snapshot.head, Clock.load(snapshot.clock), snapshot.start
    minting.branch, minting.line, minting.ordinals = snapshot.branch, snapshot.line, dict(snapshot.ordinals)
    simulation.rules.set(snapshot.rules)
    simulation.records.restore(snapshot.records)
    simulation.timers.restore(snapshot.timers)
    simulation.outcomes.load(snapshot.outcomes)
    simulation.faults.load(snapshot.faults)
    simulation.outbox.restore(snapshot.outbox)
    simulation.idempotency.restore(snapshot.idempotency)
    transitions, total = snapshot.transitions
    simulation.journal.transitions.load(transitions, total)
