"""Positions: what is found, what is cut, what fails again, and how much is looked at."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from contratempo.sim import history, planning, rewinding
from contratempo.sim.history import HistoryError, Place
from contratempo.sim.instants import SECOND
from contratempo.sim.planning import plan
from contratempo.sim.rewinding import Rebuild, fork, rewind_to
from contratempo.sim.saved import dump, load
from contratempo.sim.simulation import Simulation


@pytest.fixture
def spaced(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(history, "SPACING", 4)
    return monkeypatch


def test_snapshots_are_thinned_and_spaced_further(spaced: pytest.MonkeyPatch, world: Any, call: Any):
    spaced.setattr(history, "SNAPSHOTS_KEPT", 4)
    simulation = world()
    for after in range(100):
        call(simulation, "set", after=after)
    kept = list(simulation.history.snapshots)
    assert 2 <= len(kept) <= 4
    assert kept[-1] > 80
    assert {later - earlier for earlier, later in itertools.pairwise(kept)} <= {16, 32, 64}


def test_snapshots_weigh_no_more_than_they_may(spaced: pytest.MonkeyPatch, world: Any, call: Any):
    spaced.setattr(history, "SNAPSHOT_BYTES_KEPT", 4_000)
    simulation = world()
    for after in range(60):
        call(simulation, "set", after=after)
    kept = simulation.history.snapshots.values()
    assert len(kept) == 1 or simulation.history.snapshot_weight <= 4_000


def test_the_latest_snapshot_stays_however_much_it_weighs(spaced: pytest.MonkeyPatch, world: Any, call: Any):
    spaced.setattr(history, "SNAPSHOT_BYTES_KEPT", -1)
    simulation = world()
    for after in range(9):
        call(simulation, "set", after=after)
    (latest,) = simulation.history.snapshots
    assert latest >= 4


def test_the_oldest_commands_are_forgotten_and_what_is_left_is_whole(spaced: pytest.MonkeyPatch, world: Any, call: Any):
    simulation, was = world(), {}
    for after in range(40):
        call(simulation, "set", after=after)
        was[simulation.head] = dump(simulation)
    rewind_to(simulation, Place(10))
    was[simulation.head] = dump(simulation)
    spaced.setattr(history, "HISTORY_BYTES_KEPT", 6_000)
    for after in range(40):
        call(simulation, "set", after=after)
        was[simulation.head] = dump(simulation)
    kept = simulation.history
    assert kept.weight <= 6_000
    assert kept.first > 41
    for position in range(kept.first + 1, kept.head + 1):
        assert dump(Rebuild(simulation, Place(position)).finished().world) == was[position]
    assert dump(Rebuild(simulation, Place(kept.first)).finished().world) == was[kept.first]
    for position in (0, 12, 39, kept.first - 1):
        with pytest.raises(HistoryError, match="is forgotten"):
            kept.check(position)
    rewind_to(simulation, Place(kept.first))
    assert (kept.branch_of(kept.first).number, simulation.branch) == (1, 2)  # the number goes on from what is forgotten


def test_a_branch_off_what_is_forgotten_is_forgotten_too(spaced: pytest.MonkeyPatch, world: Any, call: Any):
    simulation = world()
    for after in range(6):
        call(simulation, "set", after=after)
    rewind_to(simulation, Place(2))
    abandoned = [call(simulation, "set", after=after) and simulation.head for after in range(6)]
    rewind_to(simulation, Place(6))
    spaced.setattr(history, "HISTORY_BYTES_KEPT", 2_900)
    for after in range(6):
        call(simulation, "set", after=after)
    assert 2 < simulation.history.first < abandoned[0]
    with pytest.raises(HistoryError, match="is forgotten"):
        simulation.history.check(abandoned[-1])
    assert rewind_to(simulation, Place(simulation.head - 1)).commands == 1


def test_large_commands_are_reason_for_a_snapshot(monkeypatch: pytest.MonkeyPatch, world: Any, call: Any):
    monkeypatch.setattr(history, "HISTORY_BYTES_KEPT", 8_000)
    simulation = world()
    for _ in range(40):
        call(simulation, "script", outcomes=["busy"] * 30)
    assert simulation.history.weight <= 9_000
    assert simulation.history.first > 0


def weighed(simulation: Any) -> int:
    """Return what the commands that are kept weigh."""
    kept = simulation.history
    return sum(len(kept.entry(number)[0]) + 64 for number in range(kept.first + 1, kept.head + 1))


def test_snapshots_lie_as_far_apart_as_commands_are_large(monkeypatch: pytest.MonkeyPatch, world: Any, call: Any):
    monkeypatch.setattr(history, "HISTORY_BYTES_KEPT", 32_000)
    simulation = world()
    for number in range(150):
        call(simulation, "script", outcomes=["busy"] * 30)
        assert simulation.history.weight == weighed(simulation), number
    kept = simulation.history
    gaps = [after - before for before, after in itertools.pairwise([kept.first, *kept.snapshots])]
    assert (kept.first > 0, len(gaps) > 10, min(gaps), max(gaps)) == (True, True, gaps[0], gaps[0])
    forked = fork(simulation, Rebuild(simulation, Place(kept.head)).finished(), simulation.origin)
    assert forked.history.weight == weighed(forked)
    before = len(forked.history.snapshots)
    call(forked, "set")
    assert len(forked.history.snapshots) == before


def test_an_instant_is_found_on_the_way_to_the_present(world: Any, call: Any, run: Any):
    simulation = world()
    call(simulation, "set", after=100)
    began = simulation.now
    run(simulation, 10)
    run(simulation, 10)
    rewind_to(simulation, Place(2))
    run(simulation, 3)
    found = [simulation.history.at(began + seconds * SECOND, simulation.now).position for seconds in (0, 9, 10, 12, 13)]
    assert found == [1, 1, 4, 4, 5]


def test_an_advance_is_cut_at_the_instant(world: Any, call: Any, run: Any):
    simulation = world()
    began = simulation.now
    for after in (1, 2, 3):
        call(simulation, "set", after=after)
    run(simulation, 10)
    rewind_to(simulation, simulation.history.at(began + 2 * SECOND, simulation.now))
    assert (simulation.now, len(simulation.timers)) == (began + 2 * SECOND, 1)
    rewind_to(simulation, simulation.history.at(began + SECOND, simulation.now))
    assert (simulation.now, len(simulation.timers)) == (began + SECOND, 2)


def test_what_no_command_has_done_yet_is_not_done_by_going_back(world: Any, call: Any, run: Any):
    simulation = world()
    for _ in range(2):
        call(simulation, "set", after=5)
    run(simulation, 5, limit=1)  # which leaves what is due at the same instant
    rebuild = Rebuild(simulation, simulation.history.at(simulation.now, simulation.now)).finished()
    assert (rebuild.cut, len(rebuild.world.timers)) == (0, 1)


def test_a_long_advance_is_lived_again_in_as_many_slices_as_it_took(world: Any, call: Any, run: Any):
    simulation = world()
    for _ in range(3 * rewinding.SLICE):
        call(simulation, "set", after=5)
    for limit in (rewinding.SLICE, rewinding.SLICE, None):
        run(simulation, 5, limit=limit)
    assert len(list(Rebuild(simulation, Place(simulation.head)).steps())) == 6


def test_a_world_is_rebuilt_in_slices(monkeypatch: pytest.MonkeyPatch, world: Any, call: Any):
    monkeypatch.setattr(rewinding, "SLICE", 2)
    simulation = world()
    for after in range(10):
        call(simulation, "set", after=after)
    rebuild = Rebuild(simulation, Place(10))
    assert len(list(rebuild.steps())) == 5
    assert dump(rebuild.world) == dump(simulation)


def test_a_receipt_after_going_back_is_lived_again_with_what_it_makes_due(
    world: Any, call: Any, run: Any, receive: Any
):
    simulation = world()
    call(simulation, "emit")
    rewind_to(simulation, Place(0))
    call(simulation, "emit")
    (first,) = simulation.deliveries()
    run(simulation, 60)
    assert receive(simulation, first, "failed")
    assert dump(Rebuild(simulation, Place(simulation.head)).finished().world) == dump(simulation)
    assert [each.attempt for each in simulation.deliveries()] == [2]  # which was due long ago


def test_what_failed_fails_again(world: Any, bell: Any, call: Any, run: Any):
    def refuse(simulation: Any, timer: Any) -> None:
        if len(simulation.timers) == 1:
            raise ArithmeticError

    simulation = world(bell(refuse))
    for after in (1, 2, 3):
        call(simulation, "set", after=after)
    with pytest.raises(ArithmeticError):
        run(simulation, 10)
    run(simulation, 10)
    assert dump(Rebuild(simulation, Place(simulation.head)).finished().world) == dump(simulation)


def test_a_reset_begins_a_history(world: Any, call: Any):
    simulation = world()
    call(simulation, "set", after=1)
    simulation.history.checkpoints["here"] = simulation.head
    simulation.apply({"kind": "reset"})
    assert (simulation.history.first, simulation.history.checkpoints) == (2, {})
    with pytest.raises(HistoryError, match="is forgotten"):
        simulation.history.check(1)


def test_a_branch_after_a_load_is_none_of_those_before(world: Any, call: Any):
    simulation = world()
    rewind_to(simulation, Place(0))
    loaded = load(dump(simulation), simulation.origin)
    call(loaded, "set", after=1)
    before = dump(loaded)["records"]["alarm"][0]["id"]
    rewind_to(loaded, Place(loaded.history.first))
    call(loaded, "set", after=1)
    assert (loaded.branch, dump(loaded)["records"]["alarm"][0]["id"] != before) == (2, True)


def test_a_plan_looks_at_so_many_timers_only(monkeypatch: pytest.MonkeyPatch, world: Any, call: Any):
    monkeypatch.setattr(planning, "TIMERS_PLANNED", 2)
    simulation = world()
    for after in (1, 2, 3):
        call(simulation, "set", after=after)
    planned = plan(simulation, simulation.now + 10 * SECOND)
    assert (len(planned.transitions), planned.complete_to) == (2, simulation.now + 3 * SECOND - 1)


def test_a_plan_never_ends_before_the_present(world: Any, call: Any, run: Any):
    simulation = world()
    for _ in range(3):
        call(simulation, "set", after=5)
    run(simulation, 5, limit=1)
    done = simulation.work
    assert plan(simulation, simulation.now + 10 * SECOND, limit=1).complete_to == simulation.now
    assert simulation.work == done  # nor is it a reason for a snapshot


def test_a_plan_that_is_full_looks_no_further(monkeypatch: pytest.MonkeyPatch, world: Any, call: Any):
    simulation, fired, step = world(), list[Any](), Simulation.step_anyway
    for after in (1, 2, 3):
        call(simulation, "set", after=after)
    monkeypatch.setattr(Simulation, "step_anyway", lambda world: fired.append(step(world)))
    assert (len(plan(simulation, simulation.now + 10 * SECOND, limit=1).transitions), len(fired)) == (1, 1)


def test_a_clock_and_a_fault_are_gone_back_to(world: Any, call: Any):
    simulation = world()
    call(simulation, "fault", kind="reset", times=None)
    victim = {"provider": "bell", "operation": "set"}
    simulation.apply({"kind": "strike", "victim": victim})
    simulation.apply({"kind": "clock", "mode": "running", "rate": 2.0, "real": 5.0})
    was = dump(simulation)
    simulation.apply({"kind": "clock", "mode": "frozen", "rate": 1.0, "real": 9.0})
    rewind_to(simulation, Place(3))
    assert dump(simulation) | {"head": 3, "branch": 0} == was


def test_what_a_fork_does_is_in_no_history_but_its_own(world: Any, call: Any):
    simulation = world()
    for after in range(3):
        call(simulation, "set", after=after)
    simulation.history.checkpoints["here"] = 2
    other = fork(simulation, Rebuild(simulation, Place(2)).finished(), replace(simulation.origin, id="other"))
    other.history.checkpoints["there"] = 1
    rewind_to(other, Place(1))
    before = dump(other)
    assert simulation.history.checkpoints == {"here": 2}
    assert (simulation.history.head, simulation.history.latest_branch) == (3, 0)
    call(simulation, "set", after=9)
    assert rewind_to(simulation, Place(3)).commands == 1
    assert dump(Rebuild(other, Place(other.head)).finished().world) == before


def test_the_latest_snapshot_is_always_kept(spaced: pytest.MonkeyPatch, world: Any, call: Any):
    spaced.setattr(history, "SNAPSHOTS_KEPT", 3)
    simulation = world()
    latest = 0
    for after in range(60):
        before = dict(simulation.history.snapshots)
        call(simulation, "set", after=after)
        taken = simulation.history.snapshots.keys() - before.keys()
        latest = max(taken, default=latest)
        assert latest in simulation.history.snapshots or not latest


def test_a_position_is_of_the_instant_of_its_command(world: Any, call: Any, run: Any):
    simulation = world()
    began = simulation.now
    run(simulation, 10)
    assert [simulation.history.instant(position) for position in (0, 1)] == [began, began + 10 * SECOND]


@pytest.mark.parametrize("back", [False, True])
def test_an_advance_is_cut_right_after_the_first_command_of_a_branch(back: bool, world: Any, call: Any, run: Any):
    simulation = world()
    call(simulation, "set", after=5)
    if back:
        rewind_to(simulation, Place(1))
    before = simulation.now
    run(simulation, 20)
    there = Rebuild(simulation, simulation.history.at(before + 10 * SECOND, simulation.now)).finished()
    assert (there.place.position, there.cut) == (simulation.head - 1, 1)
    assert [row.cause for row in there.world.journal.transitions] == ["create", "rung"]


def test_what_was_delivered_before_a_place_is_not_sent_again_from_there(world: Any, call: Any, receive: Any):
    simulation = world()
    call(simulation, "emit")
    receive(simulation, simulation.deliveries()[0], "delivered")
    call(simulation, "emit", resource="b")
    forked = fork(simulation, Rebuild(simulation, Place(simulation.head)).finished(), simulation.origin)
    rewind_to(simulation, Place(2))
    assert [each.resource for each in forked.deliveries()] == ["b"]
    assert simulation.deliveries() == []


def test_a_plan_that_is_cut_in_an_instant_is_complete_up_to_that_instant(world: Any, call: Any, bell: Any):
    striking = bell(lambda simulation, timer: striking.strike(simulation))
    simulation = world(striking)
    call(simulation, "set", after=2)
    whole = plan(simulation, simulation.now + 10 * SECOND)
    part = plan(simulation, simulation.now + 10 * SECOND, limit=1)
    assert (len(whole.transitions), part.transitions) == (2, whole.transitions[:1])
    assert part.complete_to == simulation.now + 2 * SECOND - 1
