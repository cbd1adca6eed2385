"""What is refused, and how it is said."""

import json

import pytest

from contratempo.contract.violation import Violation
from contratempo.provider import KINDS, Problem, Refusal
from contratempo.providers.telnyx_assistants import provider

CREATE = "create_scheduled_event"
JSON = [("content-type", "application/json")]


def details(answer):
    status, body = answer
    assert status == 422
    return [(each["loc"], each["msg"], each["type"]) for each in body["detail"]]


def raw(api, body, headers=JSON):
    return api.send(CREATE, {"assistant_id": "a1"}, headers=headers, body=body)


def test_everything_that_is_missing_is_told_at_once(api):
    missing = [(["body", name], "Field required", "missing") for name in sorted(("telnyx_agent_target", "text"))]
    event = {
        "telnyx_conversation_channel": "sms_chat",
        "telnyx_end_user_target": "+1",
        "scheduled_at_fixed_datetime": "2026-03-02T00:00:00Z",
    }
    assert sorted(details(raw(api, json.dumps(event).encode()))) == missing
    assert api.list()[1]["meta"]["total_results"] == 0


@pytest.mark.parametrize(
    ("field", "value", "message", "kind"),
    [
        ("telnyx_end_user_target", 5, "Input should be a valid string", "string_type"),
        ("telnyx_conversation_channel", "fax", "Input should be 'phone_call' or 'sms_chat'", "literal_error"),
        ("max_retries_client_errors", -1, "Input should be greater than or equal to 0", "greater_than_equal"),
        ("max_retries_client_errors", 11, "Input should be less than or equal to 10", "less_than_equal"),
        ("retry_interval_secs", "60", "Input should be a valid integer", "int_type"),
        ("retry_interval_secs", None, "Input should be a valid integer", "int_type"),
        (
            "retry_interval_secs", 60.5,
            "Input should be a valid integer, got a number with a fractional part", "int_from_float",
        ),
        ("dynamic_variables", [], "Input should be a valid dictionary", "dict_type"),
        (
            "scheduled_at_fixed_datetime", "tomorrow",
            "Input should be a valid datetime or date", "datetime_from_date_parsing",
        ),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_in_pydantics_words(api, field, value, message, kind):
    assert details(api.create(**{field: value})) == [(["body", field], message, kind)]


def test_a_wrong_member_is_located(api):
    [(loc, message, kind)] = details(api.create(conversation_metadata={"a": 1.5}))
    assert (loc, kind) == (["body", "conversation_metadata", "a"], "value_error")
    assert message.startswith("Value error, ")
    regions = "Input should be 'US', 'Europe', 'Canada', 'Australia' or 'Middle East'"
    assert details(api.create(call_settings={"sip_region": "Mars"})) == [
        (["body", "call_settings", "sip_region"], regions, "literal_error")
    ]


def test_bodies_that_are_no_event(api):
    no_model = "Input should be a valid dictionary or object to extract fields from"
    assert details(raw(api, b"[]")) == [(["body"], no_model, "model_attributes_type")]
    assert details(raw(api, b"")) == [(["body"], "Field required", "missing")]
    assert details(raw(api, b"a=b", [("content-type", "text/plain")])) == [
        (["body"], no_model, "model_attributes_type")
    ]
    [(loc, message, kind)] = details(raw(api, b'{"a": }'))
    assert (loc, kind) == (["body", 6], "json_invalid")
    assert message.startswith("JSON decode error: ")
    [(loc, _, kind)] = details(raw(api, b'{"a": NaN}'))
    assert (loc, kind) == (["body"], "json_invalid")
    [(loc, _, kind)] = details(raw(api, b"[" * 100 + b"]" * 100))
    assert (loc, kind) == (["body"], "value_error")


def test_a_refusal_repeats_nothing_huge(api):
    huge = "x" * 100_000
    answers = [
        api.create(conversation_metadata={huge: None}),
        api.create(scheduled_at_fixed_datetime=f"2020-01-01T00:00:00.{'1' * 100_000}Z"),
        api.create(conversation_metadata={str(number): None for number in range(1000)}),
        api.create(dynamic_variables=huge),
        api.retrieve(huge),
    ]
    assert all(len(json.dumps(body)) < 20_000 for _, body in answers)


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ("page[size]=0", "page[size]", "greater_than_equal"),
        ("page[size]=101", "page[size]", "less_than_equal"),
        ("page[number]=x", "page[number]", "int_parsing"),
        ("conversation_channel=fax", "conversation_channel", "literal_error"),
        ("from_date=x", "from_date", "datetime_from_date_parsing"),
    ],
)
def test_a_wrong_query_is_named_as_it_is_sent(api, query, name, kind):
    assert [(loc, type_) for loc, _, type_ in details(api.list(query))] == [(["query", name], kind)]


def test_a_plus_that_became_a_space_is_explained(api):
    [(_, message, _)] = details(api.list("from_date=2026-03-01T00:00:00+00:00"))
    assert message.endswith("a + in a query is a space, write %2B")


@pytest.mark.parametrize("time", ["٢٠٢٧-03-02T00:00:00Z", "0000-01-01T00:00:00Z", "2016-12-31T23:59:60Z"])
def test_what_no_calendar_has_is_no_date(api, time):
    [(loc, _, kind)] = details(api.create(scheduled_at_fixed_datetime=time))
    assert (loc, kind) == (["body", "scheduled_at_fixed_datetime"], "datetime_from_date_parsing")


def test_neither_is_it_where_the_document_was_not_asked(api, phone):
    request = {
        "operation": CREATE,
        "path": {"assistant_id": "a1"},
        "body": {**phone, "scheduled_at_fixed_datetime": "soon"},
    }
    with pytest.raises(Refusal) as caught:
        provider.call(api.simulation, CREATE, request)
    [error] = provider.refuse(caught.value.problem).body["detail"]
    assert error["loc"] == ["body", "scheduled_at_fixed_datetime"]


@pytest.mark.parametrize("time", ["2026-03-01T08:59:59Z", "2026-03-01T09:00:00Z", "0001-01-01T00:00:00+23:59"])
def test_a_time_that_is_not_in_the_future_is_refused_with_what_helps(api, time):
    status, body = api.create(scheduled_at_fixed_datetime=time)
    assert status == 400
    assert f"must be in the future: {time} was sent, the mock's time is 2026-03-01T09:00:00Z" in body["detail"]
    assert "contratempo serve --clock " in body["detail"]
    assert "telnyx_assistants.past_datetime to run_now" in body["detail"]
    assert api.trace[0] == "rule telnyx_assistants.past_datetime"


def test_a_past_time_runs_now_where_the_rule_says_so(api):
    api.set(past_datetime="run_now")
    status, event = api.create(scheduled_at_fixed_datetime="2019-12-27T18:11:19.117Z")
    assert (status, event["status"]) == (201, "pending")
    api.advance(0)
    _, shown = api.retrieve(event["scheduled_event_id"])
    assert (shown["status"], shown["dispatched_at"]) == ("in_progress", "2026-03-01T09:00:00Z")


def test_a_naive_time_is_refused_where_the_rule_says_so(api):
    api.set(naive_datetime="reject")
    assert details(api.create(scheduled_at_fixed_datetime="2026-03-02T00:00:00"))[0][2] == "datetime_from_date_parsing"


@pytest.mark.parametrize(
    ("rule", "channel", "sent"),
    [
        ("interval_required", "phone_call", {"max_retries_client_errors": 1}),
        ("interval_without_retries", "phone_call", {"retry_interval_secs": 60}),
        ("interval_without_retries", "phone_call", {"retry_interval_secs": 60, "max_retries_client_errors": 0}),
        ("retry_fields_on_sms", "sms_chat", {"max_retries_client_errors": 1, "text": "a"}),
        ("retry_fields_on_sms", "sms_chat", {"retry_interval_secs": 60, "text": "a"}),
        ("empty_target", "phone_call", {"telnyx_end_user_target": ""}),
        ("empty_target", "sms_chat", {"telnyx_agent_target": "", "text": "a"}),
    ],
)
def test_each_rule_refuses_and_can_be_turned_off(api, rule, channel, sent):
    status, body = api.create(telnyx_conversation_channel=channel, **sent)
    assert (status, api.trace[0]) == (400, f"rule telnyx_assistants.{rule}")
    assert f"telnyx_assistants.{rule}" in body["detail"]
    definition = provider.rules[f"telnyx_assistants.{rule}"]
    api.set(**{rule: next(value for value in definition.values if value != definition.default)})
    assert api.create(telnyx_conversation_channel=channel, **sent)[0] == 201


def test_retries_without_interval_wait_the_default_one(api):
    api.set(interval_required="default", default_retry_interval_seconds=90)
    _, event = api.create(max_retries_client_errors=1)
    assert event["retry_interval_secs"] == 90
    api.script("busy", "completed")
    api.advance(24 * 3600)
    assert api.retrieve(event["scheduled_event_id"])[1]["dispatched_at"] == "2026-03-01T10:01:32Z"


def test_an_ignored_interval_is_still_echoed(api):
    api.set(interval_without_retries="ignore")
    _, event = api.create(retry_interval_secs=60)
    assert (event["max_retries_client_errors"], event["retry_interval_secs"]) == (0, 60)


def test_unknown_assistants_are_not_found_where_the_rule_says_so(api):
    _, event = api.create()
    api.set(unknown_assistant="reject")
    identifier = event["scheduled_event_id"]
    for answer in (api.create(), api.list(), api.retrieve(identifier), api.delete(identifier)):
        assert answer[0] == 404
        assert answer[1]["detail"].startswith("Assistant a1 not found")
    assert api.create(assistant="assistant-ready")[0] == 201


@pytest.mark.parametrize(
    ("assistant", "state", "expected"),
    [
        ("assistant-without-telephony", "unconfigured", (400, "Assistant does not have telephony settings configured")),
        (
            "assistant-without-outbound-profile", "no_outbound_profile",
            (400, "Cannot make outbound call with no outbound voice profile"),
        ),
        (
            "assistant-domestic-only", "destination_not_allowed",
            (403, {"code": "D13", "message": "The destination's country is not on the whitelist"}),
        ),
    ],
)  # fmt: skip
def test_an_assistant_that_cannot_call_says_why(api, sms, assistant, state, expected):
    status, body = api.create(assistant=assistant)
    assert (status, body["detail"]) == expected
    assert api.create(sms, assistant=assistant)[0] == 201
    api.set(telephony="ready")
    assert api.create(assistant=assistant)[0] == 201
    api.set(telephony=state)
    assert api.create()[0] == expected[0]


@pytest.mark.parametrize("identifier", ["a\x00", "\udcff"])
def test_an_id_that_can_be_nobodys_is_not_found(api, phone, identifier):
    assert api.create(assistant=identifier)[0] == 404
    assert api.retrieve(identifier)[0] == 404


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256])
def test_a_malformed_idempotency_key_is_a_400_of_the_gateway(api, key):
    status, body = api.create(key=key)
    assert status == 400
    assert {(each["code"], each["source"]["parameter"]) for each in body["errors"]} == {("10015", "idempotency-key")}


def test_an_idempotency_key_sent_twice_is_refused(api, phone):
    headers = [*JSON, ("idempotency-key", "a"), ("idempotency-key", "b")]
    status, body = raw(api, json.dumps(phone).encode(), headers)
    assert (status, body["errors"][0]["code"]) == (400, "10015")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("unauthorized", 401, "10009"), ("no-route", 404, "10005"), ("method", 405, "10030"),
        ("timeout", 408, "10008"), ("too-large", 413, "10015"), ("rate-limited", 429, "10011"),
        ("internal", 500, "10007"), ("invalid", 400, "10015"),
    ],
)  # fmt: skip
def test_the_gateway_answers_with_errors(contract, kind, status, code):
    response = provider.refuse(Problem(kind, headers={"X-Extra": "1"}))
    error = response.body["errors"][0]
    assert (response.status, error["code"]) == (status, code)
    assert error["meta"]["url"].endswith(f"/{code}")
    assert response.headers["x-extra"] == "1"
    assert contract.check_schema(provider.error_schema, response.body) == ()


def test_the_gateway_names_its_limit_and_how_to_authenticate():
    limited = provider.refuse(Problem("rate-limited", "slow down", hint="raise --max-records"))
    assert limited.body["errors"][0]["detail"] == "slow down. Raise --max-records"
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"} == limited.headers.keys()
    assert provider.refuse(Problem("unauthorized")).headers == {"www-authenticate": "Bearer"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_problem_is_said_within_the_document(contract, kind):
    response = provider.refuse(Problem(kind, "why", status=409, code="X", rule="r", hint="do this"))
    assert response.status == 409
    assert response.trace == ("rule r", "do this")
    assert contract.check_schema(provider.error_schema, response.body) == ()


@pytest.mark.parametrize(
    ("violation", "kind"),
    [
        (Violation("body", ("a",), "minLength", "", limit=1), "string_too_short"),
        (Violation("body", ("a",), "const", "", limit="x"), "literal_error"),
        (Violation("body", ("a",), "format", "", limit="uuid"), "value_error"),
        (Violation("body", ("half \ud800",), "size", "half \ud800"), "value_error"),
        (Violation("query", (), "encoding", "is not UTF-8"), "value_error"),
    ],
)
def test_violations_of_other_kinds_are_json_that_the_document_allows(contract, violation, kind):
    response = provider.refuse(Problem("invalid", violations=(violation,)))
    assert (response.status, response.body["detail"][0]["type"]) == (422, kind)
    json.dumps(response.body, ensure_ascii=False).encode()
    assert contract.check_schema("#/components/schemas/HTTPValidationError", response.body) == ()
