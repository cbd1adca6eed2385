"""Bodies of requests, and requests as a whole: traps that openapi-core falls into have a test here."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

JSON = ("content-type", "application/json")
TOKEN = ("authorization", "Bearer key")


def test_a_valid_request_has_no_violations_and_its_values(create, event):
    checked = create()
    assert (checked.violations, checked.path, checked.body) == ((), {"assistant_id": "a"}, event)


def test_all_violations_are_told_together(assistants, tools):
    body = b'{"telnyx_conversation_channel": "fax", "telnyx_end_user_target": 1, "telnyx_agent_target": "+1"}'
    assert set(tools.told(tools.ask(assistants, "create_scheduled_event", body=body))) == {
        ("body", "/telnyx_conversation_channel", "enum"),
        ("body", "/telnyx_end_user_target", "type"),
        ("body", "/scheduled_at_fixed_datetime", "required"),
    }


def test_parameters_and_body_are_told_together(tools):
    operation = {"parameters": [tools.parameter("n", {"type": "integer"})], **tools.body_of({"type": "object"})}
    checked = tools.ask(tools.contract_of(operation), query="n=x", body=b"[]")
    assert tools.told(checked) == [("query", "/n", "type"), ("body", "", "type")]


@pytest.mark.parametrize(
    "text",
    [
        "2025-13-01T00:00:00Z",
        "2025-04-15T13:07:28",
        "2025-04-15T13:07:28+0200",
        "2025-04-15 13:07:28Z",
        "2025-04-15T13:07:60Z",
    ],
)
def test_date_times_that_are_not_rfc3339_are_refused(create, text, tools, event):
    assert tools.told(create({**event, "scheduled_at_fixed_datetime": text})) == [
        ("body", "/scheduled_at_fixed_datetime", "format")
    ]


def test_naive_date_times_are_valid_where_they_are_allowed_and_stay_as_sent(create, tools, event):
    body = {**event, "scheduled_at_fixed_datetime": "2025-04-15T13:07:28.764000"}
    assert tools.told(create(body)) == [("body", "/scheduled_at_fixed_datetime", "format")]
    assert create(body, naive=True).violations == ()
    assert create(body, naive=True).body == body


def test_lower_case_date_times_stay_the_strings_that_were_sent(create, event):
    body = {**event, "scheduled_at_fixed_datetime": "2025-04-15t13:07:28z"}
    assert (create(body).violations, create(body).body) == ((), body)


def test_a_missing_required_body_is_told(create, tools):
    assert tools.told(create(b"")) == [("body", "", "missing-body")]


def test_an_optional_body_may_be_missing_whatever_the_content_type(messages, tools):
    assert tools.ask(messages, "ScheduleMessage").violations == ()
    assert tools.ask(messages, "ScheduleMessage").body is None


def test_a_required_body_needs_no_content_length(create):
    assert create(headers=[TOKEN, JSON, ("transfer-encoding", "chunked")]).violations == ()


def test_a_body_that_is_not_described_is_not_looked_at(listing):
    assert listing(body=b"\xff{").violations == ()


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"{", "json"),
        (b"\xff", "json"),
        (b"NaN", "json"),
        (b'{"a": 1e400}', "json"),
        (b'{"a": 1, "a": 1}', "json"),
        (b'"\\ud800"', "json"),
        (b"9" * 5000, "json"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "depth"),
        (b"[" * 100_000, "depth"),
    ],
)
def test_a_body_that_is_not_strict_json_is_one_violation(create, raw, kind, tools):
    checked = create(raw)
    assert tools.told(checked) == [("body", "", kind)]
    assert checked.body is None


def test_the_offset_of_broken_json_is_its_limit(create):
    assert create(b'{"a": }').violations[0].limit == 6


def test_one_point_zero_is_an_integer(create, event):
    body = {**event, "max_retries_client_errors": 1.0}
    assert create(body).violations == ()


def test_huge_integers_are_compared_exactly(tools):
    contract = tools.contract_of(tools.body_of({"maximum": 2**63}))
    assert tools.told(tools.ask(contract, body=str(2**63 + 1).encode())) == [("body", "", "maximum")]
    assert tools.told(tools.ask(contract, body=b"1" + b"0" * 400)) == [("body", "", "maximum")]


@pytest.mark.parametrize(("name", "least", "most"), [("int32", -(2**31), 2**31 - 1), ("int64", -(2**63), 2**63 - 1)])
def test_integer_formats_are_bounds(tools, name, least, most):
    contract = tools.contract_of(tools.body_of({"type": "integer", "format": name}))
    assert [len(tools.ask(contract, body=str(n).encode()).violations) for n in (least - 1, least, most, most + 1)] == [
        1,
        0,
        0,
        1,
    ]


def test_integer_formats_keep_tighter_bounds(tools):
    contract = tools.contract_of(tools.body_of({"format": "int32", "minimum": 1, "maximum": 5}))
    assert [tools.told(tools.ask(contract, body=raw)) for raw in (b"0", b"6")] == [
        [("body", "", "minimum")],
        [("body", "", "maximum")],
    ]


def test_uuids_are_checked(tools):
    contract = tools.contract_of(tools.body_of({"format": "uuid"}))
    assert tools.told(tools.ask(contract, body=b'"x"')) == [("body", "", "format")]


def test_formats_that_openapi_core_does_not_check_are_not_checked(messages, tools):
    body = b'{"to": "+1", "webhook_url": "not a url"}'
    assert tools.ask(messages, "ScheduleMessage", body=body).violations == ()


def test_multiples_of_decimals_are_what_people_expect(tools):
    contract = tools.contract_of(tools.body_of({"multipleOf": 0.01}))
    assert tools.ask(contract, body=b"19.99").violations == ()
    assert tools.told(tools.ask(contract, body=b"0.075")) == [("body", "", "multipleOf")]


def test_what_stands_beside_a_reference_counts(tools):
    schema = {"$ref": "#/components/schemas/Name", "minLength": 3, "allOf": [{"maxLength": 4}]}
    contract = tools.contract_of(tools.body_of(schema), components={"schemas": {"Name": {"type": "string"}}})
    assert [tools.told(tools.ask(contract, body=raw)) for raw in (b"1", b'"ab"', b'"abcde"', b'"abc"')] == [
        [("body", "", "type")], [("body", "", "minLength")], [("body", "", "maxLength")], [],
    ]  # fmt: skip


texts = st.text(max_size=20) | st.sampled_from(
    ["page[size]", "page", "Bearer k", "authorization", "application/json", "content-type", "cookie"]
)
queries = st.binary(max_size=40) | st.lists(st.tuples(texts, texts)).map(
    lambda pairs: "&".join(f"{a}={b}" for a, b in pairs)
)


@given(
    queries,
    st.binary(max_size=60) | st.just(b'{"telnyx_conversation_channel": "sms_chat", "telnyx_end_user_target": "+1"}'),
    st.lists(st.tuples(texts, texts), max_size=4),
    texts,
    st.booleans(),
)
def test_a_request_is_never_an_exception(assistants, tools, query, body, headers, identifier, naive):
    for operation in ("get_scheduled_events", "create_scheduled_event"):
        sent = {"path": {"assistant_id": identifier}, "query": query, "body": body, "naive": naive}
        for credentials in ([], [TOKEN, JSON]):
            checked = tools.ask(assistants, operation, headers=[*headers, *credentials], **sent)
            json.dumps(
                [checked.query, checked.body, [each.path for each in checked.violations]], ensure_ascii=False
            ).encode()
