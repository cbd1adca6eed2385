"""Noting: a request and its answer go into the journal as they are, and come out of it with nothing secret in them."""

from collections.abc import Callable, Mapping, Sequence, Sized
from typing import Any, Final, TypeAlias
from urllib.parse import unquote, unquote_plus

import msgspec
from msgspec.structs import replace

from contratempo.contract.media import says_json
from contratempo.contract.violation import Violation
from contratempo.provider import Request, Response
from contratempo.server.redaction import Redactor, secrets_of
from contratempo.server.showing import BODY_KEPT, TEXT_KEPT, cleared, too_long
from contratempo.server.wire import Incoming
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import Instant
from contratempo.sim.rings import Weighed
from contratempo.sim.simulation import Simulation

Where: TypeAlias = Callable[[Violation], str | None]

BYTES_KEPT: Final = 64 * 1_024 * 1_024
"""Bytes that the journal of a world keeps at most; the bodies of the oldest requests are the first to go."""
_ROW: Final = 2_000
"""Bytes that a row without bodies is reckoned to take, and each violation told in it."""
_VIOLATION: Final = 1_000
_VIOLATIONS_KEPT: Final = 100
_MESSAGE_KEPT: Final = 400
_SMALL: Final = 100
"""Bytes of a body that is not worth dropping: the text in its place is no shorter."""
_UNNOTED: Final = ("control",)


def note(
    simulation: Simulation,
    incoming: Incoming,
    request: Request | None,
    response: Response,
    answer: bytes,
    *,
    received_at: Instant = 0,
    seconds: float = 0.0,
    fault: dict[str, str] | None = None,
    near_miss: Mapping[str, Any] | None = None,
    where: Where | None = None,
    secrets: tuple[str, ...] = (),
) -> None:
    """Add a vendor's request to the journal of its world; calls of the control plane are not part of the story.

    Most rows are never looked at. So a row is what came and went (`answer` is the bytes of the response) and what is
    shown of it is made when it is asked for; only one that may hold the caller's token, or the secrets given, is
    cleared of them now, as no row remembers a token. `where` tells the line of the document that a violation is about.
    """
    if incoming.provider in _UNNOTED:
        return
    requests, raw, query = simulation.journal.requests, incoming.body, incoming.query.decode("latin-1")
    exchange = Exchange(
        requests.total + 1, simulation.origin.id, simulation.now, received_at, seconds,
        incoming.provider, incoming.operation, incoming.method, incoming.path[:TEXT_KEPT], query[:TEXT_KEPT],
        response.status, response.rule, response.hint,
        _told(response.violations, where) if response.violations else (),
        fault, None if near_miss is None else dict(near_miss), response.trace,
        raw if len(raw) <= BODY_KEPT else raw[: 2 * TEXT_KEPT],
        answer if len(answer) <= BODY_KEPT else too_long(len(answer)),
        response.resource, len(raw), _is_read_json(incoming, request), False,
        _weight(min(len(raw), BODY_KEPT) + min(len(answer), BODY_KEPT), response.violations),
        "" if len(answer) > BODY_KEPT or says_json(response.media_type) else response.media_type,
    )  # fmt: skip
    known, whole = secrets_of(secrets, incoming.token), len(incoming.path) <= TEXT_KEPT and len(query) <= TEXT_KEPT
    if not whole or known.may_be_in(_texts(exchange, incoming.path, query), exchange.request, exchange.response):
        exchange = cleared(exchange, incoming.path, query, Redactor(known.all))
    requests.add(exchange)
    if requests.weight > BYTES_KEPT:
        _lighten(requests)


def _is_read_json(incoming: Incoming, request: Request | None) -> bool:
    """Say whether a body was read, and as JSON: forms and texts are read, too."""
    return request is not None and request.body is not None and says_json(incoming.header("content-type") or "")


def _texts(exchange: Exchange, path: str, query: str) -> str:
    """Return all that a row says outside its bodies, as it was sent and as it is meant."""
    texts = [exchange.method, path, query, *exchange.trace, exchange.resource or "", exchange.hint or ""]
    if "%" in path:
        texts.append(unquote(path))
    if "%" in query or "+" in query:
        texts.append(_meant(query))
    for told in exchange.violations:
        texts += [value for value in told.values() if value]
    if exchange.near_miss:
        texts.append(repr(exchange.near_miss))
    return "\n".join(texts)


def _meant(query: str) -> str:
    """Return a query decoded. Mostly only the brackets of names are encoded, which is found in a tenth of the time."""
    plain = query.replace("%5B", "[").replace("%5D", "]")
    return unquote_plus(query) if "%" in plain or "+" in plain else plain


def _told(violations: Sequence[Violation], where: Where | None) -> tuple[dict[str, str | None], ...]:
    return tuple([_described(each, where) for each in violations[:_VIOLATIONS_KEPT]])


def _described(violation: Violation, where: Where | None) -> dict[str, str | None]:
    told: dict[str, str | None] = {name: value[:_MESSAGE_KEPT] for name, value in violation.describe().items()}
    told["document"] = None if where is None else where(violation)
    return told


def _lighten(requests: Weighed[Exchange]) -> None:
    """Make room for a while: drop the bodies of the oldest rows, and where that is not enough the rows themselves."""
    rows, excess = list(requests), requests.weight - BYTES_KEPT * 7 // 8
    for place, row in enumerate(rows):
        if excess <= 0:
            break
        rows[place] = lighter = _lighter(row)
        excess -= row.weight - lighter.weight
    first = 0
    while excess > 0:
        excess -= rows[first].weight
        first += 1
    requests.replace(rows[first:])


def _lighter(row: Exchange) -> Exchange:
    if len(row.request) > _SMALL:
        row = replace(row, request=_dropped(row.sent), sent=_SMALL, is_json=True)
    if len(row.response) > _SMALL:
        row = replace(row, response=_dropped(len(row.response)), media_type="")
    return replace(row, weight=_weight(len(row.request) + len(row.response), row.violations))


def _weight(bodies: int, violations: Sized) -> int:
    return _ROW + bodies + _VIOLATION * min(len(violations), _VIOLATIONS_KEPT)


def _dropped(size: int) -> bytes:
    return msgspec.json.encode(f"{size} bytes, dropped: the journal of a world keeps {BYTES_KEPT >> 20} MiB")
