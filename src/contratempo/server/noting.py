"""Noting: a request and its answer as a row of the journal, with nothing secret in it."""

from typing import Any, Final

import msgspec

from contratempo.provider import Request, Response
from contratempo.server.wire import Incoming
from contratempo.sim.instants import format_instant
from contratempo.sim.simulation import Simulation

BODY_KEPT: Final = 65_536
"""Bytes up to which a body is kept in the journal."""
REDACTED: Final = "[REDACTED]"
_SECRET_LENGTH: Final = 8
_UNNOTED: Final = ("control",)


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
            "path": redacted(incoming.path, incoming.token),
            "query": redacted(incoming.query.decode("latin-1"), incoming.token),
            "status": response.status,
            "verdict": "accepted" if response.status < 400 else "refused",
            "violations": [violation.describe() for violation in response.violations],
            "trace": list(response.trace),
            "request": _sent(incoming, request),
            "response": _kept(answer, incoming.token) if answer else None,
            "resource": response.resource,
        }
    )


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the control plane shows it, its bodies parsed."""
    bodies = {name: None if row[name] is None else msgspec.json.decode(row[name]) for name in ("request", "response")}
    return row | bodies


def _sent(incoming: Incoming, request: Request | None) -> bytes | None:
    if request is not None and request.body is not None:
        return _kept(incoming.body, incoming.token)
    text = redacted(incoming.body[:2_000].decode("utf-8", "replace"), incoming.token)
    return msgspec.json.encode(text) if text else None


def redacted(text: str, token: str | None) -> str:
    """Return text without the caller's token; one too short to be a secret is left, since anything may contain it."""
    return text.replace(token, REDACTED) if token is not None and len(token) >= _SECRET_LENGTH else text


def _kept(body: bytes, token: str | None) -> bytes:
    """Return a JSON body, or in place of a long one a text that says so: a journal of them would fill the memory."""
    if len(body) > BODY_KEPT:
        return msgspec.json.encode(f"{len(body)} bytes, too long to keep")
    if token is None or len(token) < _SECRET_LENGTH:
        return body
    return body.replace(token.encode("latin-1"), REDACTED.encode())
