from types import SimpleNamespace

import pytest

from contratempo.provider import Refusal, Request
from contratempo.server.control import faults
from contratempo.sim.faults import REQUEST_KINDS, WEBHOOK_KINDS

NEEDED = {"status": {"status": 503}, "latency": {"seconds": 0.5}, "delay": {"seconds": 60}}


def strike(plane, **victim):
    return plane.simulation.apply({"kind": "strike", "victim": {"provider": "toy", **victim}})


def test_a_fault_is_answered_as_it_is_kept(plane):
    wish = {
        "match": {"provider": "toy", "operation": "create_job", "invalid": True},
        "fault": {"kind": "status", "status": 429, "retry_after": 2, "seconds": 0.1},
        "times": 3,
        "probability": 0.5,
    }
    response = plane("addFault", wish)
    assert response.status == 201
    assert response.body == {"id": response.body["id"], **wish, "struck": 0}
    assert response.body["id"].startswith("flt_")
    assert plane("listFaults").body["faults"] == [response.body]


@pytest.mark.parametrize("kind", [*REQUEST_KINDS, *WEBHOOK_KINDS])
def test_every_kind_can_be_added_and_strikes_once_unless_told_otherwise(plane, kind):
    fault = {"kind": kind, **NEEDED.get(kind, {})}
    assert plane("addFault", {"fault": fault}).status == 201
    victim = {"event": "job.done"} if kind in WEBHOOK_KINDS else {"operation": "create_job"}
    assert strike(plane, **victim).kind == kind
    assert strike(plane, **victim) is None
    (listed,) = plane("listFaults").body["faults"]
    assert (listed["times"], listed["probability"], listed["struck"]) == (1, 1, 1)


def test_a_fault_without_times_goes_on_until_it_is_removed(plane):
    added = plane("addFault", {"fault": {"kind": "reset"}, "times": None}).body
    assert [strike(plane, operation="x").id for _ in range(3)] == [added["id"]] * 3
    assert plane("deleteFault", path={"id": added["id"]}).status == 204
    assert strike(plane, operation="x") is None


def test_a_fault_that_is_not_there_cannot_be_deleted(plane):
    response = plane("deleteFault", path={"id": "flt_none"})
    assert (response.status, response.body["hint"]) == (404, "GET /_mock/faults lists them")


def test_all_faults_can_be_cleared(plane):
    for _ in range(2):
        plane("addFault", {"fault": {"kind": "reset"}})
    assert plane("clearFaults").status == 204
    assert plane("listFaults").body["faults"] == []


def test_faults_change_the_world_and_go_with_a_reset(plane):
    head = plane.simulation.head
    plane("addFault", {"fault": {"kind": "reset"}})
    assert plane.simulation.head == head + 1
    plane("resetWorld")
    assert plane("listFaults").body["faults"] == []


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({}, "/fault"),
        ({"fault": {}}, "/fault/kind"),
        ({"fault": {"kind": "explode"}}, "/fault/kind"),
        ({"fault": {"kind": "status"}}, "/fault/status"),
        ({"fault": {"kind": "status", "status": 200}}, "/fault/status"),
        ({"fault": {"kind": "status", "status": 500, "retry_after": 1.5}}, "/fault/retry_after"),
        ({"fault": {"kind": "latency"}}, "/fault/seconds"),
        ({"fault": {"kind": "latency", "seconds": -1}}, "/fault/seconds"),
        ({"fault": {"kind": "reset", "status": 500}}, "/fault/status"),
        ({"fault": {"kind": "delay"}}, "/fault/seconds"),
        ({"fault": {"kind": "drop", "seconds": 1}}, "/fault/seconds"),
        ({"fault": {"kind": "reset"}, "match": {"event": "job.done"}}, "/match/event"),
        ({"fault": {"kind": "drop"}, "match": {"operation": "create_job"}}, "/match/operation"),
        ({"fault": {"kind": "reset"}, "times": 0}, "/times"),
        ({"fault": {"kind": "reset"}, "probability": 0}, "/probability"),
        ({"fault": {"kind": "reset"}, "probability": 1.1}, "/probability"),
        ({"fault": {"kind": "reset"}, "colour": "red"}, "/colour"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused_where_it_is_wrong(plane, wish, pointer):
    response = plane("addFault", wish)
    assert response.status == 422
    assert pointer in {violation["pointer"] for violation in response.body["violations"]}
    assert plane("listFaults").body["faults"] == []


def test_the_document_refuses_before_the_world_has_to(plane):
    simulation = SimpleNamespace(faults=plane.simulation.faults, short_id=lambda kind: "1", ordinals={"fault": 1})
    body = {"fault": {"kind": "drop"}, "match": {"operation": "x"}}
    with pytest.raises(Refusal) as caught:
        faults.add_fault(simulation, Request("addFault", body=body))
    (violation,) = caught.value.problem.violations
    assert (violation.pointer, violation.message) == (
        "/match/operation", "drop strikes webhooks, which match by provider, event, resource",
    )  # fmt: skip


def test_whole_numbers_written_as_fractions_are_whole(plane):
    fault = {"kind": "status", "status": 429.0, "retry_after": 2.0, "seconds": 1.0}
    added = plane("addFault", {"fault": fault, "times": 2.0}).body
    assert [repr(value) for value in (added["fault"]["status"], added["times"])] == ["429", "2"]


def test_chance_is_the_worlds(plane):
    plane("addFault", {"fault": {"kind": "reset"}, "times": None, "probability": 0.5})
    strikes = [strike(plane, operation="x") is not None for _ in range(20)]
    assert True in strikes
    assert False in strikes
    assert plane("listFaults").body["faults"][0]["struck"] == sum(strikes)


def test_the_document_knows_every_kind_there_is(plane):
    schema = plane.service.contract.document.tree["components"]["schemas"]["FaultKind"]
    assert schema["enum"] == [*REQUEST_KINDS, *WEBHOOK_KINDS]


@pytest.mark.parametrize("match", [{"operation": "makeJobb"}, {"provider": "toi"}])
def test_a_fault_of_what_does_not_exist_is_refused(plane, match):
    answer = plane("addFault", {"match": match, "fault": {"kind": "reset"}})
    assert (answer.status, len(plane.simulation.faults)) == (404, 0)
    assert answer.body["hint"]


def test_a_world_has_room_for_so_many_faults(plane, monkeypatch):
    monkeypatch.setattr(faults, "FAULTS_KEPT", 2)
    kept = [plane("addFault", {"fault": {"kind": "reset"}}).status for _ in range(3)]
    assert (kept, len(plane.simulation.faults)) == ([201, 201, 429], 2)
