"""Faults: the newest that fits strikes, as often and as likely as it says, and none that never could is taken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.faults import REQUEST_KINDS, UNDONE, WEBHOOK_KINDS, Fault, FaultError, Faults, Victim
from contratempo.sim.undo import UndoLog

REQUEST = Victim("bell", operation="ring", resources=("a", "b"))
WEBHOOK = Victim("bell", event="rung", resources=("a",))
MEMBERS = {"status": {"status": 500}, "latency": {"seconds": 1}, "delay": {"seconds": 1}}


@pytest.fixture
def undo() -> UndoLog:
    return UndoLog()


@pytest.fixture
def faults(undo: UndoLog) -> Faults:
    return Faults(undo)


def fault(identifier: str, kind: str = "reset", times: int | None = 1, **match: Any) -> Fault:
    return Fault(identifier, match, {"kind": kind, **MEMBERS.get(kind, {})}, times)


def never(purpose: str) -> float:
    raise AssertionError(f"nothing is left to chance here, {purpose} was")


def strike(faults: Faults, victim: Victim = REQUEST) -> str | None:
    struck = faults.choose(victim, never)
    return None if struck is None else struck.id


def test_without_a_fault_nothing_strikes(faults: Faults):
    assert (strike(faults), faults.threatens(REQUEST), len(faults)) == (None, False, 0)


@pytest.mark.parametrize(("times", "strikes"), [(1, 1), (3, 3), (None, 9)])
def test_a_fault_strikes_so_many_times_or_until_it_is_removed(faults: Faults, times: int | None, strikes: int):
    faults.add(fault("f", times=times))
    assert [strike(faults) for _ in range(9)] == ["f"] * strikes + [None] * (9 - strikes)
    assert faults.threatens(REQUEST) is (times is None)
    faults.remove("f")
    assert (strike(faults), "f" in faults) == (None, False)


def test_the_newest_that_fits_goes_first_and_makes_way_when_used_up(faults: Faults):
    for each in (fault("old", times=None), fault("new", times=2), fault("other", operation="strike")):
        faults.add(each)
    assert [strike(faults) for _ in range(4)] == ["new", "new", "old", "old"]


@pytest.mark.parametrize("kind", REQUEST_KINDS + WEBHOOK_KINDS)
def test_a_kind_strikes_requests_or_webhooks_never_both(faults: Faults, kind: str):
    faults.add(fault("f", kind))
    assert faults.threatens(REQUEST) is (kind in REQUEST_KINDS)
    assert faults.threatens(WEBHOOK) is (kind in WEBHOOK_KINDS)
    assert faults.threatens(Victim("bell", operation="ring", invalid=True)) is False


@pytest.mark.parametrize(
    ("match", "strikes"),
    [
        ({}, True),
        ({"provider": "bell"}, True),
        ({"provider": "siren"}, False),
        ({"operation": "ring", "resource": "b"}, True),
        ({"operation": "ring", "resource": "c"}, False),
        ({"operation": "strike", "resource": "b"}, False),
        ({"invalid": False}, True),
        ({"invalid": True}, False),
    ],
)
def test_a_match_holds_as_a_whole(faults: Faults, match: dict[str, Any], strikes: bool):
    faults.add(fault("f", **match))
    assert faults.threatens(REQUEST) is strikes
    assert strike(faults) == ("f" if strikes else None)


@pytest.mark.parametrize(("match", "strikes"), [({}, False), ({"invalid": False}, False), ({"invalid": True}, True)])
def test_a_request_that_the_document_refuses_is_struck_only_when_asked_for(
    faults: Faults, match: dict[str, Any], strikes: bool
):
    faults.add(fault("f", **match))
    assert strike(faults, Victim("bell", operation="ring", invalid=True)) == ("f" if strikes else None)


@pytest.mark.parametrize("match", [{"event": "rung", "resource": "a"}, {"provider": "bell"}])
def test_a_webhook_is_matched_by_its_event_and_resource(faults: Faults, match: dict[str, Any]):
    faults.add(fault("f", "drop", times=None, **match))
    assert strike(faults, WEBHOOK) == "f"
    assert strike(faults, Victim("siren", event="wailed", resources=("b",))) is None


@pytest.mark.parametrize("kind", WEBHOOK_KINDS)
def test_the_last_webhook_of_a_resource_is_never_put_behind_another(faults: Faults, kind: str):
    faults.add(fault("f", kind))
    last = Victim("bell", event="rung", last=True)
    assert faults.threatens(last) is (kind != "reorder")


def test_chance_is_drawn_by_each_fault_for_itself_until_one_strikes(faults: Faults):
    drawn: list[str] = []

    def chance(purpose: str) -> float:
        drawn.append(purpose)
        return 0.5

    for identifier, probability in (("certain", 1.0), ("likely", 0.6), ("even", 0.5), ("rare", 0.1)):
        faults.add(Fault(identifier, {}, {"kind": "reset"}, None, probability))
    struck = faults.choose(REQUEST, chance)
    assert (struck and struck.id, drawn) == ("likely", ["fault/rare", "fault/even", "fault/likely"])
    assert [each.struck for each in faults] == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("match", "members", "place", "message"),
    [
        ({}, {}, "fault/kind", "None is not a kind of fault; known are status, latency,"),
        ({}, {"kind": "explode"}, "fault/kind", "explode is not a kind"),
        ({}, {"kind": "status"}, "fault/status", "of kind status needs status"),
        ({}, {"kind": "latency"}, "fault/seconds", "of kind latency needs seconds"),
        ({}, {"kind": "delay"}, "fault/seconds", "of kind delay needs seconds"),
        ({}, {"kind": "delay", "seconds": 1, "status": 500}, "fault/status", "status means nothing to a fault of"),
        ({}, {"kind": "drop", "seconds": 1}, "fault/seconds", "seconds means nothing"),
        ({}, {"kind": "reset", "retry_after": 1}, "fault/retry_after", "retry_after means nothing"),
        ({}, {"kind": "latency", "seconds": 1, "status": 500}, "fault/status", "status means nothing"),
        ({}, {"kind": "latency", "status": 500}, "fault/seconds", "needs seconds"),
        ({"event": "rung"}, {"kind": "reset"}, "match/event", "reset strikes requests, which match by provider, op"),
        ({"operation": "ring"}, {"kind": "drop"}, "match/operation", "drop strikes webhooks, which match by provider"),
        ({"invalid": True}, {"kind": "drop"}, "match/invalid", "drop strikes webhooks"),
        ({"sender": "x"}, {"kind": "empty"}, "match/sender", "empty strikes requests"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(
    faults: Faults, match: dict[str, Any], members: dict[str, Any], place: str, message: str
):
    with pytest.raises(FaultError, match=message) as raised:
        faults.add(Fault("f", match, members))
    assert (raised.value.place, len(faults)) == (place, 0)


@pytest.mark.parametrize(
    ("how", "place"),
    [
        ({"times": 0}, "times"),
        ({"times": -1}, "times"),
        ({"probability": 0.0}, "probability"),
        ({"probability": 1.1}, "probability"),
    ],
)
def test_a_fault_that_is_never_due_is_refused(faults: Faults, how: dict[str, Any], place: str):
    with pytest.raises(FaultError, match=r"never|not above 0") as raised:
        faults.add(Fault("f", {}, {"kind": "reset"}, **how))
    assert (raised.value.place, list(faults)) == (place, [])


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "status", "status": 429, "retry_after": 3, "seconds": 1},
        {"kind": "truncated", "seconds": 0.5},
        {"kind": "latency", "seconds": 2},
        {"kind": "bad_signature"},
    ],
)
def test_what_a_kind_may_have_is_taken_and_described(faults: Faults, members: dict[str, Any]):
    faults.add(Fault("f", {"provider": "bell"}, members, None, 0.5))
    described = {"id": "f", "match": {"provider": "bell"}, "fault": members, "times": None, "probability": 0.5}
    assert [fault.describe() for fault in faults] == [{**described, "struck": 0}]


def test_what_is_not_there_cannot_be_removed(faults: Faults):
    with pytest.raises(KeyError):
        faults.remove("f")


STEPS = st.lists(st.sampled_from(["strike", "add", "remove", "clear"]), max_size=12)


@given(STEPS, STEPS)
def test_what_is_taken_back_is_as_it_was(first: list[str], then: list[str]):
    undo = UndoLog()
    faults = Faults(undo)
    play(faults, first, "first")
    undo.commit()
    before = faults.dump()
    play(faults, then, "then")
    undo.roll_back()
    assert faults.dump() == before


def play(faults: Faults, steps: list[str], name: str) -> None:
    for number, step in enumerate(steps):
        match step:
            case "strike":
                strike(faults)
            case "add":
                faults.add(fault(f"{name}{number}", times=2))
            case "remove" if len(faults):
                faults.remove(next(iter(faults)).id)
            case "clear":
                faults.clear()


def test_saved_faults_go_on_where_they_were(faults: Faults):
    for each in (fault("old", times=2), fault("new", times=3)):
        faults.add(each)
    strike(faults)
    copy = Faults(UndoLog())
    copy.load(faults.dump())
    assert [strike(copy) for _ in range(5)] == [strike(faults) for _ in range(5)] == ["new", "new", "old", "old", None]


def test_the_kinds_that_keep_an_operation_from_being_done_are_of_requests():
    assert set(UNDONE) < set(REQUEST_KINDS)


def test_a_fault_by_chance_shifts_nothing_else(world, call):
    plain, struck = world(), world()
    call(struck, "fault", kind="drop", times=None, probability=0.5)
    made = [[call(each, "emit", resource=f"{number}") for number in range(40)] for each in (plain, struck)]
    assert made[0] == made[1]
    assert [plain.chance("luck"), plain.uuid("alarm")] == [struck.chance("luck"), struck.uuid("alarm")]
    dropped = [webhook.status == "dropped" for webhook in struck.outbox]
    assert 5 < sum(dropped) < 35


def test_chance_is_of_the_seed_and_of_the_fault(world, call):
    def pattern(seed: str, before: int = 0) -> list[str]:
        simulation = world(seed=seed)
        for _ in range(before):
            call(simulation, "lift", id=call(simulation, "fault", kind="drop"))
        call(simulation, "fault", kind="drop", times=None, probability=0.5)
        for _ in range(40):
            call(simulation, "emit")
        return [webhook.status for webhook in simulation.outbox]

    assert pattern("one") == pattern("one")
    assert len({tuple(pattern("one")), tuple(pattern("two")), tuple(pattern("one", 1))}) == 3


def test_a_strike_is_a_command_and_counts_even_when_chance_spares(world, call):
    simulation = world()
    call(simulation, "fault", kind="reset", times=None, probability=0.5)
    victim = {"provider": "bell", "operation": "ring", "resources": ["a"]}
    assert simulation.threatened(Victim(**victim))
    head = simulation.head
    struck = [simulation.apply({"kind": "strike", "victim": victim}) for _ in range(20)]
    assert 0 < sum(each is not None for each in struck) < 20
    assert (simulation.head, next(iter(simulation.faults)).struck) == (head + 20, 20 - struck.count(None))


def test_a_strike_stays_when_the_next_command_fails(world, call, broken):
    simulation = world()
    call(simulation, "fault", kind="reset", times=2)
    simulation.apply({"kind": "strike", "victim": {"provider": "bell", "operation": "ring"}})
    with pytest.raises(broken):
        call(simulation, "many", calls=[], breaks=True)
    assert [each.struck for each in simulation.faults] == [1]


def test_a_fault_is_gone_with_reset_and_back_when_the_command_fails(world, call, broken):
    simulation = world()
    identifier = call(simulation, "fault", kind="drop")
    calls = [("emit", {}), ("lift_all", {}), ("fault", {"kind": "delay", "seconds": 1})]
    with pytest.raises(broken):
        call(simulation, "many", calls=calls, breaks=True)
    assert [(each.id, each.struck) for each in simulation.faults] == [(identifier, 0)]
    simulation.apply({"kind": "reset"})
    assert len(simulation.faults) == 0
