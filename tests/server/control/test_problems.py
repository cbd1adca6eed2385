import pytest

from contratempo.contract.media import media_type_violation
from contratempo.contract.violation import Violation
from contratempo.provider import KINDS, Problem
from contratempo.server.control import SERVICE_OPERATIONS, control
from contratempo.server.control.problems import refuse


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_problem_fits_the_document(plane, kind):
    response = refuse(Problem(kind))
    assert response.media_type == "application/problem+json"
    assert response.body["status"] == response.status
    assert not plane.service.contract.check_schema(control.error_schema, response.body)


@pytest.mark.parametrize(
    ("violation", "status"),
    [("media-type", 415), ("json", 400), ("missing-body", 400), ("depth", 400), ("required", 422), ("enum", 422)],
)
def test_what_is_invalid_has_the_status_of_its_violation(violation, status):
    problem = Problem("invalid", "x", (Violation("body", ("a", "b"), violation, "no"),))
    response = refuse(problem)
    assert response.status == status
    assert response.body["violations"] == [{"location": "body", "pointer": "/a/b", "kind": violation, "message": "no"}]


def test_a_status_and_a_code_of_its_own_go_before():
    response = refuse(Problem("internal", "x", status=503, code="not-ready", headers={"Retry-After": "1"}))
    assert (response.status, response.body["type"]) == (503, "urn:contratempo:problem:not-ready")
    assert response.headers == {"Retry-After": "1"}


def test_a_body_that_is_missing_is_asked_for(plane):
    assert plane("advanceClock").status == 400


def test_a_body_of_another_media_type_is_told_which_to_send():
    found = media_type_violation("application/x-www-form-urlencoded", ["application/json", "text/csv"])
    hint = "send it with Content-Type: application/json or text/csv"
    assert refuse(Problem("invalid", "x", (found,))).body["hint"] == hint


def test_every_operation_of_the_document_has_a_function(plane):
    documented = set(plane.service.contract.document.operations)
    assert documented == set(control.operations) | set(SERVICE_OPERATIONS)
    assert not set(control.operations) & set(SERVICE_OPERATIONS)


def test_an_id_that_nothing_can_have_is_not_found(plane):
    assert plane("getResource", path={"id": "%00"}).status == 404
    assert plane("deleteWorld", path={"id": "%FF"}).status == 404
