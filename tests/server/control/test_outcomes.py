import pytest

from contratempo.sim.outcomes import CALL_OUTCOMES, MESSAGE_OUTCOMES


def test_a_script_is_answered_as_it_is_kept(plane):
    wish = {
        "match": {"to": "+15125550199"},
        "outcomes": ["busy", {"status": "completed", "talk": 30}],
        "then": "default",
    }
    response = plane("scriptOutcomes", wish)
    script = response.body
    assert response.status == 201
    assert script == {
        "id": script["id"],
        "match": {"to": "+15125550199"},
        "outcomes": [{"status": "busy"}, {"status": "completed", "talk": 30}],
        "then": "default",
        "used": 0,
    }
    assert plane("listOutcomes").body["scripts"] == [script]


def test_a_script_decides_and_is_used_up(plane):
    plane("scriptOutcomes", {"outcomes": ["busy"], "then": "default"})
    jobs = [plane.job(after=60), plane.job(after=120)]
    plane("advanceClock", {"by": "1h"})
    assert [plane("getResource", path={"id": job}).body["status"] for job in jobs] == ["failed", "done"]
    assert plane("listOutcomes").body["scripts"][0]["used"] == 1


def test_magic_targets_are_listed(plane):
    assert plane("listOutcomes").body["magic"] == [
        {"target": "+1 xxx 555 0120", "outcomes": ["busy"], "summary": "always busy"}
    ]


def test_a_deleted_script_decides_nothing(plane):
    script = plane("scriptOutcomes", {"outcomes": ["busy"]}).body
    assert plane("deleteOutcome", path={"id": script["id"]}).status == 204
    assert plane("deleteOutcome", path={"id": script["id"]}).status == 404
    job = plane.job()
    plane("advanceClock", {"to": "idle"})
    assert plane("getResource", path={"id": job}).body["status"] == "done"


def test_all_scripts_can_be_cleared(plane):
    for _ in range(3):
        plane("scriptOutcomes", {"outcomes": ["busy"]})
    assert plane("clearOutcomes").status == 204
    assert plane("listOutcomes").body["scripts"] == []


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"outcomes": []},
        {"outcomes": ["engaged"]},
        {"outcomes": ["busy"], "then": "stop"},
        {"outcomes": ["busy"], "match": {"sender": "x"}},
        {"outcomes": [{"ring": 4}]},
        {"outcomes": [{"status": "busy", "ring": -1}]},
    ],
)
def test_a_script_that_cannot_be_followed_is_refused(plane, wish):
    response = plane("scriptOutcomes", wish)
    assert response.status == 422
    assert response.body["violations"]
    assert plane("listOutcomes").body["scripts"] == []


@pytest.mark.parametrize(
    ("operation", "outcome", "status", "told"),
    [
        ("create_jbo", "busy", 404, "did you mean create_job?"),
        ("nothing", "busy", 404, "known are create_job"),
        ("create_job", "delivered", 422, "never comes to delivered, but to busy, completed"),
        ("create_job", "stuck", 422, "never comes to stuck"),
    ],
)
def test_a_script_that_no_attempt_would_follow_is_refused(plane, operation, outcome, status, told):
    head = plane.simulation.head
    response = plane("scriptOutcomes", {"match": {"operation": operation}, "outcomes": ["busy", outcome]})
    assert response.status == status
    assert told in response.body["detail"] + response.body.get("hint", "")
    assert (plane("listOutcomes").body["scripts"], plane.simulation.head) == ([], head)


def test_a_script_for_an_operation_decides(plane):
    assert plane("scriptOutcomes", {"match": {"operation": "create_job"}, "outcomes": ["busy"]}).status == 201


def test_the_document_knows_every_outcome_there_is(plane):
    schema = plane.service.contract.document.tree["components"]["schemas"]["OutcomeStatus"]
    assert set(schema["enum"]) == CALL_OUTCOMES | MESSAGE_OUTCOMES
