"""History: what it costs while commands are done, and what going back, forking, planning and saving take."""

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any
from unittest.mock import patch

import msgspec
import stored
from exchanges import EVENT
from inprocess import wired
from rows import Row, row

from contratempo.sim.history import Place
from contratempo.sim.instants import SECOND
from contratempo.sim.planning import plan
from contratempo.sim.rewinding import Rebuild, fork, rewind
from contratempo.sim.saved import dump, load
from contratempo.sim.simulation import Simulation
from contratempo.sim.snapshot import take

BUSY_ONCE = {**EVENT, "telnyx_end_user_target": "+13125550121"}
DAYS = 30 * 24 * 3600 * SECOND


def rows(quick: bool) -> Iterable[Row | str]:
    yield from _cost(2_000 if quick else 20_000)
    yield from _back(5_000 if quick else 100_000)
    yield from _ahead(1_000 if quick else 10_000)
    yield from asyncio.run(_beside(2_000 if quick else 50_000))


def _lived(count: int, *, remembers: bool) -> float:
    """Live through so many events and return the seconds of the processor that it took."""
    made = stored.simulation()
    world = Simulation(made.origin, made.clock, remembers=remembers)
    gc.collect()
    return _timed(lambda: _live(world, count))


def _live(world: Simulation, count: int) -> None:
    for number in range(count):
        stored.create(world, BUSY_ONCE if number % 7 == 0 else EVENT)
    world.apply({"kind": "run", "until": None})


def _weighed(count: int, *, remembers: bool) -> float:
    """Live through so many events and return the bytes of each that are left."""
    made = stored.simulation()
    world = Simulation(made.origin, made.clock, remembers=remembers)
    gc.collect()
    tracemalloc.start()
    _live(world, count)
    size = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    return size


def _cost(count: int) -> Iterable[Row | str]:
    pairs = [(_lived(count, remembers=True), _lived(count, remembers=False)) for _ in range(3)]
    ours, theirs = [count / with_it for with_it, _ in pairs], [count / without for _, without in pairs]
    yield row(
        "history",
        f"{count:,} lifecycles that are remembered",
        ours,
        "lifecycles/s CPU",
        peer="forgetting",
        theirs=theirs,
    )
    extra = _weighed(count // 10, remembers=True) - _weighed(count // 10, remembers=False)
    yield row("history", "what history takes beside an event's own", [extra], "B")


def _back(count: int) -> Iterable[Row | str]:
    world, pauses = stored.simulation(), list[float]()
    heads = []
    with patch("contratempo.sim.simulation.take", _watched(pauses)):
        for number in range(count):
            stored.create(world, BUSY_ONCE if number % 7 == 0 else EVENT)
            heads.append(world.head)
    gc.collect()
    kept = world.history
    megabytes = kept.snapshot_weight / 2**20
    yield f"history: {len(kept.snapshots)} snapshots of about {megabytes:.1f} MiB over {count:,} events"
    yield row("history", f"longest pause for a snapshot, {count:,} events", [max(pauses)], "ms", wanted="<= 20")
    taken, longest = _rebuilt(world, Place(heads[count // 2]))
    yield row("history", f"going back to the middle of {count:,} events", [taken], "s", wanted="<= 1")
    yield row("", "longest step of that, which nobody else is served in", [longest * 1e3], "ms")
    rebuild = Rebuild(world, Place(heads[count // 2])).finished()
    yield row("", "and taking over what was made", [_timed(lambda: rewind(world, rebuild)) * 1e3], "ms")
    whole = Rebuild(world, Place(heads[-1])).finished()
    yield row("history", f"a fork of {count:,} events", [_timed(lambda: fork(world, whole, world.origin)) * 1e3], "ms")


def _watched(pauses: list[float]) -> Callable[[Simulation], Any]:
    def timed(simulation: Simulation) -> Any:
        began = time.process_time()
        taken = take(simulation)
        pauses.append((time.process_time() - began) * 1e3)
        return taken

    return timed


def _rebuilt(world: Simulation, place: Place) -> tuple[float, float]:
    longest, began = 0.0, time.process_time()
    last = began
    for _ in Rebuild(world, place).steps():
        longest, last = max(longest, time.process_time() - last), time.process_time()
    ended = time.process_time()
    return ended - began, max(longest, ended - last)


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _ahead(count: int) -> Iterable[Row | str]:
    world = stored.simulation()
    for number in range(count):
        stored.create(world, BUSY_ONCE if number % 7 == 0 else EVENT)
    yield row(
        "history", f"plan of 30 days of {count:,} events", [_timed(lambda: plan(world, world.now + DAYS)) * 1e3], "ms"
    )
    saved: list[bytes] = []
    dumped = _timed(lambda: saved.append(msgspec.json.encode(dump(world))))
    yield row("history", f"saving {count:,} events", [dumped * 1e3], "ms")
    loaded = _timed(lambda: load(msgspec.json.decode(saved[0]), world.origin))
    yield row("history", f"loading {count:,} events", [loaded * 1e3], "ms")
    yield f"history: {len(saved[0]) / 2**20:.1f} MiB is the saved world of {count:,} events"


async def _beside(count: int) -> list[Row | str]:
    """Advance over everything, and ask for a list meanwhile, over and over; twice, for the order."""
    orders, waits = [], list[float]()
    for _ in range(2):
        target = wired()
        world = target.app.service.worlds.default.simulation
        for number in range(count):
            stored.create(world, BUSY_ONCE if number % 7 == 0 else EVENT)
        advance = asyncio.create_task(target.json("POST", "/_mock/clock/advance", {"by": "30d"}))
        await asyncio.sleep(0)
        while not advance.done():
            began = time.thread_time()
            await asyncio.sleep(0)  # as a request comes in: whatever is under way goes first
            await target.json("GET", f"/v2/ai/assistants/{stored.ASSISTANT}/scheduled_events?page%5Bsize%5D=20")
            waits.append((time.thread_time() - began) * 1e3)
        orders.append(list(world.journal.transitions))
    waits.sort()
    p99 = waits[int(len(waits) * 0.99)]
    same = "identical" if orders[0] == orders[1] else "NOT identical"
    return [
        row("11", f"p99 of lists during an advance over {count:,} events, remembered", [p99], "ms CPU", wanted="<= 50"),
        row("", "longest of them", [waits[-1]], "ms CPU"),
        f"history: the order of two runs is {same}; {len(waits):,} requests were answered meanwhile",
    ]
