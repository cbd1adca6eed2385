"""A world as a document: nothing of its future is lost, nothing of real time is in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.saved import SavedError, dump, load

TARGETS = ["all", "+12125550120", "+12125550121"]
SETS = st.fixed_dictionaries(
    {"after": st.floats(0, 50), "to": st.sampled_from(TARGETS), "times": st.integers(1, 3)},
)
OUTCOMES = st.lists(st.sampled_from(["busy", "completed", "expired"]), min_size=1, max_size=3)


def live(simulation: Any, call: Any, run: Any, sets: list[dict[str, Any]], outcomes: list[list[str]]) -> None:
    for request in sets:
        call(simulation, "set", **request)
        run(simulation, 7)
    for each in outcomes:
        call(simulation, "script", outcomes=each, then="default")
        run(simulation, 3)
    call(simulation, "tune", tone="dong")


@given(st.lists(SETS, max_size=5), st.lists(OUTCOMES, max_size=3), st.lists(SETS, max_size=3))
def test_a_loaded_world_has_the_same_future(world, origin, bell, call, run, sets, outcomes, later):
    simulation = world()
    live(simulation, call, run, sets, outcomes)
    saved = json.loads(json.dumps(dump(simulation)))
    copy = load(saved, origin(bell()))
    assert dump(copy) == saved
    for each in (simulation, copy):
        live(each, call, run, later, outcomes)
        run(each)
    assert dump(copy) == dump(simulation)


def test_a_loaded_world_can_be_reset_to_its_start(world, origin, bell, call, run):
    simulation = world()
    live(simulation, call, run, [{}], [["busy"]])
    copy = load(dump(simulation), origin(bell()))
    copy.apply({"kind": "reset"})
    assert dump(copy) | {"head": 0} == dump(world())


def test_a_loaded_world_has_its_faults_and_webhooks_where_they_were(world, origin, bell, call):
    simulation = world()
    call(simulation, "fault", kind="drop", times=2)
    call(simulation, "emit")
    copy = load(dump(simulation), origin(bell()))
    for _ in range(2):
        call(copy, "emit")
    assert [(each.number, each.status) for each in copy.outbox] == [(1, "dropped"), (2, "dropped"), (3, "pending")]
    assert len(copy.deliveries()) == 1


def test_a_running_clock_goes_on_from_the_real_time_of_loading(world, origin, bell):
    simulation = world(mode="running")
    simulation.clock.anchor(5_000.0)
    copy = load(dump(simulation), origin(bell()), real=100.0)
    assert copy.clock.reading(101.0) == simulation.now + 1_000_000


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"schema": 0}, "schema 0, this one 1"),
        ({"seed": "x"}, "seed 'x', this one 'seed'"),
        ({"profile": "lenient"}, "profile 'lenient', this one 'spec'"),
        ({"records": {"alarm": [], "siren": []}}, "siren, which no installed provider knows"),
        ({"line": "a fork"}, "line 'a fork', which is no number"),
        ({"rules": {"siren.gap": 1}}, "there is no rule 'siren.gap'"),
    ],
)
def test_a_world_that_does_not_fit_is_refused(world, origin, bell, changed: dict[str, Any], message: str):
    with pytest.raises(SavedError, match=message):
        load(dump(world()) | changed, origin(bell()))
