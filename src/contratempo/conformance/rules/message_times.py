"""What becomes of messages as time passes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import HOUR, MINUTE, SECOND, alike, instant_of
from contratempo.conformance.ledger import Ledger, Made, Shown
from contratempo.conformance.rule import MESSAGES, Findings, rule
from contratempo.conformance.rules.messages import WAITING, status_of, unsaid

Json: TypeAlias = Any
Seen: TypeAlias = tuple[Made, Shown, dict[str, Json], datetime]

ACCURATE: Final = MINUTE
"""The guide: accurate up to a minute."""
LONGEST: Final = 24 * HOUR
"""When a message is delivered, or given up, is nobody's promise; after a day it should have been."""
_RANKS: Final = {
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    **dict.fromkeys(
        ("delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired", "cancelled"), 4
    ),
}
_KEPT: Final = (
    "id",
    "record_type",
    "direction",
    "type",
    "text",
    "subject",
    "messaging_profile_id",
    "webhook_url",
    "webhook_failover_url",
    "received_at",
    "encoding",
    "parts",
)
ENDS: Final = ("delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired", "cancelled")


def seen_again(x: Exchange, ledger: Ledger) -> Iterator[Seen]:
    """Yield the known message that an answer shows: the record, how it looked last, how it looks, and the instant."""
    if x.auth == "good" and x.now is not None and x.operation == "RetrieveMessage":
        for message in ledger.vocabulary.shown(x):
            made = ledger.made.get(str(message.get("id")))
            if made is not None and made.last.now is not None:
                yield made, made.last, message, x.now


def due_of(made: Made) -> datetime | None:
    """Return when a message is to be sent: its send_at, else when it was made."""
    return instant_of(made.sent.get("send_at")) if made.sent.get("send_at") else made.by.now


def _join(found: list[list[str]]) -> Findings:
    return None if not found else [said for each in found for said in each][:2]


@rule(
    "messages.time.kept",
    "What was asked for stays as it is.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def kept(x: Exchange, ledger: Ledger) -> Findings:
    return _join(
        [
            [
                f"{name} is {message.get(name)!r}, it was {last.record.get(name)!r}"
                for name in _KEPT
                if message.get(name) != last.record.get(name)
                and not unsaid(last, name)
                and not alike(message.get(name), last.record.get(name), SECOND)
            ]
            for _, last, message, now in seen_again(x, ledger)
            if last.now != now
        ]
    )


@rule(
    "messages.time.not-before-due",
    "A message is not sent before its time.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def not_before_due(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, message, now in seen_again(x, ledger):
        due = due_of(made)
        if due is not None and now < due - ACCURATE and last.now != now and status_of(last.record) in WAITING:
            early = status_of(message) not in WAITING or message.get("sent_at")
            found.append(
                [f"it is {now.isoformat()}, due is {due.isoformat()}, it is {status_of(message)}"] if early else []
            )
    return _join(found)


@rule(
    "messages.time.sent",
    "A message that is due is sent.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def sent(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, message, now in seen_again(x, ledger):
        due = due_of(made)
        waits = {"expired", "stuck"} & set(made.script) or status_of(last.record) == "cancelled"
        if due is not None and now >= due + 2 * ACCURATE and not waits:
            idle = status_of(message) in WAITING
            found.append([f"it is {now.isoformat()}, it was due {due.isoformat()} and is queued"] if idle else [])
    return _join(found)


@rule(
    "messages.time.order",
    "A message's status goes forward only, and what has ended stays as it ended.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def order(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, last, message, _ in seen_again(x, ledger):
        was, now = status_of(last.record), status_of(message)
        if now not in WAITING or was not in WAITING:
            back = _RANKS.get(now, 9) < _RANKS.get(was, 0) or (was in ENDS and now != was)
            found.append([f"it was {was} and is {now}"] if back or now not in _RANKS else [])
    return _join(found)


@rule(
    "messages.time.ends",
    "A message ends as its far end decides.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def ends(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, last, message, now in seen_again(x, ledger):
        due = due_of(made)
        if due is None or not made.script or now < due + LONGEST or status_of(last.record) == "cancelled":
            continue
        wanted = "sent" if made.script[0] == "stuck" else made.script[0]
        found.append([] if status_of(message) == wanted else [f"scripted {made.script[0]}, it is {status_of(message)}"])
    return _join(found)


@rule(
    "messages.time.stamps",
    "sent_at and completed_at tell when a message was sent and ended, in that order.",
    source="spec",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def stamps(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, _, message, now in seen_again(x, ledger):
        due, status = due_of(made), status_of(message)
        went, ended = instant_of(message.get("sent_at")), instant_of(message.get("completed_at"))
        if due is None or status in (*WAITING, "cancelled"):
            continue
        wrong = []
        if status in ("sent", "delivered", "delivery_failed", "delivery_unconfirmed") and went is None:
            wrong.append(f"it is {status}, and sent_at is {message.get('sent_at')!r}")
        if status in ("delivered", "delivery_failed", "delivery_unconfirmed") and ended is None:
            wrong.append(f"it is {status}, and completed_at is {message.get('completed_at')!r}")
        if status in ("queued", "sending", "sent") and ended is not None:
            wrong.append(f"it is {status}, and completed_at is set")
        if went is not None and not due - ACCURATE <= went <= now + SECOND:
            wrong.append(f"sent_at is {went.isoformat()}, due was {due.isoformat()}, it is {now.isoformat()}")
        if went is not None and went > due + 2 * ACCURATE:
            wrong.append(f"sent_at is {went.isoformat()}, due was {due.isoformat()}")
        if ended is not None and not (went or due - ACCURATE) <= ended <= now + SECOND:
            wrong.append(
                f"completed_at is {ended.isoformat()}, sent_at {message.get('sent_at')}, it is {now.isoformat()}"
            )
        found.append(wrong)
    return _join(found)


@rule(
    "messages.time.ended-stays",
    "A message that has ended does not change any more.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def ended_stays(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for _, last, message, now in seen_again(x, ledger):
        if status_of(last.record) in ENDS and last.now != now:
            names = ("to", "sent_at", "completed_at", "errors", "cost")
            found.append(
                [
                    f"{name} was {last.record.get(name)!r} and is {message.get(name)!r}"
                    for name in names
                    if (last.record.get(name) or message.get(name)) and last.record.get(name) != message.get(name)
                ]
            )
    return _join(found)


@rule(
    "messages.time.says-why",
    "A message whose delivery failed tells why (errors, with a code).",
    source="spec",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def says_why(x: Exchange, ledger: Ledger) -> Findings:
    failed = [
        message
        for _, _, message, _ in seen_again(x, ledger)
        if status_of(message) in ("delivery_failed", "sending_failed")
    ]
    if not failed:
        return None
    return [
        f"it is {status_of(each)}, and errors is {each.get('errors')!r}"
        for each in failed
        if not _says(each.get("errors"))
    ]


def _says(errors: Json) -> bool:
    """Say whether there are errors, each with what the document requires of one."""
    listed = errors if isinstance(errors, list) else []
    return bool(listed) and all(isinstance(each, dict) and {"code", "title"} <= each.keys() for each in listed)


@rule(
    "messages.time.no-errors",
    "A message that was delivered has no errors.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def no_errors(x: Exchange, ledger: Ledger) -> Findings:
    done = [message for _, _, message, _ in seen_again(x, ledger) if status_of(message) == "delivered"]
    return (
        [f"it is delivered, and errors is {each['errors']!r}" for each in done if each.get("errors")] if done else None
    )


@rule(
    "messages.time.ten-days",
    "A message can be retrieved for ten days, and then no more.",
    source="prose",
    need="clock",
    contract="effective",
    providers=(MESSAGES,),
)
def ten_days(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "RetrieveMessage" or made is None or x.now is None or made.by.now is None or x.auth != "good":
        return None
    age = x.now - made.by.now
    if age.days >= 11:
        return [] if x.refused else [f"answered {x.status} after {age.days} days"]
    return None
