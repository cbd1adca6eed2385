"""Retrieving, cancelling, and repeating with a key."""

import pytest

from contratempo.provider import Refusal

SMS = {"from": "+18445550001", "to": "+18665550001", "text": "Hello, World!"}
NOBODY = "40385f64-5717-4562-b3fc-2c963f66afa6"


@pytest.mark.parametrize("operation", ["RetrieveMessage", "CancelMessage"])
def test_a_message_that_is_not_there_is_not_found_in_both_forms(desk, operation):
    response = desk.ask(operation, id=NOBODY)
    assert response.status == 404
    assert (response.body["code"], response.body["title"]) == ("40303", "Message not found")
    assert response.body["errors"][0]["code"] == "40303"
    assert NOBODY in response.body["detail"]


def test_ids_have_no_case(desk):
    message = desk.send()
    assert desk.message(message.upper())["id"] == message


def test_a_message_is_retrieved_for_ten_days(desk):
    message = desk.send()
    desk.advance(864_000)
    assert desk.status(message) == "delivered"
    desk.advance(0.000001)
    response = desk.ask("RetrieveMessage", id=message)
    assert (response.status, response.trace) == (404, ("rule telnyx_messages.retrieval_window",))


def test_old_messages_stay_when_the_rule_is_off(make_desk):
    desk = make_desk(retrieval_window="off")
    message = desk.send()
    desk.advance(8_640_000)
    assert desk.status(message) == "delivered"


def test_a_cancelled_message_is_bare_costs_nothing_and_is_never_sent(desk):
    message = desk.schedule(3600)
    response = desk.ask("CancelMessage", id=message)
    shown = response.body
    assert (response.status, shown["id"], shown["to"][0]["status"]) == (200, message, "cancelled")
    assert (shown["cost"]["amount"], shown["cost_breakdown"]["rate"]["amount"]) == ("0.0", "0.0")
    assert shown["sent_at"] is shown["completed_at"] is shown["valid_until"] is None
    desk.advance(7200)
    assert desk.message(message) == shown


@pytest.mark.parametrize(("seconds", "status"), [(60.000001, 200), (60, 403), (1, 403)])
def test_the_last_minute_is_too_late_to_cancel(desk, seconds, status):
    message = desk.schedule(3600)
    desk.advance(3600 - seconds)
    response = desk.ask("CancelMessage", id=message)
    assert response.status == status
    if status == 403:
        assert response.body["errors"][0]["code"] == response.body["code"] == "10015"
        assert response.trace[0] == "rule telnyx_messages.cancel_window"
        assert "2026-03-15T16:00:00Z" in response.body["detail"]


def test_the_last_minute_is_a_rule(make_desk):
    desk = make_desk(cancel_window="off")
    message = desk.schedule(3600)
    desk.advance(3599)
    assert desk.ask("CancelMessage", id=message).status == 200


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [("delivered", 0), ("delivered", 1), ("delivered", 2), ("delivered", 4), ("delivery_failed", 4),
     ("delivery_unconfirmed", 3600), ("sending_failed", 2), ("expired", 3600), ("stuck", 7200)],
)  # fmt: skip
def test_only_a_scheduled_message_is_cancelled(desk, outcome, seconds):
    desk.script(outcome)
    message = desk.send()
    desk.advance(seconds)
    status = desk.status(message)
    response = desk.ask("CancelMessage", id=message)
    assert (response.status, desk.status(message)) == (403, status)
    assert status in response.body["detail"]


def test_a_message_is_cancelled_once(desk):
    message = desk.schedule(3600)
    assert [desk.ask("CancelMessage", id=message).status for _ in range(2)] == [200, 403]


def test_a_cancelled_message_can_be_gone(make_desk):
    desk = make_desk(cancelled_message="gone")
    message = desk.schedule(3600)
    assert desk.ask("CancelMessage", id=message).body["id"] == message
    assert desk.ask("RetrieveMessage", id=message).trace == ("rule telnyx_messages.cancelled_message",)
    assert desk.ask("CancelMessage", id=message).status == 404
    assert desk.simulation.records.get("message", message)["status"] == "cancelled"


def test_the_control_planes_cancel_knows_no_last_minute(desk):
    message = desk.schedule(3600)
    desk.advance(3599)
    kind, record = desk.simulation.records.find(message)
    assert kind.cancel(desk.simulation, record)["status"] == "cancelled"
    desk.advance(10)
    assert desk.status(message) == "cancelled"
    with pytest.raises(Refusal):
        kind.cancel(desk.simulation, desk.simulation.records.get("message", message))


def test_a_repeated_key_gets_the_first_answer_and_sends_nothing(desk):
    first = desk.ask("SendMessage", SMS, key="key-1")
    desk.advance(86_399)
    again = desk.ask("SendMessage", dict(reversed(SMS.items())), key="key-1")
    assert again.body == first.body
    assert again.trace == ("Idempotency-Key replayed",)
    assert desk.simulation.records.page("message").total == 1


def test_a_key_lapses_after_a_day(desk):
    first = desk.ask("SendMessage", SMS, key="key-1")
    desk.advance(86_400)
    assert desk.ask("SendMessage", SMS, key="key-1").body["data"]["id"] != first.body["data"]["id"]


def test_keys_and_callers_and_their_absence_are_told_apart(desk):
    asked = [("key-1", "me"), ("key-2", "me"), ("key-1", "you"), (None, "me"), (None, "me")]
    answers = [desk.ask("SendMessage", SMS, key=key, caller=caller).body["data"]["id"] for key, caller in asked]
    assert len(set(answers)) == 5


def test_a_key_with_another_request_is_refused(desk):
    desk.ask("SendMessage", SMS, key="key-1")
    response = desk.ask("SendMessage", SMS | {"text": "Bye"}, key="key-1")
    assert (response.status, response.body["errors"][0]["code"]) == (422, "10027")
    assert response.trace[0] == "rule telnyx_messages.idempotency_mismatch"


def test_a_key_with_another_request_can_be_fresh(make_desk):
    desk = make_desk(idempotency_mismatch="fresh")
    first = desk.ask("SendMessage", SMS, key="key-1")
    second = desk.ask("SendMessage", SMS | {"text": "Bye"}, key="key-1")
    assert second.body["data"]["id"] != first.body["data"]["id"]
    assert desk.ask("SendMessage", SMS | {"text": "Bye"}, key="key-1").body == second.body


@pytest.mark.parametrize("cancelled", ["kept", "gone"])
def test_a_key_repeats_the_answer_unless_its_message_is_gone(make_desk, cancelled):
    desk = make_desk(cancelled_message=cancelled)
    body = SMS | {"send_at": desk.at(600)}
    first = desk.ask("SendMessage", body, key="key-1")
    assert desk.ask("CancelMessage", id=first.body["data"]["id"]).status == 200
    again = desk.ask("SendMessage", body, key="key-1")
    assert (again.body == first.body) == (cancelled == "kept")


def test_a_refusal_is_not_kept_under_its_key(desk):
    assert desk.ask("SendMessage", SMS | {"text": ""}, key="key-1").status == 422
    assert desk.ask("SendMessage", SMS, key="key-1").status == 200


def test_a_minimal_message_is_sent_at_once_when_the_rules_are_off(lenient):
    scheduled = lenient.accepted("ScheduleMessage", {"to": "+18445550001"})
    lenient.advance(4)
    shown = lenient.message(scheduled["id"])
    assert (shown["to"][0]["status"], shown["parts"], shown["encoding"]) == ("delivered", 1, "GSM-7")
    assert "text" not in shown
