"""Rewinding: a world as it was at a place of its history, and going back there or forking from there."""

from collections.abc import Iterator
from itertools import islice, takewhile
from operator import eq, is_
from typing import Final, NamedTuple

import msgspec

from contratempo.sim.commands import Command
from contratempo.sim.history import Place
from contratempo.sim.instants import Instant
from contratempo.sim.journal import Transition
from contratempo.sim.rings import Ring
from contratempo.sim.simulation import Origin, Simulation
from contratempo.sim.snapshot import put_back

SLICE: Final = 50
"""Commands done again between two looks at the rest of the server; a long advance counts for as many as its timers."""
_COMMAND: Final = msgspec.json.Decoder(dict)


class Undone(NamedTuple):
    """What going back takes back: commands, transitions, and attempts at webhooks that cannot be unsent.

    `total` is of all transitions, `transitions` are those that are still held.
    """

    commands: int
    transitions: list[Transition]
    unsent: int
    total: int


class Rebuild:
    """Makes the world of a place anew, from the nearest snapshot and the commands after it, beside the living one."""

    def __init__(self, simulation: Simulation, place: Place) -> None:
        history = simulation.history
        history.check(place.position)
        self._snapshot, numbers = history.nearest(place.position)
        self.place = place
        self.cut = 0
        self.world = simulation.as_it_was(None)
        self._commands = [history.entry(number) for number in numbers]
        following = None if place.until is None else history.next_on_way(place.position)
        self._following = None if following is None else history.entry(following)[0]

    def steps(self) -> Iterator[None]:
        """Do what is to be done, pausing now and then; the world is finished when there are no more steps."""
        done = 0
        if self._snapshot is not None:
            yield from put_back(self._snapshot, self.world)
        for entry, now in self._commands:
            done += redo(self.world, _COMMAND.decode(entry), now)
            if done >= SLICE:
                done = 0
                yield
        if self.place.until is not None:
            self._cut(self.place.until)
        self.world.head = self.place.position

    def finished(self) -> "Rebuild":
        """Do all at once."""
        list(self.steps())
        return self

    def _cut(self, until: Instant) -> None:
        """Go on as far as the next advance was by an instant."""
        timers = 0 if self._following is None else _COMMAND.decode(self._following).get("timers", 0)
        while self.cut < timers and self.world.is_due(until):
            self.world.step_anyway()
            self.cut += 1
        self.world.clock.jump(max(self.world.now, until))


def redo(world: Simulation, command: Command, now: Instant) -> int:
    """Do again what was done at an instant, and return how much work it was."""
    for _ in range(command.get("timers", 0)):
        world.step_anyway()
    world.clock.jump(max(world.now, now))
    if command["kind"] == "opened":
        world.minting.open(command["branch"], command["line"], command["marks"])
    elif command["kind"] != "ran":
        world.redo(command)
    return 1 + int(command.get("timers", 0))


def undone(simulation: Simulation, rebuild: Rebuild) -> Undone:
    """Return what going back to a place would take back."""
    known = {(webhook, attempt.number) for webhook, attempt in rebuild.world.outbox.attempts()}
    unsent = sum(
        attempt.state != "captured" and (webhook, attempt.number) not in known
        for webhook, attempt in simulation.outbox.attempts()
    )
    present, past = simulation.journal.transitions, rebuild.world.journal.transitions
    transitions = _beyond(present, past)
    gone = max(0, present.total - len(present) - past.total)
    return Undone(simulation.history.undone(rebuild.place), transitions, unsent, len(transitions) + gone)


def rewind(simulation: Simulation, rebuild: Rebuild) -> Undone:
    """Take a world back to a place that was rebuilt: a branch opens there, and what led here stays addressable."""
    simulation.history.check(rebuild.place.position)
    taken_back = undone(simulation, rebuild)
    opening = _opening(simulation, rebuild, simulation.line)
    simulation.take_over(rebuild.world, simulation.history)
    _open(simulation, opening, rebuild.place.position)
    return taken_back


def rewind_to(simulation: Simulation, place: Place) -> Undone:
    """Go back to a place at once."""
    return rewind(simulation, Rebuild(simulation, place).finished())


def fork(simulation: Simulation, rebuild: Rebuild, origin: Origin) -> Simulation:
    """Return a new world that stands at a place that was rebuilt and has the history that led there.

    `origin` is the world's but for the id. What it mints is told from what the world mints by its line.
    """
    simulation.history.check(rebuild.place.position)
    opening = _opening(simulation, rebuild, simulation.family.next_line())
    forked = simulation.forked(rebuild.world, origin)
    _open(forked, opening, rebuild.place.position)
    return forked


def _opening(simulation: Simulation, rebuild: Rebuild, line: str) -> Command:
    return {
        "kind": "opened", "branch": simulation.history.latest_branch + 1, "line": line, "timers": rebuild.cut,
        "marks": simulation.minting.marks(),
    }  # fmt: skip


def _open(world: Simulation, opening: Command, parent: int) -> None:
    world.minting.open(opening["branch"], opening["line"], opening["marks"])
    world.history.open(opening, world.now, parent)
    world.head = world.history.head
    world.outbox.resume()


def _beyond(present: Ring[Transition], past: Ring[Transition]) -> list[Transition]:
    """Return the transitions of the present that the past does not have, oldest first."""
    first = max(present.total - len(present), past.total - len(past))
    rows, others = present.since(first), past.since(first)
    same = sum(takewhile(bool, map(is_, rows, others)))  # most are the very same
    same += sum(takewhile(bool, map(eq, islice(rows, same, None), islice(others, same, None))))
    return rows[same:]
