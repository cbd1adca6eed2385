"""What becomes of events as time passes: nothing before they are due, what the far end does, then nothing more."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import HOUR, MINUTE, SECOND, instant_of
from contratempo.conformance.ledger import Ledger, Made, Shown
from contratempo.conformance.rule import ASSISTANTS, Findings, rule
from contratempo.conformance.rules.events import DOCUMENTED, WHEN, alike_or_unset, found_out, grown

Json: TypeAlias = Any
Seen: TypeAlias = tuple[Made, Shown, dict[str, Json], datetime]

SWEEP: Final = 2 * MINUTE
"""The guide speaks of a sweep without its period: what is due may wait this long."""
LONGEST: Final = 4 * HOUR + SWEEP
"""The longest that an attempt can take: the SDK's limit of a call."""
_NEXT: Final = {
    "pending": ("pending", "in_progress", "completed", "failed"),
    "in_progress": ("in_progress", "pending", "completed", "failed"),
    "completed": ("completed",),
    "failed": ("failed",),
}
_KEPT: Final = (
    "scheduled_event_id",
    "assistant_id",
    "telnyx_conversation_channel",
    "telnyx_end_user_target",
    "telnyx_agent_target",
    "text",
    "conversation_metadata",
    "dynamic_variables",
    "call_settings",
    "max_retries_client_errors",
    "retry_interval_secs",
    "created_at",
)


def seen_again(x: Exchange, ledger: Ledger) -> Iterator[Seen]:
    """Yield each known event that an answer shows: the record, how it looked last, how it looks, and the instant."""
    if x.auth != "good" or x.now is None or x.operation == "create_scheduled_event":
        return
    for event in ledger.vocabulary.shown(x):
        made = ledger.made.get(str(event.get("scheduled_event_id")))
        if made is not None and made.last.now is not None:
            yield made, made.last, event, x.now


def status_of(event: dict[str, Json]) -> str:
    """Return an event's status, which the document lets be left out: then it is its default."""
    return str(event.get("status") or "pending")


def attempts(event: dict[str, Json]) -> list[dict[str, Json]]:
    """Return the attempts that an event shows, in the order of their numbers: that of the list is nowhere said."""
    shown = event.get("call_attempts")
    listed = [each for each in shown if isinstance(each, dict)] if isinstance(shown, list) else []
    return sorted(listed, key=lambda each: n if isinstance(n := each.get("attempt_number"), int | float) else 0)


def retries_of(made: Made) -> int:
    """Return how often a call may be tried again."""
    return int(made.sent.get("max_retries_client_errors") or 0)


def joined(found: list[list[str]]) -> Findings:
    """Return what is wrong with any of what was looked at; None where nothing was."""
    return None if not found else [said for each in found for said in each][:2]


@rule(
    "events.time.kept",
    "What was asked for stays as it is, and so do id and created_at.",
    source="sense",
    settles=True,
    need="clock",
    providers=(ASSISTANTS,),
)
def kept(x: Exchange, ledger: Ledger) -> Findings:
    return joined(
        [
            [
                f"{name} is {event.get(name)!r}, it was {last.record.get(name)!r}"
                for name in _KEPT
                if not alike_or_unset(event.get(name), last.record.get(name))
                and not found_out(name, last.record.get(name))
                and not grown(name, made.sent, event.get(name))
            ]
            for made, last, event, now in seen_again(x, ledger)
            if last.now != now
        ]
    )


@rule(
    "events.time.not-before-due",
    "Nothing happens to an event before it is due.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def not_before_due(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, last, event, now in seen_again(x, ledger):
        due = instant_of(last.record.get(WHEN))
        if status_of(last.record) == "pending" and due is not None and now < due and last.now != now:
            early = (status_of(event), attempts(event)) != ("pending", attempts(last.record))
            moved = not _same_instant(event.get(WHEN), last.record.get(WHEN))
            found.append(
                [f"it is {now.isoformat()}, the event is due {due.isoformat()} and {event.get('status')}"]
                if early
                else [f"its time is {event.get(WHEN)}, it was {last.record.get(WHEN)}"]
                if moved
                else []
            )
    return joined(found)


@rule(
    "events.time.dispatched",
    "An event that is due is dispatched.",
    source="prose",
    need="clock",
    settles=True,
    contract="effective",
    providers=(ASSISTANTS,),
)
def dispatched(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, last, event, now in seen_again(x, ledger):
        due = instant_of(last.record.get(WHEN))
        if status_of(last.record) == "pending" and due is not None and now >= due + SWEEP:
            idle = status_of(event) == "pending" and len(attempts(event)) == len(attempts(last.record))
            found.append(
                [f"it is {now.isoformat()}, the event was due {due.isoformat()} and is pending"] if idle else []
            )
    return joined(found)


@rule(
    "events.time.order",
    "An event's status goes forward only, and what has ended stays as it ended.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def order(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, event, _ in seen_again(x, ledger):
        was, now = status_of(last.record), status_of(event)
        sms = made.sent.get("telnyx_conversation_channel") == "sms_chat"
        again = now == "pending" and was == "in_progress" and (sms or not retries_of(made))
        if was != "pending" or now != "pending":
            found.append([f"it was {was} and is {now}"] if now not in _NEXT.get(was, (now,)) or again else [])
    return joined(found)


@rule(
    "events.time.ended-stays",
    "An event that has ended does not change any more.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def ended_stays(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, event, now in seen_again(x, ledger):
        if last.record.get("status") in ("completed", "failed") and last.now != now:
            names = (last.record.keys() | event.keys()) & DOCUMENTED
            found.append(
                [
                    f"{name} was {last.record.get(name)!r} and is {event.get(name)!r}"
                    for name in sorted(names)
                    if not alike_or_unset(last.record.get(name), event.get(name))
                    and not grown(name, made.sent, event.get(name))
                ]
            )
    return joined(found)


@rule(
    "events.time.ends",
    "An event ends as its far end decides: completed when it is reached, else failed.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def ends(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, event, now in seen_again(x, ledger):
        wanted, due, next_due = _end(made), instant_of(last.record.get(WHEN)), instant_of(event.get(WHEN))
        if wanted is None or due is None or next_due is None or now < max(due, next_due) + LONGEST:
            continue
        status = event.get("status")
        found.append([] if status == wanted else [f"scripted {', '.join(made.script)}, it is {status}, not {wanted}"])
    return joined(found)


@rule(
    "events.time.created-before",
    "Instants are in order: created, dispatched, now.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def in_order(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, _, event, now in seen_again(x, ledger):
        due, sent = instant_of(made.sent.get(WHEN)), instant_of(event.get("dispatched_at"))
        if sent is not None and due is not None:
            found.append(
                [f"dispatched_at {sent.isoformat()} is not between {due.isoformat()} and {now.isoformat()}"]
                if not due - SECOND <= sent <= now + SECOND
                else []
            )
    return joined(found)


@rule(
    "events.time.dispatched-at",
    "A call that was sent tells when (dispatched_at).",
    source="spec",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def dispatched_at(x: Exchange, ledger: Ledger) -> Findings:
    sent = [
        event
        for made, _, event, _ in seen_again(x, ledger)
        if status_of(event) != "pending" and made.sent.get("telnyx_conversation_channel") == "phone_call"
    ]
    if not sent:
        return None
    return [
        f"it is {each.get('status')}, and dispatched_at is not set" for each in sent if not each.get("dispatched_at")
    ][:1]


@rule(
    "events.time.reached",
    "A completed call has a conversation.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def reached(x: Exchange, ledger: Ledger) -> Findings:
    done = [
        event
        for made, _, event, _ in seen_again(x, ledger)
        if event.get("status") == "completed" and made.sent.get("telnyx_conversation_channel") == "phone_call"
    ]
    if not done:
        return None
    return ["it is completed, and conversation_id is not set" for event in done if not event.get("conversation_id")][:1]


def _end(made: Made) -> str | None:
    """Return how an event must end by its script; None when that is open."""
    if not made.script or "stuck" in made.script:
        return None
    if made.sent.get("telnyx_conversation_channel") == "sms_chat":
        return "completed" if made.script[0] in ("completed", "delivered") else "failed"
    tries = retries_of(made) + 1
    played = [made.script[min(number, len(made.script) - 1)] for number in range(tries)]
    return "completed" if "completed" in played else "failed"


def _same_instant(one: Json, other: Json) -> bool:
    return instant_of(one) is not None and instant_of(one) == instant_of(other)


def interval_of(made: Made) -> timedelta | None:
    """Return how long a call waits before it is tried again."""
    seconds = made.sent.get("retry_interval_secs")
    return timedelta(seconds=seconds) if isinstance(seconds, int) and not isinstance(seconds, bool) else None
