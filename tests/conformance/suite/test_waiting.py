"""Where the clock is the target's own, what waits is still held to be shown as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contratempo.conformance.instants import written

NOW = datetime(2026, 3, 15, 9, tzinfo=UTC)


def seen_twice(shown: Any, ahead: timedelta, text: str) -> Any:
    """Return what is said of an event that was created with one text and is retrieved with another."""
    suite = shown("telnyx_assistants")
    when = written(NOW + ahead)
    sent = {"telnyx_conversation_channel": "sms_chat", "telnyx_end_user_target": "+1", "telnyx_agent_target": "+2"}
    sent |= {"scheduled_at_fixed_datetime": when, "text": "Hello"}
    event = sent | {"scheduled_event_id": "e1", "assistant_id": "a", "status": "pending"}
    suite.note(suite.seen("POST", "/ai/assistants/a/scheduled_events", 201, event, body=sent, now=None))
    path = "/ai/assistants/a/scheduled_events/e1"
    return suite.say("events.retrieve.as-listed", suite.seen("GET", path, 200, event | {"text": text}, now=None))


def test_an_event_that_waits_stays_as_it_was(shown: Any) -> None:
    assert seen_twice(shown, timedelta(hours=1), "Hello") == []
    assert seen_twice(shown, timedelta(hours=1), "Bye") == ["text is 'Bye', and was 'Hello' at the same instant"]


def test_one_that_is_due_may_have_changed(shown: Any) -> None:
    assert seen_twice(shown, timedelta(seconds=30), "Bye") is None


def test_a_message_that_waits_stays_as_it_was(shown: Any) -> None:
    suite = shown("telnyx_messages")
    sent = {"from": "+18445550001", "to": "+18665550001", "text": "Hello", "send_at": written(NOW + timedelta(hours=1))}
    message = {"id": "40385f64-5717-4562-b3fc-2c963f66afa6", "text": "Hello", "to": [{"status": "queued"}]}
    suite.note(suite.seen("POST", "/messages/schedule", 200, {"data": message}, body=sent, now=None))
    for text, wrong in (("Hello", 0), ("Bye", 1)):
        x = suite.seen("GET", f"/messages/{message['id']}", 200, {"data": message | {"text": text}}, now=None)
        assert len(suite.say("messages.retrieve.alike", x)) == wrong
