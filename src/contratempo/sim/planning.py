"""Planning: what is going to happen, found by letting it happen and taking it back."""

from collections.abc import Callable
from typing import Final, NamedTuple

from contratempo.sim.instants import Instant
from contratempo.sim.journal import Transition
from contratempo.sim.simulation import Simulation

TIMERS_PLANNED: Final = 2_000
"""Timers that one plan looks at: some tenth of a second's work."""


class Plan(NamedTuple):
    """Transitions to come, in order, if nothing intervenes; all there are up to the instant `complete_to`."""

    transitions: list[Transition]
    complete_to: Instant


def plan(
    simulation: Simulation,
    until: Instant,
    *,
    limit: int = 1_000,
    wanted: Callable[[Transition], bool] = lambda transition: True,
) -> Plan:
    """Return the transitions that are wanted up to an instant, `limit` at most; the world is as it was.

    What receivers will say to webhooks is not known, and retries of these are no transitions.
    """
    transitions, found = simulation.journal.transitions, list[Transition]()
    with simulation.rehearsal():
        for _ in range(TIMERS_PLANNED):
            if not simulation.is_due(until) or len(found) >= limit:
                break
            before = transitions.total
            simulation.step_anyway()
            found += filter(wanted, transitions.since(before))
        upcoming = simulation.timers.peek()
    complete = until if upcoming is None else min(until, upcoming.due - 1)
    if len(found) > limit:
        complete = min(complete, found[limit].at - 1)
        del found[limit:]
    return Plan(found, max(complete, simulation.now))
