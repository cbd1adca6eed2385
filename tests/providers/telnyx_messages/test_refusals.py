"""Refusals in the vendor's style, whatever the problem."""

import pytest

from contratempo.contract.violation import Violation
from contratempo.provider import KINDS, Problem
from contratempo.providers.telnyx_messages import provider
from contratempo.providers.telnyx_messages.tables import FILE

EXPECTED = {
    "invalid": (400, "10015"),
    "unauthorized": (401, "10009"),
    "forbidden": (403, "10010"),
    "not-found": (404, "10005"),
    "no-route": (404, "10005"),
    "method": (405, "10030"),
    "too-large": (413, "10015"),
    "conflict": (409, "10012"),
    "rate-limited": (429, "10011"),
    "timeout": (408, "10008"),
    "rule": (400, "10015"),
    "internal": (500, "10007"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_problem_has_a_status_and_a_code(messages_contract, kind):
    response = provider.refuse(Problem(kind))
    (error,) = response.body["errors"]
    assert (response.status, error["code"]) == EXPECTED[kind]
    assert error["meta"] == {"url": f"https://developers.telnyx.com/docs/overview/errors/{error['code']}"}
    assert messages_contract.check_schema(provider.error_schema, response.body) == ()


def test_authentication_fails_in_the_vendors_words():
    (error,) = provider.refuse(Problem("unauthorized")).body["errors"]
    assert error["title"] == "Authentication failed"


@pytest.mark.parametrize(
    ("violation", "status", "code", "source"),
    [
        (Violation("body", ("to",), "required", "is required"), 400, "10004", {"pointer": "/to"}),
        (Violation("body", ("type",), "enum", "must be one of: SMS, MMS"), 400, "10032", {"pointer": "/type"}),
        (Violation("body", ("x", 0), "type", "must be of type: string"), 400, "10026", {"pointer": "/x/0"}),
        (Violation("body", ("send_at",), "format", "must be a valid date-time"), 400, "10015", {"pointer": "/send_at"}),
        (Violation("body", ("x",), "minimum", "must be at least 1"), 400, "10033", {"pointer": "/x"}),
        (Violation("body", ("x",), "maxLength", "must have at most 1 characters"), 422, "10025", {"pointer": "/x"}),
        (Violation("body", (), "json", "The body is not JSON"), 400, "10023", {"pointer": ""}),
        (Violation("body", (), "missing-body", "A body is required"), 400, "10004", {"pointer": ""}),
        (Violation("content-type", (), "media-type", "Not JSON"), 415, "10029", {"parameter": "content-type"}),
        (Violation("path", ("id",), "format", "must be a valid uuid"), 400, "10006", {"parameter": "id"}),
        (Violation("header", ("key",), "maxLength", "is too long"), 400, "10015", {"parameter": "key"}),
    ],
)  # fmt: skip
def test_a_violation_has_the_vendors_code_and_its_place(messages_contract, violation, status, code, source):
    response = provider.refuse(Problem("invalid", violations=(violation,)))
    (error,) = response.body["errors"]
    assert (response.status, error["code"], error["source"]) == (status, code, source)
    assert violation.message in error["detail"]
    assert messages_contract.check_schema(provider.error_schema, response.body) == ()


def test_each_violation_is_an_error_and_the_plainest_decides_the_status():
    violations = (
        Violation("body", ("x",), "maxLength", "is too long"),
        Violation("body", ("to",), "required", "is required"),
    )
    response = provider.refuse(Problem("invalid", violations=violations))
    assert [error["code"] for error in response.body["errors"]] == ["10025", "10004"]
    assert response.status == 400


def test_a_problem_may_bring_status_headers_detail_and_hint():
    problem = Problem("method", "No.", status=418, hint="Brew tea.", rule="a.b", headers={"Allow": "POST"})
    response = provider.refuse(problem)
    assert (response.status, response.headers, response.trace) == (418, {"Allow": "POST"}, ("rule a.b", "Brew tea."))
    assert response.body["errors"][0]["detail"] == "No. Brew tea."


def test_too_many_requests_say_when_to_come_back():
    headers = provider.refuse(Problem("rate-limited", headers={"retry-after": "7"})).headers
    assert headers == {
        "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1", "retry-after": "7"
    }  # fmt: skip


def test_every_code_of_the_tables_can_be_said(messages_contract):
    tables = FILE.tables
    named = {*tables["violations"].values(), *tables["violation_places"].values()}
    named |= {problem["code"] for problem in tables["problems"].values()}
    assert named <= tables["errors"].keys()
    for code in tables["errors"]:
        response = provider.refuse(Problem("rule", code=code))
        assert response.status == tables["errors"][code]["status"]
        assert messages_contract.check_schema(provider.error_schema, response.body) == ()
    assert set(tables["outcome_errors"].values()) <= tables["delivery_errors"].keys()
    assert tables["problems"].keys() == set(KINDS)


@pytest.mark.parametrize("operation", ["ScheduleMessage", "SendMessage", "RetrieveMessage", "CancelMessage"])
@pytest.mark.parametrize("kind", ["unauthorized", "method", "too-large", "rate-limited", "internal", "invalid"])
def test_every_operation_documents_the_gateways_refusals(messages_contract, operation, kind):
    response = provider.refuse(Problem(kind, headers={"Allow": "POST"}))
    headers = [(name.lower(), value) for name, value in response.headers.items()]
    assert (
        messages_contract.check_response(operation, response.status, "application/json", response.body, headers) == ()
    )
