"""Attempts of a call: numbered, kept, within the budget, at their times, and as the far end decides."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import SECOND, instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, Findings, rule
from contratempo.conformance.rules.event_times import Seen, attempts, retries_of, seen_again
from contratempo.conformance.rules.events import same

Json: TypeAlias = Any
_VALUES: Final = ("busy", "canceled", "no-answer", "ringing", "completed", "failed", "in-progress")
_ENDED: Final = ("busy", "canceled", "no-answer", "completed", "failed")


def calls(x: Exchange, ledger: Ledger) -> Iterator[Seen]:
    """Yield the known calls that an answer shows."""
    return (seen for seen in seen_again(x, ledger) if seen[0].sent.get("telnyx_conversation_channel") == "phone_call")


def tried(x: Exchange, ledger: Ledger) -> Iterator[Seen]:
    """Yield those that show attempts."""
    return (seen for seen in calls(x, ledger) if attempts(seen[2]))


@rule(
    "attempts.status",
    "call_status is one of the values that the document lists.",
    source="prose",
    need="clock",
    providers=(ASSISTANTS,),
)
def status(x: Exchange, ledger: Ledger) -> Findings:
    shown = [event["call_status"] for _, _, event, _ in calls(x, ledger) if event.get("call_status") is not None]
    return [f"call_status is {each!r}" for each in shown if each not in _VALUES][:1] if shown else None


@rule(
    "attempts.numbered",
    "Attempts are numbered from 1, one by one.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def numbered(x: Exchange, ledger: Ledger) -> Findings:
    lists = [[each.get("attempt_number") for each in attempts(event)] for _, _, event, _ in tried(x, ledger)]
    return (
        [f"they are numbered {numbers}" for numbers in lists if numbers != list(range(1, len(numbers) + 1))][:1]
        if lists
        else None
    )


@rule(
    "attempts.kept",
    "What is shown of an attempt that has ended does not change.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def kept(x: Exchange, ledger: Ledger) -> Findings:
    pairs = [
        (attempts(last.record), attempts(event)) for _, last, event, _ in calls(x, ledger) if attempts(last.record)
    ]
    return (
        [f"{before!r} was shown, now it is {now!r}" for before, now in pairs if not same(before, now[: len(before)])][
            :1
        ]
        if pairs
        else None
    )


@rule(
    "attempts.budget",
    "There are no more attempts than retries and one.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def budget(x: Exchange, ledger: Ledger) -> Findings:
    counts = [(len(attempts(event)), retries_of(made)) for made, _, event, _ in tried(x, ledger)]
    return (
        [f"{count} attempts with {most} retries" for count, most in counts if count > most + 1][:1] if counts else None
    )


@rule(
    "attempts.used-up",
    "A call fails only when its budget is used up.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def used_up(x: Exchange, ledger: Ledger) -> Findings:
    failed = [
        (len(attempts(event)), retries_of(made))
        for made, _, event, _ in calls(x, ledger)
        if event.get("status") == "failed"
    ]
    return (
        [f"failed after {count} attempts with {most} retries" for count, most in failed if count != most + 1][:1]
        if failed
        else None
    )


@rule(
    "attempts.outcomes",
    "Each attempt ends as the far end decides.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def outcomes(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, _, event, _ in tried(x, ledger):
        if made.script and "stuck" not in made.script:
            ended = [each.get("call_status") for each in attempts(event)]
            wanted = [made.script[min(number, len(made.script) - 1)] for number in range(len(ended))]
            found.append([] if ended == wanted else [f"scripted {', '.join(made.script)}, they ended {ended}"])
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.success-ends",
    "A call that was reached is completed, and not tried again.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def success_ends(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, _, event, _ in tried(x, ledger):
        ended = [each.get("call_status") for each in attempts(event)]
        good = "completed" not in ended[:-1] and (ended[-1] == "completed") == (event.get("status") == "completed")
        found.append([] if good else [f"attempts ended {ended}, the event is {event.get('status')}"])
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.ended-only",
    "Only attempts that have ended are listed.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def ended_only(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, _, event, _ in calls(x, ledger):
        listed = attempts(event)
        wrong = [each.get("call_status") for each in listed if each.get("call_status") not in _ENDED]
        full = event.get("status") == "in_progress" and len(listed) > retries_of(made)
        if listed or event.get("status") == "in_progress":
            found.append(
                [f"an attempt is {wrong[0]}"] if wrong else ["all attempts are listed, and one goes on"] if full else []
            )
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.last-status",
    "What has ended shows its last attempt's call_status and dispatch.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def last_status(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, last, event, _ in tried(x, ledger):
        if event.get("status") not in ("completed", "failed"):
            continue
        final, sent = attempts(event)[-1], instant_of(event.get("dispatched_at"))
        tried_at = instant_of(final.get("attempted_at"))
        unsaid = None if last.record.get("call_status") is None else final.get("call_status")
        wrong = event.get("call_status") not in (unsaid, final.get("call_status"))
        apart = sent is not None and tried_at is not None and abs(sent - tried_at) > 5 * SECOND
        found.append(
            [f"call_status is {event.get('call_status')!r}, the last attempt's {final.get('call_status')!r}"]
            if wrong
            else ["dispatched_at is not the last attempt's"]
            if apart
            else []
        )
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.count",
    "retry_count does not exceed the retries, nor fall behind.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def count(x: Exchange, ledger: Ledger) -> Findings:
    counts = [
        (last.record.get("retry_count"), event["retry_count"], retries_of(made))
        for made, last, event, _ in tried(x, ledger)
        if isinstance(event.get("retry_count"), int | float)
    ]
    wrong = [each for each in counts if each[1] > each[2] or (isinstance(each[0], int | float) and each[1] < each[0])]
    return (
        [f"retry_count is {now}, it was {was}, with {most} retries" for was, now, most in wrong][:1] if counts else None
    )
