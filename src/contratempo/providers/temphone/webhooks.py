"""Webhooks of calls: the page names them in passing, so what they look like is ours."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contratempo.provider import Hooks, Sign
from contratempo.providers.temphone.calls import KIND, represent
from contratempo.providers.temphone.tables import RULES
from contratempo.sim.records import Record
from contratempo.sim.sending import emit
from contratempo.sim.simulation import Simulation
from contratempo.sim.webhooks import Delivery, Policy

_EVENTS: Final = RULES.tables["webhooks"]
_LIFECYCLE: Final = RULES.lifecycles[KIND]["status"]


def tell(simulation: Simulation, record: Record) -> None:
    """Send the webhook of the status that a call has just reached, if it was scheduled with an address."""
    if (url := record["asked"].get("webhook_url")) is None:
        return
    rules, call = simulation.rules, represent(simulation, record)
    event = {"event": _EVENTS[record["status"]], "occurred_at": call["updated_at"], "data": call}
    policy = Policy(
        attempts=rules["temphone.webhook_attempts"],
        backoff=rules["temphone.webhook_backoff_seconds"],
        timeout=rules["temphone.webhook_timeout_seconds"],
    )
    last = _LIFECYCLE.is_terminal(record["status"])
    emit(simulation, "temphone", event["event"], record["id"], [url], lambda _: event, policy, last=last)


def _body(delivery: Delivery) -> Any:
    return msgspec.json.decode(delivery.body)


def _headers(sign: Sign, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Nothing is signed: the page has no word on how a receiver could tell who is calling. The name is ours."""
    return {"user-agent": "temphone-webhooks", "content-type": "application/json"}


HOOKS: Final = Hooks(_body, _headers, ("call.started", "call.completed", "call.failed"), signed=False)
