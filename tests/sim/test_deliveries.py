"""Deliveries: what holds of a world's webhooks whatever happens to it, in whichever order."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import ids
from contratempo.sim.instants import SECOND
from contratempo.sim.saved import dump, load

KINDS = ["drop", "delay", "reorder", "duplicate", "bad_signature"]
EMITS = st.fixed_dictionaries(
    {"resource": st.sampled_from("ab"), "last": st.booleans(), "attempts": st.integers(1, 3)},
    optional={"urls": st.sampled_from([(), ("http://one.test",), ("http://same.test", "http://same.test")])},
)
FAULTS = st.builds(
    lambda kind, times, probability: (
        {"kind": kind, "times": times, "probability": probability} | ({"seconds": 2} if kind == "delay" else {})
    ),
    st.sampled_from(KINDS),
    st.sampled_from([1, 2, None]),
    st.sampled_from([1.0, 0.5]),
)
CALLS = st.one_of(
    st.tuples(st.just("emit"), EMITS),
    st.tuples(st.just("fault"), FAULTS),
    st.tuples(st.just("again"), st.fixed_dictionaries({"place": st.integers(-2, 2)})),
    st.tuples(st.just("set"), st.fixed_dictionaries({"after": st.floats(0, 9), "times": st.integers(1, 2)})),
    st.tuples(st.just("lift_all"), st.just({})),
)
OTHERS = st.one_of(
    st.tuples(st.just("take"), st.just({})),
    st.tuples(st.just("land"), st.just({})),
    st.tuples(st.just("pass"), st.fixed_dictionaries({"seconds": st.sampled_from([0, 0.5, 1, 3])})),
)
MANY = st.lists(CALLS, max_size=8)
LIFE = st.lists(st.one_of(CALLS, OTHERS), min_size=4, max_size=24)


def answer(delivery: Any) -> str:
    """A receiver that answers by the attempt alone."""
    return ["failed", "failed", "delivered", "captured"][int(4 * ids.fraction(delivery.webhook, delivery.attempt))]


def about(delivery: Any) -> tuple[Any, ...]:
    return delivery.webhook, delivery.attempt, delivery.url, delivery.tally, delivery.at, delivery.spoilt


def canonical(simulation: Any) -> dict[str, Any]:
    """All that matters but the number of commands."""
    return {name: value for name, value in dump(simulation).items() if name != "head"}


@pytest.fixture(scope="module")
def ringing(world, bell) -> Callable[[], Any]:
    """`ringing()` makes a world whose alarms send a webhook each time they ring."""

    def make() -> Any:
        made = bell(lambda simulation, timer: made.emit(simulation, resource=timer.subject))
        return world(made)

    return make


@pytest.fixture(scope="module")
def live(call, run, receive) -> Callable[..., None]:
    """`live(simulation, steps, flying)` lives through steps; `flying` are the deliveries that are under way."""

    def go(simulation: Any, steps: list[tuple[str, dict[str, Any]]], flying: list[Any]) -> None:
        for step, request in steps:
            match step:
                case "take":
                    flying += simulation.deliveries()
                case "land" if flying:
                    delivery = flying.pop(0)
                    receive(simulation, delivery, answer(delivery))
                case "land":
                    pass
                case "pass":
                    run(simulation, **request)
                case _:
                    call(simulation, step, **request)

    return go


@given(LIFE, MANY, st.booleans(), LIFE, st.sampled_from([2, 3, 10_000]))
def test_a_failing_call_leaves_no_trace(ringing, live, call, broken, first, then, judged, later, kept):
    def refuse(answer: Any) -> None:
        raise broken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contratempo.sim.outbox.OUTBOX_KEPT", kept)
        failed, never = ringing(), ringing()
        worlds = [(each, []) for each in (failed, never)]
        for simulation, flying in worlds:
            live(simulation, first, flying)
        with pytest.raises(broken):
            call(failed, "many", refuse if judged else None, calls=then, breaks=not judged)
        for _ in range(2):
            assert dump(failed) == dump(never)
            assert json.dumps(dump(failed)) == json.dumps(dump(never))
            assert list(failed.outbox.changes) == list(never.outbox.changes)
            assert failed.outbox.changes.total == never.outbox.changes.total
            assert [about(each) for each in failed.deliveries()] == [about(each) for each in never.deliveries()]
            for simulation, flying in worlds:
                live(simulation, later, flying)


@given(LIFE, LIFE)
def test_a_loaded_world_has_the_same_future_and_sends_again_what_was_under_way(ringing, live, first, later):
    simulation, flying = ringing(), []
    live(simulation, first, flying)
    saved = json.loads(json.dumps(dump(simulation)))
    copy = load(saved, simulation.origin)
    assert dump(copy) == saved
    flying += simulation.deliveries()
    again = copy.deliveries()
    assert [about(each) for each in again] == [about(each) for each in flying]
    for each, under_way in ((simulation, flying), (copy, again)):
        live(each, [*later, *[("land", {})] * 50], under_way)
    assert dump(copy) == dump(simulation)


@given(LIFE, st.integers(0, 12 * SECOND), st.integers(0, 12 * SECOND))
def test_two_advances_are_one_when_every_attempt_is_answered(ringing, live, advance, steps, first, then):
    stepwise, at_once = ringing(), ringing()
    for simulation, parts in ((stepwise, (first, then)), (at_once, (first + then,))):
        flying: list[Any] = []
        live(simulation, [*steps, ("take", {}), *[("land", {})] * 100], flying)
        for part in parts:
            advance(simulation, part / SECOND, answer)
    assert canonical(stepwise) == canonical(at_once)
    assert not stepwise.outbox.waiting


@given(LIFE, st.floats(0, 30))
def test_time_does_not_go_on_over_what_is_to_be_sent(ringing, live, receive, steps, seconds):
    simulation = ringing()
    live(simulation, steps, [])
    until = simulation.now + round(seconds * SECOND)
    command = {"kind": "run", "until": until, "pause": True}
    while simulation.outbox.waiting or simulation.now < until:
        before, waiting = simulation.now, simulation.outbox.waiting
        simulation.apply(command)
        assert simulation.now == before or not waiting
        for delivery in simulation.deliveries():
            receive(simulation, delivery, answer(delivery))
    assert simulation.now == until


def test_a_run_that_pauses_fires_all_of_an_instant_and_stops_there(ringing, call):
    simulation = ringing()
    start = simulation.now
    for seconds in (5, 5, 9):
        call(simulation, "set", after=seconds)
    command = {"kind": "run", "until": start + 20 * SECOND, "pause": True}
    seen = []
    while not seen or simulation.now < start + 20 * SECOND:
        fired = simulation.apply(command)
        seen.append((fired, (simulation.now - start) / SECOND, len(simulation.deliveries())))
    assert seen == [(2, 5, 2), (1, 9, 1), (0, 20, 0)]


@pytest.mark.parametrize("until", [None, 20 * SECOND])
def test_a_run_that_pauses_stays_until_what_is_to_be_sent_was_taken(world, call, until):
    simulation = world()
    call(simulation, "emit")
    before, command = dump(simulation), {"kind": "run", "until": until and simulation.now + until, "pause": True}
    for _ in range(2):
        assert (simulation.apply(command), dump(simulation)) == (0, before)
    simulation.deliveries()
    simulation.apply(command)
    assert simulation.now == (command["until"] or simulation.now)


def test_a_run_that_does_not_pause_goes_on_over_what_is_to_be_sent(ringing, call, run):
    simulation = ringing()
    for seconds in (5, 9):
        call(simulation, "set", after=seconds)
    assert run(simulation, 20) == 2
    assert [(each.at - simulation.now) / SECOND for each in simulation.deliveries()] == [-15, -11]


def test_a_run_that_pauses_keeps_to_its_limit(ringing, call):
    simulation = ringing()
    for _ in range(3):
        call(simulation, "set", after=5)
    command = {"kind": "run", "until": simulation.now + 20 * SECOND, "pause": True, "limit": 2}
    assert [simulation.apply(command) for _ in range(3)] == [2, 1, 0]
    assert len(simulation.deliveries()) == 3


@pytest.mark.parametrize("kind", ["run", "tick"])
def test_a_run_stops_when_as_many_attempts_have_come_of_it_as_may(ringing, call, kind):
    """So what a slice of an advance costs its sender follows from the world alone, not from how fast anything is."""
    simulation = ringing()
    for _ in range(5):
        call(simulation, "set", after=5)
    command = {"kind": kind, "until": simulation.now + 20 * SECOND, "limit": 4, "attempts": 2}
    handed = []
    while simulation.is_due(command["until"]):
        handed.append((simulation.apply(command), len(simulation.deliveries())))
    assert handed == [(2, 2), (2, 2), (1, 1)]
    assert simulation.now == command["until"]


def test_a_run_without_an_end_is_due_as_long_as_anything_is(ringing, call):
    simulation = ringing()
    assert not simulation.is_due(None)
    call(simulation, "set", after=5)
    assert (simulation.is_due(None), simulation.is_due(simulation.now)) == (True, False)


def test_a_timer_that_breaks_sends_nothing(world, bell, broken, call, run):
    def on(simulation: Any, timer: Any) -> None:
        made.emit(simulation)
        raise broken

    made = bell(on)
    simulation = world(made)
    call(simulation, "set", after=5)
    with pytest.raises(broken):
        run(simulation)
    assert (len(simulation.outbox), simulation.outbox.waiting, simulation.outbox.total) == (0, False, 0)


def test_the_outbox_is_trimmed_by_every_command_that_ends_something(
    ringing, call, run, receive, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("contratempo.sim.outbox.OUTBOX_KEPT", 2)
    simulation = ringing()
    made = [call(simulation, "emit") for _ in range(4)]
    for delivery in simulation.deliveries():
        receive(simulation, delivery, "delivered")
    assert [each.id for each in simulation.outbox] == made[2:]
    call(simulation, "set", after=5)
    run(simulation)
    assert next(each.id for each in simulation.outbox) == made[3]
