"""What a request leaves behind: a refused one nothing, a read nothing, a create one record of its own."""

from collections.abc import Iterator
from typing import Any

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, Findings, rule
from contratempo.conformance.rules.event_lists import page
from contratempo.conformance.rules.events import DOCUMENTED


@rule("effects.ids-unique", "Every record has an id of its own.", source="sense")
def ids_unique(x: Exchange, ledger: Ledger) -> Findings:
    record = ledger.vocabulary.made(x)
    if record is None or x.auth == "other":
        return None
    known = ledger.made.get(str(record[ledger.vocabulary.identity]))
    if known is None or _repeats(x, known.by):
        return []
    return [f"{known.id} was answered to another create before"]


@rule("effects.id-given", "A create tells the id of what it made.", source="sdk")
def id_given(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation not in ledger.vocabulary.creates or not x.ok or x.auth != "good":
        return None
    made = ledger.vocabulary.made(x)
    given = None if made is None else made[ledger.vocabulary.identity]
    return [] if isinstance(given, str) and given else [f"no {ledger.vocabulary.identity} in the answer"]


@rule(
    "effects.refused-leaves-nothing",
    "A refused create leaves nothing behind.",
    source="sense",
    settles=True,
    providers=(ASSISTANTS,),
)
def refused_leaves_nothing(x: Exchange, ledger: Ledger) -> Findings:
    if not _whole(x) or not any(_refusals(ledger, x.path)):
        return None
    unknown = [shown for shown in ledger.vocabulary.shown(x) if str(shown.get("scheduled_event_id")) not in ledger.made]
    return [f"{each.get('scheduled_event_id')} is listed, and no create answered with it" for each in unknown]


@rule(
    "effects.reads-change-nothing",
    "The same read twice in a row gives the same answer.",
    source="sense",
    settles=True,
    level="read",
    providers=(ASSISTANTS,),
)
def reads_change_nothing(x: Exchange, ledger: Ledger) -> Findings:
    if x.method != "GET" or not x.ok or x.now is None or not ledger.history or x.operation is None:
        return None
    before = ledger.history[-1]
    if not isinstance(before, Exchange) or (before.method, before.path, before.query) != (x.method, x.path, x.query):
        return None
    if before.now != x.now or before.auth != x.auth or not before.ok:
        return None
    return (
        []
        if _told(before, ledger) == _told(x, ledger)
        else ["it was answered otherwise a moment before, at the same instant"]
    )


def _told(x: Exchange, ledger: Ledger) -> Any:
    """Return what an answer tells by the document; whatever it has besides may differ from one to the next."""
    events = [{name: each[name] for name in DOCUMENTED & each.keys()} for each in ledger.vocabulary.shown(x)]
    listed = page(x)
    return events, None if listed is None else listed[0]


def _whole(x: Exchange) -> bool:
    return x.operation == "get_scheduled_events" and x.method == "GET" and x.ok and x.exclusive and x.auth == "good"


def _refusals(ledger: Ledger, path: str) -> Iterator[bool]:
    for seen in ledger.history:
        if isinstance(seen, Exchange) and seen.path == path and seen.method == "POST":
            yield seen.refused


def _repeats(x: Exchange, first: Exchange) -> bool:
    key: Any = x.headers.get("idempotency-key")
    return key is not None and first.headers.get("idempotency-key") == key and first.path == x.path
