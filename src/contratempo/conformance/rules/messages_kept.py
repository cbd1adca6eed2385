"""Messages as they are kept: retrieved, and cancelled."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import MINUTE, SECOND, instant_of
from contratempo.conformance.instants import alike as close
from contratempo.conformance.ledger import Ledger, Made, Shown
from contratempo.conformance.rule import MESSAGES, Findings, rule
from contratempo.conformance.rules.messages import WAITING, party_of, status_of, unsaid, urls_of

Json: TypeAlias = Any
_STEADY: Final = frozenset((
    "id", "record_type", "direction", "type", "from", "to", "cc", "text", "subject", "media", "encoding", "parts",
    "messaging_profile_id", "organization_id", "webhook_url", "webhook_failover_url", "tags", "errors", "send_at",
    "cost", "cost_breakdown", "tcr_campaign_id", "tcr_campaign_billable", "tcr_campaign_registered", "received_at",
    "sent_at", "completed_at", "valid_until", "smart_encoding_applied",
))  # fmt: skip
"""What a message has by the document, but for its estimate of a wait; whatever is shown besides may move."""
_LEARNT: Final = ("cost", "cost_breakdown", "encoding", "parts")
"""What may be found out after the answer, as carriers and the kinds of media may."""
_PARTLY: Final[Mapping[str, Callable[[dict[str, Json]], Json]]] = {
    "from": lambda message: party_of(message, "from"),
    "to": lambda message: (party_of(message, "to"), status_of(message)),
    "media": urls_of,
}


@rule(
    "messages.retrieve.found",
    "A message can be retrieved, enveloped in data.",
    source="prose",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def found(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "RetrieveMessage" or made is None or x.auth != "good" or _old(made.by, x):
        return None
    if not x.ok:
        return [f"answered {x.status}"]
    shown = (
        x.json.get("data", {}).get("id") if isinstance(x.json, dict) and isinstance(x.json.get("data"), dict) else None
    )
    return [] if shown == made.id else [f"message {shown!r} was answered, {made.id!r} was asked for"]


@rule(
    "messages.retrieve.alike",
    "A message is shown alike by every answer at one instant, or while it waits.",
    source="sense",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def alike(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "RetrieveMessage" or made is None or not _still(made, x) or not x.ok:
        return None
    shown = next(iter(ledger.vocabulary.shown(x)), None)
    return None if shown is None else list(_changed(made.last, shown))[:2]


@rule(
    "messages.retrieve.unknown",
    "A message that nobody sent is 404.",
    source="prose",
    contract="effective",
    level="read",
    providers=(MESSAGES,),
)
def unknown(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation not in ledger.vocabulary.names or x.auth != "good" or ledger.of(x) is not None or x.breaches:
        return None
    return [] if x.status == 404 else [f"answered {x.status} to a message that nobody sent"]


@rule(
    "messages.retrieve.malformed",
    "An id that is no UUID is refused.",
    source="prose",
    contract="effective",
    level="read",
    providers=(MESSAGES,),
)
def malformed(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation not in ledger.vocabulary.names or x.auth != "good":
        return None
    if not any(each.location == "path" for each in x.breaches):
        return None
    return [] if x.refused else [f"answered {x.status} to the id {x.params['id']!r}"]


@rule(
    "messages.cancel.done",
    "A scheduled message can be cancelled; the answer is the bare message, cancelled.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def cancelled(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if (
        x.operation != "CancelMessage"
        or made is None
        or x.auth != "good"
        or not _cancellable(made.last.record, made.sent, x)
    ):
        return None
    if x.status != 200:
        return [f"answered {x.status}"]
    if not isinstance(x.json, dict) or x.json.get("id") != made.id:
        return ["the answer is not the bare message"]
    return [] if status_of(x.json) == "cancelled" else [f"its status is {status_of(x.json)}"]


@rule(
    "messages.cancel.too-late",
    "A message that is sent, cancelled, or due within a minute cannot be cancelled.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def too_late(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "CancelMessage" or made is None or x.auth != "good" or x.now is None:
        return None
    due, status = instant_of(made.sent.get("send_at")), status_of(made.last.record)
    ended = status not in (*WAITING, "None")
    if not ended and (due is None or due - x.now >= MINUTE):
        return None
    return [] if x.refused else [f"answered {x.status} to a message that is {status}, due {made.sent.get('send_at')}"]


@rule(
    "messages.cancel.kept",
    "A cancelled message can be retrieved, as cancelled; it costs nothing and is not sent.",
    source="prose",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def cancel_kept(x: Exchange, ledger: Ledger) -> Findings:
    made = ledger.of(x)
    if x.operation != "RetrieveMessage" or made is None or status_of(made.last.record) != "cancelled" or not x.ok:
        return None
    message = next(iter(ledger.vocabulary.shown(x)), {})
    found = [] if status_of(message) == "cancelled" else [f"its status is {status_of(message)}"]
    return [*found, *(f"{name} is {message[name]!r}" for name in ("sent_at",) if message.get(name))]


@rule(
    "messages.cancel.free",
    "A cancelled message costs nothing.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def free(x: Exchange, ledger: Ledger) -> Findings:
    shown = [each for each in ledger.vocabulary.shown(x) if status_of(each) == "cancelled"]
    costs = [each["cost"].get("amount") for each in shown if isinstance(each.get("cost"), dict)]
    wrong = [each for each in costs if each is not None and str(each).strip("0.") != ""]
    return [f"it costs {each}" for each in wrong] if shown else None


def _cancellable(shown: dict[str, Json], sent: dict[str, Json], x: Exchange) -> bool:
    due = instant_of(sent.get("send_at"))
    ahead = None if due is None or x.at is None else due - x.at
    return ahead is not None and ahead > (MINUTE if x.now is not None else 2 * MINUTE) and status_of(shown) in WAITING


def _old(by: Exchange, x: Exchange) -> bool:
    return by.at is not None and x.at is not None and (x.at - by.at).days >= 10


def _still(made: Made, x: Exchange) -> bool:
    """Say whether nothing can have happened since it was shown: no time has passed, or its own is far off."""
    if x.now is not None:
        return made.last.now == x.now
    due = instant_of(made.sent.get("send_at"))
    return x.wall is not None and due is not None and due - x.wall > 2 * MINUTE


def _changed(last: Shown, now: dict[str, Json]) -> Iterator[str]:
    before = last.record
    for name in sorted((before.keys() | now.keys()) & _STEADY):
        one, other = before.get(name), now.get(name)
        if name == "to" and status_of(before) in WAITING and status_of(now) in WAITING:
            continue  # scheduled and queued are two words for waiting
        if unsaid(last, name) or (one is None and name in _LEARNT):
            continue
        if name in _PARTLY and _PARTLY[name](before) == _PARTLY[name](now):
            continue
        if one != other and (one or other) and not close(one, other, SECOND):
            yield f"{name} is {other!r}, and was {one!r} at the same instant"
