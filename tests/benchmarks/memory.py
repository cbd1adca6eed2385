"""Goal 9: bytes of a stored event, and whether memory is flat after resets."""

import gc
import tempfile
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import stored
from exchanges import CREATE, RESET
from load import ask, load
from peers import CONTRATEMPO, Running, started
from rows import Row, row

CYCLES, FEW_CYCLES = 6, 3
CONNECTIONS = 16
PATIENCE = 5.0


def rows(quick: bool) -> Iterable[Row | str]:
    yield from _stored(5_000 if quick else 100_000)
    with tempfile.TemporaryDirectory() as scratch, started(CONTRATEMPO, Path(scratch)) as running:
        yield from _resets(running, *((1_000, FEW_CYCLES) if quick else (10_000, CYCLES)))


def _stored(count: int) -> Iterator[Row]:
    world = stored.simulation()
    kind, record = stored.sample(world)
    gc.collect()
    tracemalloc.start()
    world.records.load({kind.name: stored.alike(record, count)})
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield row("9", "a stored event with its indexes", [used / count], "B", wanted="<= 800")


def _resets(running: Running, count: int, cycles: int) -> Iterator[Row | str]:
    create, reset = (each.wire(base, running.port) for each, base in ((CREATE, CONTRATEMPO.base), (RESET, "")))
    full, emptied = [], []
    for _ in range(cycles):
        before = running.rss()
        made = load(
            running.port, create, CREATE.status, seconds=PATIENCE, connections=CONNECTIONS, answers=count
        ).latencies
        full.append((running.rss() - before) / len(made))
        ask(running.port, reset, RESET.status)
        emptied.append(running.rss())
    yield row("9", "an event over HTTP, history and all", full[:1], "B resident")
    flat = emptied[-1] / emptied[1]  # the first cycle takes what the allocator keeps
    yield row("9", f"resident after the last of {cycles} resets, by the second's", [flat], "times", wanted="<= 1.02")
