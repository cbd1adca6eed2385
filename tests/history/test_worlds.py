"""Going back, forking, saving and planning, held to over every provider, the control plane and their receivers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.history.conftest import DEEDS, FORWARDS

from contratempo.sim import history
from contratempo.sim.history import Place
from contratempo.sim.instants import SECOND
from contratempo.sim.planning import plan
from contratempo.sim.projection import project
from contratempo.sim.rewinding import Rebuild, fork, rewind_to, undone
from contratempo.sim.saved import dump, load

EXAMPLES = settings(max_examples=max(200, settings().max_examples))
pytestmark = pytest.mark.timeout(600 if EXAMPLES.max_examples == 200 else 7_200)
LIVES = st.lists(DEEDS, min_size=50, max_size=50)
LATER = st.lists(FORWARDS, min_size=10, max_size=25)


def canonical(saved: dict[str, Any]) -> Any:
    return project(saved).world


def minted(saved: dict[str, Any]) -> set[str]:
    """Return every id that a saved world shows."""
    records = {record["id"] for kind in saved["records"].values() for record in kind}
    talks = {each.get("conversation_id") for kind in saved["records"].values() for each in kind} - {None}
    others = {each["id"] for each in (*saved["outbox"]["webhooks"], *saved["faults"], *saved["outcomes"])}
    return records | others | talks


@EXAMPLES
@given(deeds=LIVES, spacing=st.sampled_from([5, 10**9]), chosen=st.lists(st.integers(0, 1_000), min_size=3, max_size=3))
def test_every_position_is_made_anew_exactly_and_no_stale_receipt_is_taken_in(
    life: Any, deeds: Any, spacing: int, chosen: list[int]
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "SPACING", spacing)
        lived = life(deeds)
        positions = list(lived.was)
        for position in {positions[-1], *(positions[each % len(positions)] for each in chosen)}:
            assert lived.at(position) == lived.was[position]
    lived.rewind(0)
    assert lived.late_changes() == []


@EXAMPLES
@given(deeds=LIVES, place=st.integers(0, 1_000), later=LATER)
def test_the_same_commands_after_going_back_make_the_same_world(life: Any, deeds: Any, place: int, later: Any):
    lived = life(deeds)
    position = list(lived.was)[place % len(lived.was)]
    ends = []
    for _ in range(2):
        expected = undone(lived.simulation, Rebuild(lived.simulation, Place(position)).finished())
        assert rewind_to(lived.simulation, Place(position)) == expected
        assert canonical(dump(lived.simulation)) == canonical(lived.was[position])
        ends.append(dump(life(later, lived.simulation).simulation))
    assert canonical(ends[0]) == canonical(ends[1])
    before = minted(lived.was[position])
    assert not (minted(ends[0]) - before) & (minted(ends[1]) - before)


@EXAMPLES
@given(deeds=LIVES, place=st.integers(0, 1_000), mine=LATER, theirs=LATER)
def test_the_futures_of_a_fork_and_its_world_do_not_touch(life: Any, deeds: Any, place: int, mine: Any, theirs: Any):
    lived = life(deeds)
    simulation, position = lived.simulation, list(lived.was)[place % len(lived.was)]
    before, told = dump(simulation), {each: lived.at(each) for each in list(lived.was)[-1:]}
    forked = fork(simulation, Rebuild(simulation, Place(position)).finished(), simulation.origin)
    assert canonical(dump(forked)) == canonical(lived.was[position])
    other = life(theirs, forked)
    assert dump(simulation) == before
    after = dump(forked)
    life(mine, simulation)
    assert dump(forked) == after
    shared = minted(lived.was[position])
    assert not (minted(after) - shared) & (minted(dump(simulation)) | minted(before))
    assert all(lived.at(each) == then for each, then in told.items())
    assert all(other.at(each) == then for each, then in [*told.items(), *list(other.was.items())[-2:]])


@EXAMPLES
@given(deeds=LIVES, later=LATER)
def test_a_saved_world_is_the_same_and_has_the_same_future(life: Any, deeds: Any, later: Any):
    simulation = life(deeds).simulation
    saved = json.loads(json.dumps(dump(simulation)))
    loaded = load(saved, simulation.origin)
    assert dump(loaded) == saved
    simulation.outbox.resume()  # what was on its way is sent again by either
    ends = [dump(life(later, each).simulation) for each in (simulation, loaded)]
    assert ends[0] == ends[1]


@EXAMPLES
@given(deeds=LIVES, seconds=st.sampled_from([0, 1, 60, 400, 4_000, 100_000]))
def test_what_is_planned_is_what_happens_when_receivers_answer(life: Any, deeds: Any, seconds: int):
    lived = life(deeds)
    simulation = lived.simulation
    before, until = dump(simulation), simulation.now + seconds * SECOND
    planned = plan(simulation, until)
    assert dump(simulation) == before
    total = simulation.journal.transitions.total
    lived.advance(seconds)
    assert planned.complete_to == until
    assert planned.transitions == simulation.journal.transitions.since(total)
