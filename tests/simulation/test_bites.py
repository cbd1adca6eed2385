"""Each defence taken away: the laws that the simulations hold a server to must notice."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from contratempo.server import lanes
from contratempo.server.control import clock, worlds
from contratempo.server.control import history as control_history
from contratempo.server.lanes import Lanes
from contratempo.server.pump import Pump
from contratempo.server.sender import Sender
from contratempo.server.service import Service
from contratempo.server.worlds import World, Worlds
from contratempo.sim import sending
from contratempo.sim.history import History
from contratempo.sim.instants import Instant
from contratempo.sim.minting import Family, Minting
from contratempo.sim.outbox import Outbox
from contratempo.sim.rewinding import Rebuild, Undone, rewind
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import KeptTimers, Timers
from contratempo.sim.undo import UndoLog

SEEDS = 120
Change = tuple[Any, str, Any]


@contextlib.asynccontextmanager
async def no_turn(pump: Pump, world: World, *, wait: bool = False) -> AsyncIterator[None]:
    yield


async def in_its_turn(pump: Pump, world: World, wait_turn: bool) -> None:
    await world.turn.acquire()


def whatever_the_epoch(simulation: Simulation, command: dict[str, Any]) -> bool:
    return receive(simulation, {**command, "epoch": simulation.epoch})


def last_first(waiting: Lanes[Any], world: str, resource: str, address: Any, job: Any) -> None:
    put(waiting, world, resource, address, job)
    waiting._lanes[world][resource].jobs.rotate(1)


def each_alone(waiting: Lanes[Any], world: str, resource: str, address: Any, job: Any) -> None:
    put(waiting, world, f"{resource} {id(job)}", address, job)


def lost(waiting: Lanes[Any], slot: Any, *, slow: bool = False) -> None:
    done(waiting, slot, slow=slow)
    waiting._in_flight += 1


async def at_once(sender: Sender, world: World, seconds: float) -> bool:
    await asyncio.sleep(0)
    return False


def kept(log: UndoLog) -> None:
    log.commit()


def in_silence(sender: Sender) -> None:
    sender._closing = True


def nothing(*arguments: Any, **named: Any) -> None:
    """Do nothing in a defence's place."""


def whatever_the_branch(simulation: Simulation, command: dict[str, Any]) -> bool:
    return receive(simulation, {**command, "epoch": simulation.epoch, "branch": simulation.branch})


def no_turn_for(*names: str) -> Callable[..., Any]:
    """Return a pump's turn that those who have these names do not wait for."""

    def chosen(pump: Pump, world: World, *, wait: bool = False) -> Any:
        return (no_turn if sys._getframe(1).f_code.co_name in names else turn)(pump, world, wait=wait)

    return chosen


def going_on(service: Service, world: World, rebuild: Rebuild) -> Undone:
    return rewind(world.simulation, rebuild)


def not_cut(rebuild: Rebuild, until: Instant) -> None:
    rebuild.world.clock.jump(max(rebuild.world.now, until))


def shared(timers: Timers) -> Any:
    return KeptTimers(tuple(timers._live._shelves), len(timers), timers._last)


def delivering(worlds_: Worlds, identifier: str, simulation: Simulation, **about: Any) -> World:
    return add(worlds_, identifier, simulation, **{**about, "captures": False})


def in_the_same_epoch(simulation: Simulation, other: Simulation, history: History) -> None:
    epoch = simulation.epoch
    take_over(simulation, other, history)
    simulation.epoch = epoch


def baseless(simulation: Simulation) -> None:
    reset(simulation)
    simulation.history.base = None


put, done, receive, next_try = Lanes.put, Lanes.done, Simulation._receive, sending.next_try
turn, take_over, add, reset = Pump.turn, Simulation.take_over, Worlds.add, Simulation._reset
DEFENCES: dict[str, list[Change]] = {
    "one turn for each world": [(Pump, "turn", no_turn)],
    "409 for a nested advance": [(Pump, "_take_turn", in_its_turn)],
    "409 for a reset while it advances": [(clock, "refuse_while_advancing", nothing)],
    "receipts of another epoch": [(Simulation, "_receive", whatever_the_epoch)],
    "deliveries end with a reset or a deletion": [(Sender, "abandon", nothing)],
    "a resource's webhooks in order": [(Lanes, "put", last_first)],
    "a resource's webhooks one at a time": [(Lanes, "put", each_alone)],
    "few at a time for each host": [(lanes, "PER_HOST", 99)],
    "what has landed is given back": [(Lanes, "done", lost)],
    "time waits for webhooks to be sent": [(Outbox, "waiting", property(lambda outbox: False))],
    "time waits for receivers": [(Sender, "settle", at_once)],
    "when it is tried again": [
        (sending, "next_try", lambda *closed: due and due - 1 if (due := next_try(*closed)) else None)
    ],
    "whoever waits is told of the end": [(Sender, "stop", in_silence)],
    "whoever waits is told that it is quiet": [(Sender, "_tell_idle", nothing)],
    "what is refused is undone": [(UndoLog, "roll_back", kept)],
    "what is cancelled does not fire": [(Timers, "cancel", lambda timers, subject: 0)],
    "receipts of another branch": [(Simulation, "_receive", whatever_the_branch)],
    "a new epoch when it is taken over": [(Simulation, "take_over", in_the_same_epoch)],
    "deliveries end when it is taken back": [(control_history, "_going_back", going_on)],
    "one turn with those who go back": [(Pump, "turn", no_turn_for("rewind_world"))],
    "one turn with those who fork": [(Pump, "turn", no_turn_for("fork_world"))],
    "one turn with those who load": [(Pump, "turn", no_turn_for("put_state"))],
    "short ids are never counted back": [(Minting, "marks", lambda minting: {})],
    "ids of another branch": [(Minting, "strand", property(lambda minting: 0))],
    "snapshots are their own": [(Timers, "snapshot", shared)],
    "an advance is cut where one goes back to": [(Rebuild, "_cut", not_cut)],
    "what was under way is sent again": [(Outbox, "resume", nothing)],
    "forks capture": [(Worlds, "add", delivering)],
    "a plan is taken back": [(UndoLog, "roll_back", kept)],
    "each fork has a line of its own": [(Family, "next_line", lambda family: "1")],
    "history after a reset begins in its line": [(Simulation, "_reset", baseless)],
    "a deleted world is gone": [(worlds.World, "gone", property(lambda world: False, lambda world, gone: None))],
}
SHOWN_BY = {
    "receipts of another epoch": 45,
    "whoever waits is told of the end": 16,
    "what is cancelled does not fire": 41,
    "one turn with those who load": 73,
    "an advance is cut where one goes back to": 23,
    "forks capture": 14,
    "history after a reset begins in its line": 62,
}
"""A seed that has shown it, where the first ones do not: it is tried before them, which are many times its work."""


@pytest.mark.parametrize("defence", DEFENCES)
def test_without_a_defence_some_seed_fails(
    perform: Callable[[object], Any], monkeypatch: pytest.MonkeyPatch, defence: str
):
    for place, name, change in DEFENCES[defence]:
        monkeypatch.setattr(place, name, change)
    assert any(perform(seed).findings for seed in (SHOWN_BY.get(defence, 0), *range(SEEDS)))
