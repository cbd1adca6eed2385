"""When attempts of a call are made, how long they last, and when they are made again."""

from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import MINUTE, SECOND, instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, Findings, rule
from contratempo.conformance.rules.attempts import calls, tried
from contratempo.conformance.rules.event_times import attempts, interval_of
from contratempo.conformance.rules.events import WHEN

Json: TypeAlias = Any
_CLOSE: Final = 30 * SECOND
"""How near two reads must be to tell by which instant a time was counted."""


@rule(
    "attempts.times",
    "Attempts are made at or after the event's time, one after another, at least the interval apart.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(ASSISTANTS,),
)
def times(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, _, event, now in tried(x, ledger):
        stamps = [instant_of(each.get("attempted_at")) for each in attempts(event)]
        due, apart = instant_of(made.sent.get(WHEN)), interval_of(made) or timedelta()
        if None in stamps or due is None:
            continue
        known = [stamp for stamp in stamps if stamp is not None]
        wrong = known[0] < due - SECOND or known[-1] > now + SECOND
        near = any(later - earlier < apart for earlier, later in pairwise(known))
        found.append(
            [f"attempts at {[each.isoformat() for each in known]}, due {due.isoformat()}, {apart} apart"]
            if wrong or near
            else []
        )
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.requeued",
    "A call to be tried again is due an interval after the last attempt ended.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def requeued(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, event, now in calls(x, ledger):
        apart, due = interval_of(made), instant_of(event.get(WHEN))
        fresh = len(attempts(event)) == len(attempts(last.record)) + 1 and event.get("status") == "pending"
        if not fresh or apart is None or due is None or last.now is None or now - last.now > _CLOSE:
            continue
        good = last.now + apart - SECOND <= due <= now + apart + SECOND
        found.append(
            []
            if good
            else [
                f"it ended between {last.now.isoformat()} and {now.isoformat()}, the interval is "
                f"{apart}, it is due {due.isoformat()}"
            ]
        )
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.on-time",
    "A call is tried again when it is due again.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def on_time(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, last, event, _ in calls(x, ledger):
        due, before = instant_of(last.record.get(WHEN)), len(attempts(last.record))
        if last.record.get("status") != "pending" or due is None or len(attempts(event)) <= before:
            continue
        made_at = instant_of(attempts(event)[before].get("attempted_at"))
        if made_at is not None:
            late = not due - SECOND <= made_at <= due + 2 * MINUTE
            found.append([f"it was due {due.isoformat()} and tried at {made_at.isoformat()}"] if late else [])
    return None if not found else [said for each in found for said in each][:1]


@rule(
    "attempts.duration",
    "A completed call has a duration, one that was not answered has none.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def duration(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, _, event, now in tried(x, ledger):
        for each in attempts(event):
            lasted, began = each.get("call_duration"), instant_of(each.get("attempted_at"))
            if each.get("call_status") in ("busy", "no-answer", "failed", "canceled"):
                found.append([f"{each['call_status']} for {lasted} s"] if lasted not in (None, 0) else [])
            elif isinstance(lasted, int | float) and began is not None:
                over = began + timedelta(seconds=lasted) > now + SECOND or lasted < 0
                found.append([f"{lasted} s from {began.isoformat()} on, and it is {now.isoformat()}"] if over else [])
        if event.get("status") == "completed":
            told = (event.get("call_duration"), *(each.get("call_duration") for each in attempts(event)))
            known = any(isinstance(each, int | float) for each in told)
            found.append([] if known else ["it is completed without a call_duration"])
    return None if not found else [said for each in found for said in each][:1]
