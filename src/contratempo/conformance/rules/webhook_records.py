"""The records that webhooks show: the same that the API's own answers showed."""

from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Receipt
from contratempo.conformance.instants import alike
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.rules.messages import party_of, urls_of
from contratempo.conformance.rules.webhooks import id_of, record_of

Json: TypeAlias = Any
_SAME: Final = ("type", "direction", "encoding", "parts", "received_at", "created_at", "scheduled_at", "send_at", "timezone")


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
    first = made.shown[0].record
    pairs = [(name, first.get(name), told.get(name)) for name in _SAME]
    pairs += [(name, party_of(first, name), party_of(told, name)) for name in ("from", "to")]
    pairs.append(("media", urls_of(first), urls_of(told)))
    return [
        f"{name} is {now!r}, it was {was!r}"
        for name, was, now in pairs
        if was and now is not None and was != now and not alike(was, now)
    ][:2]
