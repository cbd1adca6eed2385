"""Scheduled events as they are kept: retrieved, deleted, apart from other assistants'."""

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import MINUTE, instant_of
from contratempo.conformance.ledger import Ledger, Made
from contratempo.conformance.rule import ASSISTANTS, Findings, rule
from contratempo.conformance.rules.events import DOCUMENTED, WHEN, alike_or_unset, found_out

Json: TypeAlias = Any
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@rule(
    "events.retrieve.as-listed",
    "An event is shown alike by create, retrieve and list at one instant, or while it waits.",
    source="sense",
    settles=True,
    providers=(ASSISTANTS,),
)
def as_listed(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation == "create_scheduled_event" or x.auth != "good":
        return None
    pairs = [(event, ledger.made.get(str(event.get("scheduled_event_id")))) for event in ledger.vocabulary.shown(x)]
    known = [(event, made.last) for event, made in pairs if made is not None and _still(made, x)]
    if not known:
        return None
    return [said for event, last in known for said in _changed(last.record, event)][:3]


@rule(
    "events.retrieve.found",
    "A created event can be retrieved.",
    source="prose",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def found(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "get_scheduled_event" or made is None or made.gone or x.auth != "good":
        return None
    if made.scope != x.params["assistant_id"]:
        return None
    if not x.ok:
        return [f"answered {x.status}"]
    shown = x.json.get("scheduled_event_id") if isinstance(x.json, dict) else None
    return [] if shown == made.id else [f"event {shown!r} was answered, {made.id!r} was asked for"]


@rule(
    "events.retrieve.unknown",
    "An event that nobody made is 404.",
    source="sense",
    contract="effective",
    level="read",
    providers=(ASSISTANTS,),
)
def unknown(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation not in ledger.vocabulary.names or x.auth != "good" or ledger.of(x) is not None:
        return None
    if x.operation == "delete_scheduled_event":
        return [] if x.refused else None
    malformed = not _UUID.fullmatch(x.params["event_id"]) and x.status in (400, 414)
    return [] if x.status in (404, 410, 422) or malformed else [f"answered {x.status} to an event that nobody made"]


@rule(
    "events.isolation",
    "An event is not to be had below another assistant's path.",
    source="sense",
    contract="effective",
    providers=(ASSISTANTS,),
)
def isolation(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if made is None or made.scope == x.params["assistant_id"] or x.auth != "good":
        return None
    if x.operation == "delete_scheduled_event":
        return []  # that nothing is there may be told as done: `events.retrieve.found` sees whether something was
    return [] if x.refused else [f"answered {x.status} with the event of {made.scope!r}"]


@rule(
    "events.delete.done",
    "Deleting an event succeeds, with 204 or with 200.",
    source="sdk",
    contract="effective",
    providers=(ASSISTANTS,),
)
def deleted(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "delete_scheduled_event" or made is None or made.gone or x.auth != "good":
        return None
    if made.scope != x.params["assistant_id"]:
        return None
    return [] if x.status in (200, 202, 204) else [f"answered {x.status}"]


@rule(
    "events.delete.gone",
    "A deleted event is not to be had any more.",
    source="sense",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def gone(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "get_scheduled_event" or made is None or made.gone is None or x.auth != "good":
        return None
    return [] if x.status in (404, 410) else [f"answered {x.status} after it was deleted"]


def _still(made: Made, x: Exchange) -> bool:
    """Say whether nothing can have happened since an event was shown: no time has passed, or it is long before it is
    due where the clock is the target's own."""
    if x.now is not None:
        return made.last.now == x.now
    due = instant_of(made.last.record.get(WHEN))
    return x.wall is not None and due is not None and due - x.wall > MINUTE


def _changed(before: dict[str, Json], now: dict[str, Json]) -> Iterator[str]:
    """Yield what differs; what is left out is as good as null, and instants are compared as such."""
    for name in sorted((before.keys() | now.keys()) & DOCUMENTED):
        one, other = before.get(name), now.get(name)
        unsaid = found_out(name, one) or (name == "status" and (one or "pending") == (other or "pending"))
        if not alike_or_unset(one, other) and not unsaid:
            yield f"{name} is {other!r}, and was {one!r} at the same instant"
