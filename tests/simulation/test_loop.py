"""The loop that the simulations run in: its order and its time are functions of the seed."""

import asyncio

import pytest
from stage.loop import Stuck, play


async def order() -> list[str]:
    """Return the order in which three tasks take their turns."""
    turns: list[str] = []

    async def take(name: str) -> None:
        for _ in range(4):
            turns.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(*map(take, "abc"))
    return turns


def test_a_seed_decides_the_order():
    assert play(1, order) == play(1, order)
    assert len({tuple(play(seed, order)) for seed in range(20)}) > 10


def test_what_comes_out_of_a_set_comes_in_the_same_order():
    async def release() -> list[int]:
        gates, passed = {asyncio.get_running_loop().create_future() for _ in range(50)}, []

        async def wait(number: int, gate: "asyncio.Future[None]") -> None:
            await gate
            passed.append(number)

        by_number = sorted(gates, key=id)
        tasks = [asyncio.create_task(wait(number, gate)) for number, gate in enumerate(by_number)]
        await asyncio.sleep(1)
        for gate in gates:
            gate.set_result(None)
        await asyncio.gather(*tasks)
        return passed

    assert play(3, release) == play(3, release)


def test_time_passes_only_as_far_as_somebody_waits_for_it():
    async def sleep() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(3_600)
        return asyncio.get_running_loop().time()

    assert play("any", sleep) == pytest.approx(5, abs=0.5)


def test_a_deadlock_says_who_waits_where():
    async def wait() -> None:
        await asyncio.create_task(asyncio.Event().wait(), name="the one who waits")

    with pytest.raises(Stuck, match=r"the one who waits at .*locks\.py"):
        play(1, wait)


def test_running_in_circles_is_an_error():
    async def spin() -> None:
        while True:  # noqa: ASYNC110  what is tested
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match="no end at"):
        play(1, spin)


def test_threads_are_refused():
    with pytest.raises(AssertionError, match="no threads here"):
        play(1, lambda: asyncio.to_thread(print))
