"""What is refused and in which words; every answer is held to the document."""

from collections.abc import Callable
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.violation import Violation
from contratempo.provider import KINDS, Problem, Refusal, Response
from contratempo.providers.temphone import provider
from contratempo.sim.simulation import Simulation

NOW = "2026-03-15T14:22:11Z"
MINIMAL = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "Hi {{first_name}}"}
IN_THE_FUTURE = "Field 'scheduled_at' must be a valid ISO-8601 timestamp in the future."
Ask = Callable[..., Response]
SetRules = Callable[..., None]


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_a_time_without_offset_is_refused_when_the_rule_says_so(ask: Ask, set_rules: SetRules):
    set_rules(naive_datetime="reject")
    assert ask(scheduled_at="2026-03-15T18:00:00").body["message"] == IN_THE_FUTURE


def test_a_local_time_outside_the_calendar_is_refused(ask: Ask):
    response = ask(scheduled_at="9999-12-31T23:59:59")
    assert (response.status, response.body["message"]) == (400, IN_THE_FUTURE)
    assert response.trace[0] == "rule temphone.naive_datetime"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "2001-01-01T00:00:00Z", NOW])
def test_a_past_time_is_refused_with_the_mocks_time_in_the_trace(ask: Ask, simulation: Simulation, text: str):
    response = ask(scheduled_at=text)
    assert (response.status, response.body) == (400, {"status": "error", "message": IN_THE_FUTURE, "data": None})
    assert response.trace[0] == "rule temphone.past_datetime"
    assert "contratempo serve --clock" in response.trace[-1]
    assert NOW in response.trace[-1]
    assert (len(simulation.records), simulation.head) == (0, 0)


# Each 400 of the document, in the words of the vendor's pattern.
REFUSED = [
    ("contact_id", "", "a non-empty string"),
    ("contact_id", 12, "a non-empty string"),
    ("campaign_id", None, "a string"),
    ("scheduled_at", "tomorrow", "a valid ISO-8601 timestamp in the future"),
    ("scheduled_at", "2026-03-16", "a valid ISO-8601 timestamp in the future"),
    ("scheduled_at", 1773586800, "a valid ISO-8601 timestamp in the future"),
    ("timezone", "Mars/Olympus", "a valid IANA timezone"),
    ("timezone", "localtime", "a valid IANA timezone"),
    ("timezone", "america/los_angeles", "a valid IANA timezone"),
    ("timezone", 7, "a valid IANA timezone"),
    ("initial_message", "", "a non-empty string"),
    ("max_duration_seconds", 0, "a positive integer"),
    ("max_duration_seconds", 1.5, "a positive integer"),
    ("max_duration_seconds", True, "a positive integer"),
    ("caller_id", 14155550199, "a phone number in E.164 format"),
    ("metadata", [], "an object"),
    ("recording_enabled", "yes", "a boolean"),
    ("webhook_url", "ftp://example.com", "a valid URL"),
]


@pytest.mark.parametrize(("name", "value", "wanted"), REFUSED)
def test_a_wrong_field_is_named_in_the_vendors_pattern(ask: Ask, name: str, value: Any, wanted: str):
    response = ask(**{name: value})
    message = f"Field '{name}' must be {wanted}."
    assert (response.status, response.body) == (400, {"status": "error", "message": message, "data": None})


@pytest.mark.parametrize("name", MINIMAL)
def test_a_required_field_is_missed(ask: Ask, name: str):
    message = ask(without(MINIMAL, name)).body["message"]
    assert message.startswith(f"Field '{name}' must be ")


def test_the_message_is_about_the_first_field_of_the_table(ask: Ask):
    response = ask(
        {"webhook_url": 1, "scheduled_at": "x", "campaign_id": 1, "contact_id": "ctc_a", "initial_message": "x"}
    )
    assert response.body["message"] == "Field 'campaign_id' must be a string."


def test_all_that_the_rules_refuse_is_listed_and_the_first_told(simulation: Simulation, set_rules: SetRules):
    set_rules(missing_consent="reject", caller_id_format="e164")
    body = {"contact_id": "ctc_optout", "scheduled_at": NOW, "initial_message": "x", "timezone": "X", "caller_id": "Y"}
    with pytest.raises(Refusal) as raised:
        provider.call(simulation, "scheduleCall", {"operation": "scheduleCall", "body": body})
    problem = raised.value.problem
    assert [each.pointer for each in problem.violations] == ["/contact_id", "/scheduled_at", "/timezone", "/caller_id"]
    assert problem.detail == "Field 'contact_id' must be a contact who has consented."
    assert (problem.status, problem.rule) == (400, "temphone.missing_consent")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "Request body must be a JSON object."),
        (b"[]", "Request body must be a JSON object."),
        (b"{", "Request body must be valid JSON."),
        (b"[" * 65 + b"]" * 65, "Request body must not be nested so deeply."),
    ],
)
def test_a_body_that_is_no_object_is_400(ask: Ask, raw: bytes, message: str):
    response = ask(raw=raw)
    assert (response.status, response.body["message"]) == (400, message)


def test_a_wrong_content_type_is_400(ask: Ask):
    response = ask(content_type="text/plain")
    assert (response.status, response.body["message"]) == (400, "Header 'Content-Type' must be application/json.")


def test_a_wrong_field_goes_before_an_unknown_contact(ask: Ask):
    assert ask(contact_id="ctc_missing", scheduled_at=NOW).status == 400


EXACT = {
    "unauthorized": (401, "Unauthorized."),
    "internal": (500, "Unable to schedule call at this time. Please retry."),
    "method": (405, "Method not allowed."),
    "too-large": (413, "Request body is too large."),
    "rate-limited": (429, "Too many requests. Please retry later."),
    "no-route": (404, "Not found."),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_problem_is_said_in_the_vendors_envelope(contract: Contract, kind: str):
    response = provider.refuse(Problem(kind, "" if kind in EXACT else "What it is.", headers={"allow": "POST"}))
    assert response.status >= 400
    assert response.headers == {"allow": "POST"}
    assert contract.check_schema(provider.error_schema, response.body) == ()
    if kind in EXACT:
        assert (response.status, response.body["message"]) == EXACT[kind]


@pytest.mark.parametrize("kind", ["unauthorized", "internal"])
def test_the_vendors_fixed_words_stay_and_the_detail_goes_into_the_trace(kind: str):
    response = provider.refuse(Problem(kind, "start with --known-key", hint="see the log"))
    assert response.body["message"] == EXACT[kind][1]
    assert response.trace == ("start with --known-key", "see the log")


def test_a_violation_that_no_field_has_is_about_the_body():
    response = provider.refuse(Problem("invalid", violations=(Violation("query", ("page",), "type", "?"),)))
    assert response.body["message"] == "Request body must be a JSON object."
