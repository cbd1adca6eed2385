"""The operations: schedule, send, retrieve and cancel a message."""

from typing import Any

from contratempo.provider import Problem, Refusal, Request, Response, once
from contratempo.sim.instants import SECOND, format_instant
from contratempo.sim.records import Record
from contratempo.sim.simulation import Simulation

from .admission import admit, make_room
from .delivery import cancel, foresee, start
from .draft import draft_of
from .messages import compose, represent
from .refusals import deny
from .tables import MESSAGE, NAME, rule
from .timing import due_of


def schedule_message(simulation: Simulation, request: Request) -> Response:
    """Schedule a message for its `send_at`."""
    return _create(simulation, request, scheduling=True)


def send_message(simulation: Simulation, request: Request) -> Response:
    """Send a message, now or at its `send_at`; a repeated Idempotency-Key gets the first answer again."""

    def reused() -> Refusal | None:
        return _mismatch() if rule(simulation, "idempotency_mismatch") == "reject" else None

    def forgotten(body: Any) -> bool:
        return _is_gone(simulation, body["data"]["id"])

    return once(simulation, request, _send, reused=reused, forgotten=forgotten)


def retrieve_message(simulation: Simulation, request: Request) -> Response:
    """Retrieve a message that is not too old."""
    record = _find(simulation, request)
    why = foresee(simulation, record)
    return Response(200, {"data": represent(simulation, record)}, trace=(why,), resource=record["id"])


def cancel_message(simulation: Simulation, request: Request) -> Response:
    """Cancel a message that is scheduled and not about to be sent; the answer is the bare message."""
    record = _find(simulation, request)
    near = record["due"] - simulation.now <= rule(simulation, "cancel_min_seconds") * SECOND
    if record["status"] == "scheduled" and near and rule(simulation, "cancel_window") == "enforce":
        raise _too_late(simulation, record)
    return Response(200, represent(simulation, cancel(simulation, record)), resource=record["id"])


def _create(simulation: Simulation, request: Request, *, scheduling: bool) -> Response:
    due = due_of(simulation, request.body, scheduling=scheduling)
    draft = draft_of(request, rule(simulation, "smart_encoding") == "on")
    admit(simulation, draft)
    if due > simulation.now:
        make_room(simulation)
    record = compose(simulation, draft, due)
    why = start(simulation, record)
    return Response(200, {"data": represent(simulation, record)}, trace=(why,), resource=record["id"])


def _send(simulation: Simulation, request: Request) -> Response:
    return _create(simulation, request, scheduling=False)


def _mismatch() -> Refusal:
    detail = "This Idempotency-Key was used before with a different request."
    return deny("10027", detail, rule="idempotency_mismatch", hint="Use a key of its own for each request.")


def _is_gone(simulation: Simulation, identifier: str) -> bool:
    """Say whether a message was cancelled and is no longer to be had: an answer that shows it is of no use."""
    record = simulation.records.get(MESSAGE, identifier)
    cancelled = record is not None and record["status"] == "cancelled"
    return cancelled and rule(simulation, "cancelled_message") == "gone"


def _find(simulation: Simulation, request: Request) -> Record:
    record = simulation.records.get(MESSAGE, request.path["id"].lower())
    if record is None:
        raise _missing(request, None)
    oldest = simulation.now - rule(simulation, "retrieval_max_seconds") * SECOND
    if record["created"] < oldest and rule(simulation, "retrieval_window") == "enforce":
        raise _missing(request, "retrieval_window")
    if _is_gone(simulation, record["id"]):
        raise _missing(request, "cancelled_message")
    return record


def _missing(request: Request, ruled: str | None) -> Refusal:
    detail = f"There is no message {request.path['id']}."
    name = ruled and f"{NAME}.{ruled}"
    return Refusal(Problem("not-found", detail, code="40303", rule=name))


def _too_late(simulation: Simulation, record: Record) -> Refusal:
    detail = (
        f"The message is sent at {format_instant(record['due'])}, the mock's clock stands at "
        f"{format_instant(simulation.now)}: it is too late to cancel."
    )
    hint = f"Set rule {NAME}.cancel_window to off, or cancel through the control plane."
    return Refusal(Problem("forbidden", detail, code="10015", status=403, rule=f"{NAME}.cancel_window", hint=hint))
