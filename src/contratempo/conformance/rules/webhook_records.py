"""The records that webhooks show: the same that the API's own answers showed."""

from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Receipt
from contratempo.conformance.instants import MINUTE, SECOND, alike, instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.rules.messages import otherwise, status_of
from contratempo.conformance.rules.webhooks import event_of, id_of, record_of, word_of
from contratempo.conformance.segments import named

Json: TypeAlias = Any
_SAME: Final = (
    "type",
    "direction",
    "encoding",
    "parts",
    "created_at",
    "scheduled_at",
    "send_at",
    "timezone",
)
_FAILED: Final = ("delivery_failed", "sending_failed")
_RINGING: Final = 5 * MINUTE
"""How long it may take until a call is answered, which counts as no part of it."""


@rule(
    "webhooks.as-shown",
    "A webhook shows the record as the answer to its create did, but for what time has changed.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES, TEMPHONE),
    of=Receipt,
)
def as_shown(receipt: Receipt, ledger: Ledger) -> Findings:
    made, told = ledger.made.get(id_of(receipt)), record_of(receipt)
    if made is None:
        return None
    return [
        f"{name} is {now!r}, it was {was!r}"
        for name, was, now in otherwise(made.shown[0].record, told, _SAME)
        if was and now is not None and was != now and not alike(was, now, SECOND) and not _spelled(name, was, now)
    ][:2]


@rule(
    "webhooks.stamps",
    "A webhook tells when it was (sent_at of what was sent, completed_at of what has ended), and why it failed.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def stamps(receipt: Receipt, ledger: Ledger) -> Findings:
    told, ended = record_of(receipt), event_of(receipt) == "message.finalized"
    names = ["completed_at"] if ended else ["sent_at"]
    if ended and status_of(told) in _FAILED:
        names.append("errors")
    return [f"{name} is {told[name]!r} in {event_of(receipt)}" for name in names if name in told and not told[name]]


@rule(
    "webhooks.call-length",
    "A call lasts no longer than its max_duration_seconds, 900 where none was sent.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(TEMPHONE,),
    of=Receipt,
)
def call_length(receipt: Receipt, ledger: Ledger) -> Findings:
    made, ended = ledger.made.get(id_of(receipt)), _occurred(receipt)
    own = [each for each in ledger.receipts if id_of(each) == id_of(receipt) and word_of(each) == "started"]
    began = next((_occurred(each) for each in own if _occurred(each) is not None), None)
    if made is None or ended is None or began is None or word_of(receipt) != "completed":
        return None
    most = timedelta(seconds=made.sent.get("max_duration_seconds", 900))
    return [] if ended - began <= most + _RINGING else [f"it lasted {ended - began}, at most {most} was asked for"]


def _spelled(name: str, was: Json, now: Json) -> bool:
    """Say whether it is an encoding that is written in another way."""
    return name == "encoding" and named(str(was)) == named(str(now))


def _occurred(receipt: Receipt) -> datetime | None:
    return instant_of(receipt.json.get("occurred_at")) if isinstance(receipt.json, dict) else None
