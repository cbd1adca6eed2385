"""Who may come in."""

from typing import Final

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, Findings, rule

SWITCH: Final = "a mock of ours takes any token unless it is started with --known-key KEY"

_TELLING: Final = ("telnyx_end_user_target", "text")
"""Members that show whose record it is."""
_BEFORE: Final = (408, 413, 414, 429, 431)
"""Refusals that may come before anybody has looked for a token: what is too slow, too much or too long."""


@rule("access.token-needed", "A request without a token is refused with 401.", source="spec", level="read")
def token_needed(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "none" or x.operation is None or x.status in _BEFORE:
        return None
    return [] if x.status == 401 else [f"answered {x.status} to a request without a token"]


@rule(
    "access.token-known", "A request with a token that is not known is refused with 401.", source="spec", level="read"
)
def token_known(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "unknown" or x.operation is None:
        return None
    return [] if x.status == 401 else [f"answered {x.status} to a token that is none; {SWITCH}"]


@rule("access.scheme", "Credentials that are no bearer token are refused with 401.", source="spec", level="read")
def scheme(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "malformed" or x.operation is None:
        return None
    sent = x.headers.get("authorization", "")
    if sent == "Bearer" and x.status == 400:
        return []  # RFC 6750: a request without the token that it speaks of is malformed
    return [] if x.status == 401 else [f"answered {x.status} to Authorization: {sent}"]


@rule(
    "access.good-token", "A request with a good token is not refused for its credentials.", source="spec", level="read"
)
def good_token(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "good" or x.operation is None:
        return None
    return ["answered 401 to a good token"] if x.status == 401 else []


@rule(
    "access.customers",
    "What one customer made is neither shown to another nor changed by one.",
    source="sense",
    need="clock",
    settles=True,
    providers=(ASSISTANTS,),
)
def customers(x: Exchange, ledger: Ledger) -> Findings:
    return _customers(x, ledger)


@rule(
    "access.message-customers",
    "A message of one customer is neither shown to another nor cancelled by one.",
    source="sense",
    contract="effective",
    need="clock",
    providers=(MESSAGES,),
)
def message_customers(x: Exchange, ledger: Ledger) -> Findings:
    return _customers(x, ledger)


def _customers(x: Exchange, ledger: Ledger) -> Findings:
    if x.auth != "other" or x.operation is None:
        return None
    if x.operation in ledger.vocabulary.creates:
        return _keyed(x, ledger)
    made = ledger.of(x)
    if x.ok and made is not None and x.operation not in ledger.vocabulary.removes:
        return [f"answered {x.status} about another customer's {made.id}"]
    shown = [str(each.get(ledger.vocabulary.identity)) for each in ledger.vocabulary.shown(x)]
    return [f"{each} is shown to another customer" for each in shown if each in ledger.made][:1]


def _keyed(x: Exchange, ledger: Ledger) -> Findings:
    """A key is its customer's own. Ids of two customers may be alike: what is shown tells whose record it is."""
    if not isinstance(x.sent, dict) or not ledger.keys.get((x.headers.get("idempotency-key", ""), x.path)):
        return None
    if x.status == 422:
        return ["a key is refused because another customer has used it"]
    made = ledger.vocabulary.made(x) or {}
    theirs = [name for name in _TELLING if name in x.sent and name in made and made[name] != x.sent[name]]
    return [f"another customer's record is shown: its {name} was not sent" for name in theirs][:1]
