import asyncio

import pytest

from contratempo.server.signal import Signal


def test_what_changed_before_the_wait_is_not_missed(run_skipping):
    signal = Signal()
    seen = signal.count
    signal.notify()
    assert run_skipping(signal.after(seen)) is True


def test_a_wait_ends_with_its_time(run_skipping):
    async def wait():
        began = asyncio.get_running_loop().time()
        return await signal.after(0, 7), round(asyncio.get_running_loop().time() - began)

    signal = Signal()
    assert run_skipping(wait()) == (False, 7)


@pytest.mark.parametrize("seconds", [0, -1.5])
def test_no_time_is_no_wait(run_skipping, seconds):
    assert run_skipping(Signal().after(0, seconds)) is False


def test_one_notice_wakes_all_and_leaves_nothing_behind(run_skipping):
    async def broadcast():
        waiting = [asyncio.create_task(signal.after(signal.count, 60)) for _ in range(100)]
        await asyncio.sleep(0)
        signal.notify()
        return set(await asyncio.gather(*waiting)), len(asyncio.all_tasks()), len(signal._waiters)

    signal = Signal()
    assert run_skipping(broadcast()) == ({True}, 1, 0)


def test_who_is_cancelled_is_forgotten(run_skipping):
    async def cancel():
        waiting = asyncio.create_task(signal.after(0))
        await asyncio.sleep(0)
        waiting.cancel()
        signal.notify()  # to one that is cancelled and does not know yet
        return await asyncio.gather(waiting, return_exceptions=True), len(signal._waiters)

    signal = Signal()
    [(outcome,), left] = run_skipping(cancel())
    assert (type(outcome), left) == (asyncio.CancelledError, 0)


def test_no_wake_up_is_lost(run_skipping):
    async def follow():
        heard, seen = 0, signal.count
        while heard < 300:
            assert await signal.after(seen, 5)
            heard, seen = heard + signal.count - seen, signal.count
        return heard

    async def talk():
        for number in range(300):
            signal.notify()
            await asyncio.sleep(number % 3)

    async def both():
        return (await asyncio.gather(follow(), follow(), talk()))[:2]

    signal = Signal()
    assert run_skipping(both()) == [300, 300]


def test_a_signal_outlives_the_loop_it_was_waited_for_in(run_skipping):
    signal = Signal()
    assert run_skipping(signal.after(0, 1)) is False
    signal.notify()
    assert run_skipping(signal.after(1, 1)) is False
