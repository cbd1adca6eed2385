"""Many webhooks at once: their order and limits, waiting for them, and ending them."""

import asyncio

from contratempo.sim import sending
from contratempo.sim.webhooks import Receipt

GOOD = Receipt("delivered", 200)


async def turn():
    """Let everybody go on until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


def attempts(world):
    return [(attempt.state, attempt.reason) for webhook in world.simulation.outbox for attempt in webhook.attempts]


def test_of_one_resource_the_next_goes_out_when_the_last_has_landed(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"), (2, "a"), (3, "b"))
        await turn()
        seen = [[destination.port for destination, *_ in it.courier.sent]]
        await it.courier.land(0)
        seen.append([destination.port for destination, *_ in it.courier.sent])
        await it.sender.close()
        return seen

    assert asyncio.run(story()) == [[1, 3], [1, 3, 2]]


def test_the_same_resource_of_two_worlds_is_two(stage):
    async def story():
        it = stage()
        it.emit(it.world("v"), (1, "a"))
        it.emit(it.world("w"), (1, "a"))
        await turn()
        await it.sender.close()
        return len(it.courier.sent)

    assert asyncio.run(story()) == 2


def test_a_thousand_deliveries_to_a_dead_host_take_four_tasks_and_hold_up_nobody(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, *((1, f"r{place}") for place in range(1_000)), (2, "alive"))
        await turn()
        out, tasks = [destination.port for destination, *_ in it.courier.sent], len(asyncio.all_tasks()) - 1
        outstanding = it.sender.outstanding(world)
        await it.sender.close()
        return sorted(out), tasks, outstanding

    assert asyncio.run(story()) == ([1, 1, 1, 1, 2], 5, 1_001)


def test_localhost_and_its_address_are_one_host(stage):
    async def story():
        it = stage()
        world = it.world()
        hosts = ["http://localhost:1/", "http://127.0.0.1:1/", "http://x.localhost:1/", "http://127.1:1/"]
        it.emit(world, *((url, f"{url}{place}") for url in hosts for place in range(4)))
        await turn()
        await it.sender.close()
        return len(it.courier.sent)

    assert asyncio.run(story()) == 4


def test_hosts_that_took_long_leave_room_for_others(stage, real):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, *((port, f"first{port}") for port in range(1, 5)))
        await turn()
        real.now += 1.5  # of the two seconds an attempt has
        for number in range(4):
            await it.courier.land(number)
        it.emit(world, *((port, f"{port}-{place}") for port in range(1, 5) for place in range(4)))
        await turn()
        under_way = len(it.courier.out)
        it.emit(world, (9, "quick"))
        await turn()
        await it.sender.close()
        return under_way, [destination.port for destination, *_ in it.courier.sent][-1]

    assert asyncio.run(story()) == (12, 9)


# settling, abandoning, closing


def test_settling_ends_with_the_last_receipt(stage):
    async def story():
        it = stage()
        world = it.world()
        assert await it.sender.settle(world, 0) is True  # nothing is outstanding
        it.emit(world, (1, "a"), (1, "b"))
        settled = asyncio.create_task(it.sender.settle(world, 1_000))
        await turn()
        await it.courier.land(0)
        early = settled.done()
        await it.courier.land(1)
        return early, await settled

    assert asyncio.run(story()) == (False, True)


def test_settling_ends_when_its_time_is_over(stage, run_skipping):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        settled = await it.sender.settle(world, 10)
        outstanding = it.sender.outstanding(world)
        await it.sender.close()
        return settled, outstanding

    assert run_skipping(story()) == (False, 1)


def test_settling_waits_for_what_a_receipt_leads_to_at_once(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        (webhook,) = world.simulation.outbox
        sending.redeliver(world.simulation, webhook.id)  # taken up by the receipt that comes next
        settled = asyncio.create_task(it.sender.settle(world, 1_000))
        await it.courier.land(0)
        early = settled.done()
        await it.courier.land(1)
        await settled
        return early, len(it.courier.sent)

    assert asyncio.run(story()) == (False, 2)


def test_an_abandoned_world_gets_no_receipt_and_keeps_nobody_waiting(stage):
    async def story():
        it = stage()
        world, other = it.world("w"), it.world("other")
        it.emit(world, *((1, f"r{place}") for place in range(10)))
        it.emit(other, (1, "a"))
        await turn()
        settled = asyncio.create_task(it.sender.settle(world, 1_000))
        await turn()
        it.sender.abandon(world)
        await turn()
        await it.courier.land(4)
        return it, world, other, await settled

    it, world, other, settled = asyncio.run(story())
    assert {state for state, _ in attempts(world)} == {"sending"}
    assert attempts(other) == [("delivered", None)]
    assert (it.sender.outstanding(world), it.courier.ended, it.changes, settled) == (0, 5, [other], True)


def test_a_world_abandoned_before_anything_has_begun_leaves_nothing(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, *((1, f"r{place}") for place in range(10)))
        it.sender.abandon(world)  # with no turn between: the tasks never take their first step
        it.emit(world, (1, "again"))
        await turn()
        await it.courier.land(0)
        return it, world

    it, world = asyncio.run(story())
    assert (len(it.courier.sent), it.sender.outstanding(world), it.sender._tasks) == (1, 0, {})
    assert attempts(world)[-1] == ("delivered", None)


def test_a_receipt_that_comes_with_the_end_of_its_world_is_dropped(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        it.courier.out[0].set_result(GOOD)
        it.sender.abandon(world)
        await turn()
        return it, world

    it, world = asyncio.run(story())
    assert (attempts(world), it.changes) == ([("sending", None)], [])


def test_closing_ends_everything_at_once_and_begins_nothing(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, *((place, f"r{place}") for place in range(40)))
        settled = asyncio.create_task(it.sender.settle(world, 1_000))
        await turn()
        await it.sender.close()
        it.emit(world, (99, "late"))
        await turn()
        return it, world, await settled, await it.sender.settle(world, 1_000), len(asyncio.all_tasks())

    it, world, settled, again, tasks = asyncio.run(story())
    assert (len(it.courier.sent), it.courier.ended, tasks) == (16, 16, 1)
    assert (settled, again, world.simulation.outbox.waiting) == (False, False, True)


def test_a_loop_that_ends_leaves_no_task_behind(stage):
    async def story():
        it.emit(world, *((place, f"r{place}") for place in range(40)))
        await turn()

    it = stage()
    world = it.world()
    asyncio.run(story())
    assert (it.sender._tasks, it.courier.ended) == ({}, 16)
