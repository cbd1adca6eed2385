"""What a message is made of: encoding, parts, and what they cost."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import MESSAGES, Findings, rule
from contratempo.conformance.rules.messages import created
from contratempo.conformance.segments import GSM7, UNICODE, counts_of, is_disputed, named, parts_of

Json: TypeAlias = Any
_ISO_4217: Final = re.compile("[A-Z]{3}")


def _text(x: Exchange, ledger: Ledger) -> tuple[str, dict[str, Json]] | None:
    """Return the text of a new SMS, and the message; None where an encoding was asked for."""
    message = created(x, ledger)
    if message is None or x.sent.get("media_urls") or x.sent.get("encoding") or not x.sent.get("text"):
        return None
    return None if message.get("smart_encoding_applied") else (x.sent["text"], message)


@rule(
    "content.encoding",
    "A text that GSM-7 can express is GSM-7, any other is not.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def encoding(x: Exchange, ledger: Ledger) -> Findings:
    found = _text(x, ledger)
    if found is None or found[1].get("encoding") is None:
        return None
    septets, shown = parts_of(found[0])[0], named(str(found[1]["encoding"]))
    if is_disputed(found[0]):
        return []
    good = shown == GSM7 if septets else shown in UNICODE
    return [] if good else [f"encoding is {shown!r} for {found[0][:40]!r}"]


@rule(
    "content.asked",
    "A message that asks for an encoding is sent in it.",
    source="sdk",
    contract="effective",
    providers=(MESSAGES,),
)
def asked(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    wanted = None if message is None else x.sent.get("encoding")
    if message is None or wanted not in ("gsm7", "ucs2") or message.get("encoding") is None:
        return None
    shown = named(str(message["encoding"]))
    good = shown == GSM7 if wanted == "gsm7" else shown in UNICODE
    return [] if good else [f"encoding is {shown!r}, {wanted} was asked for"]


@rule(
    "content.parts",
    "A text takes as many parts as its encoding makes of it: 160 or 153 septets, 70 or 67 units each.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def parts(x: Exchange, ledger: Ledger) -> Findings:
    found = _text(x, ledger)
    if found is None or found[1].get("parts") is None:
        return None
    wanted, shown = counts_of(found[0]), found[1]["parts"]
    return [] if shown in wanted else [f"{shown} parts, {len(found[0])} characters make {wanted[0]}"]


@rule(
    "content.cost",
    "A cost is the sum of its breakdown, and grows with the parts.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def cost(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    total = None if message is None else _amount(message.get("cost"))
    split = None if message is None else message.get("cost_breakdown")
    if message is None or total is None or not isinstance(split, dict):
        return None
    amounts = [_amount(split.get(name)) for name in ("carrier_fee", "rate")]
    if None in amounts:
        return None
    whole = sum((each for each in amounts if each is not None), Decimal())
    return [] if whole == total else [f"it costs {total}, its breakdown sums to {whole}"]


@rule("content.currency", "A cost is in a currency of ISO 4217.", source="prose", providers=(MESSAGES,))
def currency(x: Exchange, ledger: Ledger) -> Findings:
    costs = [each.get("cost") for each in ledger.vocabulary.shown(x)]
    told = [each["currency"] for each in costs if isinstance(each, dict) and each.get("currency") is not None]
    wrong = [each for each in told if not _ISO_4217.fullmatch(str(each))]
    return [f"currency is {each!r}" for each in wrong][:1] if told else None


@rule(
    "content.price", "Two parts cost twice what one costs.", source="prose", contract="effective", providers=(MESSAGES,)
)
def price(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None or _per_part(message) is None or message.get("type") != "SMS":
        return None
    earlier = [
        _per_part(made.shown[0].record)
        for made in ledger.made.values()
        if made.shown[0].record.get("type") == "SMS" and made.sent.get("to") == x.sent.get("to")
    ]
    known = [each for each in earlier if each]
    if not known or not _per_part(message):
        return None
    return [] if known[0] == _per_part(message) else [f"{_per_part(message)} a part, another message {known[0]}"]


def _per_part(message: dict[str, Json]) -> Decimal | None:
    total, count = _amount(message.get("cost")), message.get("parts")
    return None if total is None or not isinstance(count, int | float) or count < 1 else total / int(count)


def _amount(money: Json) -> Decimal | None:
    if not isinstance(money, dict) or money.get("amount") is None:
        return None
    try:
        return Decimal(str(money["amount"]))
    except InvalidOperation:
        return None
