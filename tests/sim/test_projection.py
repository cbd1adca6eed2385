"""What a world came to, and where two differ: the same whatever the ids, and nothing that differs passes unseen."""

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import ids
from contratempo.sim.comparison import compare, differences
from contratempo.sim.history import Place
from contratempo.sim.projection import DEEPEST, LEFT_OUT, PROJECTED, ProjectionError, project
from contratempo.sim.rewinding import Rebuild, fork, rewind_to
from contratempo.sim.saved import dump

DEEDS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"do": st.just("set"), "after": st.integers(0, 50), "times": st.integers(1, 3)}),
        st.fixed_dictionaries({"do": st.just("script"), "outcomes": st.just(["busy"]), "then": st.just("default")}),
        st.fixed_dictionaries({"do": st.just("fault"), "kind": st.sampled_from(["drop", "duplicate", "reorder"])}),
        st.fixed_dictionaries({"do": st.just("emit"), "resource": st.sampled_from("ab")}),
        st.fixed_dictionaries({"do": st.just("tune"), "tone": st.sampled_from(["ding", "dong"])}),
        st.fixed_dictionaries({"do": st.just("wait"), "seconds": st.integers(0, 30)}),
        st.fixed_dictionaries({"do": st.sampled_from(["remove", "forget", "lift_all"])}),
    ),
    max_size=8,
)
ONE = "0a1b2c3d-0000-4000-8000-00000000000a"


@pytest.fixture(scope="module")
def plain(bell: type) -> type:
    """Alarms without the two members that show the seed itself: short ids and luck."""

    class Plain(bell):  # type: ignore[misc]
        def set(self, simulation: Any, **request: Any) -> str:
            identifier = super().set(simulation, **request)
            record = simulation.records.get("alarm", identifier)
            del record["short"], record["luck"]
            simulation.records.put("alarm", record)
            return identifier

        def remove(self, simulation: Any) -> None:
            """Remove the oldest alarm: whatever goes by ids is another one under another seed."""
            set_up = dict.fromkeys(row.resource for row in simulation.journal.transitions)
            for record in [simulation.records.get("alarm", identifier) for identifier in set_up]:
                if record is not None:
                    simulation.vanish("alarm", record, "removed")
                    return

    return Plain


@pytest.fixture(scope="module")
def do(call: Any, run: Any) -> Any:
    """`do(simulation, deeds)` does all that in a world."""

    def do(simulation: Any, deeds: list[dict[str, Any]]) -> None:
        for deed in deeds:
            request = {name: value for name, value in deed.items() if name != "do"}
            if deed["do"] == "wait":
                run(simulation, request["seconds"])
            else:
                call(simulation, deed["do"], **request)

    return do


@pytest.fixture(scope="module")
def lived(plain: type, world: Any, do: Any) -> Any:
    """`lived(deeds, seed)` is the dump of a world in which all that has been done."""

    def live(deeds: list[dict[str, Any]], seed: str = "seed") -> dict[str, Any]:
        simulation = world(plain(), seed)
        do(simulation, deeds)
        return json.loads(json.dumps(dump(simulation)))

    return live


def told(result: dict[str, Any]) -> bool:
    """Say whether a comparison names any difference."""
    named = any(result[name][side] for name in ("resources", "webhooks", "scripts", "faults")
                for side in ("differ", "only_a", "only_b"))  # fmt: skip
    listed = any(result[name][side] for name in ("transitions", "timers") for side in ("only_a", "only_b", "reordered"))
    return named or listed or any(result[name] for name in ("profile", "clock", "rules", "other"))


def test_every_member_of_a_saved_world_is_projected_or_left_out_on_purpose(world):
    assert dump(world()).keys() - LEFT_OUT == PROJECTED


@given(DEEDS)
def test_worlds_that_did_the_same_are_the_same_whatever_their_seed(lived, deeds):
    one, other = project(lived(deeds, "one")), project(lived(deeds, "other"))
    assert one.encode() == other.encode()
    assert not told(compare(one, other))


@given(DEEDS, DEEDS)
def test_what_is_done_again_after_a_rewind_or_in_a_fork_comes_out_the_same(plain, world, do, before, after):
    simulation = world(plain())
    do(simulation, before)
    mark = Place(simulation.head)
    forked = fork(simulation, Rebuild(simulation, mark).finished(), simulation.origin)
    do(simulation, after)
    once = project(dump(simulation)).encode()
    rewind_to(simulation, mark)
    for each in (simulation, forked):
        do(each, after)
        assert project(dump(each)).encode() == once


@given(DEEDS, DEEDS)
def test_what_differs_is_told_and_what_is_told_differs(lived, first, second):
    one, other = project(lived(first, "one")), project(lived(second, "other"))
    result = compare(one, other)
    assert result["same"] == (one.encode() == other.encode()) == (not told(result))


@given(DEEDS, DEEDS)
def test_a_comparison_turned_round_tells_the_same(lived, first, second):
    one, other = project(lived(first)), project(lived(second))
    there, back = compare(one, other), compare(other, one)
    for name in ("resources", "webhooks", "scripts", "faults", "transitions", "timers"):
        assert there[name]["same"] == back[name]["same"]
        assert there[name]["only_a"] == back[name]["only_b"]
    assert len(there["other"]) == len(back["other"])


@given(DEEDS)
def test_no_id_is_left_in_a_projection(lived, deeds):
    projection = project(lived(deeds))
    text = projection.encode().decode()
    assert not [identifier for identifier in projection.ids.values() if len(identifier) > 8 and identifier in text]


def test_a_resource_is_named_by_kind_and_the_order_it_appeared_in(lived):
    saved = lived([{"do": "set", "after": 9}, {"do": "set", "after": 1}])
    first, second = (row["resource"] for row in saved["transitions"]["rows"])
    projection = project(saved)
    assert {name: projection.ids[name] for name in projection.world["resources"]} == {
        "alarm#1": first,
        "alarm#2": second,
    }
    assert [row["subject"] for row in projection.world["timers"]] == ["alarm#2", "alarm#1"]


def test_records_that_no_transition_tells_of_come_in_order_of_what_they_are(lived):
    saved = lived([{"do": "set", "after": 9}, {"do": "set", "after": 1}])
    saved["transitions"]["rows"] = []
    turned = copy.deepcopy(saved)
    turned["records"]["alarm"].reverse()
    assert project(saved).encode() == project(turned).encode()
    assert [record["after"] for record in project(saved).world["resources"].values()] == [1, 9]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("http://127.0.0.1:4010/sink", "http://127.0.0.1/sink"),
        ("http://localhost:1/", "http://localhost/"),
        ("http://[::1]:8080/", "http://[::1]/"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        (f"/v2/messages/{ONE}/x", "/v2/messages/note#1/x"),
        (f"conversation_{ONE}, room_{ONE}", "conversation_note#1, room_note#1"),
        ("v3:4dSXTNNLWqUZOVCfLT6vTyF0hWWIPXGx-l4Tv==", "note#1"),
        ("script out_0a1b2c -> busy", "script script#1 -> busy"),
        ("+14155550100 at 9:30", "+14155550100 at 9:30"),
    ],
)
def test_ports_of_this_machine_and_generated_ids_are_not_told(sent, shown, lived):
    saved = lived([{"do": "set"}])
    saved["records"]["alarm"][0]["note"] = sent
    assert project(saved).world["resources"]["alarm#1"]["note"] == shown


def test_answers_that_are_kept_are_in_order_of_what_they_say(lived):
    saved, turned = lived([{"do": "set"}]), lived([{"do": "set"}])
    talks = ONE, ONE.replace("1", "2")  # of no record, so that they are named as they come
    one, two = ({"at": 0, "fingerprint": "f", "answer": {"n": n, "talk": talk}} for n, talk in enumerate(talks))
    saved["idempotency"], turned["idempotency"] = {"x": one, "y": two}, {"x": two, "y": one}
    assert project(saved).encode() == project(turned).encode()


def test_a_transition_at_no_instant_is_refused(lived):
    saved = lived([])
    row = {"at": [], "provider": "p", "resource": "r", "from": None, "to": "x", "cause": "c", "kind": "status"}
    with pytest.raises(ProjectionError, match="no saved world"):
        project(saved | {"transitions": {"rows": [row]}})


@pytest.mark.parametrize("nothing", [{}, {"transitions": []}, [], None, {"transitions": {"rows": [{}]}, "records": 1}])
def test_what_is_no_saved_world_is_refused(nothing):
    with pytest.raises(ProjectionError, match="no saved world"):
        project(nothing)


NONSENSE = st.one_of(
    st.none(),
    st.integers(-(2**80), 2**80),
    st.floats(),
    st.sampled_from(["\ud800", "x", ONE, "2026-03-15T12:00:00Z", [], {}, [[]], {"id": {}}, True]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for name, member in inside for each in places(member, (*path, name)))]


@given(DEEDS, st.data())
def test_whatever_stands_in_a_file_is_projected_or_refused(lived, deeds, data):
    saved = {"world": lived(deeds)}
    *path, last = data.draw(st.sampled_from(places(saved["world"], ("world",))))
    holder: Any = saved
    for name in path:
        holder = holder[name]
    holder[last] = data.draw(NONSENSE)
    try:
        projection = project(saved["world"])
    except ProjectionError:
        return
    result = compare(projection, project(lived(deeds)))
    assert result["same"] == (not told(result))
    assert msgspec.json.encode(result)


def test_what_is_nested_too_deeply_is_refused(lived):
    saved, deep = lived([{"do": "set"}]), []
    for _ in range(DEEPEST - 2):
        deep = [deep]
    saved["records"]["alarm"][0]["deep"] = [deep]
    assert not compare(project(saved), project(lived([])))["same"]
    saved["records"]["alarm"][0]["deep"] = [[deep]]
    with pytest.raises(ProjectionError, match="nested deeper than 100 levels"):
        project(saved)


def test_how_long_a_receiver_took_and_what_it_said_is_not_told(lived, world, plain, call, receive):
    def ran(seconds: float, answer: str, state: str = "delivered") -> bytes:
        simulation = world(plain())
        call(simulation, "emit")
        (delivery,) = simulation.deliveries()
        receipt = {"state": state, "status": 200, "reason": None, "seconds": seconds, "answer": answer}
        receive(simulation, delivery, receipt=receipt)
        return project(dump(simulation)).encode()

    assert ran(0.1, "1") == ran(0.2, "2")
    assert ran(0.1, "1") != ran(0.1, "1", "captured")


def test_a_transition_is_told_with_its_attempt(lived):
    saved = lived([{"do": "set", "after": 1, "times": 2}, {"do": "wait", "seconds": 30}])
    assert [row["attempt"] for row in project(saved).world["transitions"]] == [None, 1, 2]


def test_when_among_all_webhooks_one_was_made_or_sent_is_not_told(lived):
    saved = lived([{"do": "emit", "resource": "a"}])
    (webhook,) = saved["outbox"]["webhooks"]
    before = project(saved).encode()
    webhook["number"] += 7
    webhook["attempts"][0]["order"] += 7
    assert project(saved).encode() == before


def test_a_difference_is_told_by_its_path():
    a = {"calls": [{"status": "busy"}, {"status": "busy"}], "gone": 1, "same": [1]}
    b = {"calls": [{"status": "busy"}, {"status": "completed"}, {}], "same": [1], "new": None}
    assert differences(a, b) == [
        {"field": "calls[1].status", "a": "busy", "b": "completed"},
        {"field": "calls[2]", "b": {}},
        {"field": "gone", "a": 1},
        {"field": "new", "b": None},
    ]
    assert differences({"x": 1}, {"x": True}) == [{"field": "x", "a": 1, "b": True}]


def test_a_resource_that_ended_otherwise_is_told_with_both_its_ids(lived):
    deeds = [{"do": "set"}, {"do": "wait", "seconds": 1}]
    one, other = project(lived(deeds, "one")), project(lived([{"do": "set", "times": 2}, *deeds[1:]], "other"))
    result = compare(one, other)
    (differs,) = result["resources"]["differ"]
    assert differs["ids"] == {"a": ids.uuid("one", 0, "alarm", 1), "b": ids.uuid("other", 0, "alarm", 1)}
    assert {"field": "status", "a": "rung", "b": "set"} in differs["fields"]
    assert [row["to"] for row in result["transitions"]["only_a"]] == ["rung"]
    assert [row["due"] for row in result["timers"]["only_b"]] == ["2026-03-15T14:00:10Z"]


def test_what_is_in_one_alone_is_told_there(lived):
    one = project(lived([{"do": "set"}, {"do": "set", "after": 5}]))
    result = compare(one, project(lived([{"do": "set"}])))
    assert [each["name"] for each in result["resources"]["only_a"]] == ["alarm#2"]
    assert result["resources"]["only_b"] == []
    assert result["resources"]["same"] == 1


def test_a_transition_that_one_has_twice_is_in_it_alone_and_no_other_order(lived):
    saved = lived([{"do": "set"}, {"do": "wait", "seconds": 9}])
    twice = copy.deepcopy(saved)
    twice["transitions"]["rows"].insert(0, twice["transitions"]["rows"][-1])
    found = compare(project(saved), project(twice))["transitions"]
    assert (found["same"], found["only_a"], len(found["only_b"]), found["reordered"]) == (2, [], 1, False)


def test_the_same_transitions_in_another_order_are_told(lived):
    saved = lived([{"do": "set"}, {"do": "set", "after": 5}, {"do": "wait", "seconds": 9}])
    turned = copy.deepcopy(saved)
    turned["transitions"]["rows"][2:] = reversed(turned["transitions"]["rows"][2:])
    result = compare(project(saved), project(turned))
    assert result["transitions"] == {"same": 4, "only_a": [], "only_b": [], "reordered": True}
    assert not result["same"]


def test_what_no_world_of_ours_can_have_is_refused(lived):
    with pytest.raises(ProjectionError):
        project(lived([]) | {"rules": {"bell.tone": "\ud800"}})
