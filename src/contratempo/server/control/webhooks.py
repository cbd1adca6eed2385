"""Webhooks: what a world sends, every attempt at it, sending again, and the key that verifies."""

from typing import Any, Final

import msgspec

from contratempo.provider import Refusal, Request, Response
from contratempo.server.control.problems import conflict, not_found
from contratempo.server.redaction import Redactor
from contratempo.server.service import Service
from contratempo.server.worlds import World
from contratempo.sim import sending
from contratempo.sim.simulation import Simulation
from contratempo.sim.webhooks import ATTEMPTS_KEPT, Webhook, describe

_FILTERS: Final = ("provider", "event", "resource", "status")
_CLEAN: Final = Redactor()


def list_webhooks(simulation: Simulation, request: Request) -> Response:
    """Answer webhooks that pass the filters: the first ones after `since`, or else the latest."""
    query = request.query
    conditions = [(name, query[name]) for name in _FILTERS if name in query]
    since, limit = query.get("since", 0), query["limit"]

    def wanted(webhook: Webhook) -> bool:
        return webhook.number > since and all(getattr(webhook, name) == value for name, value in conditions)

    found = [webhook for webhook in simulation.outbox if wanted(webhook)]
    listed = found[:limit] if "since" in query else found[-limit:]
    return Response(200, {"total": len(found), "webhooks": [_shown(webhook) for webhook in listed]})


def get_webhook(simulation: Simulation, request: Request) -> Response:
    """Answer one webhook; Refusal 404 when there is none."""
    return Response(200, _shown(_find(simulation, request)))


def redeliver_webhook(simulation: Simulation, request: Request) -> Response:
    """Send a webhook once more and answer it; Refusal 409 when it has had as many attempts as may be."""
    webhook = _find(simulation, request)
    if len(webhook.attempts) >= ATTEMPTS_KEPT:
        detail = f"The webhook has had {ATTEMPTS_KEPT} attempts, as many as one may have."
        raise conflict(detail, "make what sends a new one happen again", code="attempts-used-up")
    return Response(200, _shown(sending.redeliver(simulation, webhook.id)))


async def get_public_key(service: Service, world: World, request: Request) -> Response:
    """Answer the key that verifies every signature of this server."""
    return Response(200, {"public_key": service.signer.public_key})


def _shown(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as JSON, without secrets in its addresses and bodies: they are whatever was sent."""
    shown = describe(webhook)
    told = msgspec.json.encode(shown)
    clean = _CLEAN.json(told)
    return shown if clean is told else msgspec.json.decode(clean, type=dict)


def _find(simulation: Simulation, request: Request) -> Webhook:
    identifier = request.path["id"]
    webhook = simulation.outbox.get(identifier)
    if webhook is None:
        raise _unknown(identifier)
    return webhook


def _unknown(identifier: str) -> Refusal:
    hint = "GET /_mock/webhooks lists them; X-Mock-World chooses a world"
    return not_found(f"This world has no webhook {identifier!r}.", hint)
