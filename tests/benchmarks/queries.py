"""Goal 12: what a page of a list costs the store at a million events of one assistant, beside ten thousand."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import stored
from rows import Row, compared, row

from contratempo.sim.simulation import Simulation

MANY, FEW = 1_000_000, 10_000
PAGE = 20
CHUNK = 10_000
ASKED = 200
BUILD_SECONDS = 80.0

Query = Callable[[], Any]


def rows(quick: bool) -> Iterable[Row | str]:
    gc.disable()  # as good as: a server that runs collects rarely, and the filling makes garbage that it would not
    few, _ = _filled(FEW)
    many, held = _filled(50_000 if quick else MANY)
    if held < MANY:
        yield f"goal 12: {held:,} events instead of {MANY:,}"
    small, large = _queries(few, FEW), _queries(many, held)
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in large}
    for _ in range(3 if quick else 7):
        for name, (beside, ours) in taken.items():
            beside.append(_microseconds(small[name]))
            ours.append(_microseconds(large[name]))
    for name, (beside, ours) in taken.items():
        yield row("", name, ours, f"µs of {held:,}")
        yield row("", name, beside, f"µs of {FEW:,}")
    yield from _worst(taken, held)
    yield _inserts(many, held)


def _worst(taken: dict[str, tuple[list[float], list[float]]], held: int) -> Iterable[Row]:
    """Give the slowest query, and the one that grew most: what is wanted holds for all when it holds for them."""
    slowest = max(taken, key=lambda name: statistics.median(taken[name][1]))
    grown = max(taken, key=lambda name: compared(taken[name][1], taken[name][0]))
    yield row("12", f"slowest query of {held:,}: {slowest}", taken[slowest][1], "µs CPU", wanted="<= 50")
    beside, ours = taken[grown]
    yield row("12", f"most grown: {grown}", ours, "µs CPU", peer=f"of {FEW:,}", theirs=beside, wanted="<= 3x")


def _filled(count: int) -> tuple[Simulation, int]:
    """Fill a world with so many events of one assistant, or as many as there is time for."""
    world = stored.simulation()
    kind, record = stored.sample(world)
    began, held = time.perf_counter(), 0
    while held < count and time.perf_counter() - began < BUILD_SECONDS:
        world.records.load({kind.name: list(stored.alike(record, CHUNK, held))})
        held += CHUNK
    return world, held


def _queries(world: Simulation, held: int) -> dict[str, Query]:
    """Page 1, and page 1000 or the last there is, of each mix of filters."""
    kind, record = _first(world)
    everything, channel = (stored.ASSISTANT,), (stored.ASSISTANT, "phone_call")
    bounds = {"first": record["due"], "last": record["due"] + stored.SPREAD // 10}
    made: dict[str, Query] = {}
    for name, key, between, share in (
        ("all", everything, {}, 1.0), ("a channel", channel, {}, 0.75),
        ("a tenth by date", everything, bounds, 0.1), ("a channel of a tenth by date", channel, bounds, 0.075),
    ):  # fmt: skip
        deep = min(999 * PAGE, int(held * share * 0.8))
        for page, offset in (("page 1", 0), ("page 1000", deep)):
            made[f"{page}, {name}"] = _query(world, kind, key, offset, between)
    return made


def _query(world: Simulation, kind: str, key: tuple[str, ...], offset: int, between: dict[str, int]) -> Query:
    page = world.records.page(kind, key, offset=offset, limit=PAGE, **between)
    assert len(page.records) == PAGE, f"{len(page.records)} rows at {offset} of {page.total}"
    return lambda: world.records.page(kind, key, offset=offset, limit=PAGE, **between)


def _first(world: Simulation) -> tuple[str, dict[str, Any]]:
    """Return the name of the kind and the earliest of the events."""
    kind, _ = next(iter(world.records))
    return kind.name, world.records.page(kind.name, (stored.ASSISTANT,), limit=1).records[0]


def _microseconds(query: Query) -> float:
    began = time.process_time()  # of the processor, which others may want, too
    for _ in range(ASKED):
        query()
    return (time.process_time() - began) / ASKED * 1e6


def _inserts(world: Simulation, held: int) -> Row:
    """Insert at instants all over the list, the encoding of the record included."""
    kind, record = _first(world)
    taken = []
    for turn in range(7):
        fresh = list(stored.alike(record, ASKED, held + turn * ASKED))
        began = time.process_time()
        world.records.load({kind: fresh})
        taken.append((time.process_time() - began) / ASKED * 1e6)
    return row("12", f"insert into {held:,}", taken, "µs CPU", wanted="<= 10")
