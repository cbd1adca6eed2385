from datetime import timedelta

from telnyx import Telnyx


def test_a_lost_answer_does_not_schedule_twice(contratempo):
    client = Telnyx(api_key=contratempo.api_key, base_url=contratempo.url("telnyx_assistants"))
    contratempo.faults.add("status", status=503, operation="create_scheduled_event", times=2)
    contratempo.faults.add("drop_after_commit", operation="create_scheduled_event")
    client.with_options(max_retries=3).ai.assistants.scheduled_events.create(
        "asst_1", telnyx_conversation_channel="phone_call", telnyx_agent_target="+14155550100",
        telnyx_end_user_target="+14155550199", idempotency_key="reminder-17",
        scheduled_at_fixed_datetime=contratempo.clock.now() + timedelta(hours=1),
    )
    assert client.ai.assistants.scheduled_events.list("asst_1").meta.total_results == 1


def test_a_message_is_announced_and_the_signature_holds(contratempo):
    client = Telnyx(api_key=contratempo.api_key, base_url=contratempo.url("telnyx_messages"))
    contratempo.faults.add("duplicate", event="message.sent")
    client.messages.schedule(
        from_="+14155550100", to="+14155550199", text="See you at nine.",
        send_at=contratempo.clock.now() + timedelta(days=1),
        webhook_url=f"{contratempo.server.origin}/_mock/sink/messages",  # or your application's own address
    )
    contratempo.clock.advance("25h")
    received = contratempo.sink("messages").list()
    assert [row.body["data"]["event_type"] for row in received] == ["message.sent"] * 2 + ["message.finalized"]
    assert {row.signature for row in received} == {"valid"}
