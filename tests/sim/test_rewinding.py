"""Going back: whatever happened, a position is gone back to exactly, and nothing of other branches comes again."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import history, journal
from contratempo.sim.history import HistoryError, Place
from contratempo.sim.instants import SECOND
from contratempo.sim.planning import plan
from contratempo.sim.rewinding import Rebuild, fork, rewind, rewind_to, undone
from contratempo.sim.saved import dump, load
from contratempo.sim.simulation import Simulation

TARGETS = ["all", "+12125550120", "+12125550121"]
FATES = ("delivered", "failed", "captured")
DONE = st.one_of(
    st.tuples(
        st.just("set"),
        st.fixed_dictionaries({"after": st.floats(0, 50), "to": st.sampled_from(TARGETS), "times": st.integers(1, 3)}),
    ),
    st.tuples(st.just("script"), st.just({"outcomes": ["busy", "completed"], "then": "default"})),
    st.tuples(st.just("fault"), st.just({"kind": "drop", "times": None, "probability": 0.5})),
    st.tuples(st.just("emit"), st.just({"resource": "a"})),
    st.tuples(st.just("tune"), st.just({"tone": "dong"})),
    st.tuples(st.just("remove"), st.just({})),
    st.tuples(st.just("forget"), st.just({})),
    st.tuples(st.just("run"), st.fixed_dictionaries({"seconds": st.integers(0, 20), "limit": st.none() | st.just(2)})),
    st.tuples(st.just("advance"), st.fixed_dictionaries({"seconds": st.integers(0, 20)})),
)
"""Deeds that are commands, and the same ones whatever the ids are."""
UNSAVED = st.one_of(
    DONE,
    st.tuples(st.just("again"), st.just({"place": 1})),
    st.tuples(st.just("rewind"), st.fixed_dictionaries({"place": st.integers(0, 1_000)})),
    st.tuples(st.just("travel"), st.fixed_dictionaries({"part": st.floats(0, 1)})),
)
DEEDS = st.one_of(UNSAVED, st.tuples(st.just("save"), st.just({})))


class Life:
    """A world that deeds are done to, and what it was at each of its positions."""

    def __init__(self, simulation: Simulation, call: Any, run: Any, advance: Any) -> None:
        self.simulation = simulation
        self.call, self.run, self.advance = call, run, advance
        self.was: dict[int, dict[str, Any]] = {}
        self.see()

    def see(self) -> None:
        self.was.setdefault(self.simulation.head, dump(self.simulation))

    def do(self, deed: str, request: dict[str, Any]) -> None:
        if deed == "run":
            self.run(self.simulation, request["seconds"], request["limit"])
        elif deed == "advance":
            self.advance(self.simulation, request["seconds"], lambda each: FATES[len(each.webhook + each.url) % 3])
        elif deed == "rewind":
            places = list(self.was)
            rewind_to(self.simulation, Place(places[request["place"] % len(places)]))
        elif deed == "travel":
            began, now = self.simulation.history.began, self.simulation.now
            instant = began + round((now - began) * request["part"])
            rewind_to(self.simulation, self.simulation.history.at(instant, now))
            assert self.simulation.now == instant
        elif deed == "save":
            self.simulation = load(dump(self.simulation), self.simulation.origin)
            self.was = {}
        else:
            with suppress(IndexError):
                self.call(self.simulation, deed, **request)
        self.see()


@pytest.fixture(scope="session")
def live(world: Any, call: Any, run: Any, advance: Any) -> Callable[[list[tuple[str, dict[str, Any]]]], Life]:
    """Return what leads a life of deeds."""

    def lead(deeds: list[tuple[str, dict[str, Any]]], simulation: Simulation | None = None) -> Life:
        life = Life(simulation or world(), call, run, advance)
        for deed, request in deeds:
            life.do(deed, request)
        return life

    return lead


def minted(saved: dict[str, Any]) -> set[str]:
    """Return every id that a saved world shows."""
    records = [record for kind in saved["records"].values() for record in kind]
    return {
        *(record["id"] for record in records), *(record["short"] for record in records),
        *(webhook["id"] for webhook in saved["outbox"]["webhooks"]),
    }  # fmt: skip


def story(saved: dict[str, Any]) -> dict[str, Any]:
    """Return what happened, whatever the ids are."""
    records = sorted(
        (record["after"], record["to"], record["rings"], record["status"], record["luck"])
        for record in saved["records"]["alarm"]
    )
    moves = [{**row, "resource": None} for row in saved["transitions"]["rows"]]
    webhooks = [(each["number"], each["status"], len(each["attempts"])) for each in saved["outbox"]["webhooks"]]
    return {"clock": saved["clock"], "records": records, "moves": moves, "webhooks": webhooks}


def at_position(simulation: Simulation, position: int) -> dict[str, Any]:
    return dump(Rebuild(simulation, Place(position)).finished().world)


@pytest.mark.parametrize("spacing", [3, 2_000], ids=["many snapshots", "no snapshot"])
@given(deeds=st.lists(DEEDS, max_size=50))
def test_every_position_is_gone_back_to_exactly(live: Any, spacing: int, deeds: Any):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "SPACING", spacing)
        life = live(deeds)
        for position, was in life.was.items():
            assert at_position(life.simulation, position) == was


@given(deeds=st.lists(DEEDS, max_size=50), part=st.floats(0, 1), later=st.lists(DONE, max_size=20))
def test_the_same_commands_after_a_rewind_make_the_same_world(live: Any, deeds: Any, part: float, later: Any):
    life = live(deeds)
    position = list(life.was)[round(part * (len(life.was) - 1))]
    rewind_to(life.simulation, Place(position))
    first = live(later, life.simulation).simulation
    told = story(dump(first))
    rewind_to(first, Place(position))
    assert story(dump(live(later, first).simulation)) == told


@given(deeds=st.lists(UNSAVED, max_size=50), later=st.lists(DONE, max_size=20))
def test_no_id_is_minted_in_two_branches(live: Any, deeds: Any, later: Any):
    life = live(deeds)
    simulation, positions = life.simulation, list(life.was)
    seen: list[set[str]] = []
    for position in (positions[0], positions[len(positions) // 2], positions[-1]):
        before = minted(at_position(simulation, position))
        rewind_to(simulation, Place(position))
        live(later, simulation)
        seen.append(minted(dump(simulation)) - before)
    assert sum(map(len, seen)) == len(set().union(*seen))


@given(deeds=st.lists(DEEDS, max_size=30), mine=st.lists(DONE, max_size=15), theirs=st.lists(DONE, max_size=15))
def test_a_fork_and_its_world_do_not_touch(live: Any, origin: Any, deeds: Any, mine: Any, theirs: Any):
    simulation = live(deeds).simulation
    before = dump(simulation)
    forked = fork(simulation, Rebuild(simulation, Place(simulation.head)).finished(), simulation.origin)
    assert story(dump(forked)) == story(before)
    live(theirs, forked)
    assert dump(simulation) == before
    after = dump(forked)
    live(mine, simulation)
    assert dump(forked) == after
    assert not (minted(after) - minted(before)) & (minted(dump(simulation)) - minted(before))
    rewind_to(forked, Place(simulation.history.first))
    assert story(dump(forked)) == story(at_position(simulation, simulation.history.first))


@given(deeds=st.lists(DEEDS, max_size=50), seconds=st.integers(0, 100))
def test_what_is_planned_is_what_happens_and_planning_changes_nothing(live: Any, run: Any, deeds: Any, seconds: int):
    simulation = live(deeds).simulation
    before, until = dump(simulation), simulation.now + seconds * SECOND
    planned = plan(simulation, until)
    assert dump(simulation) == before
    assert planned.complete_to == until
    total = simulation.journal.transitions.total
    run(simulation, seconds)
    assert planned.transitions == simulation.journal.transitions.since(total)


def test_a_plan_ends_where_it_may_not_look_further(world: Any, call: Any):
    simulation = world()
    for after in range(1, 6):
        call(simulation, "set", after=after)
    planned = plan(simulation, simulation.now + 100 * SECOND, limit=3)
    assert [row.cause for row in planned.transitions] == ["rung"] * 3
    assert planned.complete_to == simulation.now + 4 * SECOND - 1


def test_a_stale_receipt_changes_nothing(world: Any, call: Any, receive: Any):
    simulation = world()
    call(simulation, "emit")
    (delivery,) = simulation.deliveries()
    rewind_to(simulation, Place(simulation.head))
    before = dump(simulation)
    assert not receive(simulation, delivery)
    assert dump(simulation) == before
    assert [(each.webhook, each.attempt) for each in simulation.deliveries()] == [(delivery.webhook, delivery.attempt)]


def test_it_is_told_what_is_undone_and_what_cannot_be_unsent(world: Any, call: Any, run: Any, receive: Any):
    simulation = world()
    call(simulation, "set", after=5)
    call(simulation, "emit", resource="b")
    receive(simulation, simulation.deliveries()[0], "delivered")  # before the mark: that stays
    mark = simulation.head
    call(simulation, "emit")
    for delivery in simulation.deliveries():
        receive(simulation, delivery, "delivered")
    call(simulation, "emit", urls=["http://elsewhere.test/"])
    receive(simulation, simulation.deliveries()[0], "captured")
    run(simulation, 10)
    told = undone(simulation, Rebuild(simulation, Place(mark)).finished())
    assert (told.commands, [row.cause for row in told.transitions], told.unsent) == (5, ["rung"], 1)
    assert rewind_to(simulation, Place(mark)) == told
    assert rewind_to(simulation, Place(0)).commands == mark  # what opened a branch is none


@pytest.mark.parametrize("go", [rewind, lambda simulation, rebuild: fork(simulation, rebuild, simulation.origin)])
def test_what_is_forgotten_while_it_is_lived_again_is_not_gone_to(go: Any, world: Any, call: Any):
    simulation = world()
    call(simulation, "set", after=5)
    rebuild = Rebuild(simulation, Place(0)).finished()
    simulation.apply({"kind": "reset"})
    was = dump(simulation)
    with pytest.raises(HistoryError, match="is forgotten"):
        go(simulation, rebuild)
    assert dump(simulation) == was


def test_what_is_undone_is_told_where_transitions_are_kept_no_longer(world: Any, call: Any, monkeypatch: Any):
    monkeypatch.setattr(journal, "TRANSITIONS_KEPT", 3)
    simulation = world()
    for _ in range(6):
        call(simulation, "set", after=5)
    told = rewind_to(simulation, Place(4))
    assert (len(told.transitions), told.total) == (2, 2)
    told = rewind_to(simulation, Place(6))  # which has all there is here, and more
    assert (told.transitions, told.total) == ([], 0)
    told = rewind_to(simulation, Place(1))
    assert (len(told.transitions), told.total) == (3, 5)


def test_an_abandoned_branch_can_be_gone_back_to(world: Any, call: Any):
    simulation = world()
    call(simulation, "set", after=1)
    start = simulation.head
    call(simulation, "set", after=2)
    abandoned, was = simulation.head, dump(simulation)
    rewind_to(simulation, Place(start))
    call(simulation, "set", after=3)
    told = rewind_to(simulation, Place(abandoned))
    assert told.commands == 1
    assert story(dump(simulation)) == story(was)
    assert simulation.branch == 2


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda world: world.history.check(99), "unknown-position"),
        (lambda world: world.history.check(world.head + 1), "unknown-position"),
        (lambda world: world.history.check(-1), "unknown-position"),
        (lambda world: world.history.named("nowhere"), "unknown-checkpoint"),
        (lambda world: world.history.at(world.now + 1, world.now), "after-now"),
        (lambda world: world.history.at(world.now - 1, world.now), "before-history"),
    ],
)
def test_a_place_that_is_none_is_refused(world: Any, ask: Callable[[Simulation], object], code: str):
    with pytest.raises(HistoryError) as raised:
        ask(world())
    assert raised.value.code == code


def test_a_fork_has_a_history_of_its_own_that_grows(world, origin, bell, call):
    simulation = world()
    call(simulation, "set")
    forked = fork(simulation, Rebuild(simulation, Place(1)).finished(), origin(bell()))
    call(forked, "set")
    call(forked, "set")
    assert forked.history.head == forked.head
    rewind_to(forked, Place(forked.head - 1))
    assert simulation.history.head == simulation.head == 1


def test_a_fork_of_a_fork_has_a_line_that_no_other_has(world):
    def forked(each: Simulation) -> Simulation:
        return fork(each, Rebuild(each, Place(each.head)).finished(), each.origin)

    simulation = world()
    first = forked(simulation)
    assert [each.line for each in (first, forked(first), forked(simulation), forked(first))] == ["1", "2", "3", "4"]
    assert forked(load(dump(forked(first)), first.origin)).line == "6"
