"""The webhooks of messages: which go out, when, with what and to where, and what failed attempts lead to."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contratempo.providers.telnyx_messages import provider
from contratempo.providers.telnyx_messages.profiles import PROFILES, Profile
from contratempo.sim.faults import Fault
from contratempo.sim.instants import SECOND, parse_instant

START = parse_instant("2026-03-15T15:00:00Z")
HOOK, BACKUP = "https://example.com/hook", "https://backup.example.com/hook"
PROFILE_HOOK, PROFILE_BACKUP = "https://www.example.com/hooks", "https://backup.example.com/hooks"
EVERYDAY, SMART = "4000eba1-a0c0-4563-9925-b25e842a7cb6", "4000eba1-a0c0-4563-9925-b25e842a7c05"
ENDS = {"delivered": 4, "delivery_failed": 4, "delivery_unconfirmed": 3600, "sending_failed": 2, "expired": 3600}
HANDED_OFF = ("delivered", "delivery_failed", "delivery_unconfirmed")


def webhooks(desk):
    return list(desk.simulation.outbox)


def told(desk):
    """Return each webhook as (seconds after the start, event, status shown)."""
    shown = [(webhook, json.loads(webhook.body)["data"]["payload"]) for webhook in webhooks(desk)]
    return [((each.at - START) / SECOND, each.event, payload["to"][0]["status"]) for each, payload in shown]


def attempt(desk, state, **more):
    """Answer every attempt that is to be made and return them as (seconds after the start, url, tally)."""
    made = desk.simulation.deliveries()
    for each in made:
        about = {"webhook": each.webhook, "attempt": each.attempt, "epoch": each.epoch, "branch": each.branch}
        assert desk.simulation.apply({"kind": "receipt", **about, "receipt": {"state": state, **more}})
    return [((each.at - START) / SECOND, each.url, each.tally) for each in made]


def attempts_until_given_up(desk):
    seen = []
    while made := attempt(desk, "failed", status=500):
        seen += made
        desk.simulation.apply({"kind": "run", "until": None, "limit": 1})
    return seen


@pytest.mark.parametrize("outcome", ENDS)
def test_each_outcome_tells_its_end_and_what_was_handed_off_that_before(desk, outcome):
    desk.script(outcome)
    desk.send(webhook_url=HOOK)
    desk.advance(7200)
    sent = [(2, "message.sent", "sent")] if outcome in HANDED_OFF else []
    assert told(desk) == [*sent, (ENDS[outcome], "message.finalized", outcome)]


def test_a_message_without_an_end_tells_that_it_was_sent(desk):
    desk.script("stuck")
    desk.send(webhook_url=HOOK)
    desk.advance(7200)
    assert told(desk) == [(2, "message.sent", "sent")]


def test_neither_scheduling_nor_cancelling_is_told(desk):
    message = desk.schedule(600, webhook_url=HOOK)
    desk.ask("CancelMessage", id=message)
    desk.advance(7200)
    assert webhooks(desk) == []


def test_a_scheduled_message_is_told_from_when_it_is_due(desk):
    desk.schedule(86400, webhook_url=HOOK)
    desk.advance(86400 + 3)
    assert told(desk) == [(86402, "message.sent", "sent")]
    desk.advance(1)
    assert told(desk)[1:] == [(86404, "message.finalized", "delivered")]


def test_events_of_one_instant_are_told_in_their_order(make_desk):
    desk = make_desk(sending_seconds=5, sent_seconds=3, delivered_seconds=1)
    desk.send(webhook_url=HOOK)
    desk.advance(5)
    assert told(desk) == [(5, "message.sent", "sent"), (5, "message.finalized", "delivered")]


def test_the_payload_is_the_message_as_it_stood(desk):
    message = desk.send(webhook_url=HOOK, webhook_failover_url=BACKUP)
    seen = []
    for _ in range(2):
        desk.advance(2)
        seen.append(desk.message(message))
    desk.advance(7200)
    assert [json.loads(webhook.body)["data"]["payload"] for webhook in webhooks(desk)] == seen
    assert (seen[0]["webhook_url"], seen[0]["webhook_failover_url"]) == (HOOK, BACKUP)


def test_the_envelope_says_what_happened_when_and_which_attempt_it_is(make_desk):
    desk = make_desk(sent_seconds=2.5964)
    message = desk.send(webhook_url=HOOK)
    desk.advance(3)
    (delivery,) = desk.simulation.deliveries()
    body = provider.webhooks.body(delivery)
    payload = body["data"].pop("payload")
    assert payload["id"] == message == delivery.resource
    assert body == {
        "data": {
            "event_type": "message.sent",
            "id": delivery.webhook,
            "occurred_at": "2026-03-15T15:00:02.596+00:00",
            "record_type": "event",
        },
        "meta": {"attempt": 1, "delivered_to": HOOK},
    }


@pytest.mark.parametrize("outcome", [*ENDS, "stuck"])
def test_every_body_is_valid_under_the_document(desk, outcome):
    desk.script(outcome)
    desk.send(webhook_url=HOOK)
    desk.schedule(600, type="MMS", media_urls=["https://example.com/cat.png"], messaging_profile_id=EVERYDAY)
    desk.advance(7200)
    deliveries = desk.simulation.deliveries()
    assert deliveries
    for delivery in deliveries:
        pointer = f"#/webhooks/{delivery.event}/post/requestBody/content/application~1json/schema"
        assert desk.contract.check_schema(pointer, provider.webhooks.body(delivery)) == ()
        assert desk.contract.check_webhook(delivery.event, provider.webhooks.body(delivery)) == ()


def test_the_document_tells_one_event_from_the_other(desk):
    desk.send(webhook_url=HOOK)
    desk.advance(4)
    sent, finalized = (provider.webhooks.body(delivery) for delivery in desk.simulation.deliveries())
    for event, other in (("message.sent", finalized), ("message.finalized", sent)):
        at = {violation.pointer for violation in desk.contract.check_webhook(event, other)}
        assert at == {"/data/event_type", "/data/payload/to/0/status"}


@pytest.mark.parametrize("lost", ["data", "meta"])
def test_the_document_refuses_half_an_envelope(desk, lost):
    desk.send(webhook_url=HOOK)
    desk.advance(2)
    (delivery,) = desk.simulation.deliveries()
    body = provider.webhooks.body(delivery)
    del body[lost]
    assert [each.kind for each in desk.contract.check_webhook("message.sent", body)] == ["required"]


OWN, BOTH = {"webhook_url": HOOK}, {"webhook_url": HOOK, "webhook_failover_url": BACKUP}
ADDRESSES = [
    ({}, None, ()),
    (OWN, None, (HOOK,)),
    (BOTH, None, (HOOK, BACKUP)),
    ({"webhook_failover_url": BACKUP}, None, (BACKUP,)),
    ({"webhook_url": "", "webhook_failover_url": ""}, None, ()),
    ({"webhook_url": "", "webhook_failover_url": BACKUP}, EVERYDAY, (BACKUP, PROFILE_HOOK, PROFILE_BACKUP)),
    ({"webhook_url": ""}, EVERYDAY, (PROFILE_HOOK, PROFILE_BACKUP)),
    ({}, EVERYDAY, (PROFILE_HOOK, PROFILE_BACKUP)),
    ({}, SMART, ("https://www.example.com/smart-hooks",)),
    ({}, "a profile that no fixture lists", ()),
    (OWN, EVERYDAY, (HOOK, PROFILE_HOOK, PROFILE_BACKUP)),
    (BOTH, EVERYDAY, (HOOK, BACKUP, PROFILE_HOOK, PROFILE_BACKUP)),
    ({"use_profile_webhooks": True}, EVERYDAY, (PROFILE_HOOK, PROFILE_BACKUP)),
    ({"use_profile_webhooks": False}, EVERYDAY, ()),
    ({"use_profile_webhooks": False, **OWN}, EVERYDAY, (HOOK,)),
    ({"use_profile_webhooks": False, **BOTH}, None, (HOOK, BACKUP)),
]


@pytest.mark.parametrize(("fields", "profile", "urls"), ADDRESSES)
def test_addresses_are_the_messages_own_then_those_of_its_profile(make_desk, fields, profile, urls):
    desk = make_desk(webhook_urls="off")
    desk.send(**fields, **({} if profile is None else {"messaging_profile_id": profile}))
    desk.advance(2)
    assert [webhook.urls for webhook in webhooks(desk)] == ([urls] if urls else [])


@pytest.mark.parametrize(
    ("fields", "urls"),
    [
        (BOTH, (HOOK, BACKUP)),
        (OWN, (HOOK,)),
        ({"webhook_failover_url": BACKUP}, (BACKUP,)),
        ({}, (PROFILE_HOOK, PROFILE_BACKUP)),
        ({"use_profile_webhooks": False, **OWN}, (HOOK,)),
    ],
)
def test_by_rule_the_profiles_addresses_are_for_messages_without_any(make_desk, fields, urls):
    desk = make_desk(profile_webhooks="instead")
    desk.send(messaging_profile_id=EVERYDAY, **fields)
    desk.advance(2)
    assert [webhook.urls for webhook in webhooks(desk)] == [urls]


def test_a_profile_may_have_a_failover_address_alone(desk, monkeypatch):
    monkeypatch.setitem(PROFILES, "mine", Profile("mine", webhook_failover_url=BACKUP))
    desk.send(messaging_profile_id="mine")
    desk.advance(2)
    assert [webhook.urls for webhook in webhooks(desk)] == [(BACKUP,)]


def test_a_webhook_is_tried_thrice_then_thrice_at_the_failover_address(desk):
    desk.script("stuck")
    desk.send(**BOTH)
    desk.advance(2)
    assert attempts_until_given_up(desk) == [
        (2, HOOK, 1), (3, HOOK, 2), (5, HOOK, 3), (9, BACKUP, 1), (10, BACKUP, 2), (12, BACKUP, 3),
    ]  # fmt: skip
    assert [webhook.status for webhook in webhooks(desk)] == ["failed"]


def test_the_attempts_of_an_address_are_counted_in_the_envelope(desk):
    desk.script("stuck")
    desk.send(**BOTH)
    desk.advance(2)
    seen = []
    for _ in range(4):
        attempt(desk, "failed", reason="connection refused")
        desk.simulation.apply({"kind": "run", "until": None, "limit": 1})
        (open_, *_) = [each.attempts[-1] for each in webhooks(desk)]
        seen.append((open_.number, open_.tally, open_.url))
    assert seen == [(2, 2, HOOK), (3, 3, HOOK), (4, 1, BACKUP), (5, 2, BACKUP)]
    (delivery,) = desk.simulation.deliveries()
    assert provider.webhooks.body(delivery)["meta"] == {"attempt": 2, "delivered_to": BACKUP}


def test_what_was_delivered_is_not_tried_again(desk):
    desk.send(webhook_url=HOOK)
    desk.advance(3)
    assert attempt(desk, "failed", status=500) == [(2, HOOK, 1)]
    desk.advance(0)
    assert attempt(desk, "delivered", status=200) == [(3, HOOK, 2)]
    desk.advance(7200)
    assert [(each.event, each.status) for each in webhooks(desk)] == [
        ("message.sent", "delivered"), ("message.finalized", "pending"),
    ]  # fmt: skip
    assert attempt(desk, "captured", reason="not allowed") == [(4, HOOK, 1)]
    assert len(desk.simulation.timers) == 0


def test_how_often_and_how_long_are_rules(make_desk):
    desk = make_desk(webhook_attempts=2, webhook_backoff_seconds=0.5, webhook_timeout_seconds=9)
    desk.script("stuck")
    desk.send(**BOTH)
    desk.advance(2)
    assert {webhook.policy.timeout for webhook in webhooks(desk)} == {9}
    assert attempts_until_given_up(desk) == [(2, HOOK, 1), (2.5, HOOK, 2), (3.5, BACKUP, 1), (4, BACKUP, 2)]


def test_only_the_end_has_nothing_that_could_overtake_it(desk):
    desk.simulation.faults.add(Fault("f1", {}, {"kind": "reorder"}, times=None))
    desk.send(webhook_url=HOOK)
    desk.advance(7200)
    events = [delivery.event for delivery in desk.simulation.deliveries()]
    assert events == ["message.finalized", "message.sent"]


def test_a_webhook_takes_no_id_from_anything_else(make_desk):
    silent, telling = make_desk(), make_desk()
    ids = [[desk.send(**fields) for _ in range(2)] for desk, fields in ((silent, {}), (telling, OWN))]
    for desk in (silent, telling):
        desk.advance(4)
    assert ids[0] == ids[1]
    assert silent.send() == telling.send()


def test_headers_carry_a_signature_over_timestamp_and_body():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    headers = provider.webhooks.headers(key.sign, 1_800_000_000, b'{"a":1}')
    assert list(headers) == ["user-agent", "content-type", "telnyx-timestamp", "telnyx-signature-ed25519"]
    assert list(headers.values())[:3] == ["telnyx-webhooks", "application/json", "1800000000"]
    assert len(headers["telnyx-signature-ed25519"]) == 88
