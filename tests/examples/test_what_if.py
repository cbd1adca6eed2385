from datetime import timedelta

from telnyx import Telnyx


def test_what_if_the_line_had_been_busy(contratempo):
    client = Telnyx(api_key=contratempo.api_key, base_url=contratempo.url("telnyx_assistants"))
    client.ai.assistants.scheduled_events.create(
        "asst_1", telnyx_conversation_channel="phone_call", telnyx_agent_target="+14155550100",
        telnyx_end_user_target="+14155550199", scheduled_at_fixed_datetime=contratempo.clock.now() + timedelta(hours=1),
    )
    before = contratempo.checkpoint("before-the-call")
    assert contratempo.timeline(horizon="2h")[-1].to == "completed"  # planned: it has not happened yet

    contratempo.clock.advance("2h")
    what_if = contratempo.fork(before)
    what_if.outcomes.script("busy")
    what_if.clock.advance("2h")
    (event,) = contratempo.compare(what_if)["resources"]["differ"]
    assert {"field": "status", "a": "completed", "b": "failed"} in event["fields"]

    contratempo.rewind(before)
    assert contratempo.resources.list()[0].status == "pending"
