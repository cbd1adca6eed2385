"""Webhooks of a call: when it is started, how long it lasts, and that they move with it."""

from datetime import datetime, timedelta
from typing import Final

from contratempo.conformance.exchange import Receipt
from contratempo.conformance.instants import MINUTE, SECOND, instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import TEMPHONE, Findings, rule
from contratempo.conformance.rules.webhooks import due_of, id_of, record_of, word_of

_RINGING: Final = 5 * MINUTE
"""How long it may take until a call is answered, which counts as no part of it."""


@rule(
    "webhooks.call-updated",
    "updated_at moves when the status does.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(TEMPHONE,),
    of=Receipt,
)
def call_updated(receipt: Receipt, ledger: Ledger) -> Findings:
    made, shown = ledger.made.get(id_of(receipt)), record_of(receipt)
    due, updated = None if made is None else due_of(made), instant_of(shown.get("updated_at"))
    if due is None or receipt.now is None or "updated_at" not in shown or not word_of(receipt):
        return None
    good = updated is not None and due - MINUTE <= updated <= receipt.now + SECOND
    return [] if good else [f"updated_at is {shown.get('updated_at')!r}, the call was due {due.isoformat()}"]


@rule(
    "webhooks.call-on-time",
    "A call is started when it is due.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(TEMPHONE,),
    of=Receipt,
)
def call_on_time(receipt: Receipt, ledger: Ledger) -> Findings:
    made = ledger.made.get(id_of(receipt))
    due = None if made is None else due_of(made)
    said = _occurred(receipt)
    if word_of(receipt) != "started" or due is None or said is None:
        return None
    return [] if abs(said - due) <= 2 * MINUTE else [f"it was due {due.isoformat()} and started {said.isoformat()}"]


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
    began = next(filter(None, map(_occurred, own)), None)
    if made is None or ended is None or began is None or word_of(receipt) != "completed":
        return None
    most = timedelta(seconds=made.sent.get("max_duration_seconds", 900))
    return [] if ended - began <= most + _RINGING else [f"it lasted {ended - began}, at most {most} was asked for"]


def _occurred(receipt: Receipt) -> datetime | None:
    return instant_of(receipt.json.get("occurred_at")) if isinstance(receipt.json, dict) else None
