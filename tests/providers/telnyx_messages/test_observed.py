"""What the guides say the live service sends, where the vendored document says otherwise."""

import pytest

SMS = {"from": "+18445550001", "to": "+18665550001", "text": "Hello, World!"}
PAYLOAD = "#/components/schemas/OutboundMessagePayload"


@pytest.fixture
def observed(make_desk, observed_contract):
    desk = make_desk(scheduled_status="scheduled", to_format="e164")
    desk.contract = observed_contract
    return desk


def test_a_message_that_waits_is_scheduled_in_the_very_answer(observed, messages_contract):
    shown = observed.accepted("ScheduleMessage", SMS | {"send_at": observed.at(600)})
    assert (shown["to"][0]["status"], shown["send_at"]) == ("scheduled", observed.at(600))
    assert [found.path for found in messages_contract.check_schema(PAYLOAD, shown)] == [("to", 0, "status")]


def test_a_cancelled_message_is_a_message_like_any(observed, messages_contract):
    shown = observed.ask("CancelMessage", id=observed.schedule(600)).body
    assert (shown["to"][0]["status"], shown["cost"]) == ("cancelled", {"amount": "0.0", "currency": "USD"})
    assert observed.contract.check_schema(PAYLOAD, shown) == ()
    assert [found.path for found in messages_contract.check_schema(PAYLOAD, shown)] == [("to", 0, "status")]


def test_the_samples_of_the_guides_are_good_and_break_the_document(observed, messages_contract):
    samples = [{"from": {"line_type": "long_code"}}, {"cost": {"amount": 0.0051, "currency": "USD"}}]
    samples += [{"cost": {"amount": 0, "currency": None}}]
    assert [observed.contract.check_schema(PAYLOAD, sample) for sample in samples] == [(), (), ()]
    assert all(messages_contract.check_schema(PAYLOAD, sample) for sample in samples)


def test_amounts_are_numbers_and_lines_long_codes_by_rules(observed):
    observed.simulation.set_rules({"telnyx_messages.cost_amount": "number"})
    observed.simulation.set_rules({"telnyx_messages.sender_line_type": "long_code"})
    shown = observed.message(observed.schedule(600))
    assert (shown["cost"]["amount"], shown["cost_breakdown"]["rate"]["amount"]) == (0.0051, 0.00205)
    assert (shown["from"]["line_type"], shown["to"][0]["line_type"]) == ("long_code", "Wireless")
    alphanumeric = observed.schedule(
        600, **{"from": "Telnyx", "to": "+442071838750", "messaging_profile_id": "4000eba1-a0c0-4563-9925-b25e842a7cb6"}
    )
    assert observed.message(alphanumeric)["from"]["line_type"] == ""


def test_a_receiver_is_a_number(observed):
    assert observed.refused("ScheduleMessage", SMS | {"to": "anyone", "send_at": observed.at(600)})[:2] == (
        422,
        "40310",
    )
