"""`Idempotency-Key`: a repeated create is answered as the first one was."""

from collections.abc import Callable
from typing import Any

import msgspec

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.providers.telnyx_assistants.rulebook import KIND, NAME, rule
from contratempo.sim.idempotency import KeyReused
from contratempo.sim.ids import digest
from contratempo.sim.simulation import Simulation

_HEADER = "idempotency-key"
_REUSED = "the key was used before with another request"


def once(simulation: Simulation, request: Request, act: Callable[[Simulation, Request], Response]) -> Response:
    """Act, or give the answer kept for the same key, path and caller; only answers that succeed are kept."""
    key = request.headers.get(_HEADER)
    if key is None:
        return act(simulation, request)
    scope = digest(key, request.path["assistant_id"], request.caller).hex()
    fingerprint = digest(msgspec.json.encode(request.body, order="deterministic").decode()).hex()
    try:
        kept = simulation.idempotency.recall(scope, fingerprint, simulation.now)
    except KeyReused:
        _refuse_mismatch(simulation)
        kept = None
    if kept is not None and not _is_forgotten(simulation, kept["body"]):
        return Response(kept["status"], kept["body"], trace=("Idempotency-Key replayed",))
    response = act(simulation, request)
    answer = {"status": response.status, "body": response.body}
    simulation.idempotency.keep(scope, fingerprint, answer, simulation.now)
    return response


def _is_forgotten(simulation: Simulation, event: Any) -> bool:
    """Whether the event of a kept answer has been deleted since, and an answer that shows it would mislead."""
    if rule(simulation, "idempotency_of_deleted") == "replay":
        return False
    return simulation.records.get(KIND, event["scheduled_event_id"]) is None


def _refuse_mismatch(simulation: Simulation) -> None:
    if rule(simulation, "idempotency_mismatch") == "reject":
        broken = Violation("header", (_HEADER,), "idempotency", _REUSED)
        name = f"{NAME}.idempotency_mismatch"
        hint = f"send another key, or set rule {name} to fresh"
        raise Refusal(Problem("rule", _REUSED, (broken,), status=422, rule=name, hint=hint))
