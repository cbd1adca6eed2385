"""Webhooks: what is told, of whom, when, how often, and whereto when nobody takes it."""

from datetime import datetime
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import BROKEN, Receipt
from contratempo.conformance.instants import MINUTE, SECOND, instant_of, is_naive
from contratempo.conformance.ledger import Ledger, Made
from contratempo.conformance.rule import MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.rules.answers import guessed
from contratempo.conformance.rules.messages import status_of
from contratempo.contract.violation import Violation

Json: TypeAlias = Any
_STATUSES: Final = {"started": ("in_progress",), "completed": ("completed",), "failed": ("failed", "canceled")}
"""The page's three words, in which an event of a call ends, and the call's statuses then."""
_REPORTED: Final = 10 * MINUTE
"""How long it may take until the end of a message is known."""
_TOLD: Final = ("text", "webhook_url")
"""What a message's webhook shows; of the rest, what is not shown is not wrong."""
_ECHOED: Final = (
    "text",
    "subject",
    "webhook_url",
    "webhook_failover_url",
    "messaging_profile_id",
    "contact_id",
    "initial_message",
    "metadata",
    "campaign_id",
    "caller_id",
    "recording_enabled",
    "max_duration_seconds",
    "timezone",
)


def event_of(receipt: Receipt) -> str:
    """Return the name of the event that a webhook tells."""
    body = receipt.json if isinstance(receipt.json, dict) else {}
    data = body.get("data")
    if "event" in body:
        return str(body["event"])
    return str(data.get("event_type")) if isinstance(data, dict) else "None"


def word_of(receipt: Receipt) -> str:
    """Return which of the page's words for what becomes of a call an event's name ends in, if any."""
    name = event_of(receipt).replace("in_progress", "started")
    return next((word for word in _STATUSES if name.endswith(word)), "")


def record_of(receipt: Receipt) -> dict[str, Json]:
    """Return the record that a webhook shows."""
    body = receipt.json if isinstance(receipt.json, dict) else {}
    data = body.get("data")
    data = data if isinstance(data, dict) else {}
    shown = data if "event" in body else data.get("payload")
    return shown if isinstance(shown, dict) else {}


def id_of(receipt: Receipt) -> str:
    """Return the id of the record that a webhook is about."""
    record = record_of(receipt)
    return str(record.get("call_id") or record.get("id"))


def due_of(made: Made) -> datetime | None:
    """Return when it is to happen: as sent, or as shown where what was sent has no offset."""
    asked = made.sent.get("send_at") or made.sent.get("scheduled_at")
    return instant_of(made.shown[0].record.get("scheduled_at") if is_naive(asked) else asked)


@rule(
    "webhooks.schema",
    "A webhook is JSON, and as the document describes the event.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def schema(receipt: Receipt, ledger: Ledger) -> Findings:
    return _valid(receipt, ledger)


@rule(
    "webhooks.call-schema",
    "A webhook of a call is JSON, and as our document describes the event.",
    source="assumed",
    need="webhooks",
    contract="effective",
    providers=(TEMPHONE,),
    of=Receipt,
)
def call_schema(receipt: Receipt, ledger: Ledger) -> Findings:
    return _valid(receipt, ledger)


@rule(
    "webhooks.json-type",
    "A webhook says that it is JSON.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES, TEMPHONE),
    of=Receipt,
)
def json_type(receipt: Receipt, ledger: Ledger) -> Findings:
    said = receipt.headers.get("content-type", "")
    return [] if said.partition(";")[0].strip().lower() == "application/json" else [f"Content-Type is {said!r}"]


@rule(
    "webhooks.known",
    "A webhook is about a record that was made with this address.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES, TEMPHONE),
    of=Receipt,
)
def known(receipt: Receipt, ledger: Ledger) -> Findings:
    made = ledger.made.get(id_of(receipt))
    if made is None and of_another_form(receipt, ledger):
        return None
    if made is None:
        return [f"it is about {id_of(receipt)!r}, which nobody made"]
    wanted = [made.sent.get(name) for name in ("webhook_url", "webhook_failover_url")]
    return [] if ledger.receiver + receipt.place in wanted else [f"it went to {receipt.place}, asked for was {wanted}"]


@rule(
    "webhooks.status",
    "A webhook shows the record as the event says: message.sent is sent, finalized has ended.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def status(receipt: Receipt, ledger: Ledger) -> Findings:
    event, shown = event_of(receipt), status_of(record_of(receipt))
    made = ledger.made.get(id_of(receipt))
    if event == "message.sent":
        late = made is not None and shown in (made.script[:1] or ("delivered",)) and _is_over(receipt)
        return [] if shown in ("sent", "sending") or late else [f"message.sent shows {shown}"]
    if event != "message.finalized" or made is None:
        return [f"the event is {event!r}"] if event != "message.finalized" else None
    wanted = made.script[:1] or ("delivered",)
    return [] if shown in wanted else [f"message.finalized shows {shown}, the far end had {wanted[0]}"]


def _is_over(receipt: Receipt) -> bool:
    """Say whether the message has ended by its own account: that it is shown as it was then is assumed."""
    over = instant_of(record_of(receipt).get("completed_at"))
    return over is not None and receipt.now is not None and over <= receipt.now


@rule(
    "webhooks.call-status",
    "A webhook of a call shows it as the event says.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(TEMPHONE,),
    of=Receipt,
)
def call_status(receipt: Receipt, ledger: Ledger) -> Findings:
    shown, wanted = record_of(receipt).get("status"), _STATUSES.get(word_of(receipt))
    if wanted is None or of_another_form(receipt, ledger):
        return None
    return [] if shown in wanted else [f"{event_of(receipt)} shows {shown}"]


@rule(
    "webhooks.echo",
    "A webhook shows the record as it was asked for.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES, TEMPHONE),
    of=Receipt,
)
def echo(receipt: Receipt, ledger: Ledger) -> Findings:
    made, shown = ledger.made.get(id_of(receipt)), record_of(receipt)
    if made is None:
        return None
    told = _TOLD if ledger.book.provider == MESSAGES else ()  # TemPhone's page prescribes no form
    return [
        f"{name} is {shown.get(name)!r}, asked for was {made.sent[name]!r}"
        for name in _ECHOED
        if name in made.sent and (name in shown or name in told) and shown.get(name) != made.sent[name]
    ]


@rule(
    "webhooks.occurred-at",
    "occurred_at is when it happened: on the target's clock, not before it was due.",
    source="prose",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES, TEMPHONE),
    of=Receipt,
)
def occurred_at(receipt: Receipt, ledger: Ledger) -> Findings:
    made, body = ledger.made.get(id_of(receipt)), receipt.json if isinstance(receipt.json, dict) else {}
    told = body.get("data")
    data = told if isinstance(told, dict) else {}
    said = instant_of(body.get("occurred_at") or data.get("occurred_at"))
    due = None if made is None else due_of(made)
    if made is None or receipt.now is None or _unlisted(receipt, ledger):
        return None
    if said is None and ledger.book.provider == TEMPHONE and "occurred_at" not in body:
        return None  # the page prescribes no such member
    if said is None:
        return [f"occurred_at is {body.get('occurred_at') or data.get('occurred_at')!r}"]
    over = instant_of(record_of(receipt).get("completed_at")) if event_of(receipt) == "message.finalized" else None
    if over is not None and abs(said - over) > _REPORTED:
        return [f"occurred_at is {said.isoformat()}, completed_at is {over.isoformat()}"]
    first = (due or made.by.now or said) - MINUTE
    return (
        []
        if first <= said <= receipt.now + SECOND
        else [f"occurred_at is {said.isoformat()}, due was {first + MINUTE}"]
    )


@rule(
    "webhooks.not-before-due",
    "Nothing is told of what has not happened.",
    source="sense",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES, TEMPHONE),
    of=Receipt,
)
def not_before_due(receipt: Receipt, ledger: Ledger) -> Findings:
    made = ledger.made.get(id_of(receipt))
    due = None if made is None else due_of(made)
    if made is None or due is None or receipt.now is None or _unlisted(receipt, ledger):
        return None
    if status_of(made.last.record) == "cancelled":
        return ["the message is cancelled"]
    accurate = MINUTE if ledger.book.provider == MESSAGES else SECOND / 2  # the guide to messages allows a minute
    return [] if receipt.now >= due - accurate else [f"it is {receipt.now.isoformat()}, due is {due.isoformat()}"]


def of_another_form(receipt: Receipt, ledger: Ledger) -> bool:
    """TemPhone's page says that there are webhooks and nothing of their form: then ours is a guess, which
    `webhooks.call-schema` tells."""
    return ledger.book.provider == TEMPHONE and "call_id" not in record_of(receipt)


def _unlisted(receipt: Receipt, ledger: Ledger) -> bool:
    """Say whether it is of something else than the page's three: it names them as examples."""
    return ledger.book.provider == TEMPHONE and not word_of(receipt)


def _valid(receipt: Receipt, ledger: Ledger) -> list[str]:
    if receipt.json is BROKEN or not isinstance(receipt.json, dict):
        return [f"it is no JSON object: {receipt.content[:80]!r}"]
    judged = ledger.book.contract.check_webhook(event_of(receipt), receipt.json)
    found = [each for each in judged if not _guessed(ledger.book.provider, each)]
    return [f"{event_of(receipt)}: {each.pointer} {each.message}" for each in found][:2]


def _guessed(provider: str, each: Violation) -> bool:
    """Say whether it is but our guess; `webhooks.status` judges the status that a message is shown with."""
    if provider != MESSAGES:
        return guessed(provider, each)
    shown = each.path[:2] == ("data", "payload")
    return shown and (guessed(provider, each) or each.path[2:3] + each.path[-1:] == ("to", "status"))


def event_id_of(receipt: Receipt) -> str:
    """Return the id of the event itself."""
    body = receipt.json if isinstance(receipt.json, dict) else {}
    data = body.get("data")
    return str(data.get("id")) if isinstance(data, dict) else "None"
