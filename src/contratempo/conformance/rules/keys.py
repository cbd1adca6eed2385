"""Idempotency keys, as the SDKs describe them: a repeated create does nothing twice."""

from dataclasses import replace
from typing import Final

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import DAY, HOUR
from contratempo.conformance.intent import intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, Findings, rule

_BOTH: Final = (ASSISTANTS, MESSAGES)
_NAME: Final = "idempotency-key"


def _first(x: Exchange, ledger: Ledger) -> Exchange | None:
    """Return the create that succeeded with this key within 24 hours before."""
    uses = ledger.keys.get((x.headers.get(_NAME, ""), x.path), [])
    if x.operation not in ("create_scheduled_event", "SendMessage") or x.auth != "good":
        return None
    done = [use for use in uses if use.ok and (use.now is None or x.now is None or x.now - use.now < DAY - HOUR)]
    return done[-1] if done else None


@rule(
    "keys.replay",
    "The same key with the same request gets the first answer again.",
    source="sdk",
    contract="effective",
    providers=_BOTH,
)
def replay(x: Exchange, ledger: Ledger) -> Findings:
    first = _first(x, ledger)
    if first is None or first.sent != x.sent or _is_gone(first, ledger):
        return None
    if x.status == 422 and x.sent_bytes != first.sent_bytes:
        return None  # whether what is written otherwise is the same request is nowhere said
    same = x.status == first.status and _id(x, ledger) == _id(first, ledger)
    return (
        []
        if same
        else [f"answered {x.status} with {_id(x, ledger)}; the first was {first.status}, {_id(first, ledger)}"]
    )


@rule(
    "keys.mismatch",
    "The same key with another request is refused with 422.",
    source="sdk",
    contract="effective",
    providers=_BOTH,
)
def mismatch(x: Exchange, ledger: Ledger) -> Findings:
    first = _first(x, ledger)
    if first is None or first.sent == x.sent or x.breaches or _is_gone(first, ledger):
        return None
    return [] if x.status == 422 else [f"answered {x.status} to another request with a known key"]


@rule(
    "keys.malformed",
    "A key that is empty, too long, or of other characters than letters, digits, - and _ is 400.",
    source="sdk",
    contract="effective",
    level="reject",
    providers=_BOTH,
)
def malformed(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "good" or not x.breaches or any(each.location != "header" for each in x.breaches):
        return None
    if x.operation not in ("create_scheduled_event", "SendMessage"):
        return None
    return [] if x.status == 400 else [f"answered {x.status} to the key {x.headers.get(_NAME, '')[:40]!r}"]


@rule(
    "keys.malformed-code",
    "A malformed key is refused with code 10015.",
    source="sdk",
    contract="effective",
    level="reject",
    providers=_BOTH,
)
def malformed_code(x: Exchange, ledger: Ledger) -> Findings:
    found = malformed(x, ledger)
    entries = x.json.get("errors") if isinstance(x.json, dict) else None
    if found is None or list(found) or not isinstance(entries, list) or not entries:
        return None
    codes = [str(each.get("code")) for each in entries if isinstance(each, dict)]
    return [] if "10015" in codes else [f"the code is {', '.join(codes) or 'none'}"]


@rule(
    "keys.own",
    "Another key, another path or no key makes another record.",
    source="sdk",
    contract="effective",
    providers=_BOTH,
)
def own(x: Exchange, ledger: Ledger) -> Findings:
    if _first(x, ledger) is not None or not x.ok or x.operation not in ("create_scheduled_event", "SendMessage"):
        return None
    identifier = _id(x, ledger)
    fresh = x.headers.get(_NAME) is not None and ledger.keys and not ledger.keys.get((x.headers[_NAME], x.path))
    if not fresh or identifier is None:
        return None
    return [f"{identifier} was answered to another key before"] if identifier in ledger.made else []


@rule(
    "keys.only-success",
    "A key whose request was refused is free: only successes are kept.",
    source="sdk",
    contract="effective",
    providers=_BOTH,
)
def only_success(x: Exchange, ledger: Ledger) -> Findings:
    uses = ledger.keys.get((x.headers.get(_NAME, ""), x.path), [])
    if not uses or any(use.ok for use in uses) or x.breaches or x.auth != "good" or x.status in (0, 429):
        return None
    good = intent(_without_key(x), ledger) == "valid"
    return ([] if x.ok else [f"answered {x.status}: the refusal before is held against it"]) if good else None


def _without_key(x: Exchange) -> Exchange:
    headers = {name: value for name, value in x.headers.items() if name != _NAME}
    return replace(x, headers=headers)


def _id(x: Exchange, ledger: Ledger) -> str | None:
    made = ledger.vocabulary.made(x)
    return None if made is None else str(made[ledger.vocabulary.identity])


def _is_gone(first: Exchange, ledger: Ledger) -> bool:
    made = ledger.made.get(_id(first, ledger) or "")
    return made is not None and made.gone is not None
