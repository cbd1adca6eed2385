import asyncio
import contextlib

import pytest

from contratempo.provider import Refusal
from contratempo.server import pump as pumping
from contratempo.server.worlds import World
from contratempo.sim.clock import Clock
from contratempo.sim.instants import LATEST, SECOND
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

START = 1_000 * SECOND


class Nobody:
    """Deliveries that there are none of."""

    def dispatch(self, world):
        assert not world.simulation.outbox.waiting

    def outstanding(self, world):
        return 0

    async def settle(self, world, seconds):
        return True


def pump_of(real):
    return pumping.Pump(real, Nobody())


class Bell:
    """An actor that notes when each of its timers fires."""

    name, kinds = "bell", {}

    def __init__(self):
        self.rang = []

    def call(self, simulation, operation, request):
        simulation.timers.add(simulation.now + request["after"] * SECOND, "bell", "ring", request["subject"])
        return simulation.now

    def fire(self, simulation, timer):
        assert simulation.now == timer.due
        self.rang.append((timer.due, timer.number))


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def world(bell):
    return a_world(bell, Clock(START))


def a_world(bell, clock):
    simulation = Simulation(Origin("w", "s", "spec", lambda: Rules({}), {"bell": bell}, {}), clock)
    return World(simulation, "KEY")


def hang(world, seconds):
    for after in seconds:
        world.simulation.apply(ring(world, after))


def ring(world, after):
    request = {"after": after, "subject": "x"}
    return {"kind": "call", "at": world.simulation.now, "provider": "bell", "operation": "hang", "request": request}


def advance(pump, world, until, **more):
    asyncio.run(pump.advance(world, until, **more))


async def asked(awaitable):
    """Return None, or the kind of the refusal."""
    try:
        await awaitable
    except Refusal as refusal:
        return refusal.problem.kind
    return None


def test_what_is_due_happens_in_order_at_its_instant(real, bell, world):
    hang(world, [30, 10, 20, 10])
    advance(pump_of(real), world, START + 25 * SECOND)
    assert bell.rang == [(START + 10 * SECOND, 2), (START + 10 * SECOND, 4), (START + 20 * SECOND, 3)]
    assert world.simulation.now == START + 25 * SECOND
    assert not world.advancing


def test_until_nothing_is_due_the_clock_stops_at_the_last_thing(real, bell, world):
    hang(world, [30, 10])
    advance(pump_of(real), world, None)
    assert (len(bell.rang), world.simulation.now) == (2, START + 30 * SECOND)


def test_to_the_past_nothing_happens(real, bell, world):
    hang(world, [10])
    head = world.simulation.head
    advance(pump_of(real), world, START - SECOND)
    assert (bell.rang, world.simulation.now, world.simulation.head) == ([], START, head)


def test_an_advance_splits_anywhere(real, bell, world):
    hang(world, range(1, 21))
    other_bell = Bell()
    other = a_world(other_bell, Clock(START))
    hang(other, range(1, 21))
    advance(pump_of(real), world, START + 20 * SECOND)
    for seconds in (3, 3, 11, 20):
        advance(pump_of(real), other, START + seconds * SECOND)
    assert bell.rang == other_bell.rang
    assert world.simulation.now == other.simulation.now


def test_three_advances_at_once_fire_each_timer_once_and_in_order(real, bell, world, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 5)
    hang(world, range(1, 51))

    async def at_once():
        pump = pump_of(real)
        return await asyncio.gather(
            *(asked(pump.advance(world, START + 100 * SECOND, wait_turn=True)) for _ in range(3))
        )

    assert asyncio.run(at_once()) == [None] * 3
    assert bell.rang == [(START + after * SECOND, after) for after in range(1, 51)]
    assert world.simulation.now == START + 100 * SECOND


def test_a_second_advance_is_refused_and_changes_nothing(real, bell, world, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 5)
    hang(world, range(1, 51))

    async def at_once():
        pump = pump_of(real)
        return await asyncio.gather(*(asked(pump.advance(world, START + wait * SECOND)) for wait in (60, 900, 900)))

    assert asyncio.run(at_once()) == [None, "conflict", "conflict"]
    assert (len(bell.rang), world.simulation.now) == (50, START + 60 * SECOND)


def test_an_advance_tells_who_is_in_its_way(world):
    problem = pumping.advance_in_progress(world.simulation)
    assert problem.detail.startswith("advance-in-progress: ")
    assert "wait_turn" in problem.hint


def test_waiting_for_a_turn_has_an_end(real, world, monkeypatch):
    monkeypatch.setattr(pumping, "TURN_SECONDS", 0.0)

    async def behind_one_that_does_not_end():
        await world.turn.acquire()
        return await asked(pump_of(real).advance(world, START + SECOND, wait_turn=True))

    assert asyncio.run(behind_one_that_does_not_end()) == "conflict"
    assert world.simulation.now == START


def test_a_failed_advance_gives_its_turn_back(real, bell, world):
    hang(world, [1])
    bell.fire = lambda simulation, timer: 1 / 0
    with pytest.raises(ZeroDivisionError):
        advance(pump_of(real), world, START + SECOND)
    assert not world.advancing


def test_what_comes_during_an_advance_sees_the_instant_reached(real, bell, world, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 10)
    hang(world, range(1, 101))
    seen = []

    async def meanwhile():
        while len(bell.rang) < 100:
            pump.catch_up(world)
            seen.append((len(bell.rang), world.simulation.apply(ring(world, 1_000))))
            await asyncio.sleep(0)

    async def at_once():
        await asyncio.gather(pump.advance(world, START + 200 * SECOND), meanwhile())

    pump = pump_of(real)
    asyncio.run(at_once())
    assert [rang for rang, _ in seen] == list(range(10, 100, 10))
    assert [instant for _, instant in seen] == [START + rang * SECOND for rang, _ in seen]
    assert len(world.simulation.timers) == len(seen)


def test_worlds_advance_beside_each_other(real, bell, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 1)
    one, two = a_world(bell, Clock(START)), a_world(bell, Clock(START))
    hang(one, [1, 3]), hang(two, [2, 4])

    async def at_once():
        pump = pump_of(real)
        return await asyncio.gather(asked(pump.advance(one, START + 9 * SECOND)), asked(pump.advance(two, None)))

    assert asyncio.run(at_once()) == [None, None]
    assert [due // SECOND - 1_000 for due, _ in bell.rang] == [1, 2, 3, 4]


def test_a_frozen_clock_owes_nothing(real, bell, world):
    hang(world, [1, 5])
    real.now += 3_600
    assert pump_of(real).catch_up(world) == START
    assert bell.rang == []


def test_a_running_clock_owes_what_real_time_has_passed(real, bell):
    world = a_world(bell, Clock(START, "running", 60.0, real.now))
    hang(world, [59, 60, 61, 120])
    real.now += 1
    assert pump_of(real).catch_up(world) == START + 60 * SECOND
    assert [number for _, number in bell.rang] == [1, 2]
    real.now += 1
    assert pump_of(real).catch_up(world) == START + 120 * SECOND
    assert [number for _, number in bell.rang] == [1, 2, 3, 4]


def test_a_running_clock_is_not_caught_up_during_an_advance(real, bell):
    world = a_world(bell, Clock(START, "running", 1.0, real.now))

    async def during():
        async with world.turn:
            real.now += 50
            return pump_of(real).catch_up(world)

    assert asyncio.run(during()) == START


def test_a_running_clock_runs_on_from_where_an_advance_left_it(real, bell):
    world, pump = a_world(bell, Clock(START, "running", 1.0, real.now)), pump_of(real)
    advance(pump, world, START + 3_600 * SECOND)
    real.now += 10
    assert pump.catch_up(world) == START + 3_610 * SECOND


def test_a_running_clock_stops_at_the_calendars_end(real, bell):
    world = a_world(bell, Clock(LATEST - SECOND, "running", 1_000_000.0, real.now))
    real.now += 10_000
    assert pump_of(real).catch_up(world) == LATEST


def test_running_worlds_are_kept_up_with_nobody_asking(real, bell, monkeypatch):
    monkeypatch.setattr(pumping, "NAP_SECONDS", 0)
    world, frozen = a_world(bell, Clock(START, "running", 1.0, real.now)), a_world(Bell(), Clock(START))
    hang(world, [5]), hang(frozen, [1])

    async def a_while():
        pump = pump_of(real)
        keeper = asyncio.create_task(pump.keep([world, frozen]))
        await asyncio.sleep(0)
        real.now += 5
        pump.changed(world)
        for _ in range(20):
            await asyncio.sleep(0)
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper

    asyncio.run(a_while())
    assert bell.rang == [(START + 5 * SECOND, 1)]
    assert len(frozen.simulation.timers) == 1


@pytest.mark.parametrize(("rate", "seconds"), [(1.0, 100.0), (50.0, 2.0), (0.001, pumping.IDLE_SECONDS)])
def test_the_keeper_sleeps_until_the_next_due_thing_of_a_running_world(real, bell, rate, seconds):
    world = a_world(bell, Clock(START, "running", rate, real.now))
    pump = pump_of(real)
    assert pump._seconds_until_due(world) == pumping.IDLE_SECONDS
    hang(world, [100])
    assert pump._seconds_until_due(world) == pytest.approx(seconds)


def test_the_keeper_lets_a_frozen_or_advancing_world_be(real, bell, world):
    hang(world, [1])
    running = a_world(bell, Clock(START, "running", 1.0, real.now))
    hang(running, [1])
    real.now += 1

    async def while_it_advances():
        async with running.turn:
            return pump_of(real)._seconds_until_due(running)

    assert pump_of(real)._seconds_until_due(world) == asyncio.run(while_it_advances()) == pumping.IDLE_SECONDS
    assert pump_of(real)._seconds_until_due(running) == 0


def test_one_timer_that_fails_does_not_end_the_keeping_of_others(real, bell, monkeypatch, caplog):
    monkeypatch.setattr(pumping, "NAP_SECONDS", 0)
    broken, world = (
        a_world(Bell(), Clock(START, "running", 1.0, real.now)),
        a_world(bell, Clock(START, "running", 1.0, real.now)),
    )
    hang(broken, [1]), hang(world, [2])
    broken.simulation.origin.actors["bell"].fire = lambda simulation, timer: 1 / 0

    async def a_while():
        pump = pump_of(real)
        keeper = asyncio.create_task(pump.keep([broken, world]))
        real.now += 5
        pump.changed(world)
        for _ in range(30):
            await asyncio.sleep(0)
        alive = not keeper.done()
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper
        return alive

    assert asyncio.run(a_while())
    assert bell.rang == [(START + 2 * SECOND, 1)]
    assert len(broken.simulation.timers) == 0
    assert "a due thing failed and was dropped" in caplog.text


@pytest.fixture
def behind(real, bell, monkeypatch):
    """Return a running world that owes a hundred timers of one second each, ten of them a slice."""
    monkeypatch.setattr(pumping, "SLICE", 10)
    world = a_world(bell, Clock(START, "running", 1_000.0, real.now))
    hang(world, range(1, 101))
    real.now += 1
    return world


def test_a_running_clock_far_behind_is_caught_up_a_slice_at_a_time(real, bell, behind):
    pump, seen = pump_of(real), []

    async def meanwhile():
        while len(bell.rang) < 100:
            seen.append(len(bell.rang))
            await asyncio.sleep(0)

    async def at_once():
        await asyncio.gather(pump.catch_up_in_slices(behind), meanwhile())

    asyncio.run(at_once())
    assert seen == list(range(10, 100, 10))
    assert behind.simulation.now == START + 1_000 * SECOND


def test_a_receipt_waits_for_one_slice_at_most(real, bell, behind):
    assert pump_of(real).catch_up(behind) == START + 10 * SECOND
    assert len(bell.rang) == 10


@pytest.mark.parametrize("change", ["frozen", "reset"])
def test_a_clock_that_is_set_meanwhile_is_not_caught_up_any_further(real, bell, behind, change):
    command = {"kind": "reset"} if change == "reset" else {"kind": "clock", "mode": "frozen", "rate": 1.0, "real": 0.0}

    async def meanwhile():
        behind.simulation.apply(command)
        behind.simulation.clock.anchor(real.now)

    async def at_once():
        await asyncio.gather(pump_of(real).catch_up_in_slices(behind), meanwhile())

    asyncio.run(at_once())
    assert len(bell.rang) == 10
    assert behind.simulation.now == START + (10 * SECOND if change == "frozen" else 0)


def test_who_waits_for_a_world_that_is_deleted_meanwhile_is_told(real, behind):
    async def meanwhile():
        behind.gone = True

    async def at_once():
        await asyncio.gather(pump_of(real).catch_up_in_slices(behind), meanwhile())

    with pytest.raises(Refusal, match="There is no world"):
        asyncio.run(at_once())
