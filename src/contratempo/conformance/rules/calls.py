"""Scheduled calls of TemPhone: one operation, whose answer is all there is to see."""

from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import ABSENT, Exchange
from contratempo.conformance.instants import SECOND, alike, instant_of, is_naive
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import TEMPHONE, Findings, rule
from contratempo.conformance.rules.events import same
from contratempo.conformance.zones import ZONES

Json: TypeAlias = Any
_ECHOED: Final = (
    "contact_id",
    "campaign_id",
    "timezone",
    "initial_message",
    "max_duration_seconds",
    "caller_id",
    "metadata",
    "recording_enabled",
    "webhook_url",
)
_ALWAYS: Final = ("call_id", "contact_id", "scheduled_at", "initial_message", "status", "created_at", "updated_at")
_DEFAULTS: Final = {"max_duration_seconds": 900, "recording_enabled": True}


def created(x: Exchange, ledger: Ledger) -> dict[str, Json] | None:
    """Return the call that an answer scheduled, None for anything else."""
    return ledger.vocabulary.made(x) if isinstance(x.sent, dict) and x.auth == "good" else None


@rule(
    "calls.create.envelope",
    "A scheduled call is {status: success, message, data}, with 200 or 201.",
    source="prose",
    providers=(TEMPHONE,),
)
def envelope(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation != "scheduleCall" or not x.ok or x.auth != "good":
        return None
    if x.status not in (200, 201) or not isinstance(x.json, dict) or not isinstance(x.json.get("data"), dict):
        return [f"answered {x.status} without data"]
    good = x.json.get("status") == "success"
    return [] if good else [f"status is {x.json.get('status')!r}"]


@rule(
    "calls.create.message",
    "The message is the page's: AI outbound call scheduled successfully.",
    source="prose",
    providers=(TEMPHONE,),
)
def message(x: Exchange, ledger: Ledger) -> Findings:
    if created(x, ledger) is None:
        return None
    said = x.json.get("message")
    return [] if said == "AI outbound call scheduled successfully." else [f"message is {said!r}"]


@rule(
    "calls.create.members",
    "A call always has the members that the page's types require.",
    source="prose",
    providers=(TEMPHONE,),
)
def members(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation != "scheduleCall" or not x.ok or not isinstance(x.json, dict) or x.auth != "good":
        return None
    data = x.json.get("data")
    shown = data if isinstance(data, dict) else {}
    return [f"{name} is missing" for name in _ALWAYS if shown.get(name) is None]


@rule("calls.create.echo", "A call shows what was sent, as it was sent.", source="prose", providers=(TEMPHONE,))
def echo(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None:
        return None
    return [
        f"{name}: {x.sent[name]!r} was sent, {call.get(name)!r} is shown"
        for name in _ECHOED
        if name in x.sent and not same(x.sent[name], call.get(name, ABSENT))
    ]


@rule(
    "calls.create.instant",
    "A call is due at the very instant that was sent, whatever its offset.",
    source="sense",
    providers=(TEMPHONE,),
)
def instant(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None or is_naive(x.sent["scheduled_at"]):
        return None
    same_instant = alike(call.get("scheduled_at"), x.sent["scheduled_at"], SECOND)
    return [] if same_instant else [f"{x.sent['scheduled_at']} was sent, {call.get('scheduled_at')} is shown"]


@rule(
    "calls.create.defaults",
    "What was not sent has the page's default: 900 seconds, recorded.",
    source="prose",
    providers=(TEMPHONE,),
)
def defaults(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None or all(name in x.sent for name in _DEFAULTS):
        return None
    return [
        f"{name} is {call[name]!r}, by default it is {value!r}"
        for name, value in _DEFAULTS.items()
        if name not in x.sent and call.get(name) is not None and not same(call[name], value)
    ]


@rule("calls.create.scheduled", "A new call is scheduled.", source="prose", providers=(TEMPHONE,))
def scheduled(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None:
        return None
    return [] if call.get("status") == "scheduled" else [f"status is {call.get('status')!r}"]


@rule(
    "calls.create.stamps",
    "created_at and updated_at of a new call are the same.",
    source="prose",
    providers=(TEMPHONE,),
)
def stamps(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None or call.get("created_at") is None:
        return None
    made, moved = instant_of(call["created_at"]), instant_of(call.get("updated_at"))
    together = made is not None and moved is not None and abs(moved - made) < SECOND
    return [] if together else [f"created_at {call['created_at']}, updated_at {call.get('updated_at')}"]


@rule(
    "calls.create.created-at",
    "created_at is the instant of the request.",
    source="sense",
    need="clock",
    providers=(TEMPHONE,),
)
def created_at(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    shown = None if call is None else instant_of(call.get("created_at"))
    if call is None or x.now is None or shown is None:
        return None
    return [] if abs(shown - x.now) <= SECOND else [f"created_at is {call['created_at']}, it was {x.now.isoformat()}"]


@rule(
    "calls.create.unasked",
    "A call shows no campaign, caller, metadata or webhook of another call.",
    source="sense",
    providers=(TEMPHONE,),
)
def unasked(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None:
        return None
    names = [name for name in ("campaign_id", "caller_id", "metadata", "webhook_url") if name not in x.sent]
    others = [made.sent for made in ledger.made.values()]
    return [
        f"{name} is {call[name]!r}, which was sent with another call"
        for name in names
        if call.get(name) and any(same(other.get(name), call[name]) for other in others)
    ]


@rule(
    "calls.create.zone",
    "The time zone that is shown where none was sent is a time zone.",
    source="prose",
    providers=(TEMPHONE,),
)
def zone(x: Exchange, ledger: Ledger) -> Findings:
    call = created(x, ledger)
    if call is None or "timezone" in x.sent or call.get("timezone") is None:
        return None
    return [] if call["timezone"] in ZONES else [f"timezone is {call['timezone']!r}"]


@rule("calls.zone-known", "A time zone that is none is refused.", source="sense", level="reject", providers=(TEMPHONE,))
def zone_known(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation != "scheduleCall" or x.breaches or not isinstance(x.sent, dict) or x.auth != "good":
        return None
    if x.sent.get("timezone") is None or x.sent["timezone"] in ZONES or x.status == 401:
        return None
    return [] if x.refused else [f"answered {x.status} to timezone {x.sent['timezone']!r}"]
