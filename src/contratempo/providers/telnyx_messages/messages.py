"""A message: the record that is kept, and how the vendor shows it."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from contratempo.sim import ids
from contratempo.sim.instants import SECOND, Instant, format_instant
from contratempo.sim.records import Key, Record, Sort
from contratempo.sim.simulation import Simulation

from .content import MOST_PARTS
from .draft import E164, Draft
from .tables import MESSAGE, TABLES, rule
from .timing import echo

_KEPT: Final = ("text", "subject", "media_urls", "webhook_url", "webhook_failover_url", "messaging_profile_id")
_QUEUED: Final = ("scheduled", "queued")
_PRICES: Final = TABLES["prices"]
_FREE: Final = "0.0"
_MONEY: Final[dict[str, Callable[[str], Any]]] = {"text": str, "number": float}


def compose(simulation: Simulation, draft: Draft, due: Instant) -> Record:
    """Return the record of a new message, without a status: instants in microseconds, unset fields left out."""
    identifier = simulation.uuid(MESSAGE)
    record: Record = {
        "id": identifier,
        "ordinal": simulation.ordinals[MESSAGE],
        "operation": draft.operation,
        "created": simulation.now,
        "due": due,
        "type": draft.type,
        "from": draft.sender if draft.sender is not None else draft.profile.pick(draft.to) or TABLES["pool_number"],
        "to": draft.to,
        "encoding": draft.content.encoding,
        "parts": min(draft.content.parts, MOST_PARTS) if draft.type == "SMS" else 1,
        "smart": draft.content.smart,
        "use_profile_webhooks": draft.body.get("use_profile_webhooks", True),
        "errors": [],
    }
    record |= {name: draft.body[name] for name in _KEPT if name in draft.body}
    if draft.body.get("send_at") is not None:
        record["send_at"] = echo(draft.body["send_at"])
    return record


def index(record: Record) -> tuple[tuple[Key, Sort], ...]:
    """Return where a message is listed: among all, by when it is due; while it waits, among the scheduled."""
    sort = (record["due"], record["created"], record["ordinal"])
    return (((), sort), (("scheduled",), sort)) if record["status"] == "scheduled" else (((), sort),)


def represent(simulation: Simulation, record: Record) -> dict[str, Any]:
    """Return a message as the vendor shows it; instants not reached yet are null, fields not asked for are left out."""
    status = rule(simulation, "scheduled_status") if record["status"] == "scheduled" else record["status"]
    valid_until = record["due"] + round(rule(simulation, "validity_seconds") * SECOND)
    shown: dict[str, Any] = {
        "record_type": "message",
        "direction": "outbound",
        "id": record["id"],
        "type": record["type"],
        "organization_id": _organization(simulation.origin.seed),
        "from": _party(record["from"], "from") | _line(simulation, record),
        "to": [_party(record["to"], "to") | {"status": status}],
        "cc": [],
        "media": [_medium(url) for url in record.get("media_urls", ())],
        "encoding": record["encoding"],
        "parts": record["parts"],
        "tags": [],
        **_cost(record, _MONEY[rule(simulation, "cost_amount")]),
        "received_at": format_instant(record["created"]),
        "sent_at": _instant(record.get("sent")),
        "completed_at": _instant(record.get("completed")),
        "valid_until": format_instant(valid_until) if record["status"] in _QUEUED else None,
        "errors": record["errors"],
        "smart_encoding_applied": record["smart"],
        "wait_seconds": 0.0,
    }
    return shown | {name: record[name] for name in (*_KEPT, "send_at") if name in record and name != "media_urls"}


def _party(address: str, side: str) -> dict[str, str]:
    known = TABLES["carriers"][side if E164.fullmatch(address) else "none"]
    return {"phone_number": address, **known}


def _medium(url: str) -> dict[str, Any]:
    return {"url": url, "content_type": None, "sha256": None, "size": None}


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _line(simulation: Simulation, record: Record) -> dict[str, str]:
    """Return the line type of a sender that has one, where a rule says another than the document's example."""
    told = rule(simulation, "sender_line_type")
    return {"line_type": told} if told != "by_document" and E164.fullmatch(record["from"]) else {}


@lru_cache(64)
def _organization(seed: str) -> str:
    """Return the organization of a world, which is that of all its messages."""
    return ids.uuid(seed, "organization")


def _cost(record: Record, money: Callable[[str], Any]) -> dict[str, Any]:
    """Return cost and breakdown; what was cancelled costs nothing."""
    total, fee, rate = (_FREE,) * 3 if record["status"] == "cancelled" else _prices(record["parts"])
    shown = {"carrier_fee": _money(money(fee)), "rate": _money(money(rate))}
    return {"cost": _money(money(total)), "cost_breakdown": shown}


@lru_cache(MOST_PARTS)
def _prices(parts: int) -> tuple[str, str, str]:
    """Return the whole price of a message of so many parts, the carrier's fee in it, and the rate."""
    fee, rate = (Decimal(_PRICES[name]) * parts for name in ("carrier_fee", "rate"))
    return _plain(fee + rate), _plain(fee), _plain(rate)


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


def _money(amount: str | float) -> dict[str, Any]:
    return {"amount": amount, "currency": _PRICES["currency"]}
