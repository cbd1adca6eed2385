"""Scheduled events as they are made, shown and removed."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import ABSENT, Exchange
from contratempo.conformance.instants import SECOND, alike, instant_of, is_naive
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, Findings, rule

Json: TypeAlias = Any

_TEXTS: Final = ("telnyx_conversation_channel", "telnyx_end_user_target", "telnyx_agent_target")
_EXTRAS: Final = ("conversation_metadata", "dynamic_variables")
_METADATA: Final = "conversation_metadata"
"""The vendor adds pieces of its own to it, says the document."""
_EXACT: Final = 2**53
"""Beyond it integers do not interoperate, says RFC 8259."""
_NUMBERS: Final = ("max_retries_client_errors", "retry_interval_secs")
_SHAPES: Final = {
    "phone_call": "#/components/schemas/ScheduledPhoneCallEventResponse",
    "sms_chat": "#/components/schemas/ScheduledSmsEventResponse",
}
DOCUMENTED: Final = frozenset(
    (
        *_TEXTS,
        *_EXTRAS,
        *_NUMBERS,
        "assistant_id",
        "call_attempts",
        "call_duration",
        "call_settings",
        "call_status",
        "conversation_id",
        "created_at",
        "dispatched_at",
        "errors",
        "retry_attempts",
        "retry_count",
        "scheduled_at_fixed_datetime",
        "scheduled_event_id",
        "status",
        "text",
    )
)
"""What an event may have by the document; whatever a deployment shows besides may move."""
UNSET: Final[tuple[Json, ...]] = (None, "", 0, [], {})
"""What says as little as leaving a member out."""
WHEN: Final = "scheduled_at_fixed_datetime"


def created(x: Exchange, ledger: Ledger) -> dict[str, Json] | None:
    """Return the event that a create answered with for the first time, None for anything else."""
    made = ledger.vocabulary.made(x) if isinstance(x.sent, dict) and x.auth == "good" else None
    return None if made is None or str(made["scheduled_event_id"]) in ledger.made else made


@rule("events.create.status", "A create answers 201.", source="spec", providers=(ASSISTANTS,))
def status(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation != "create_scheduled_event" or not x.ok or x.auth != "good":
        return None
    return [] if x.status == 201 else [f"answered {x.status}"]


@rule(
    "events.create.echo",
    "A created event shows channel, targets and text as they were sent.",
    source="sense",
    providers=(ASSISTANTS,),
)
def echo(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None:
        return None
    names = (*_TEXTS, "text") if x.sent.get("telnyx_conversation_channel") == "sms_chat" else _TEXTS
    return list(_differences(x.sent, event, names))


@rule(
    "events.create.extras",
    "A created event shows metadata and variables as they were sent, types and all; Telnyx may add metadata.",
    source="sense",
    providers=(ASSISTANTS,),
)
def extras(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None or not any(x.sent.get(name) for name in _EXTRAS):
        return None
    shown = {name: event.get(name) for name in _EXTRAS}
    if isinstance(shown[_METADATA], dict) and isinstance(x.sent.get(_METADATA), dict):
        shown[_METADATA] = {name: value for name, value in shown[_METADATA].items() if name in x.sent[_METADATA]}
    return list(_differences(x.sent, shown, tuple(name for name in _EXTRAS if x.sent.get(name))))


@rule(
    "events.create.retries",
    "A created call shows its retries and interval as they were sent.",
    source="sense",
    providers=(ASSISTANTS,),
)
def retries(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    sms = event is not None and event.get("telnyx_conversation_channel") == "sms_chat"
    if event is None or sms or not x.sent.get("max_retries_client_errors"):
        return None
    return list(_differences(x.sent, event, _NUMBERS))


@rule(
    "events.create.region",
    "A created call shows its call settings as they were sent.",
    source="sdk",
    contract="effective",
    providers=(ASSISTANTS,),
)
def region(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None or not x.sent.get("call_settings") or event.get("telnyx_conversation_channel") == "sms_chat":
        return None
    shown = event.get("call_settings")
    kept = isinstance(shown, dict) and shown.items() >= x.sent["call_settings"].items()
    return [] if kept else [f"call_settings: {x.sent['call_settings']!r} was sent, {shown!r} is shown"]


@rule(
    "events.create.assistant",
    "An event belongs to the assistant of its path.",
    source="spec",
    providers=(ASSISTANTS,),
    level="read",
)
def assistant(x: Exchange, ledger: Ledger) -> Findings:
    wanted = x.params.get("assistant_id")
    shown = [event.get("assistant_id") for event in ledger.vocabulary.shown(x)]
    if not shown or x.operation == "delete_scheduled_event":
        return None
    return [f"assistant_id is {each!r} below the path of {wanted!r}" for each in shown if each != wanted][:1]


@rule(
    "events.create.instant",
    "A created event is due at the very instant that was sent, whatever its offset.",
    source="sense",
    providers=(ASSISTANTS,),
)
def instant(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None or is_naive(x.sent[WHEN]) or instant_of(x.sent[WHEN]) is None:
        return None
    return _same_instant(x.sent[WHEN], event.get(WHEN))


@rule("events.create.naive-is-utc", "A date-time without an offset is UTC.", source="sense", providers=(ASSISTANTS,))
def naive(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None or not is_naive(x.sent[WHEN]):
        return None
    return _same_instant(x.sent[WHEN], event.get(WHEN))


@rule(
    "events.create.defaults",
    "What was not sent has the document's default: pending, no retries.",
    source="spec",
    providers=(ASSISTANTS,),
)
def defaults(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None:
        return None
    wanted = {"status": "pending", "retry_count": 0}
    if "max_retries_client_errors" not in x.sent:
        wanted["max_retries_client_errors"] = 0
    wrong = {name: event[name] for name in wanted if event.get(name) not in (None, wanted[name])}
    return [f"{name} is {value!r}, by default it is {wanted[name]!r}" for name, value in wrong.items()]


@rule(
    "events.create.unstarted",
    "A created event has not begun: no attempts, no call, no end.",
    source="sense",
    providers=(ASSISTANTS,),
)
def unstarted(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    due = None if event is None else instant_of(event.get(WHEN))
    if event is None or due is None or x.at is None or due <= x.at:
        return None
    names = ("call_attempts", "call_status", "call_duration", "dispatched_at", "errors")
    return [f"{name} is {event[name]!r} before anything happened" for name in names if event.get(name) not in UNSET]


@rule(
    "events.create.unasked",
    "A created event shows no text or variables that were not sent, and no metadata of another event.",
    source="sense",
    providers=(ASSISTANTS,),
)
def unasked(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None:
        return None
    names = [name for name in ("text", "dynamic_variables") if name not in x.sent]
    found = [f"{name} is {event[name]!r} and was not sent" for name in names if event.get(name) not in UNSET]
    return [*found, *_strange_metadata(x.sent, event, ledger)]


@rule(
    "events.create.created-at",
    "created_at is the instant of the create.",
    source="sense",
    need="clock",
    providers=(ASSISTANTS,),
)
def created_at(x: Exchange, ledger: Ledger) -> Findings:
    event = created(x, ledger)
    if event is None or x.now is None or event.get("created_at") is None:
        return None
    shown = instant_of(event["created_at"])
    good = shown is not None and abs(shown - x.now) <= SECOND
    return [] if good else [f"created_at is {event['created_at']!r}, it was {x.now.isoformat()}"]


@rule(
    "events.shape",
    "An event has the form that its channel calls for, as the SDKs tell them apart.",
    source="spec",
    providers=(ASSISTANTS,),
)
def shape(x: Exchange, ledger: Ledger) -> Findings:
    events = list(ledger.vocabulary.shown(x))
    if not events or x.operation == "delete_scheduled_event":
        return None
    return [said for event in events for said in _misshapen(event, ledger)][:3]


def _differences(sent: dict[str, Json], shown: dict[str, Json], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name in sent and not same(sent[name], shown.get(name, ABSENT)):
            yield f"{name}: {sent[name]!r} was sent, {shown.get(name)!r} is shown"


def same(one: Json, other: Json) -> bool:
    """Say whether two JSON values are the same, true and 1 told apart."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int) and isinstance(other, int | float) and abs(one) > _EXACT:
        return abs(one - other) <= abs(one) // _EXACT
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def alike_or_unset(one: Json, other: Json) -> bool:
    """Say whether two values are the same, or both say nothing; zero and false say something beside nothing."""
    nothing = one in UNSET and other in UNSET and not isinstance(one or other, bool)
    return same(one, other) or nothing or alike(one, other, SECOND)


def found_out(name: str, before: Json) -> bool:
    """Say whether it is the deployment's own and was not told before: nothing requires that it is told at once."""
    return before is None and name in ("created_at", "retry_count", "retry_attempts")


def grown(name: str, sent: dict[str, Json], now: Json) -> bool:
    """Say whether it is metadata that still holds what was sent, whatever the vendor has added."""
    if name != _METADATA or not isinstance(now, dict):
        return False
    return all(member in now and same(value, now[member]) for member, value in (sent.get(name) or {}).items())


def _strange_metadata(sent: dict[str, Json], shown: dict[str, Json], ledger: Ledger) -> list[str]:
    """Return what was not sent and cannot be the vendor's own, as another event was made with it."""
    own, listed = sent.get(_METADATA) or {}, shown.get(_METADATA)
    added = {name: value for name, value in listed.items() if name not in own} if isinstance(listed, dict) else {}
    others = [made.sent.get(_METADATA) for made in ledger.made.values()] if added else []
    known = [other for other in others if isinstance(other, dict)]
    return [
        f"{_METADATA} has {name!r}, which was sent with another event"
        for name, value in added.items()
        if any(name in other and same(value, other[name]) for other in known)
    ][:1]


def _same_instant(sent: str, shown: Json) -> list[str]:
    return [] if alike(sent, shown, SECOND) else [f"{sent} was sent, {shown} is shown"]


def _misshapen(event: dict[str, Json], ledger: Ledger) -> Iterator[str]:
    channel = event.get("telnyx_conversation_channel")
    if channel not in _SHAPES:
        yield f"telnyx_conversation_channel is {channel!r}"
        return
    for each in ledger.book.contract.check_schema(_SHAPES[str(channel)], event):
        yield f"{channel}: {each.pointer} {each.message}"
