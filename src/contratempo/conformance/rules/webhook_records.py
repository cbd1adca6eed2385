"""The records that webhooks show: the same that the API's own answers showed."""

from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Receipt
from contratempo.conformance.instants import SECOND, alike
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.rules.messages import otherwise, status_of
from contratempo.conformance.rules.webhooks import event_of, id_of, record_of
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


def _spelled(name: str, was: Json, now: Json) -> bool:
    """Say whether it is an encoding that is written in another way."""
    return name == "encoding" and named(str(was)) == named(str(now))
