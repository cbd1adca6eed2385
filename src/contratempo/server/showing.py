"""Showing: what the control plane, its stream and its page tell of an exchange, with nothing secret in it."""

from typing import Any, Final, TypeAlias

import msgspec
from msgspec.structs import replace

from contratempo.server.redaction import Redactor
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import format_instant

Row: TypeAlias = dict[str, Any]

BODY_KEPT: Final = 65_536
"""Bytes up to which a body is kept in the journal."""
TEXT_KEPT: Final = 2_000
"""Characters of a path, a query, a message or an unreadable body that are kept."""
_PLAIN: Final = Redactor()


def shown(exchange: Exchange) -> Row:
    """Return a row as the control plane shows it: without secrets, its bodies parsed."""
    told = _told(exchange)
    return outline(told) | {"request": _parsed(told.request), "response": _parsed(told.response)}


def outline(exchange: Exchange) -> Row:
    """Return a row as it is shown, without its bodies."""
    told = _told(exchange)
    return {
        "number": told.number,
        "world": told.world,
        "at": format_instant(told.at),
        "received_at": format_instant(told.received_at),
        "seconds": round(told.seconds, 6),
        "provider": told.provider,
        "operation": told.operation,
        "method": told.method,
        "path": told.path,
        "query": told.query,
        "status": told.status or None,
        "verdict": told.verdict,
        "rule": told.rule,
        "hint": told.hint,
        "violations": list(told.violations),
        "fault": told.fault,
        "near_miss": told.near_miss,
        "trace": list(told.trace),
        "resource": told.resource,
    }


def shown_path(exchange: Exchange) -> str:
    """Return the path as it is shown."""
    return exchange.path if exchange.clean else _PLAIN.path(exchange.path)


def cleared(exchange: Exchange, path: str, query: str, clean: Redactor) -> Exchange:
    """Return a row that can be shown; `path` and `query` are the whole ones."""
    return replace(
        exchange,
        method=clean.text(exchange.method),
        path=clean.path(path)[:TEXT_KEPT],
        query=clean.query(query)[:TEXT_KEPT],
        hint=None if exchange.hint is None else clean.text(exchange.hint),
        violations=tuple(_cleaned(each, clean) for each in exchange.violations),
        near_miss=None if exchange.near_miss is None else clean.value(exchange.near_miss),
        trace=tuple(map(clean.text, exchange.trace)),
        request=_sent(exchange, clean),
        response=_answered(exchange, clean),
        media_type="",
        resource=None if exchange.resource is None else clean.text(exchange.resource),
        clean=True,
    )


def _told(exchange: Exchange) -> Exchange:
    """Return a row without what looks like a secret, be it anybody's; the caller's token is in none."""
    return exchange if exchange.clean else cleared(exchange, exchange.path, exchange.query, _PLAIN)


def _cleaned(described: dict[str, str | None], clean: Redactor) -> dict[str, str | None]:
    return {name: value if name == "document" else clean.text(value or "") for name, value in described.items()}


def _sent(exchange: Exchange, clean: Redactor) -> bytes:
    """Return the request's body as JSON: itself, or a text in its place where it is none or too long to be kept."""
    body, size = exchange.request, exchange.sent
    if not size:
        return b""
    if not (exchange.is_json or (size <= BODY_KEPT and _readable(body))):
        text = clean.text(body[: 2 * TEXT_KEPT].decode("utf-8", "replace"))
        return msgspec.json.encode(text[:TEXT_KEPT])
    return too_long(size) if size > BODY_KEPT else clean.json(body)


def _answered(exchange: Exchange, clean: Redactor) -> bytes:
    """Return the answer's body as JSON: itself, or a text in its place, telling of bytes how many there are."""
    body, media_type = exchange.response, exchange.media_type
    if not body or not media_type:
        return body and clean.json(body)
    try:
        text = clean.text(body.decode("utf-8"))
    except UnicodeDecodeError:
        text = clean.text(f"{len(body)} bytes of {media_type}")
    return msgspec.json.encode(text[:TEXT_KEPT])


def _readable(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _parsed(body: bytes) -> Any:
    return msgspec.json.decode(body) if body else None


def too_long(size: int) -> bytes:
    """Return what stands, as JSON, in place of a body of so many bytes."""
    return msgspec.json.encode(f"{size} bytes, too long to keep")
