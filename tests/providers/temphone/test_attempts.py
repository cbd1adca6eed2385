"""A scheduled call from its dispatch to its end: each outcome, each instant, and cancelling."""

from typing import Any

import pytest

from contratempo.provider import Refusal, magic_targets
from contratempo.providers.temphone import provider, scheduled_call
from contratempo.sim.clock import Clock
from contratempo.sim.instants import SECOND, parse_instant
from contratempo.sim.outcomes import CALL_OUTCOMES, Script
from contratempo.sim.rules import Rules
from contratempo.sim.saved import dump, load
from contratempo.sim.simulation import Origin, Simulation

START = parse_instant("2026-03-15T14:22:11Z")
DUE = parse_instant("2026-03-15T15:00:00Z")
HOUR = DUE + 3600 * SECOND
ORIGIN = Origin("w", "seed", "spec", lambda: Rules(provider.rules), {"temphone": provider}, magic_targets())


@pytest.fixture
def simulation() -> Simulation:
    return Simulation(ORIGIN, Clock(START))


def schedule(simulation: Simulation, **changes: Any) -> str:
    body = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "Hi"} | changes
    request = {"operation": "scheduleCall", "body": body}
    command = {"kind": "call", "at": simulation.now, "provider": "temphone", "operation": "scheduleCall"}
    return str(simulation.apply({**command, "request": request}).body["data"]["call_id"])


def run(simulation: Simulation, until: int) -> int:
    return simulation.apply({"kind": "run", "until": until})


def shown(simulation: Simulation, call_id: str) -> dict[str, Any]:
    return scheduled_call.represent(simulation, simulation.records.get("scheduled_call", call_id))


def history(simulation: Simulation, kind: str) -> list[tuple[float, str | None]]:
    rows = simulation.journal.transitions.where(lambda row: row.kind == kind)
    return [((row.at - DUE) / SECOND, row.to) for row in rows]


def test_nothing_happens_before_the_call_is_due(simulation: Simulation):
    call_id = schedule(simulation)
    run(simulation, DUE - 1)
    assert shown(simulation, call_id)["status"] == "scheduled"


def test_a_call_that_is_due_is_in_progress(simulation: Simulation):
    call_id = schedule(simulation)
    run(simulation, DUE)
    call = shown(simulation, call_id)
    assert (call["status"], call["created_at"], call["updated_at"]) == (
        "in_progress",
        "2026-03-15T14:22:11Z",
        "2026-03-15T15:00:00Z",
    )


# Seconds after the call is due: what the line does, and when and how the call ends.
COURSES = {
    "completed": ([(0, "queued"), (1, "ringing"), (8, "in-progress"), (68, "completed")], (68, "completed")),
    "busy": ([(0, "queued"), (2, "busy")], (2, "failed")),
    "no-answer": ([(0, "queued"), (1, "ringing"), (31, "no-answer")], (31, "failed")),
    "failed": ([(0, "queued"), (1, "failed")], (1, "failed")),
    "canceled": ([(0, "queued"), (1, "ringing"), (6, "canceled")], (6, "canceled")),
}


def test_every_outcome_has_a_course():
    assert set(COURSES) | {"stuck"} == CALL_OUTCOMES == scheduled_call.outcomes


@pytest.mark.parametrize("outcome", COURSES)
def test_each_outcome_takes_its_course(simulation: Simulation, outcome: str):
    call_id = schedule(simulation)
    simulation.outcomes.add(Script("s", {}, [{"status": outcome}]))
    run(simulation, HOUR)
    line, end = COURSES[outcome]
    assert history(simulation, "call") == line
    assert history(simulation, "status")[1:] == [(0, "in_progress"), end]
    assert shown(simulation, call_id)["status"] == end[1]
    assert len(simulation.timers) == 0


def test_a_stuck_call_stays_in_progress(simulation: Simulation):
    call_id = schedule(simulation, contact_id="ctc_stuck0")
    run(simulation, HOUR)
    assert shown(simulation, call_id)["status"] == "in_progress"
    assert len(simulation.timers) == 0


@pytest.mark.parametrize(
    ("contact_id", "status"),
    [("ctc_busy00", "failed"), ("ctc_noansw", "failed"), ("ctc_failed", "failed"), ("ctc_cancel", "canceled")],
)
def test_a_contact_with_a_magic_number_decides(simulation: Simulation, contact_id: str, status: str):
    call_id = schedule(simulation, contact_id=contact_id)
    run(simulation, HOUR)
    assert shown(simulation, call_id)["status"] == status


@pytest.mark.parametrize(
    "match",
    [
        {"to": "ctc_12kd88"},
        {"to": "+14155550142"},
        {"from": "+1-415-555-0199"},
        {"operation": "scheduleCall"},
        {"to": "ctc_12kd88", "from": "+1-415-555-0199"},
    ],
)
def test_a_script_finds_the_call_by_contact_number_or_caller(simulation: Simulation, match: dict[str, str]):
    call_id = schedule(simulation, caller_id="+1-415-555-0199")
    simulation.outcomes.add(Script("s", match, [{"status": "busy"}]))
    run(simulation, HOUR)
    assert shown(simulation, call_id)["status"] == "failed"


def test_scripted_timings_go_before_the_rules(simulation: Simulation):
    schedule(simulation)
    simulation.outcomes.add(Script("s", {}, [{"status": "completed", "ring": 3, "talk": 10}]))
    run(simulation, HOUR)
    assert history(simulation, "status")[-1] == (14, "completed")


def test_timings_are_rules(simulation: Simulation):
    simulation.set_rules({"temphone.setup_seconds": 0.5, "temphone.ring_seconds": 0, "temphone.talk_seconds": 2})
    schedule(simulation)
    run(simulation, HOUR)
    assert history(simulation, "status")[-1] == (2.5, "completed")


def test_the_longest_duration_cuts_the_talk(simulation: Simulation):
    schedule(simulation, max_duration_seconds=30)
    run(simulation, HOUR)
    assert history(simulation, "status")[-1] == (38, "completed")


def test_a_scheduled_call_can_be_cancelled(simulation: Simulation):
    call_id = schedule(simulation)
    run(simulation, DUE - 60 * SECOND)
    record = scheduled_call.cancel(simulation, simulation.records.get("scheduled_call", call_id))
    assert record["status"] == "canceled"
    assert shown(simulation, call_id)["updated_at"] == "2026-03-15T14:59:00Z"
    assert run(simulation, HOUR) == 0


@pytest.mark.parametrize("seconds", [0, 5, 20])
def test_a_call_in_progress_can_be_cancelled(simulation: Simulation, seconds: int):
    call_id = schedule(simulation)
    run(simulation, DUE + seconds * SECOND)
    scheduled_call.cancel(simulation, simulation.records.get("scheduled_call", call_id))
    run(simulation, HOUR)
    assert shown(simulation, call_id)["status"] == "canceled"
    assert history(simulation, "call")[-1] == (seconds, "canceled")


def test_a_call_that_has_ended_cannot_be_cancelled(simulation: Simulation):
    call_id = schedule(simulation)
    run(simulation, HOUR)
    with pytest.raises(Refusal, match=f"{call_id} is completed") as raised:
        scheduled_call.cancel(simulation, simulation.records.get("scheduled_call", call_id))
    assert raised.value.problem.status == 409


def test_calls_are_listed_by_when_they_are_due(simulation: Simulation):
    later = schedule(simulation, scheduled_at="2026-03-16T00:00:00Z")
    sooner = schedule(simulation, scheduled_at="2026-03-15T20:00:00Z")
    same = schedule(simulation, scheduled_at="2026-03-15T20:00:00Z")
    assert [record["id"] for record in simulation.records.page("scheduled_call").records] == [sooner, same, later]


def test_a_saved_call_has_the_same_future(simulation: Simulation):
    schedule(simulation, contact_id="ctc_noansw")
    run(simulation, DUE + 10 * SECOND)
    copy = load(dump(simulation), ORIGIN)
    assert run(simulation, HOUR) == run(copy, HOUR) == 1
    assert dump(copy) == dump(simulation)


def test_every_lifecycle_ends_where_the_document_says():
    table = scheduled_call.lifecycles["status"]
    assert {status for status in table.transitions if table.is_terminal(status)} == {"completed", "failed", "canceled"}
