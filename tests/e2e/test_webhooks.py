"""Webhooks as an application meets them: the vendor's SDK schedules, a receiver of its own is called."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from telnyx import Telnyx

START = datetime(2026, 3, 15, 9, tzinfo=UTC)
TOMORROW = START + timedelta(days=1)
MESSAGE = {"from_": "+12125550100", "to": "+12125550101", "text": "Hello"}


@pytest.fixture
def client(world):
    with Telnyx(api_key=world.api_key, base_url=world.url("telnyx_messages"), max_retries=0) as client:
        yield client


def events(receiver):
    return [json.loads(received.body)["data"]["event_type"] for received in receiver.received]


def instants(webhook):
    return [(attempt.at - TOMORROW).total_seconds() for attempt in webhook.attempts]


def schedule(client, receiver, **more):
    return client.messages.schedule(**MESSAGE, send_at=TOMORROW, webhook_url=receiver.url, **more).data


def test_a_message_for_tomorrow_is_announced_twice_and_the_sdk_verifies_it(world, client, receiver):
    message = schedule(client, receiver)
    assert world.clock.advance("25h").undelivered == 0
    assert events(receiver) == ["message.sent", "message.finalized"]
    for received in receiver.received:
        event = client.webhooks.unwrap(
            received.body.decode(), headers=received.headers, key=world.webhooks.public_key()
        )
        assert type(event).__name__ == "DeliveryUpdateWebhookEvent"
        assert event.data.payload.id == message.id
    sent, finalized = (json.loads(received.body)["data"] for received in receiver.received)
    assert sent["occurred_at"].startswith("2026-03-16T09:00:02")
    assert finalized["payload"]["to"][0]["status"] == "delivered"


def test_the_sdk_refuses_one_changed_byte(world, client, receiver):
    schedule(client, receiver)
    world.clock.advance("25h")
    received, key = receiver.received[0], world.webhooks.public_key()
    for forged in (received.body[:-1] + b" ", received.body.replace(b"Hello", b"Hullo")):
        with pytest.raises(Exception, match=r"(?i)signature|verif"):
            client.webhooks.unwrap(forged.decode(), headers=received.headers, key=key)


def test_a_receiver_that_fails_twice_is_called_at_the_right_instants(world, client, receiver):
    receiver.statuses = [500, 500]
    schedule(client, receiver)
    world.clock.advance("25h")
    sent, finalized = world.webhooks.list()
    assert (sent.event, instants(sent)) == ("message.sent", [2, 3, 5])
    assert [attempt.state for attempt in sent.attempts] == ["failed", "failed", "delivered"]
    assert (finalized.status, instants(finalized)) == ("delivered", [4])
    counted = [json.loads(received.body)["meta"]["attempt"] for received in receiver.received]
    assert counted == [1, 2, 1, 3]


def test_a_dead_primary_is_followed_by_the_failover(world, client, receiver):
    message = {
        **MESSAGE,
        "send_at": TOMORROW,
        "webhook_url": "http://127.0.0.1:9/",
        "webhook_failover_url": receiver.url,
    }
    client.messages.schedule(**message)
    assert world.clock.advance("25h").undelivered == 0
    sent, _ = world.webhooks.list()
    assert instants(sent) == [2, 3, 5, 9]
    assert [attempt.tally for attempt in sent.attempts] == [1, 2, 3, 1]
    assert events(receiver) == ["message.sent", "message.finalized"]
    assert {json.loads(received.body)["meta"]["delivered_to"] for received in receiver.received} == {receiver.url}


def test_foreign_addresses_are_captured(world, client):
    client.messages.schedule(**MESSAGE, send_at=TOMORROW, webhook_url="https://www.example.com/hooks")
    world.clock.advance("25h")
    for webhook in world.webhooks.list():
        assert webhook.status == "captured"
        assert "--webhook-allow" in webhook.attempts[0].reason


def test_a_receiver_that_calls_back_finds_the_instant_it_is_told_of(world, client, receiver):
    seen = []

    def call_back(received):
        again = client.messages.send(**MESSAGE)
        seen.append((again.data.received_at, client.messages.retrieve(again.data.id).data.to[0].status))
        try:
            world.clock.advance("1h")
        except Exception as error:
            seen.append(error.status)

    receiver.on_receive = call_back
    schedule(client, receiver)
    world.clock.advance("25h")
    assert [entry for entry in seen if isinstance(entry, int)] == [409, 409]
    assert [entry[0] - TOMORROW for entry in seen if isinstance(entry, tuple)] == [
        timedelta(seconds=2), timedelta(seconds=4)
    ]  # fmt: skip
    assert world.clock.now() == START + timedelta(hours=25)


def test_redelivering_sends_the_same_event_again(world, client, receiver):
    schedule(client, receiver)
    world.clock.advance("25h")
    again = world.webhooks.redeliver(world.webhooks.list()[0].id)
    assert again.attempts[-1].extra
    world.clock.advance(0)
    bodies = [json.loads(received.body)["data"]["id"] for received in receiver.received]
    assert bodies[2] == bodies[0] != bodies[1]


def test_the_sink_receives_without_a_receiver(world, client, server):
    client.messages.schedule(**MESSAGE, send_at=TOMORROW, webhook_url=f"{server.origin}/_mock/sink/mine")
    world.clock.advance("25h")
    rows = world.sink("mine").list()
    assert [row.body["data"]["event_type"] for row in rows] == ["message.sent", "message.finalized"]
    assert {row.signature for row in rows} == {"valid"}


def test_the_mock_itself_is_no_receiver_but_at_its_sink(world, client, server):
    client.messages.schedule(**MESSAGE, send_at=TOMORROW, webhook_url=f"{server.origin}/_mock/reset")
    world.clock.advance("25h")
    assert {webhook.status for webhook in world.webhooks.list()} == {"captured"}


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("duplicate", ["message.sent", "message.sent", "message.finalized"]),
        ("reorder", ["message.finalized", "message.sent"]),
        ("drop", ["message.finalized"]),
    ],
)
def test_faults_strike_webhooks(world, client, receiver, kind, seen):
    world.faults.add(kind, event="message.sent")
    schedule(client, receiver)
    world.clock.advance("25h")
    assert events(receiver) == seen


def test_a_delayed_webhook_comes_later(world, client, receiver):
    world.faults.add("delay", event="message.sent", seconds=60)
    schedule(client, receiver)
    world.clock.advance("25h")
    assert events(receiver) == ["message.finalized", "message.sent"]
    assert instants(world.webhooks.list()[0]) == [62]


def test_a_bad_signature_is_refused_by_the_sdk(world, client, receiver):
    world.faults.add("bad_signature", event="message.sent")
    schedule(client, receiver)
    world.clock.advance("25h")
    bad, good = receiver.received
    key = world.webhooks.public_key()
    with pytest.raises(Exception, match=r"(?i)signature|verif"):
        client.webhooks.unwrap(bad.body.decode(), headers=bad.headers, key=key)
    assert client.webhooks.unwrap(good.body.decode(), headers=good.headers, key=key)


def test_temphone_tells_of_a_call_from_start_to_end(world, temphone, receiver):
    body = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-16T09:00:00Z", "initial_message": "Hi"}
    assert temphone.post("/calls/scheduled", json={**body, "webhook_url": receiver.url}).status_code == 200
    world.clock.advance("25h")
    assert [json.loads(received.body)["event"] for received in receiver.received] == ["call.started", "call.completed"]


def test_the_profile_s_address_serves_messages_without_one(world, client):
    client.messages.schedule(
        **{name: value for name, value in MESSAGE.items() if name != "from_"}, send_at=TOMORROW,
        messaging_profile_id="4000eba1-a0c0-4563-9925-b25e842a7cb6",
    )  # fmt: skip
    world.clock.advance("25h")
    assert [webhook.status for webhook in world.webhooks.list()] == ["captured", "captured"]


def test_reset_takes_faults_and_webhooks_with_it(world, client, receiver):
    world.faults.add("drop", times=None)
    schedule(client, receiver)
    world.clock.advance("25h")
    world.reset()
    assert (world.webhooks.list(), world.faults.list()) == ((), ())
