"""The whole server, played by seeds: clients, receivers, faults and clocks in every order that chance brings."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
COUNT, BLOCK = (500, 25) if FULL else (60, 10)
CHOSEN = os.environ.get("CONTRATEMPO_SEED")
BLOCKS = [range(first, first + BLOCK) for first in range(0, COUNT, BLOCK)] if CHOSEN is None else [[int(CHOSEN)]]
Perform = Callable[[object], Any]


@pytest.mark.parametrize("seeds", BLOCKS, ids=lambda seeds: f"{seeds[0]} to {seeds[-1]}")
def test_no_order_of_events_breaks_an_invariant(perform: Perform, seeds: list[int]):
    for seed in seeds:
        played = perform(seed)
        again = f"\n\nagain with: CONTRATEMPO_SEED={seed} scripts/test tests/simulation/test_server.py"
        assert not played.findings, played.report + again


@pytest.mark.parametrize("seed", range(0, COUNT, COUNT // 5))
def test_a_seed_is_played_the_same_way_twice(perform: Perform, seed: int):
    first, second = perform(seed), perform(seed)
    assert first.story == second.story
    assert first.worlds == second.worlds


def test_seeds_differ_and_reach_what_matters(perform: Perform):
    played = [perform(seed) for seed in range(24)]
    assert len({tuple(each.story) for each in played}) == 24
    reached = sum((each.counts for each in played[1:]), played[0].counts)
    wanted = ("arrivals", "nested", "settled", "undelivered", "reset", "ended left", "ended reset", "streamed resync")
    assert [name for name in wanted if not reached[name]] == []


def test_a_play_that_breaks_off_leaves_nothing_patched(perform: Perform, monkeypatch: pytest.MonkeyPatch):
    from stage.theatre import Theatre

    async def never(theatre: Theatre) -> None:
        kept.append(theatre)  # with all that waits in it
        while True:
            with suppress(asyncio.CancelledError):  # as what is mended no more may do
                await asyncio.get_running_loop().create_future()

    kept, real = list[Theatre](), asyncio.to_thread
    monkeypatch.setattr(Theatre, "perform", never)
    assert perform(1).findings
    assert asyncio.to_thread is real
