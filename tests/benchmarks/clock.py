"""Time: a hundred thousand lifecycles scheduled and lived through in a world, beside SimPy processes doing the same."""

import gc
import time
from collections import deque
from collections.abc import Generator, Iterable
from typing import Any

import simpy
import stored
from exchanges import EVENT
from rows import Row, row

LIFECYCLES, TRIED = 100_000, 2_000
BUSY_ONCE = "+13125550121"
SECONDS = 40.0


def rows(quick: bool) -> Iterable[Row | str]:
    count, ours, theirs = (TRIED if quick else _affordable()), [], []
    began, transitions = time.perf_counter(), 0
    for _ in range(2 if quick else 5):
        theirs.append(count / _timed(lambda: _simpy(count)))
        gc.collect()
        elapsed, transitions = _lived(count)
        ours.append(count / elapsed)
        gc.collect()
        if time.perf_counter() - began > SECONDS:
            break
    yield f"time: {transitions:,} transitions of {count:,} lifecycles, {len(ours)} repetitions, one in seven busy once"
    name = f"{count:,} lifecycles scheduled and advanced, with records and journal"
    yield row("10", name, ours, "lifecycles/s CPU", peer="SimPy processes", theirs=theirs, wanted=">= 3x")


def _affordable() -> int:
    """Give the number that can be lived through five times in the time there is, at most what is wanted."""
    seconds, _ = _lived(TRIED)
    return min(LIFECYCLES, int(TRIED / seconds * SECONDS / 5))


def _timed(work: Any) -> float:
    began = time.process_time()  # of the processor, which others may want, too
    work()
    return time.process_time() - began


def _lived(count: int) -> tuple[float, int]:
    world, often = stored.simulation(), {**EVENT, "telnyx_end_user_target": BUSY_ONCE}
    began = time.process_time()
    for number in range(count):
        stored.create(world, often if number % 7 == 0 else EVENT)
    world.apply({"kind": "run", "until": None})
    return time.process_time() - began, world.journal.transitions.total


def _simpy(count: int) -> None:
    environment = simpy.Environment()
    journal: deque[tuple[float, int, str]] = deque(maxlen=100_000)
    for number in range(count):
        environment.process(_call(environment, number, journal))
    environment.run()


def _call(environment: simpy.Environment, number: int, journal: Any) -> Generator[Any, Any, None]:
    event = {"id": number, "status": "pending", "call_status": "queued", "attempts": 0}
    journal.append((environment.now, number, "pending"))
    yield environment.timeout(1_209_600 + number % 3600)
    for busy in (True, False) if number % 7 == 0 else (False,):
        event["attempts"] += 1
        for status, seconds in (("ringing", 2), ("busy", 600)) if busy else (("ringing", 2), ("in-progress", 30)):
            event["call_status"] = status
            journal.append((environment.now, number, status))
            yield environment.timeout(seconds)
    event["status"] = "completed"
    journal.append((environment.now, number, "completed"))
