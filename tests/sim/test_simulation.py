"""A world: commands that happen whole or not at all, timers on time, and what providers use."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.clock import ClockError
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import LATEST, SECOND
from contratempo.sim.lifecycle import LifecycleError
from contratempo.sim.outcomes import Subject
from contratempo.sim.rules import RuleError
from contratempo.sim.saved import dump

EXCHANGE = Exchange(1, "w", 0, 0, 0.0, "bell", "set", "POST", "/alarms", "", 201)
TARGETS = ["all", "one", "+12125550120", "+12125550121", "+12125550130"]
SETS = st.fixed_dictionaries(
    {"after": st.floats(-1, 50), "to": st.sampled_from(TARGETS), "times": st.integers(1, 3)},
)
CALLS = st.one_of(
    st.tuples(st.just("set"), SETS),
    st.tuples(
        st.just("script"),
        st.fixed_dictionaries(
            {"outcomes": st.lists(st.sampled_from(["busy", "completed", "expired"]), min_size=1, max_size=3)},
            optional={"to": st.sampled_from(TARGETS), "then": st.sampled_from(["repeat", "default"])},
        ),
    ),
    st.tuples(st.sampled_from(["strike", "remove", "forget"]), st.just({})),
    st.tuples(st.just("tune"), st.fixed_dictionaries({"tone": st.sampled_from(["ding", "dong"])})),
)
MANY = st.lists(CALLS, max_size=8)


def canonical(simulation: Any) -> dict[str, Any]:
    """All that matters but the number of commands: one advance is one, two are two."""
    return {name: value for name, value in dump(simulation).items() if name != "head"}


def do(simulation: Any, call: Callable[..., Any], calls: list[tuple[str, dict[str, Any]]]) -> None:
    for operation, request in calls:
        call(simulation, operation, **request)


def test_the_answer_of_a_call_comes_back_and_it_counts(world, call):
    simulation = world()
    identifier = call(simulation, "set", after=1)
    assert (simulation.records.get("alarm", identifier)["status"], simulation.head) == ("set", 1)


@given(MANY, MANY, st.booleans())
def test_a_failing_call_leaves_the_world_as_it_was(world, call, broken, first, then, judged):
    simulation = world()
    do(simulation, call, first)
    simulation.apply({"kind": "run", "until": simulation.now})
    before = dump(simulation)

    def refuse(answer: Any) -> None:
        raise broken

    with pytest.raises(broken):
        call(simulation, "many", refuse if judged else None, calls=then, breaks=not judged)
    assert dump(simulation) == before


def test_a_judge_that_is_content_lets_the_call_count(world, call):
    seen: list[Any] = []
    simulation = world()
    assert call(simulation, "set", seen.append, to="me") == seen[0]
    assert simulation.head == 1


@given(st.lists(SETS, max_size=10), st.lists(st.floats(0, 30), max_size=5))
def test_timers_fire_in_order_once_and_never_early(world, bell, call, sets, pauses):
    fired: list[int] = []
    present: list[int] = []

    def on(simulation: Any, timer: Any) -> None:
        waiting = simulation.timers.peek()
        assert waiting is None or (timer.due, timer.number) < (waiting.due, waiting.number)
        assert simulation.now == max(timer.due, present[-1])
        present.append(simulation.now)
        fired.append(timer.number)

    simulation = world(bell(on))
    for request, pause in zip(sets, [*pauses, *[0.0] * len(sets)], strict=False):
        present.append(simulation.now)
        call(simulation, "set", **request)
        simulation.apply({"kind": "run", "until": simulation.now + round(pause * SECOND)})
    present.append(simulation.now)
    simulation.apply({"kind": "run", "until": None})
    assert sorted(fired) == list(range(1, simulation.timers.dump()["last"] + 1))
    assert present == sorted(present)


@given(MANY, st.integers(0, 60 * SECOND), st.integers(0, 60 * SECOND))
def test_two_advances_are_one(world, call, calls, first, then):
    stepwise, at_once = world(), world()
    for simulation in (stepwise, at_once):
        do(simulation, call, calls)
    end = stepwise.now + first + then
    for until in (stepwise.now + first, end):
        stepwise.apply({"kind": "run", "until": until})
    at_once.apply({"kind": "run", "until": end})
    assert canonical(stepwise) == canonical(at_once)


@given(MANY, st.integers(1, 4))
def test_an_advance_in_slices_is_one(world, call, run, calls, limit):
    sliced, at_once = world(), world()
    for simulation in (sliced, at_once):
        do(simulation, call, calls)
    until = sliced.now + 60 * SECOND
    at_once.apply({"kind": "run", "until": until})
    while sliced.apply({"kind": "run", "until": until, "limit": limit}) >= limit:
        assert sliced.now <= until
    assert canonical(sliced) == canonical(at_once)


@given(MANY, st.lists(st.integers(-100 * SECOND, 100 * SECOND), max_size=6))
def test_the_clock_never_goes_back(world, call, calls, steps):
    simulation = world()
    do(simulation, call, calls)
    for step in steps:
        before = simulation.now
        simulation.apply({"kind": "run", "until": before + step})
        assert simulation.now == max(before, before + step)


def test_a_call_at_a_later_instant_first_runs_what_is_due(world, call):
    simulation = world()
    first = call(simulation, "set", after=5)
    command = {
        "kind": "call",
        "at": simulation.now + 10 * SECOND,
        "provider": "bell",
        "operation": "set",
        "request": {"after": 1},
    }
    second = simulation.apply(command)
    rows = [(row.resource, row.to) for row in simulation.journal.transitions]
    assert rows == [(first, "set"), (first, "rung"), (second, "set")]
    assert simulation.head == 3


def test_an_advance_counts_when_it_changes_something(world, call, run):
    simulation = world()
    assert (run(simulation, 0), simulation.head) == (0, 0)
    assert (run(simulation, 1), simulation.head) == (0, 1)
    call(simulation, "set", after=1)
    assert (run(simulation, 1), simulation.head) == (1, 3)


def test_what_a_call_makes_due_at_once_happens_with_it(world, call):
    simulation = world()
    identifier = call(simulation, "set", after=0)
    assert (simulation.records.get("alarm", identifier)["status"], simulation.head) == ("rung", 1)


def test_a_running_clock_that_only_goes_on_is_no_change(world, call):
    simulation = world(mode="running")
    simulation.apply({"kind": "tick", "until": simulation.now + 10 * SECOND})
    assert simulation.head == 0
    call(simulation, "set", after=5)
    simulation.apply({"kind": "tick", "until": simulation.now + 10 * SECOND})
    assert simulation.head == 2


def test_an_advance_of_a_running_clock_counts(world, run):
    simulation = world(mode="running")
    run(simulation, 10)
    assert simulation.head == 1


def test_running_until_nothing_is_due_stays_at_the_last_instant(world, call):
    simulation = world()
    call(simulation, "set", after=100)
    due = simulation.now + 100 * SECOND
    simulation.timers.add(LATEST + 1, "bell", "ring", "never")
    assert (simulation.apply({"kind": "run", "until": None}), simulation.now) == (1, due)


def test_nothing_runs_past_the_end_of_the_calendar(world):
    simulation = world()
    with pytest.raises(ClockError):
        simulation.apply({"kind": "run", "until": LATEST + 1})
    assert dump(simulation) == dump(world())


def test_a_timer_that_breaks_is_dropped_and_the_world_as_before_it(world, bell, broken, call, run):
    def on(simulation: Any, timer: Any) -> None:
        call_set(simulation, simulation, to="lost")
        raise broken

    call_set = bell.set
    simulation = world(bell(on))
    call(simulation, "set", after=5)
    before = dump(simulation)
    with pytest.raises(broken):
        run(simulation)
    after = dump(simulation)
    assert (after.pop("timers")["timers"], after.pop("head")) == ([], before.pop("head") + 1)
    before.pop("timers")
    assert after == before


def test_without_a_timer_there_is_no_step(world):
    with pytest.raises(IndexError):
        world().step()


def test_the_clock_is_set_by_a_command(world):
    simulation = world()
    simulation.apply({"kind": "clock", "mode": "running", "rate": 2.0, "real": 7.0})
    assert (simulation.head, simulation.clock.reading(8.0)) == (1, simulation.now + 2 * SECOND)
    with pytest.raises(ClockError):
        simulation.apply({"kind": "clock", "mode": "running", "rate": 0, "real": 7.0})
    assert (simulation.head, simulation.clock.rate) == (1, 2.0)


def test_reset_goes_back_to_the_start_and_counts(world, call, run):
    simulation = world()
    first = call(simulation, "set")
    call(simulation, "tune", tone="dong")
    call(simulation, "script", outcomes=["busy"])
    simulation.apply({"kind": "clock", "mode": "running", "rate": 2.0, "real": 7.0})
    run(simulation)
    head = simulation.head
    simulation.apply({"kind": "reset"})
    assert (canonical(simulation), simulation.head) == (canonical(world()), head + 1)
    assert call(simulation, "set") == first


def test_ids_are_of_their_kind_and_never_the_same(world):
    simulation = world()
    made = [simulation.uuid(kind) for kind in ("a", "b") for _ in range(50)] + [
        simulation.short_id("c") for _ in range(50)
    ]
    assert len(set(made)) == 150
    assert {uuid.UUID(each).version for each in made[:100]} == {4}
    assert simulation.ordinals == {"a": 50, "b": 50, "c": 50, "short/c": 50}


def test_each_purpose_has_chance_of_its_own(world):
    one, other = world(), world()
    other.chance("delay")
    assert [one.chance("luck") for _ in range(5)] == [other.chance("luck") for _ in range(5)]
    assert one.chance("luck") != world(seed="another").chance("luck")


def test_a_rule_that_cannot_be_set_changes_nothing(world, call):
    simulation = world()
    with pytest.raises(RuleError):
        call(simulation, "tune", tone="deng")
    assert (simulation.rules["bell.tone"], simulation.head) == ("ding", 0)


def test_statuses_move_along_their_tables_only(world, call, run):
    simulation = world()
    record = simulation.records.get("alarm", call(simulation, "set"))
    run(simulation)
    with pytest.raises(LifecycleError):
        simulation.move("alarm", simulation.records.get("alarm", record["id"]), "again")


def test_what_moves_is_noted_with_cause_and_attempt(world, call, run):
    simulation = world()
    call(simulation, "script", outcomes=["busy", "completed"])
    call(simulation, "set", after=5)
    call(simulation, "strike")
    run(simulation)
    rows = [(row.was, row.to, row.cause, row.attempt, row.kind) for row in simulation.journal.transitions]
    assert rows == [
        (None, "set", "create", None, "status"),
        ("still", "loud", "strike", None, "call"),
        ("set", "set", "again", 1, "status"),
        ("set", "rung", "rung", 2, "status"),
    ]


def test_what_vanishes_takes_its_timers_along(world, call, run):
    simulation = world()
    identifier = call(simulation, "set", after=5)
    call(simulation, "remove")
    assert (run(simulation), simulation.records.find(identifier)) == (0, None)
    last = list(simulation.journal.transitions)[-1]
    assert (last.was, last.to, last.cause) == ("set", None, "removed")


def test_an_outcome_is_chosen_among_those_the_kind_knows(world, call):
    simulation = world()
    call(simulation, "script", outcomes=["stuck"])
    chosen = simulation.choose_outcome("alarm", Subject("a", "+12125550121", "", "set"), 1, "completed")
    assert chosen.why == "magic target 555-0121 -> busy"


def test_a_command_of_no_known_kind_is_refused(world):
    simulation = world()
    with pytest.raises(ValueError, match="'rewind' is not a kind of command"):
        simulation.apply({"kind": "rewind"})
    assert simulation.head == 0


def test_requests_and_what_sinks_received_keep_their_numbers_over_a_reset(world):
    simulation = world()
    simulation.journal.requests.add(EXCHANGE)
    simulation.journal.sink.add({"body": "{}", "headers": []})
    simulation.apply({"kind": "reset"})
    for ring in (simulation.journal.requests, simulation.journal.sink):
        assert (len(ring), ring.total) == (0, 1)


def test_chance_that_is_forgotten_leaves_nothing_and_can_be_taken_back(world):
    simulation = world()
    first = simulation.chance("once")
    simulation._undo.commit()
    before = dict(simulation.ordinals)
    simulation.minting.forget_chance("once")
    simulation.minting.forget_chance("never")
    assert "chance/once" not in simulation.ordinals
    simulation._undo.roll_back()
    assert simulation.ordinals == before
    assert simulation.chance("once") != first
