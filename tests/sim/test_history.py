"""History itself: what it keeps, what it forgets, and that nothing but commands tells positions apart."""

import itertools
from typing import Any

import pytest

from contratempo.sim import history, journal, listings, shelves, snapshot, timers
from contratempo.sim.history import HistoryError, Place
from contratempo.sim.instants import SECOND
from contratempo.sim.rewinding import Rebuild, fork, rewind_to
from contratempo.sim.saved import dump
from contratempo.sim.simulation import Simulation


def at_position(simulation: Simulation, position: int) -> dict[str, Any]:
    return dump(Rebuild(simulation, Place(position)).finished().world)


def forked(simulation: Simulation, origin: Any) -> Simulation:
    return fork(simulation, Rebuild(simulation, Place(simulation.head)).finished(), origin)


def tick(simulation: Simulation, seconds: float) -> None:
    simulation.apply({"kind": "tick", "until": simulation.now + round(seconds * SECOND)})


def strike(simulation: Simulation) -> None:
    victim = {"provider": "bell", "operation": "set", "resources": (), "event": None, "invalid": False, "last": False}
    simulation.apply({"kind": "strike", "victim": victim})


def test_a_clock_that_moves_in_silence_does_not_move_a_position(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 1)
    simulation = world(mode="running")
    call(simulation, "set", after=500)
    rewind_to(simulation, Place(simulation.head))
    began = simulation.now
    tick(simulation, 10)
    call(simulation, "set", after=500)
    rewind_to(simulation, simulation.history.at(began + 3 * SECOND, simulation.now))
    assert simulation.now == began + 3 * SECOND


def test_what_a_limit_leaves_due_waits_for_the_next_run_when_it_is_done_again(world, call, run):
    simulation = world()
    for _ in range(3):
        call(simulation, "set", after=5)
    run(simulation, 5, limit=1)
    strike(simulation)
    simulation.apply({"kind": "clock", "mode": "running", "rate": 2.0, "real": 1.0})
    was, position = dump(simulation), simulation.head
    assert len(was["timers"]["timers"]) == 2
    assert at_position(simulation, position) == was


def test_a_fork_that_was_reset_is_gone_back_in_as_it_was(world, call, bell, origin):
    simulation = world()
    call(simulation, "set")
    copy = forked(simulation, origin(bell()))
    copy.apply({"kind": "reset"})
    call(copy, "set", after=9)
    assert at_position(copy, copy.head) == dump(copy)
    call(simulation, "set", after=9)
    assert at_position(copy, copy.head) == dump(copy)


def test_a_fork_keeps_snapshots_of_its_own_as_soon_as_its_world_would(world, call, bell, origin, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 10)
    simulation = world()
    for _ in range(100):
        call(simulation, "set", after=0)
    copy = forked(simulation, origin(bell()))
    before = len(copy.history.snapshots)
    for _ in range(20):
        call(copy, "set", after=500)
    assert len(copy.history.snapshots) > before


def test_a_fork_and_its_world_go_back_by_their_own_snapshots(world, call, bell, origin, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 2)
    simulation = world()
    call(simulation, "set", after=1)
    copy = forked(simulation, origin(bell()))
    call(simulation, "set", after=2)  # the number that the fork's opening has
    for _ in range(6):
        call(simulation, "set", after=500)
        call(copy, "emit")
    for each in (simulation, copy):
        assert at_position(each, each.head) == dump(each)
        assert each.history.snapshots


def test_two_forks_of_one_name_mint_nothing_alike(world, call, bell, origin):
    simulation = world()
    made = [call(forked(simulation, origin(bell())), "set") for _ in range(2)]
    assert len({*made, call(simulation, "set")}) == 3


def test_forks_of_one_family_share_no_short_id(world, call, bell, origin):
    simulation, shorts = world(), list[str]()
    for number in range(100):
        copy = forked(simulation, origin(bell()))
        identifier = call(copy, "set")
        shorts.append(copy.records.get("alarm", identifier)["short"])
        if number % 10 == 0:
            simulation = copy
    assert len(set(shorts)) == 100


def test_checkpoints_of_what_is_forgotten_are_gone(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 5)
    monkeypatch.setattr(history, "HISTORY_BYTES_KEPT", 4_000)
    simulation = world()
    call(simulation, "set", after=500)
    simulation.history.checkpoints["early"] = simulation.head
    for _ in range(60):
        call(simulation, "set", after=500)
    simulation.history.checkpoints["late"] = simulation.head
    for _ in range(3):
        call(simulation, "set", after=500)
    assert list(simulation.history.checkpoints) == ["late"]
    for each in (simulation.history, simulation.history.copy()):
        with pytest.raises(HistoryError, match=rf"'early' is forgotten.*oldest position is {each.first}\.") as refused:
            each.named("early")
        assert refused.value.code == "forgotten"
    assert 1 < simulation.history.first <= simulation.history.checkpoints["late"]
    assert simulation.history.weight <= 4_000 + 2_000


def test_of_checkpoints_that_are_forgotten_the_latest_are_told_from_those_that_never_were(world, call, monkeypatch):
    monkeypatch.setattr(history, "CHECKPOINTS_KEPT", 2)
    simulation = world()
    for name in "abc":
        call(simulation, "set")
        simulation.history.checkpoints[name] = simulation.head
    call(simulation, "set")
    simulation.history.snapshots[4] = snapshot.take(simulation)
    simulation.history._forget(4)
    codes = []
    for name in "abc":
        with pytest.raises(HistoryError) as refused:
            simulation.history.named(name)
        codes.append(refused.value.code)
    assert codes == ["unknown-checkpoint", "forgotten", "forgotten"]


def test_what_is_forgotten_is_refused_and_what_is_left_is_exact(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 5)
    monkeypatch.setattr(history, "HISTORY_BYTES_KEPT", 6_000)
    simulation = world()
    was = {}
    for number in range(120):
        call(simulation, "set", after=500)
        was[simulation.head] = dump(simulation)
        if number == 60:
            rewind_to(simulation, Place(simulation.head - 10))
            was[simulation.head] = dump(simulation)
    told = set()
    for position, then in was.items():
        try:
            assert at_position(simulation, position) == then
            told.add("kept")
        except HistoryError as error:
            told.add(error.code)
    assert told == {"kept", "forgotten"}


def test_a_branch_that_left_before_what_is_forgotten_is_lost(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 10**9)
    simulation = world()
    for _ in range(4):
        call(simulation, "set")
    rewind_to(simulation, Place(1))
    abandoned = simulation.head
    simulation.history.checkpoints |= {"there": abandoned, "here": 4}
    rewind_to(simulation, Place(4))
    simulation.history.snapshots[3] = snapshot.take(Rebuild(simulation, Place(3)).finished().world)
    simulation.history._forget(3)
    simulation.history.check(4)
    assert simulation.history.checkpoints == {"here": 4}
    with pytest.raises(HistoryError, match=f"Position {abandoned} is forgotten"):
        simulation.history.check(abandoned)


@pytest.mark.parametrize("back", [[1], [2, 10]], ids=["the oldest snapshot is off the way", "others lead nowhere"])
def test_it_begins_on_the_way_to_the_present_and_keeps_what_leads_from_there(back, world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 4)
    simulation = world()
    for place in [*back, None]:
        for _ in range(10):
            call(simulation, "set", after=500)
        if place is not None:
            rewind_to(simulation, Place(place))
    kept = simulation.history
    monkeypatch.setattr(history, "HISTORY_BYTES_KEPT", kept.weight - 1)
    while not kept.first:
        call(simulation, "set", after=500)
    for position in (kept.head, *kept.snapshots):
        kept.check(position)
    assert at_position(simulation, kept.head) == dump(simulation)


def test_snapshots_are_bounded_by_what_they_take(world, call, run, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 10)
    monkeypatch.setattr(history, "SNAPSHOT_BYTES_KEPT", 20_000)
    simulation = world()
    for _ in range(300):
        call(simulation, "set", after=1, times=3)
    run(simulation, 100)
    kept = simulation.history.snapshots
    assert 1 <= len(kept) < 20
    assert len(kept) == 1 or simulation.history.snapshot_weight <= 20_000


def test_a_position_counts_transitions_that_are_no_longer_kept(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 2)
    monkeypatch.setattr(journal, "TRANSITIONS_KEPT", 3)
    simulation = world()
    for _ in range(9):
        call(simulation, "set", after=500)
    assert dump(simulation)["transitions"]["total"] == 9
    assert at_position(simulation, simulation.head) == dump(simulation)


def test_a_large_world_is_put_back_in_slices(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 30)
    simulation = world()
    for _ in range(31):
        call(simulation, "set", after=500)
    few = sum(1 for _ in Rebuild(simulation, Place(simulation.head)).steps())
    monkeypatch.setattr(listings, "LISTED_AT_ONCE", 10)
    monkeypatch.setattr(timers, "SORTED_AT_ONCE", 10)
    rebuild = Rebuild(simulation, Place(simulation.head))
    assert sum(1 for _ in rebuild.steps()) == few + 2 * (6 + 2) + 2  # two listings, sorted and laid, and the timers
    assert dump(rebuild.world) == dump(simulation)


def test_a_large_world_is_taken_over_a_shelf_at_a_time(world, call, monkeypatch):
    monkeypatch.setattr(shelves, "SHELF", 10)
    simulation = world()
    made = [call(simulation, "set", after=500) for _ in range(30)]
    again, kept = world(), snapshot.take(simulation)
    seen = [
        sum(again.records.get("alarm", each) is not None for each in made) for _ in again.records.restore(kept.records)
    ]
    assert (seen[:3], [len(again.timers) for _ in again.timers.restore(kept.timers)][:3]) == (
        [10, 20, 30],
        [10, 20, 30],
    )


def test_a_snapshot_shares_what_has_not_changed(world, call):
    simulation = world()
    for _ in range(2_000):
        call(simulation, "set", after=500)
    first = snapshot.take(simulation)
    call(simulation, "set", after=500)
    second = snapshot.take(simulation)
    for name, kept in first.records.rows.items():
        assert sum(one is not other for one, other in zip(kept, second.records.rows[name], strict=True)) <= 1
    assert first.transitions.lengths[0] is second.transitions.lengths[0]


def test_there_are_at_most_so_many_snapshots_and_they_lie_apart(world, call, monkeypatch):
    monkeypatch.setattr(history, "SPACING", 1)
    monkeypatch.setattr(history, "SNAPSHOTS_KEPT", 8)
    simulation = world()
    for _ in range(200):
        call(simulation, "set", after=500)
    positions = list(simulation.history.snapshots)
    assert 4 <= len(positions) <= 8
    assert positions[-1] > 190
    gaps = [after - before for before, after in itertools.pairwise(positions)]
    assert max(gaps) < 70
