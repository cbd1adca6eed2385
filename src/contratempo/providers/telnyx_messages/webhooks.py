"""Webhooks of messages: which statuses are told, to which addresses, and how it looks on the wire."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec

from contratempo.provider import Hooks, Sign
from contratempo.sim.instants import EPOCH, Instant
from contratempo.sim.records import Record
from contratempo.sim.sending import emit
from contratempo.sim.simulation import Simulation
from contratempo.sim.webhooks import Delivery, Policy

from .messages import represent
from .profiles import profile_of
from .tables import NAME, TABLES, rule


def tell(simulation: Simulation, record: Record, *, last: bool) -> None:
    """Send the webhook of the status that a message has just reached, if it has one; the payload is as of now.

    `last` says that it is the message's end.
    """
    event, urls = TABLES["webhooks"].get(record["status"]), addresses(simulation, record)
    if event is None or not urls:
        return
    policy = Policy(
        attempts=rule(simulation, "webhook_attempts"),
        backoff=rule(simulation, "webhook_backoff_seconds"),
        timeout=rule(simulation, "webhook_timeout_seconds"),
    )
    compose = partial(_event, event, simulation.now, represent(simulation, record))
    emit(simulation, NAME, event, record["id"], urls, compose, policy, last=last)


def addresses(simulation: Simulation, record: Record) -> tuple[str, ...]:
    """Return where a message's webhooks go, the first tried first: its own addresses, or those of its profile.

    A failover address without a primary is the one address; an empty one is none.
    """
    own = _given(record.get("webhook_url"), record.get("webhook_failover_url"))
    if not record["use_profile_webhooks"] or (own and rule(simulation, "profile_webhooks") == "instead"):
        return own
    profile = profile_of(record.get("messaging_profile_id"))
    return own + _given(profile.webhook_url, profile.webhook_failover_url)


def body_of(delivery: Delivery) -> dict[str, Any]:
    """Return the envelope of one attempt; attempts are counted anew for each address."""
    kept: dict[str, Any] = msgspec.json.decode(delivery.body)
    return kept | {"meta": {"attempt": delivery.tally, "delivered_to": delivery.url}}


def headers_of(sign: Sign, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of one attempt: the signature is over the timestamp, a bar and the bytes of the body."""
    signature = sign(f"{timestamp}|".encode() + body)
    return {
        "user-agent": "telnyx-webhooks",
        "content-type": "application/json",
        "telnyx-timestamp": str(timestamp),
        "telnyx-signature-ed25519": b64encode(signature).decode(),
    }


HOOKS: Final = Hooks(body_of, headers_of, ("message.sent", "message.finalized"))


def _given(*urls: str | None) -> tuple[str, ...]:
    return tuple(url for url in urls if url)


def _event(event: str, instant: Instant, payload: dict[str, Any], identifier: str) -> dict[str, Any]:
    """Return the envelope but for `meta`; its instant as the vendor's sample has it: 2024-01-15T21:32:13.596+00:00."""
    moment = EPOCH + timedelta(microseconds=instant)
    data = {
        "event_type": event,
        "id": identifier,
        "occurred_at": moment.isoformat(timespec="milliseconds"),
        "payload": payload,
        "record_type": "event",
    }
    return {"data": data}
