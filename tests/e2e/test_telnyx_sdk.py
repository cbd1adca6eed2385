from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_DNS, uuid5

import pytest
import telnyx as sdk
from telnyx import Telnyx

START = datetime(2026, 3, 15, 9, tzinfo=UTC)
SOON = START + timedelta(hours=1)
UNKNOWN = str(uuid5(NAMESPACE_DNS, "unknown"))
AGENT, USER = "+12125550100", "+12125550101"
CALL = {"telnyx_conversation_channel": "phone_call", "telnyx_agent_target": AGENT, "telnyx_end_user_target": USER}
CHAT = {**CALL, "telnyx_conversation_channel": "sms_chat", "text": "See you tomorrow."}
MESSAGE = {"from_": AGENT, "to": USER, "text": "Hello"}


@pytest.fixture
def events(telnyx):
    return telnyx.ai.assistants.scheduled_events


def test_a_call_is_scheduled_retrieved_and_deleted(events):
    made = events.create(
        "asst_1",
        **CALL,
        scheduled_at_fixed_datetime=SOON,
        conversation_metadata={"vip": True, "tries": 3, "who": "Dana"},
        dynamic_variables={"name": "Dana"},
        max_retries_client_errors=2,
        retry_interval_secs=600,
        call_settings={"sip_region": "Europe"},
    )
    assert type(made).__name__ == "ScheduledPhoneCallEventResponse"
    assert (made.status, made.scheduled_at_fixed_datetime, made.created_at) == ("pending", SOON, START)
    assert (made.conversation_metadata, made.dynamic_variables) == (
        {"vip": True, "tries": 3, "who": "Dana"},
        {"name": "Dana"},
    )
    assert made.call_settings.sip_region == "Europe"
    assert events.retrieve(made.scheduled_event_id, assistant_id="asst_1") == made
    assert events.delete(made.scheduled_event_id, assistant_id="asst_1") is None
    with pytest.raises(sdk.NotFoundError):
        events.retrieve(made.scheduled_event_id, assistant_id="asst_1")


def test_a_text_is_scheduled_retrieved_and_deleted(events):
    made = events.create("asst_1", **CHAT, scheduled_at_fixed_datetime=SOON)
    assert type(made).__name__ == "ScheduledSMSEventResponse"
    assert (made.text, made.status) == (CHAT["text"], "pending")
    assert events.retrieve(made.scheduled_event_id, assistant_id="asst_1") == made
    events.delete(made.scheduled_event_id, assistant_id="asst_1")
    assert events.list("asst_1").meta.total_results == 0


def test_naive_and_offset_date_times_are_the_instants_they_say(events):
    naive = events.create("asst_1", **CALL, scheduled_at_fixed_datetime=datetime(2026, 3, 15, 10))
    offset = events.create("asst_1", **CALL, scheduled_at_fixed_datetime="2026-03-15T12:00:00+02:00")
    assert naive.scheduled_at_fixed_datetime == offset.scheduled_at_fixed_datetime == SOON


def test_the_list_pages_by_itself_and_filters(events):
    """250 events, an hour apart, every fifth a text."""
    times = [START + timedelta(hours=1 + number) for number in range(250)]
    made = [
        events.create(
            "asst_1", **(CHAT if number % 5 == 0 else CALL), scheduled_at_fixed_datetime=time
        ).scheduled_event_id
        for number, time in enumerate(times)
    ]
    events.create("asst_2", **CALL, scheduled_at_fixed_datetime=SOON)

    def listed(**filters):
        return [event.scheduled_event_id for event in events.list("asst_1", **filters)]

    assert listed() == listed(page_size=100) == listed(page_size=7) == made
    assert listed(page_size=50, page_number=5) == made[200:]
    assert listed(conversation_channel="sms_chat", page_size=20) == made[::5]
    assert listed(conversation_channel="phone_call") == [each for number, each in enumerate(made) if number % 5]
    assert listed(from_date=times[200]) == made[200:]
    assert listed(to_date=times[99], page_size=30) == made[:100]
    both = {"from_date": times[50], "to_date": times[150].isoformat()}
    assert listed(**both) == made[50:151]
    assert listed(**both, conversation_channel="sms_chat", page_size=5) == made[50:151:5]
    assert listed(from_date=times[-1] + timedelta(microseconds=1)) == []


def test_a_page_says_where_it_is(events):
    for hours in range(1, 6):
        events.create("asst_1", **CALL, scheduled_at_fixed_datetime=START + timedelta(hours=hours))
    page = events.list("asst_1", page_size=2, page_number=2)
    meta = page.meta
    assert (meta.page_number, meta.page_size, meta.total_pages, meta.total_results, len(page.data)) == (2, 2, 3, 5, 2)
    beyond = events.list("asst_1", page_number=9)
    assert (beyond.data, beyond.meta.total_results) == ([], 5)
    assert (events.list("nobody").meta.total_pages, list(events.list("nobody"))) == (0, [])


def test_a_message_is_scheduled_retrieved_and_cancelled(telnyx):
    made = telnyx.messages.schedule(**MESSAGE, send_at=SOON).data
    assert (made.to[0].status, made.to[0].phone_number, made.parts, made.encoding) == ("queued", USER, 1, "GSM-7")
    found = telnyx.messages.retrieve(made.id).data
    assert (type(found).__name__, found.id, found.text) == ("OutboundMessagePayload", made.id, "Hello")
    cancelled = telnyx.messages.cancel_scheduled(made.id)
    assert (cancelled.id, cancelled.to[0].status) == (made.id, "cancelled")
    with pytest.raises(sdk.APIStatusError):
        telnyx.messages.cancel_scheduled(made.id)


def test_a_message_is_sent_at_once_and_delivered(telnyx, world):
    made = telnyx.messages.send(**MESSAGE).data
    assert made.to[0].status == "queued"
    world.clock.advance("1m")
    found = telnyx.messages.retrieve(made.id).data
    assert (found.to[0].status, found.sent_at, found.completed_at) == (
        "delivered",
        START + timedelta(seconds=2),
        START + timedelta(seconds=4),
    )


def test_an_idempotency_key_makes_one_of_two(events, telnyx):
    key = {"idempotency_key": "once-and-for-all"}
    one, two = (events.create("asst_1", **CALL, scheduled_at_fixed_datetime=SOON, **key) for _ in range(2))
    assert one == two
    assert events.list("asst_1").meta.total_results == 1
    sent = [telnyx.messages.send(**MESSAGE, **key).data.id for _ in range(2)]
    assert sent[0] == sent[1]


def call(**more):
    wish = {**CALL, "scheduled_at_fixed_datetime": SOON, **more}
    return lambda client: client.ai.assistants.scheduled_events.create("a", **wish)


def chat(**more):
    return call(**{**CHAT, **more})


def schedule(**more):
    return lambda client: client.messages.schedule(**{**MESSAGE, **more})


def send(**more):
    return lambda client: client.messages.send(**{**MESSAGE, **more})


def on_events(operation, *arguments, **more):
    return lambda client: getattr(client.ai.assistants.scheduled_events, operation)(*arguments, **more)


def on_messages(operation, *arguments):
    return lambda client: getattr(client.messages, operation)(*arguments)


def one_key_for_two(client):
    for hours in (2, 3):
        call(scheduled_at_fixed_datetime=START + timedelta(hours=hours), idempotency_key="k")(client)


def cancel_what_is_sent(client):
    client.messages.cancel_scheduled(send()(client).data.id)


ERRORS = {
    "a past date": (sdk.BadRequestError, call(scheduled_at_fixed_datetime=START), "must be in the future"),
    "retries of a text": (sdk.BadRequestError, chat(max_retries_client_errors=1, retry_interval_secs=60), "retr"),
    "retries without an interval": (sdk.BadRequestError, call(max_retries_client_errors=1), "retry_interval_secs"),
    "an interval without retries": (sdk.BadRequestError, call(retry_interval_secs=60), "retry_interval_secs"),
    "a malformed idempotency key": (sdk.BadRequestError, call(idempotency_key="no spaces"), "10015"),
    "a used idempotency key": (sdk.UnprocessableEntityError, one_key_for_two, "idempotency-key"),
    "a text without text": (sdk.UnprocessableEntityError, chat(text=sdk.omit), "text"),
    "too many retries": (
        sdk.UnprocessableEntityError,
        call(max_retries_client_errors=11, retry_interval_secs=60),
        "max_retries_client_errors",
    ),
    "no channel": (
        sdk.UnprocessableEntityError,
        call(telnyx_conversation_channel="fax"),
        "telnyx_conversation_channel",
    ),
    "no date": (sdk.UnprocessableEntityError, call(scheduled_at_fixed_datetime="x"), "scheduled_at_fixed_datetime"),
    "a page of none": (sdk.UnprocessableEntityError, on_events("list", "a", page_size=0), "page[size]"),
    "an unknown event": (sdk.NotFoundError, on_events("retrieve", UNKNOWN, assistant_id="a"), "not found"),
    "an unknown event deleted": (sdk.NotFoundError, on_events("delete", UNKNOWN, assistant_id="a"), "not found"),
    "a message too soon": (sdk.BadRequestError, schedule(send_at=START + timedelta(seconds=299)), "/send_at"),
    "a message too late": (sdk.BadRequestError, schedule(send_at=START + timedelta(days=5, seconds=1)), "/send_at"),
    "a message without a time": (sdk.BadRequestError, schedule(), "10004"),
    "a message without content": (sdk.UnprocessableEntityError, send(text=sdk.omit), "40316"),
    "a message too long": (sdk.UnprocessableEntityError, send(text="x" * 1_531), "40302"),
    "an unknown message": (sdk.NotFoundError, on_messages("retrieve", UNKNOWN), "40303"),
    "an unknown message cancelled": (sdk.NotFoundError, on_messages("cancel_scheduled", UNKNOWN), "40303"),
    "a sent message cancelled": (sdk.PermissionDeniedError, cancel_what_is_sent, "10015"),
    "an unknown address": (sdk.NotFoundError, lambda client: client.get("/nothing", cast_to=object), "10005"),
    "a method not there": (sdk.APIStatusError, lambda client: client.put("/messages", cast_to=object), "10030"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_documented_error_raises_its_class(telnyx, name):
    kind, act, said = ERRORS[name]
    with pytest.raises(kind) as caught:
        act(telnyx)
    assert said in str(caught.value.body)
    assert caught.value.response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic a2V5"])
def test_without_a_proper_key_authentication_fails(telnyx, authorization):
    stranger = telnyx.with_options(default_headers={"Authorization": authorization})
    for act in (lambda: stranger.ai.assistants.scheduled_events.list("a"), lambda: stranger.messages.retrieve(UNKNOWN)):
        with pytest.raises(sdk.AuthenticationError) as caught:
            act()
        assert caught.value.body["errors"][0]["code"] == "10009"


def test_a_region_that_is_not_allowed_is_forbidden(telnyx, world):
    """What the rule stands for is in the account of a live assistant."""
    world.rules.set({"telnyx_assistants.telephony": "destination_not_allowed"})
    with pytest.raises(sdk.PermissionDeniedError) as caught:
        telnyx.ai.assistants.scheduled_events.create("a", **CALL, scheduled_at_fixed_datetime=SOON)
    assert caught.value.body["detail"]["code"] == "D13"


def test_too_many_scheduled_messages_are_a_rate_limit(telnyx, world):
    world.rules.set({"telnyx_messages.max_scheduled": 1})
    telnyx.messages.schedule(**MESSAGE, send_at=SOON)
    with pytest.raises(sdk.RateLimitError) as caught:
        telnyx.messages.schedule(**MESSAGE, send_at=SOON)
    assert "retry-after" in caught.value.response.headers


def test_a_refused_past_date_names_the_mocks_time_and_the_way_out(telnyx):
    with pytest.raises(sdk.BadRequestError) as caught:
        telnyx.ai.assistants.scheduled_events.create("a", **CALL, scheduled_at_fixed_datetime="2025-04-15T13:07:28Z")
    for part in ("2026-03-15T09:00:00Z", "2025-04-15T13:07:28Z", "--clock", "telnyx_assistants.past_datetime"):
        assert part in str(caught.value.body)


def test_the_sdk_can_choose_a_world_by_its_own_variable(server, world, monkeypatch):
    monkeypatch.setenv("TELNYX_BASE_URL", server.url("telnyx_messages"))
    monkeypatch.setenv("TELNYX_CUSTOM_HEADERS", f"X-Mock-World: {world.id}")
    with Telnyx(api_key="anything", max_retries=0) as client:
        made = client.messages.schedule(**MESSAGE, send_at=SOON).data
    assert world.resources.get(made.id).status == "scheduled"
    assert [row.operation for row in world.requests.list()] == ["ScheduleMessage"]


def test_what_the_live_services_are_said_to_send_is_read_as_well(server):
    world = server.world(clock=START.isoformat(), profile="observed")
    with Telnyx(base_url=world.url("telnyx_assistants"), api_key=world.api_key, max_retries=0) as client:
        made = client.ai.assistants.scheduled_events.create("asst_1", **CALL, scheduled_at_fixed_datetime=SOON)
        assert (made.call_status, made.conversation_id, made.dispatched_at, made.errors) == (None, None, None, None)
        sent = client.messages.schedule(**MESSAGE, send_at=SOON).data
        assert (sent.to[0].status, datetime.fromisoformat(sent.send_at)) == ("scheduled", SOON)
        cancelled = client.messages.cancel_scheduled(sent.id)
        assert (cancelled.id, cancelled.to[0].status, cancelled.cost.amount) == (sent.id, "cancelled", "0.0")
    world.delete()
