"""How webhooks are delivered: all of them, again when they are not taken, elsewhere when nobody takes them."""

from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Receipt, Tick
from contratempo.conformance.instants import HOUR, SECOND
from contratempo.conformance.ledger import Ledger, Made
from contratempo.conformance.rule import MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.rules.messages import status_of
from contratempo.conformance.rules.webhooks import due_of, event_id_of, event_of, id_of, of_another_form, word_of

Json: TypeAlias = Any
_TRIES: Final = 3
_MOMENT: Final = SECOND / 2
_TOLD: Final = {"delivered": True, "delivery_failed": True, "delivery_unconfirmed": True, "sending_failed": False}
"""Ends that are told, and whether `sent` is told before."""
_CALL_ENDS: Final = {
    "completed": "completed",
    "busy": "failed",
    "no-answer": "failed",
    "failed": "failed",
}


@rule(
    "webhooks.told",
    "What becomes of a message is told to its address: sent, then how it ended.",
    source="prose",
    need="webhooks",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
    of=Tick,
)
def told(tick: Tick, ledger: Ledger) -> Findings:
    due = [made for made in ledger.made.values() if _ended(made, tick) and made.script[0] in _TOLD]
    found = []
    for made in due:
        events = {event_of(each) for each in _receipts(made, ledger)}
        wanted = {"message.finalized", *(["message.sent"] if _TOLD[made.script[0]] else [])}
        found += [f"{each} of {made.id} ({made.script[0]}) did not come" for each in sorted(wanted - events)]
    return found[:2] if due else None


@rule(
    "webhooks.call-told",
    "What becomes of a call is told to its address: that it started, if it was answered, and how it ended.",
    source="prose",
    need="webhooks",
    contract="effective",
    settles=True,
    providers=(TEMPHONE,),
    of=Tick,
)
def call_told(tick: Tick, ledger: Ledger) -> Findings:
    strange = {each.place for each in ledger.receipts if of_another_form(each, ledger)}
    due = [
        made
        for made in ledger.made.values()
        if _ended(made, tick)
        and made.script[0] in _CALL_ENDS
        and _place(made, "webhook_url", ledger) not in strange  # what was told there cannot be read
    ]
    found = []
    for made in due:
        told = {word_of(each) for each in _receipts(made, ledger)}
        end = _CALL_ENDS[made.script[0]]  # what nobody answered may never have been started
        missing = sorted({end, *(["started"] if end == "completed" else [])} - told)
        found += [f"that {made.id} {each} did not come" for each in missing]
    return found[:2] if due else None


@rule(
    "webhooks.tried",
    "A webhook that nobody takes is tried three times, and no more.",
    source="prose",
    need="webhooks",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
    of=Tick,
)
def tried(tick: Tick, ledger: Ledger) -> Findings:
    refusing = [
        made
        for made in ledger.made.values()
        if _ended(made, tick) and _place(made, "webhook_url", ledger).startswith(("/fail/", "/moved/"))
    ]
    found = []
    for made in refusing:
        place = _place(made, "webhook_url", ledger)
        counts = {event: len(_numbers(made, event, place, ledger)) for event in ("message.sent", "message.finalized")}
        found += [f"{event} was tried {count} times at {place}" for event, count in counts.items() if count != _TRIES]
    return found[:2] if refusing else None


@rule(
    "webhooks.failover",
    "What the first address does not take goes to the failover address.",
    source="spec",
    need="webhooks",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
    of=Tick,
)
def failover(tick: Tick, ledger: Ledger) -> Findings:
    due = [made for made in ledger.made.values() if _ended(made, tick) and _place(made, "webhook_failover_url", ledger)]
    found = []
    for made in due:
        first, second = (_place(made, name, ledger) for name in ("webhook_url", "webhook_failover_url"))
        at = {event_of(each) for each in _receipts(made, ledger) if each.place == second}
        if first.startswith(("/fail/", "/moved/")):
            missing = {"message.sent", "message.finalized"} - at
            found += [f"{each} did not come to {second}" for each in sorted(missing)]
        elif at:
            found.append(f"{sorted(at)} came to {second} although {first} took it")
    return found[:2] if due else None


@rule(
    "webhooks.again",
    "What was not taken the first time comes again, as the same event.",
    source="prose",
    need="webhooks",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
    of=Tick,
)
def again(tick: Tick, ledger: Ledger) -> Findings:
    return _came_again(tick, ledger)


@rule(
    "webhooks.call-again",
    "What was not taken the first time comes again: the page says nothing of it.",
    source="assumed",
    need="webhooks",
    contract="effective",
    settles=True,
    providers=(TEMPHONE,),
    of=Tick,
)
def call_again(tick: Tick, ledger: Ledger) -> Findings:
    return _came_again(tick, ledger)


def _came_again(tick: Tick, ledger: Ledger) -> Findings:
    due = [
        made
        for made in ledger.made.values()
        if _ended(made, tick)
        and any(_place(made, name, ledger).startswith("/once/") for name in ("webhook_url", "webhook_failover_url"))
    ]
    found = []
    for made in due:
        received = _receipts(made, ledger)
        if len(received) > 1 and not any(each.taken for each in received):
            found.append(f"{made.id}: nothing was taken of {len(received)}")
        missed = [each for each in received if not each.taken]
        taken = [(event_of(each), event_id_of(each)) for each in received if each.taken]
        found += [
            f"{event_of(each)} did not come again"
            for each in missed
            if (event_of(each), event_id_of(each)) not in taken
        ]
    return found[:2] if due else None


@rule(
    "webhooks.pauses",
    "Between the attempts at an address there are pauses.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Tick,
)
def pauses(tick: Tick, ledger: Ledger) -> Findings:
    came = [each for each in ledger.receipts if each.now == tick.now and not each.taken]
    if not came or tick.now - tick.was > _MOMENT:
        return None
    numbered = {(event_id_of(each), each.place, _number_of(each)) for each in came}  # an attempt may come twice
    attempts = [each[:2] for each in sorted(numbered)]
    twice = [each for each in attempts if attempts.count(each) > 1]
    return [f"{each[0]} was tried twice at {each[1]} within {tick.now - tick.was}" for each in twice][:1]


@rule(
    "webhooks.call-once",
    "What was taken is not told again.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(TEMPHONE,),
    of=Receipt,
)
def call_once(receipt: Receipt, ledger: Ledger) -> Findings:
    if id_of(receipt) not in ledger.made:
        return None
    taken = [each for each in ledger.receipts if (id_of(each), event_of(each)) == (id_of(receipt), event_of(receipt))]
    return [f"{event_of(receipt)} was taken before" for each in taken if each.taken][:1]


@rule(
    "webhooks.attempt",
    "A webhook tells which attempt it is, from 1 at each address, and whereto it goes.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def attempt(receipt: Receipt, ledger: Ledger) -> Findings:
    meta = _meta_of(receipt)
    if not isinstance(meta, dict) or not isinstance(meta.get("attempt"), int | float):
        return [f"meta is {meta!r}"]
    before = [
        each for each in ledger.receipts if each.place == receipt.place and event_id_of(each) == event_id_of(receipt)
    ]
    numbers = [each.json["meta"].get("attempt") for each in before if isinstance(each.json, dict)]
    whereto = meta.get("delivered_to")
    found = [] if whereto in (None, ledger.receiver + receipt.place) else [f"delivered_to is {whereto!r}"]
    later = [each for each in numbers if isinstance(each, int | float) and each > meta["attempt"]]
    ahead = later if not receipt.taken else []
    wrong = meta["attempt"] < 1 or bool(ahead) or (not before and meta["attempt"] not in (1, 1 + _TRIES))
    return [f"attempt is {meta['attempt']} after {numbers}", *found] if wrong else found


@rule(
    "webhooks.event-ids",
    "Each event has an id of its own, and keeps it when it is tried again.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def event_ids(receipt: Receipt, ledger: Ledger) -> Findings:
    told = (id_of(receipt), event_of(receipt))
    others = [each for each in ledger.receipts if (id_of(each), event_of(each)) != told]
    earlier = [each for each in ledger.receipts if (id_of(each), event_of(each)) == told]
    if event_id_of(receipt) in ("None", ""):
        return ["it has no id"]
    if any(event_id_of(each) == event_id_of(receipt) for each in others):
        return [f"{event_id_of(receipt)} was the id of another event"]
    return [
        f"{told[1]} had the id {event_id_of(each)} before"
        for each in earlier
        if event_id_of(each) != event_id_of(receipt)
    ][:1]


def _ended(made: Made, tick: Tick) -> bool:
    if "webhook_url" not in made.sent or not made.script:
        return False
    due = due_of(made) or made.by.now
    return due is not None and tick.now >= due + 25 * HOUR and status_of(made.last.record) != "cancelled"


def _receipts(made: Made, ledger: Ledger) -> list[Receipt]:
    return [each for each in ledger.receipts if id_of(each) == made.id]


def _place(made: Made, name: str, ledger: Ledger) -> str:
    return str(made.sent.get(name, "")).removeprefix(ledger.receiver)


def _meta_of(receipt: Receipt) -> Json:
    return receipt.json.get("meta") if isinstance(receipt.json, dict) else None


def _number_of(receipt: Receipt) -> str:
    meta = _meta_of(receipt)
    return str(meta.get("attempt")) if isinstance(meta, dict) else ""


def _numbers(made: Made, event: str, place: str, ledger: Ledger) -> set[Json]:
    """Return the attempts by number: webhooks come at least once, so that one attempt may come twice."""
    came = [
        each.json.get("meta") for each in _receipts(made, ledger) if event_of(each) == event and each.place == place
    ]
    return {each.get("attempt") for each in came if isinstance(each, dict)}
