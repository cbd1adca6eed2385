from datetime import UTC, datetime, timedelta

import httpx2
import pytest

START = datetime(2026, 3, 15, 9, tzinfo=UTC)
DUE = START + timedelta(hours=1)
AGENT, USER = "+12125550100", "+12125550101"


def after(seconds):
    return DUE + timedelta(seconds=seconds)


@pytest.fixture
def events(telnyx):
    return telnyx.ai.assistants.scheduled_events


@pytest.fixture
def schedule(events):
    """Schedule an event and return how to look at it."""

    def make(channel="phone_call", **more):
        made = events.create(
            "asst_1",
            telnyx_conversation_channel=channel,
            telnyx_agent_target=AGENT,
            scheduled_at_fixed_datetime=DUE,
            **{"telnyx_end_user_target": USER, **more},
        )
        return lambda: events.retrieve(made.scheduled_event_id, assistant_id="asst_1")

    return make


def test_a_busy_line_is_called_three_times(schedule, world):
    look = schedule(max_retries_client_errors=2, retry_interval_secs=600)
    world.outcomes.script("busy", "busy", "completed")
    world.clock.advance("24h")
    event = look()
    dispatched = [DUE, after(602), after(1_204)]
    assert [attempt.attempt_number for attempt in event.call_attempts] == [1, 2, 3]
    assert [attempt.attempted_at for attempt in event.call_attempts] == dispatched
    assert [attempt.call_status for attempt in event.call_attempts] == ["busy", "busy", "completed"]
    assert [attempt.call_duration for attempt in event.call_attempts] == [None, None, 60]
    assert len({attempt.telnyx_call_control_id for attempt in event.call_attempts}) == 3
    assert (event.status, event.call_status, event.call_duration, event.retry_count) == (
        "completed",
        "completed",
        60,
        2,
    )
    assert event.dispatched_at == event.scheduled_at_fixed_datetime == dispatched[2]
    assert event.conversation_id
    assert event.errors is None
    assert world.clock.now() == START + timedelta(hours=24)


def test_every_step_on_the_way_can_be_seen(schedule, world):
    look = schedule(max_retries_client_errors=1, retry_interval_secs=600)
    world.outcomes.script("busy", "completed")
    seen = []
    for seconds in (-1, 0, 1, 2, 601, 602, 603, 609, 610, 670):
        world.clock.advance(after(seconds))
        event = look()
        seen.append((seconds, event.status, event.call_status, len(event.call_attempts or [])))
    assert seen == [
        (-1, "pending", None, 0),
        (0, "in_progress", None, 0),
        (1, "in_progress", None, 0),
        (2, "pending", "busy", 1),
        (601, "pending", "busy", 1),
        (602, "in_progress", None, 1),
        (603, "in_progress", "ringing", 1),
        (609, "in_progress", "ringing", 1),
        (610, "in_progress", "in-progress", 1),
        (670, "completed", "completed", 2),
    ]


@pytest.mark.parametrize(("outcome", "seconds"), [("busy", 2), ("no-answer", 31), ("failed", 1), ("canceled", 6)])
def test_a_line_that_is_never_answered_uses_up_its_retries(schedule, world, outcome, seconds):
    look = schedule(max_retries_client_errors=1, retry_interval_secs=60)
    world.outcomes.script(outcome)
    world.clock.advance("24h")
    event = look()
    assert (event.status, event.call_status, event.retry_count) == ("failed", outcome, 1)
    assert [attempt.attempted_at for attempt in event.call_attempts] == [DUE, after(seconds + 60)]
    assert len(event.errors) == 1
    assert [row.at for row in world.timeline() if row.to == "failed" and row.kind == "status"] == [
        after(2 * seconds + 60)
    ]


def test_magic_numbers_decide_without_a_script(schedule, world):
    looks = [
        schedule(telnyx_end_user_target=f"+1415555{digits}")
        for digits in ("0120", "0122", "0123", "0124", "0125", "0126")
    ]
    world.clock.advance("24h")
    assert [look().call_status for look in looks] == ["busy", "no-answer", "failed", "canceled", "ringing", "completed"]


@pytest.mark.parametrize(
    ("outcome", "status", "seconds"),
    [("delivered", "completed", 3), ("delivery_failed", "failed", 3), ("stuck", "in_progress", 0)],
)
def test_a_text_event_ends_as_its_delivery_does(schedule, world, outcome, status, seconds):
    look = schedule("sms_chat", text="See you tomorrow.")
    world.outcomes.script(outcome)
    assert [look().status, look().conversation_id] == ["pending", None]
    world.clock.advance(DUE)
    assert look().status == "in_progress"
    world.clock.advance("24h")
    assert look().status == status
    moved = [(row.at, row.to) for row in world.timeline() if row.was]
    assert moved == [(DUE, "in_progress"), (after(seconds), status)][: len(moved)]
    assert len(moved) == (1 if outcome == "stuck" else 2)


@pytest.mark.parametrize(
    ("outcome", "seconds", "sent"),
    [
        ("delivered", 4, 2),
        ("delivery_failed", 4, 2),
        ("delivery_unconfirmed", 3_600, 2),
        ("sending_failed", 2, None),
        ("expired", 3_600, None),
    ],
)
def test_a_message_ends_in_every_way_it_can(telnyx, world, outcome, seconds, sent):
    made = telnyx.messages.schedule(from_=AGENT, to=USER, text="Hello", send_at=DUE).data
    world.outcomes.script(outcome)
    world.clock.advance(after(seconds - 1))
    assert telnyx.messages.retrieve(made.id).data.to[0].status not in (outcome, "cancelled")
    world.clock.advance("24h")
    message = telnyx.messages.retrieve(made.id).data
    assert message.to[0].status == outcome
    assert message.completed_at == after(seconds)
    assert message.sent_at == (None if sent is None else after(sent))
    assert bool(message.errors) is (outcome not in ("delivered", "delivery_unconfirmed"))


def test_a_message_passes_through_every_status(telnyx, world):
    made = telnyx.messages.schedule(from_=AGENT, to=USER, text="Hello", send_at=DUE).data
    world.clock.advance("24h")
    path = [(row.at, row.to) for row in world.timeline(resource=made.id)]
    assert path == [
        (START, "scheduled"),
        (DUE, "queued"),
        (after(1), "sending"),
        (after(2), "sent"),
        (after(4), "delivered"),
    ]


def call_temphone(temphone, **more):
    body = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T10:00:00Z", "initial_message": "Hi {{first_name}}"}
    answer = temphone.post("/calls/scheduled", json=body | more)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["call_id"]


@pytest.mark.parametrize("outcome", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_temphone_call_is_followed_through_the_control_plane(temphone, world, outcome):
    identifier = call_temphone(temphone)
    world.outcomes.script(outcome)
    resource = world.resources.get(identifier)
    assert (resource.provider, resource.status, resource.due) == ("temphone", "scheduled", DUE)
    world.clock.advance(DUE)
    assert world.resources.get(identifier).status == "in_progress"
    world.clock.advance("1h")
    resource = world.resources.get(identifier)
    assert resource.status == {"completed": "completed", "canceled": "canceled"}.get(outcome, "failed")
    assert resource.record["status"] == resource.status
    assert resource.due is None


def test_a_temphone_call_can_be_cancelled_from_outside(temphone, world):
    identifier = call_temphone(temphone)
    assert world.resources.cancel(identifier).status == "canceled"
    world.clock.advance("24h")
    assert world.resources.get(identifier).status == "canceled"
    assert [(row.was, row.to) for row in world.timeline(resource=identifier)] == [
        (None, "scheduled"),
        ("scheduled", "canceled"),
    ]


def test_a_temphone_call_is_no_longer_than_it_may_be(temphone, world):
    identifier = call_temphone(temphone, max_duration_seconds=20)
    world.outcomes.script({"status": "completed", "talk": 500})
    world.clock.advance("24h")
    ended = [row.at for row in world.timeline(resource=identifier) if row.to == "completed" and row.kind == "status"]
    assert ended == [after(1 + 7 + 20)]


def test_answers_say_why_they_are_these(schedule, world):
    world.outcomes.script("busy", to=USER)
    schedule()
    world.clock.advance("24h")
    (record,) = world.resources.list()
    answer = httpx2.get(
        f"{world.url('telnyx_assistants')}/ai/assistants/asst_1/scheduled_events/{record.id}",
        headers={"authorization": f"Bearer {world.api_key}"},
    )
    assert answer.headers["x-mock-trace"].endswith("-> busy")
