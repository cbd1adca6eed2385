"""Noting: a request and its answer as a row of the journal, with nothing secret in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from contratempo.contract.violation import Violation
from contratempo.provider import Request, Response
from contratempo.server.redaction import Redactor, redactor
from contratempo.server.wire import Incoming
from contratempo.sim.instants import Instant, format_instant
from contratempo.sim.journal import Ring
from contratempo.sim.simulation import Simulation

Row: TypeAlias = dict[str, Any]
Where: TypeAlias = Callable[[Violation], str | None]

BODY_KEPT: Final = 65_536
"""Bytes up to which a body is kept in the journal."""
BODIES_KEPT: Final = 64 * 1_024 * 1_024
"""Bytes of bodies that the journal of a world keeps at most, its newest."""
TEXT_KEPT: Final = 2_000
"""Characters of a path, a query or an unreadable body that are kept."""
_VIOLATIONS_KEPT: Final = 100
_STEP: Final = BODIES_KEPT // 16
_SMALL: Final = 100
"""Bytes of a body that is not worth dropping: the text in its place is no shorter."""
_UNNOTED: Final = ("control",)
_BODIES: Final = ("request", "response")


@dataclass
class Ledger:
    """Bytes of bodies noted in a world since it was last looked at how many there are."""

    noted: int = 0


def note(
    simulation: Simulation,
    incoming: Incoming,
    request: Request | None,
    response: Response,
    answer: bytes,
    *,
    received_at: Instant = 0,
    seconds: float = 0.0,
    fault: Mapping[str, str] | None = None,
    near_miss: Mapping[str, Any] | None = None,
    where: Where | None = None,
    secrets: Callable[[], Iterable[str]] = tuple,
    ledger: Ledger | None = None,
) -> None:
    """Add a vendor's request to the journal of its world; calls of the control plane are not part of the story.

    Bodies are kept as the bytes they are on the wire (`answer` is the response's): thousands of rows of parsed ones
    would slow every garbage collection. `shown` reads them. `received_at` is a real instant and `seconds` real ones.
    `where` tells the line of the document that a violation is about, and `secrets` what must not be in the row beside
    the caller's token. With a `ledger`, one of the world's own, its bodies are held below BODIES_KEPT bytes.
    """
    if incoming.provider in _UNNOTED:
        return
    requests, clean = simulation.journal.requests, redactor(incoming.token, secrets)
    row: Row = {
        "number": requests.total + 1,
        "world": simulation.origin.id,
        "at": format_instant(simulation.now),
        "received_at": format_instant(received_at),
        "seconds": round(seconds, 6),
        "provider": incoming.provider,
        "operation": incoming.operation,
        "method": clean.text(incoming.method),
        "path": _cut(clean.path(incoming.path)),
        "query": _cut(clean.query(incoming.query.decode("latin-1"))),
        "status": response.status or None,
        "verdict": "accepted" if 0 < response.status < 400 else "refused",
        "rule": response.rule,
        "hint": None if response.hint is None else clean.text(response.hint),
        "violations": [_described(each, where, clean) for each in response.violations[:_VIOLATIONS_KEPT]],
        "fault": fault,
        "near_miss": None if near_miss is None else clean.value(dict(near_miss)),
        "trace": [clean.text(reason) for reason in response.trace],
        "request": _sent(incoming, request, clean),
        "response": _body(answer, response.media_type, clean) if answer else None,
        "resource": None if response.resource is None else clean.text(response.resource),
    }
    requests.add(row)
    if ledger is not None:
        _lighten(requests, ledger, _size(row))


def shown(row: Row) -> Row:
    """Return a row as the control plane shows it, its bodies parsed."""
    bodies = {name: None if row[name] is None else msgspec.json.decode(row[name]) for name in _BODIES}
    return row | bodies


def outline(row: Row) -> Row:
    """Return a row without its bodies."""
    return {name: value for name, value in row.items() if name not in _BODIES}


def _described(violation: Violation, where: Where | None, clean: Redactor) -> dict[str, str | None]:
    told = {name: clean.text(value) for name, value in violation.describe().items()}
    return {**told, "document": None if where is None else where(violation)}


def _sent(incoming: Incoming, request: Request | None, clean: Redactor) -> bytes | None:
    if not incoming.body:
        return None
    media_type = incoming.header("content-type") or ""
    if (request is not None and request.body is not None and "json" in media_type) or _readable(incoming.body):
        return _kept(incoming.body, clean)
    return _text(incoming.body, clean)


def _body(answer: bytes, media_type: str, clean: Redactor) -> bytes:
    return _kept(answer, clean) if "json" in media_type or _readable(answer) else _text(answer, clean)


def _text(body: bytes, clean: Redactor) -> bytes:
    """Return what is not JSON as a text that is."""
    return msgspec.json.encode(_cut(clean.text(body[: 2 * TEXT_KEPT].decode("utf-8", "replace"))))


def _readable(body: bytes) -> bool:
    if len(body) > BODY_KEPT:
        return False
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _cut(text: str) -> str:
    return text[:TEXT_KEPT]


def _kept(body: bytes, clean: Redactor) -> bytes:
    """Return a JSON body, or in place of a long one a text that says so: a journal of them would fill the memory."""
    if len(body) > BODY_KEPT:
        return msgspec.json.encode(f"{len(body)} bytes, too long to keep")
    return clean.json(body)


def _size(row: Row) -> int:
    return sum(len(row[name]) for name in _BODIES if row[name] is not None)


def _lighten(requests: Ring[Row], ledger: Ledger, size: int) -> None:
    """Now and then count the bodies held, and drop the oldest when there is little room until the next time."""
    ledger.noted += size
    if ledger.noted < _STEP:
        return
    ledger.noted = 0
    excess = sum(map(_size, requests)) - (BODIES_KEPT - _STEP - 2 * BODY_KEPT)
    if excess <= 0:
        return
    excess += 2 * _STEP
    for row in requests:
        if excess <= 0:
            break
        excess -= _size(row)
        row.update({name: _dropped(row[name]) for name in _BODIES})
        excess += _size(row)


def _dropped(body: bytes | None) -> bytes | None:
    if body is None or len(body) <= _SMALL:
        return body
    kept = f"the journal of a world keeps {BODIES_KEPT >> 20} MiB of bodies"
    return msgspec.json.encode(f"{len(body)} bytes, dropped: {kept}")
