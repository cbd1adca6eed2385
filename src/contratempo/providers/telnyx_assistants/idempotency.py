"""`Idempotency-Key`: a repeated create is answered as the first one was."""

from collections.abc import Callable
from typing import Any

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.provider import once as act_once
from contratempo.providers.telnyx_assistants.rulebook import KIND, NAME, rule
from contratempo.sim.simulation import Simulation

_REUSED = "the key was used before with another request"


def once(simulation: Simulation, request: Request, act: Callable[[Simulation, Request], Response]) -> Response:
    """Act, or give the answer kept for the same key, path and caller, unless its event has been deleted since."""

    def reused() -> Refusal | None:
        return _mismatch() if rule(simulation, "idempotency_mismatch") == "reject" else None

    def forgotten(event: Any) -> bool:
        deleted = simulation.records.get(KIND, event["scheduled_event_id"]) is None
        return deleted and rule(simulation, "idempotency_of_deleted") == "fresh"

    return act_once(simulation, request, act, reused=reused, forgotten=forgotten)


def _mismatch() -> Refusal:
    broken = Violation("header", ("idempotency-key",), "idempotency", _REUSED)
    name = f"{NAME}.idempotency_mismatch"
    hint = f"send another key, or set rule {name} to fresh"
    return Refusal(Problem("rule", _REUSED, (broken,), status=422, rule=name, hint=hint))
