"""What an event tells of itself between its dispatch and its end: its time, its conversation, its call's length."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import SECOND, alike, instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, Findings, rule
from contratempo.conformance.rules.attempts import calls, tried
from contratempo.conformance.rules.event_times import attempts, interval_of, joined, retries_of, seen_again
from contratempo.conformance.rules.events import UNSET, WHEN

Json: TypeAlias = Any
_BEGUN: Final = ("in_progress", "completed", "failed")


@rule(
    "events.time.waits-again",
    "What is to be tried again is pending until it is due again.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def waits_again(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, _, event, now in calls(x, ledger):
        due = instant_of(event.get(WHEN))
        if event.get("status") == "in_progress" and due is not None:
            early = now < due - SECOND
            found.append(
                [f"it is {now.isoformat()}, the event is in_progress and due {due.isoformat()}"] if early else []
            )
    return joined(found)


@rule(
    "events.time.moved-by-retries",
    "An event's time changes when it is put in the queue again, and at no other time.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def moved_by_retries(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, event, now in seen_again(x, ledger):
        apart = interval_of(made) if retries_of(made) else timedelta.max
        open_ended = last.now is None or apart is None or now - last.now >= apart
        if open_ended or last.record.get("status") not in ("pending", "in_progress"):
            continue
        if event.get("status") in _BEGUN:
            before, after = last.record.get(WHEN), event.get(WHEN)
            found.append([] if alike(before, after) else [f"its time was {before} and is {after}"])
    return joined(found)


@rule(
    "events.time.conversation",
    "A conversation that an event tells of stays the same, and two calls are two conversations.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def conversation(x: Exchange, ledger: Ledger) -> Findings:
    found = [_told_twice(x, ledger)]
    for made, last, event, _ in seen_again(x, ledger):
        before, after = last.record.get("conversation_id"), event.get("conversation_id")
        going = last.record.get("status") == "in_progress" and event.get("status") in ("in_progress", "completed")
        if before and going and not retries_of(made):
            found.append([] if before == after else [f"conversation_id was {before!r} and is {after!r}"])
    return joined([each for each in found if each is not None])


def _told_twice(x: Exchange, ledger: Ledger) -> list[str] | None:
    """Return what two calls of one answer have in common; None where no call tells of a conversation."""
    told = Counter(str(event["conversation_id"]) for _, _, event, _ in calls(x, ledger) if event.get("conversation_id"))
    return [f"{times} calls have conversation {name!r}" for name, times in told.items() if times > 1] if told else None


@rule(
    "events.time.says-why",
    "A failed event tells why (errors).",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def says_why(x: Exchange, ledger: Ledger) -> Findings:
    failed = [event for _, _, event, _ in seen_again(x, ledger) if event.get("status") == "failed"]
    if not failed:
        return None
    return ["it is failed, and errors is empty" for event in failed if not event.get("errors")][:1]


@rule(
    "events.time.no-errors",
    "A call that was reached at once has no errors.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def no_errors(x: Exchange, ledger: Ledger) -> Findings:
    done = [
        event for made, _, event, _ in calls(x, ledger) if event.get("status") == "completed" and not retries_of(made)
    ]
    return (
        [f"it is completed, and errors is {each['errors']!r}" for each in done if each.get("errors")][:1]
        if done
        else None
    )


@rule(
    "attempts.own-call",
    "Each attempt is a call of its own (telnyx_call_control_id).",
    source="sense",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def own_call(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, _, event, _ in tried(x, ledger):
        known = [each["telnyx_call_control_id"] for each in attempts(event) if each.get("telnyx_call_control_id")]
        if len(known) > 1:
            found.append([] if len(set(known)) == len(known) else [f"attempts are calls {known}"])
    return joined(found)


@rule(
    "attempts.duration-of-event",
    "An event's call_duration is its last call's: none where nobody answered, and no longer than since it was sent.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def duration_of_event(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, _, event, now in calls(x, ledger):
        lasted, sent = event.get("call_duration"), instant_of(event.get("dispatched_at"))
        ended = attempts(event)
        own = ended[-1].get("call_duration") if ended and event.get("status") in ("completed", "failed") else None
        if not isinstance(lasted, int | float) or (lasted in UNSET and own in UNSET):
            continue
        unanswered = (
            bool(lasted)
            and event.get("status") == "failed"
            and all(each.get("call_status") != "completed" for each in ended)
        )
        over = sent is not None and lasted > (now - sent).total_seconds() + 1
        apart = isinstance(own, int | float) and abs(own - lasted) > 1
        found.append(
            [f"it is {event.get('status')} after {lasted} s, its attempts are {ended!r}, it is {now.isoformat()}"]
            if unanswered or over or apart
            else []
        )
    return joined(found)
