"""How the vendor shows a message."""

from decimal import Decimal

import pytest

from contratempo.sim.outcomes import MESSAGE_OUTCOMES

SMS = {"from": "+18445550001", "to": "+18665550001", "text": "Hello, World!"}


def test_a_scheduled_message_has_every_field_of_the_vendors_example(desk):
    body = SMS | {
        "send_at": "2026-03-15T16:00:00Z",
        "subject": "From Telnyx!",
        "messaging_profile_id": "4000eba1-a0c0-4563-9925-b25e842a7cb6",
        "webhook_url": "https://www.example.com/hooks",
        "webhook_failover_url": "https://backup.example.com/hooks",
        "media_urls": ["https://www.example.com/cat.png"],
        "type": "MMS",
    }
    shown = desk.accepted("ScheduleMessage", body)
    assert {name: shown.pop(name) for name in ("id", "organization_id")}.keys() == {"id", "organization_id"}
    assert shown == {
        "record_type": "message",
        "direction": "outbound",
        "type": "MMS",
        "messaging_profile_id": "4000eba1-a0c0-4563-9925-b25e842a7cb6",
        "from": {"phone_number": "+18445550001", "carrier": "TELNYX LLC", "line_type": "VoIP"},
        "to": [
            {
                "phone_number": "+18665550001",
                "status": "queued",
                "carrier": "T-MOBILE USA, INC.",
                "line_type": "Wireless",
            }
        ],
        "cc": [],
        "text": "Hello, World!",
        "subject": "From Telnyx!",
        "media": [{"url": "https://www.example.com/cat.png", "content_type": None, "sha256": None, "size": None}],
        "webhook_url": "https://www.example.com/hooks",
        "webhook_failover_url": "https://backup.example.com/hooks",
        "encoding": "GSM-7",
        "parts": 1,
        "tags": [],
        "cost": {"amount": "0.0051", "currency": "USD"},
        "cost_breakdown": {
            "carrier_fee": {"amount": "0.00305", "currency": "USD"},
            "rate": {"amount": "0.00205", "currency": "USD"},
        },
        "received_at": "2026-03-15T15:00:00Z",
        "sent_at": None,
        "completed_at": None,
        "valid_until": "2026-03-15T17:00:00Z",
        "errors": [],
        "smart_encoding_applied": False,
        "wait_seconds": 0.0,
        "send_at": "2026-03-15T16:00:00Z",
    }


def test_what_was_not_asked_for_is_left_out(desk):
    shown = desk.accepted("SendMessage", SMS)
    assert not shown.keys() & {"subject", "webhook_url", "webhook_failover_url", "messaging_profile_id", "send_at"}


@pytest.mark.parametrize("parts", range(1, 11))
def test_every_part_costs_the_same(desk, parts):
    shown = desk.accepted("SendMessage", SMS | {"text": "a" * (153 * parts if parts > 1 else 1)})
    assert shown["parts"] == parts
    breakdown = shown["cost_breakdown"]
    assert Decimal(shown["cost"]["amount"]) == Decimal("0.0051") * parts
    assert Decimal(breakdown["carrier_fee"]["amount"]) == Decimal("0.00305") * parts
    assert Decimal(breakdown["rate"]["amount"]) == Decimal("0.00205") * parts


def test_a_sender_that_is_no_number_has_no_carrier(desk):
    shown = desk.accepted("SendMessage", SMS | {"from": "24273"})
    assert shown["from"] == {"phone_number": "24273", "carrier": "", "line_type": ""}


def test_the_text_shown_is_the_text_sent_even_when_characters_are_replaced(desk, make_desk):
    by_request = desk.accepted("SendMessage", SMS | {"text": "“Hi”", "encoding": "auto"})
    by_profile = desk.accepted(
        "SendMessage", SMS | {"text": "“Hi”", "messaging_profile_id": "4000eba1-a0c0-4563-9925-b25e842a7c05"}
    )
    by_rule = make_desk(smart_encoding="on").accepted("SendMessage", SMS | {"text": "“Hi”"})
    for shown in (by_request, by_profile, by_rule):
        assert (shown["text"], shown["encoding"], shown["smart_encoding_applied"]) == ("“Hi”", "GSM-7", True)
    plain = desk.accepted("SendMessage", SMS | {"text": "“Hi”"})
    assert (plain["encoding"], plain["smart_encoding_applied"]) == ("UTF-16", False)


def test_the_status_before_it_is_due_is_a_rule(desk):
    message = desk.schedule(600)
    assert desk.status(message) == "queued"
    desk.simulation.set_rules({"telnyx_messages.scheduled_status": "scheduled"})
    assert desk.status(message) == "scheduled"


def test_messages_of_one_organization_have_ids_of_their_own(desk):
    first, second = desk.message(desk.send()), desk.message(desk.send())
    assert first["id"] != second["id"]
    assert first["organization_id"] == second["organization_id"]


def test_all_messages_are_listed_by_when_they_are_due(desk):
    late, soon, now = desk.schedule(900), desk.schedule(600), desk.send()
    listed = [record["id"] for record in desk.simulation.records.page("message").records]
    scheduled = [record["id"] for record in desk.simulation.records.page("message", ("scheduled",)).records]
    assert (listed, scheduled) == ([now, soon, late], [soon, late])


def test_answers_keep_the_vendors_own_document(desk, vendored_contract):
    desk.script(*sorted(MESSAGE_OUTCOMES))
    for _ in MESSAGE_OUTCOMES:
        message = desk.schedule(600)
        for seconds in (0, 600, 1, 1, 2, 3600):
            desk.advance(seconds)
            body = {"data": desk.message(message)}
            assert vendored_contract.check_response("ScheduleMessage", 200, "application/json", body) == ()
