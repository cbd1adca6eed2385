from datetime import timedelta

from telnyx import Telnyx


def test_a_busy_line_is_called_again(contratempo):
    client = Telnyx(api_key=contratempo.api_key, base_url=contratempo.url("telnyx_assistants"))
    contratempo.outcomes.script("busy", "busy", "completed")
    event = client.ai.assistants.scheduled_events.create(
        "asst_1", telnyx_conversation_channel="phone_call", telnyx_agent_target="+14155550100",
        telnyx_end_user_target="+14155550199", max_retries_client_errors=2, retry_interval_secs=600,
        scheduled_at_fixed_datetime=contratempo.clock.now() + timedelta(hours=1),
    )
    contratempo.clock.advance("24h")
    event = client.ai.assistants.scheduled_events.retrieve(event.scheduled_event_id, assistant_id="asst_1")
    assert [attempt.call_status for attempt in event.call_attempts] == ["busy", "busy", "completed"]
