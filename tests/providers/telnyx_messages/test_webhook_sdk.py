"""The vendor's SDK takes what is sent for its own, and nothing else."""

from base64 import b64encode

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from telnyx import Telnyx
from telnyx.types import DeliveryUpdateWebhookEvent

from contratempo.providers.telnyx_messages import provider

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = 1_800_000_000


@pytest.fixture
def telnyx(monkeypatch):
    monkeypatch.setattr("time.time", lambda: NOW + 0.25)
    public = b64encode(KEY.public_key().public_bytes_raw()).decode()
    with Telnyx(api_key="KEY", public_key=public) as client:
        yield client


@pytest.fixture
def sent(desk):
    """Return both webhooks of a message as (body, headers), as they go over the wire."""
    desk.send(webhook_url="https://example.com/hook", text="Grüße, 世界 👋", messaging_profile_id="mine")
    desk.advance(4)
    bodies = [msgspec.json.encode(provider.webhooks.body(delivery)) for delivery in desk.simulation.deliveries()]
    return [(body.decode(), provider.webhooks.headers(KEY.sign, NOW, body)) for body in bodies]


def test_the_sdk_unwraps_both_events(telnyx, sent):
    events = [telnyx.webhooks.unwrap(body, headers=headers) for body, headers in sent]
    assert {type(event) for event in events} == {DeliveryUpdateWebhookEvent}
    assert [event.data.event_type for event in events] == ["message.sent", "message.finalized"]
    assert [event.data.payload.to[0].status for event in events] == ["sent", "delivered"]
    assert [event.data.payload.text for event in events] == ["Grüße, 世界 👋"] * 2
    assert [event.data.occurred_at.isoformat(timespec="milliseconds") for event in events] == [
        "2026-03-15T15:00:02.000+00:00",
        "2026-03-15T15:00:04.000+00:00",
    ]
    assert [(event.meta.attempt, event.meta.delivered_to) for event in events] == [(1, "https://example.com/hook")] * 2


def test_the_sdk_refuses_one_changed_byte(telnyx, sent):
    (body, headers), _ = sent
    for place in range(0, len(body), 97):
        changed = f"{body[:place]}{chr(ord(body[place]) ^ 1)}{body[place + 1 :]}"
        with pytest.raises(ValueError, match="does not match"):
            telnyx.webhooks.unwrap(changed, headers=headers)


def test_the_sdk_refuses_another_timestamp_and_another_key(telnyx, sent):
    (body, headers), _ = sent
    with pytest.raises(ValueError, match="does not match"):
        telnyx.webhooks.unwrap(body, headers={**headers, "telnyx-timestamp": str(NOW + 1)})
    with pytest.raises(ValueError, match="does not match"):
        telnyx.webhooks.unwrap(body, headers=headers, key=bytes(32))
