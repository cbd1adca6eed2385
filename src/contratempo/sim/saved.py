"""A world as one JSON document, and back."""

from typing import Any

from contratempo.sim.clock import Clock
from contratempo.sim.history import History
from contratempo.sim.journal import Transition
from contratempo.sim.rules import RuleError
from contratempo.sim.simulation import SCHEMA, Origin, Simulation
from contratempo.sim.snapshot import take


class SavedError(ValueError):
    """A saved world that cannot be taken over."""


def dump(simulation: Simulation) -> dict[str, Any]:
    """Return the world as JSON: all that its future depends on, and nothing of real time but what attempts took."""
    origin, journal = simulation.origin, simulation.journal
    return {
        "schema": SCHEMA,
        "id": origin.id,
        "seed": origin.seed,
        "profile": origin.profile,
        "branch": simulation.branch,
        "line": simulation.line,
        "head": simulation.head,
        "clock": simulation.clock.dump(),
        "start": simulation.start,
        "rules": simulation.rules.overrides,
        "ordinals": dict(sorted(simulation.ordinals.items())),
        "records": simulation.records.dump(),
        "timers": simulation.timers.dump(),
        "outcomes": simulation.outcomes.dump(),
        "faults": simulation.faults.dump(),
        "outbox": simulation.outbox.dump(),
        "idempotency": simulation.idempotency.dump(),
        "transitions": {
            "total": journal.transitions.total,
            "rows": [transition.describe() for transition in journal.transitions],
        },
    }


def load(saved: dict[str, Any], origin: Origin, *, real: float = 0.0) -> Simulation:
    """Return the world that was saved; SavedError when its schema, seed or profile is another."""
    for name, expected in (("schema", SCHEMA), ("seed", origin.seed), ("profile", origin.profile)):
        if saved.get(name) != expected:
            raise SavedError(f"the saved world has {name} {saved.get(name)!r}, this one {expected!r}")
    simulation = Simulation(origin, Clock.load(saved["clock"], real))
    if unknown := saved["records"].keys() - simulation.records.dump().keys():
        raise SavedError(f"the saved world has {', '.join(sorted(unknown))}, which no installed provider knows")
    simulation.start = saved["start"]
    simulation.head, minting = saved["head"], simulation.minting
    minting.branch, minting.line, minting.ordinals = saved["branch"], saved["line"], dict(saved["ordinals"])
    try:
        simulation.rules.set(saved["rules"])
    except RuleError as error:
        raise SavedError(f"the saved world cannot be taken over: {error}") from None
    simulation.records.load(saved["records"])
    simulation.timers.load(saved["timers"])
    simulation.outcomes.load(saved["outcomes"])
    simulation.faults.load(saved["faults"])
    simulation.outbox.load(saved["outbox"])
    simulation.idempotency.load(saved["idempotency"])
    transitions = saved["transitions"]
    simulation.journal.transitions.load([Transition.load(row) for row in transitions["rows"]], transitions["total"])
    simulation.history = History(simulation.head, simulation.now, take(simulation), work=simulation.work)
    return simulation
