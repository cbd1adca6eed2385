import json

import pytest

from contratempo.sim.faults import Fault

EVENTS = "/v2/ai/assistants/assistant_1/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+12125550101",
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
}
MESSAGE = {"from": "+12125550100", "to": "+12125550101", "text": "Hello", "send_at": "2026-03-15T10:00:00Z"}
CALL = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "Hi"}
NOBODY = "00000000-0000-4000-8000-000000000000"
VENDORS = {EVENTS: EVENT, "/v2/messages/schedule": MESSAGE, "/v1/calls/scheduled": CALL}


def said(answer):
    """Return the style of a refusal, which has to be one of the three."""
    body = answer.body
    if isinstance(body.get("detail"), list):
        assert all({"loc", "msg", "type"} <= each.keys() for each in body["detail"])
        return "detail list"
    if "errors" in body:
        assert all({"code", "title"} <= each.keys() and isinstance(each["code"], str) for each in body["errors"])
        return f"errors {body['errors'][0]['code']}"
    return "envelope" if (body.get("status"), body.get("data", 0)) == ("error", None) else "detail"


@pytest.mark.parametrize(("target", "body"), VENDORS.items(), ids=["assistants", "messages", "temphone"])
def test_the_minimal_requests_work(vendors, client, target, body):
    assert client(vendors())("POST", target, body).status in (200, 201)


@pytest.mark.parametrize(
    ("target", "status", "style"),
    [
        (EVENTS, 422, "detail list"),
        ("/v2/messages/schedule", 415, "errors 10029"),
        ("/v1/calls/scheduled", 400, "envelope"),
    ],
)
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", None, "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_each_vendor_has_its_own_answer_to_a_wrong_content_type(vendors, client, target, status, style, content_type):
    answer = client(vendors())("POST", target, VENDORS[target], headers={"content-type": content_type})
    assert (answer.status, said(answer)) == (status, style)


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "Application/JSON", "application/json; x", "application/json; a=b=c"],
)
@pytest.mark.parametrize("target", VENDORS)
def test_parameters_of_a_content_type_do_no_harm(vendors, client, target, content_type):
    answer = client(vendors())("POST", target, VENDORS[target], headers={"content-type": content_type})
    assert answer.status in (200, 201)


@pytest.mark.parametrize(
    ("target", "style"),
    [(EVENTS, "errors 10009"), ("/v2/messages/schedule", "errors 10009"), ("/v1/calls/scheduled", "envelope")],
)
@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer ", "Basic a2V5", "Bearer  key"])
def test_each_vendor_refuses_strangers_in_its_style(vendors, client, target, style, authorization):
    answer = client(vendors(), {})("POST", target, VENDORS[target], headers={"authorization": authorization})
    assert (answer.status, said(answer)) == (401, style)


@pytest.mark.parametrize(
    ("method", "target", "status", "style"),
    [
        ("GET", "/v2/ai/assistants/a/nothing", 404, "errors 10005"),
        ("GET", "/v2/nothing", 404, "errors 10005"),
        ("GET", "/v1/nothing", 404, "envelope"),
        ("GET", f"{EVENTS}/none", 404, "detail"),
        ("GET", f"/v2/messages/{NOBODY}", 404, "errors 40303"),
        ("PUT", EVENTS, 405, "errors 10030"),
        ("PUT", "/v2/messages", 405, "errors 10030"),
        ("GET", "/v1/calls/scheduled", 405, "envelope"),
        ("GET", "/v2/messages/schedule", 405, "errors 10030"),
    ],
)
def test_each_vendor_says_what_is_not_there_in_its_style(vendors, client, method, target, status, style):
    answer = client(vendors())(method, target)
    assert (answer.status, said(answer)) == (status, style)


def test_a_vendor_may_look_at_a_rule_before_what_breaks_the_document(vendors, client):
    answer = client(vendors())(
        "POST", "/v1/calls/scheduled", CALL | {"scheduled_at": "2026-03-15T09:00:00Z", "metadata": 1}
    )
    assert answer.body["message"] == "Field 'scheduled_at' must be a valid ISO-8601 timestamp in the future."
    assert answer.headers["x-mock-trace"].startswith("rule temphone.past_datetime")


@pytest.mark.parametrize("target", VENDORS)
def test_each_vendor_refuses_too_much_in_its_style(vendors, client, target):
    body = [b" " * 60, json.dumps(VENDORS[target]).encode()]
    answer = client(vendors(max_body_bytes=50))(
        "POST", target, chunks=body, headers={"content-type": "application/json"}
    )
    assert answer.status == 413
    assert said(answer) in ("errors 10015", "errors 40302", "envelope", "detail")
    answer = client(vendors(max_records=1))
    assert [answer("POST", target, VENDORS[target]).status // 100, answer("POST", target, VENDORS[target]).status] == [
        2,
        429,
    ]


JUNK = [
    b"",
    b"{",
    b"[1,",
    b"nul",
    b"\xff\xfe{}",
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b'{"a": "\\ud800"}',
    b'{"a":1,"a":2}',
    b"[" * 10_000,
    b'{"a":' * 300 + b"1" + b"}" * 300,
    b"9" * 5_000,
    b"null",
    b"[]",
    b'"text"',
    b"{} {}",
    '{"a": 1}'.encode("utf-16"),
    b"\xef\xbb\xbf{}",
    b'{"a": "\x00"}',
]


@pytest.mark.parametrize("body", JUNK, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize("target", VENDORS)
def test_no_body_however_broken_is_more_than_a_refusal(vendors, client, target, body):
    answer = client(vendors())("POST", target, chunks=[body], headers={"content-type": "application/json"})
    assert 400 <= answer.status < 500
    said(answer)


@pytest.mark.parametrize(
    "query",
    [
        "page=2",
        "page[]=2",
        "page[size]=1_0",
        "page[size]=%207%20",
        "page[size]=%D9%A3",
        "page[size]=abc",
        "page[size]=0",
        "page[size]=101",
        "page[number]=0",
        "from_date=2026-01-01T00:00:00+00:00",
        "from_date=x",
        "conversation_channel=fax",
    ],
)
def test_a_list_refuses_what_no_value_of_a_parameter_is(vendors, client, query):
    answer = client(vendors())("GET", f"{EVENTS}?{query}")
    assert (answer.status, said(answer)) == (422, "detail list")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page[size]=5",
        "page%5Bsize%5D=5&page%5Bnumber%5D=2",
        "xpage[size]=1",
        "page[size]=5&page=2",
        "from_date=2026-01-01T00:00:00%2B00:00",
        "unknown=1",
    ],
)
def test_a_list_takes_what_is_well_formed(vendors, client, query):
    answer = client(vendors())("GET", f"{EVENTS}?{query}")
    assert answer.status == 200
    assert answer.body["meta"]["page_size"] == (5 if "size" in query and "xpage" not in query else 20)


def test_known_keys_and_the_keys_of_worlds_are_all_that_is_accepted(vendors, client):
    app = vendors(known_key=("K",))
    made = client(app)("POST", "/_mock/worlds", {}).body["api_key"]
    statuses = [client(app, {"authorization": f"Bearer {key}"})("GET", EVENTS).status for key in ("K", made, "other")]
    assert statuses == [200, 200, 401]


def test_naive_date_times_are_utc_unless_the_rule_refuses_them(vendors, client):
    naive = EVENT | {"scheduled_at_fixed_datetime": "2026-03-15T10:00:00.5"}
    taken = client(vendors())("POST", EVENTS, naive)
    assert (taken.status, taken.body["scheduled_at_fixed_datetime"]) == (201, "2026-03-15T10:00:00.5Z")
    strict = vendors(rules={"telnyx_assistants.naive_datetime": "reject"})
    assert client(strict)("POST", EVENTS, naive).status == 422


def test_one_world_serves_two_vendors_by_one_clock(vendors, client):
    ask = client(vendors())
    event, call = ask("POST", EVENTS, EVENT).body, ask("POST", "/v1/calls/scheduled", CALL).body
    ask("POST", "/_mock/clock/advance", {"by": "24h"})
    assert ask("GET", f"{EVENTS}/{event['scheduled_event_id']}").body["status"] == "completed"
    assert ask("GET", f"/_mock/resources/{call['data']['call_id']}").body["status"] == "completed"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 413, 415, 418, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("retry_after", [None, 0, 7])
def test_a_status_fault_speaks_as_the_vendor_does(vendors, client, status, retry_after):
    """In the vendor's words and form: valid where the document has the status, one header of each name."""
    for provider, operation, method, path in (
        ("telnyx_assistants", "get_scheduled_events", "GET", "/v2/ai/assistants/a/scheduled_events"),
        ("telnyx_messages", "RetrieveMessage", "GET", "/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6"),
        ("temphone", "scheduleCall", "POST", "/v1/calls/scheduled"),
    ):
        app = vendors()
        more = {} if retry_after is None else {"retry_after": retry_after}
        fault = {"kind": "status", "status": status, **more}
        app.service.worlds.default.simulation.faults.add(Fault("f", {"invalid": method == "POST"}, fault))
        answer = client(app)(method, path, {} if method == "POST" else None)
        contract = app.service.catalog.contract(provider, "spec")
        found = contract.check_response(operation, answer.status, "application/json", answer.body)
        assert answer.status == status
        assert {each.kind for each in found} <= {"undocumented-status"}, (provider, answer.body, found)
        if retry_after is not None or status != 429:
            assert answer.headers.get("retry-after") == (None if retry_after is None else str(retry_after))
        assert not any(word in str(answer.body) for word in ("'rule'", "not-found", "'conflict'", "'forbidden'"))


@pytest.mark.parametrize(
    ("operation", "outcome", "told"),
    [
        ("create_scheduled_event", "busy", None),
        ("ScheduleMessage", "delivered", None),
        ("SendMessage", "delivered", None),
        ("scheduleCall", "busy", None),
        ("get_scheduled_events", "busy", "script create_scheduled_event"),
        ("delete_scheduled_event", "busy", "script create_scheduled_event"),
        ("RetrieveMessage", "delivered", "script ScheduleMessage or SendMessage"),
        ("CancelMessage", "delivered", "script ScheduleMessage or SendMessage"),
    ],
)
def test_a_script_names_only_operations_that_attempts_are_made_of(vendors, client, operation, outcome, told):
    wish = {"match": {"operation": operation}, "outcomes": [outcome]}
    answer = client(vendors())("POST", "/_mock/outcomes", wish)
    assert (answer.status, answer.body.get("hint")) == (201 if told is None else 404, told)


def test_each_operation_that_attempts_are_made_of_is_there(loaded):
    providers = [each for each in loaded.providers.values() if each.kinds]
    assert len(providers) == 3
    assert all(each.attempted and each.attempted <= each.operations.keys() for each in providers)
