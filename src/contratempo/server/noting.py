"""Noting: a request and its answer as a row of the journal, with nothing secret in it."""

from typing import Any

import msgspec

from contratempo.provider import Request, Response
from contratempo.server.wire import Incoming
from contratempo.sim.instants import format_instant
from contratempo.sim.simulation import Simulation

_UNNOTED = ("control",)


def note(
    simulation: Simulation, incoming: Incoming, request: Request | None, response: Response, answer: bytes
) -> None:
    """Add a vendor's request to the journal of its world; calls of the control plane are not part of the story.

    Bodies are kept as the bytes they are on the wire (`answer` is the response's): thousands of rows of parsed ones
    would slow every garbage collection. `shown` reads them.
    """
    if incoming.provider in _UNNOTED:
        return
    requests = simulation.journal.requests
    requests.add(
        {
            "number": requests.total + 1,
            "at": format_instant(simulation.now),
            "provider": incoming.provider,
            "operation": incoming.operation,
            "method": incoming.method,
            "path": incoming.path,
            "query": incoming.query.decode("latin-1"),
            "status": response.status,
            "verdict": "accepted" if response.status < 400 else "refused",
            "violations": [_violation(violation) for violation in response.violations],
            "trace": list(response.trace),
            "request": _sent(incoming, request),
            "response": answer or None,
            "resource": response.resource,
        }
    )


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the control plane shows it, its bodies parsed."""
    bodies = {name: None if row[name] is None else msgspec.json.decode(row[name]) for name in ("request", "response")}
    return row | bodies


def _sent(incoming: Incoming, request: Request | None) -> bytes | None:
    if request is not None or not incoming.body:
        return incoming.body or None
    return msgspec.json.encode(incoming.body[:2_000].decode("utf-8", "replace"))


def _violation(violation: Any) -> dict[str, Any]:
    return {
        "location": violation.location,
        "pointer": violation.pointer,
        "kind": violation.kind,
        "message": violation.message,
    }
