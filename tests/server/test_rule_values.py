"""No value that a rule can take makes a vendor's answer break the document in force: it is refused, or it works."""

import pytest

EVENTS = "/v2/ai/assistants/assistant_1/scheduled_events"
AT = "2026-03-15T10:00:00Z"
EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+12125550101",
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": AT,
}
MESSAGE = {"from": "+12125550100", "to": "+12125550101", "text": "Hello"}
CALL = {"contact_id": "ctc_12kd88", "scheduled_at": AT, "initial_message": "Hi"}
ASKED = {
    "telnyx_assistants": [(EVENTS, EVENT), (EVENTS, EVENT | {"telnyx_conversation_channel": "sms_chat", "text": "Hi"})],
    "telnyx_messages": [("/v2/messages/schedule", MESSAGE | {"send_at": AT}), ("/v2/messages", MESSAGE)],
    "temphone": [("/v1/calls/scheduled", CALL)],
}
NEEDS_OBSERVED = {
    ("telnyx_assistants.unset_fields", "null"),
    ("telnyx_messages.cost_amount", "number"),
    ("telnyx_messages.scheduled_status", "scheduled"),
    ("telnyx_messages.sender_line_type", "long_code"),
}


def values(answer):
    rules = answer("GET", "/_mock/rules").body["rules"]
    return [(rule["name"], value) for rule in rules for value in rule["values"] or ()]


@pytest.mark.parametrize(
    ("profile", "refused"), [("spec", NEEDS_OBSERVED), ("observed", set()), ("lenient", NEEDS_OBSERVED)]
)
def test_a_value_that_would_break_the_document_is_refused_and_any_other_works(vendors, client, profile, refused):
    answer, told = client(vendors(profile=profile)), set()
    for name, value in values(answer):
        if answer("PATCH", "/_mock/rules", {name: value}).status == 422:
            told.add((name, value))
        statuses = [answer("POST", target, body).status for target, body in ASKED[name.split(".")[0]]]
        assert max(statuses) < 500, (name, value)
        answer("PATCH", "/_mock/rules", {name: None})
    assert told == refused


def test_who_sets_such_a_value_is_told_what_to_do(vendors, client):
    refusal = client(vendors())("PATCH", "/_mock/rules", {"telnyx_messages.scheduled_status": "scheduled"})
    assert "make the world, with profile observed" in refusal.body["detail"] + refusal.body.get("hint", "")


def test_worlds_whose_document_allows_it_have_the_servers_own_value(vendors, client):
    app = vendors(profile="observed", rules={"telnyx_messages.cost_amount": "number"})
    key = client(app)(
        "POST", "/_mock/worlds", {"id": "plain", "profile": "spec", "clock": "2026-03-15T09:00:00Z"}
    ).body["api_key"]
    costs = [
        client(app, {"authorization": f"Bearer {token}"})("POST", "/v2/messages", MESSAGE).body["data"]["cost"][
            "amount"
        ]
        for token in ("any", key)
    ]
    assert costs == [0.0051, "0.0051"]
