"""Each defence taken away: the laws that the simulations hold a server to must notice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from contratempo.server import lanes
from contratempo.server.control import clock, worlds
from contratempo.server.lanes import Lanes
from contratempo.server.pump import Pump
from contratempo.server.sender import Sender
from contratempo.server.worlds import World
from contratempo.sim import sending
from contratempo.sim.outbox import Outbox
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import Timers
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


put, done, receive, next_try = Lanes.put, Lanes.done, Simulation._receive, sending.next_try
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
    "a deleted world is gone": [(worlds.World, "gone", property(lambda world: False, lambda world, gone: None))],
}


@pytest.mark.parametrize("changes", DEFENCES.values(), ids=DEFENCES)
def test_without_a_defence_some_seed_fails(
    perform: Callable[[object], Any], monkeypatch: pytest.MonkeyPatch, changes: list[Change]
):
    for place, name, change in changes:
        monkeypatch.setattr(place, name, change)
    assert any(perform(seed).findings for seed in range(SEEDS))
