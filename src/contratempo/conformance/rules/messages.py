"""Messages as they are scheduled, sent, shown and cancelled."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import MINUTE, SECOND, alike, instant_of, is_naive
from contratempo.conformance.ledger import Ledger, Shown
from contratempo.conformance.rule import MESSAGES, Findings, rule

Json: TypeAlias = Any
_ECHOED: Final = ("text", "subject", "webhook_url", "webhook_failover_url", "messaging_profile_id")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
WAITING: Final = ("queued", "scheduled")


def created(x: Exchange, ledger: Ledger) -> dict[str, Json] | None:
    """Return the message that a create answered with for the first time, None for anything else."""
    made = ledger.vocabulary.made(x) if isinstance(x.sent, dict) and x.auth == "good" else None
    return None if made is None or str(made["id"]) in ledger.made else made


def status_of(message: dict[str, Json]) -> str:
    """Return the status of a message's receiver."""
    parties = message.get("to")
    first = parties[0] if isinstance(parties, list) and parties and isinstance(parties[0], dict) else {}
    return str(first.get("status"))


def unsaid(last: Shown, name: str) -> bool:
    """Say whether the answer to a create left a member out: the document requires none there."""
    return name not in last.record and last.by.method == "POST"


def party_of(message: dict[str, Json], name: str) -> Json:
    """Return the number that a message shows of a party."""
    party = message.get(name)
    if name == "to":
        party = party[0] if isinstance(party, list) and party else None
    return party.get("phone_number") if isinstance(party, dict) else None


def urls_of(message: dict[str, Json]) -> Json:
    """Return the addresses of a message's media."""
    shown = message.get("media")
    return [each.get("url") for each in shown if isinstance(each, dict)] if isinstance(shown, list) else shown


def otherwise(
    first: dict[str, Json], message: dict[str, Json], names: Iterable[str]
) -> Iterator[tuple[str, Json, Json]]:
    """Yield what a message, or a call, was first shown with and now is: under these names, its parties, its media."""
    yield from ((name, first.get(name), message.get(name)) for name in names)
    yield from ((name, party_of(first, name), party_of(message, name)) for name in ("from", "to"))
    yield "media", urls_of(first), urls_of(message)


@rule(
    "messages.create.status",
    "A message is answered with 200 and enveloped in data.",
    source="spec",
    providers=(MESSAGES,),
)
def status(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation not in ledger.vocabulary.creates or not x.ok or x.auth != "good":
        return None
    if x.status != 200:
        return [f"answered {x.status}"]
    return [] if isinstance(x.json, dict) and isinstance(x.json.get("data"), dict) else ["there is no data"]


@rule(
    "messages.create.echo",
    "A message shows text, subject, profile and webhook addresses as they were sent.",
    source="sense",
    providers=(MESSAGES,),
)
def echo(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None:
        return None
    return [
        f"{name}: {x.sent[name]!r} was sent, {message.get(name)!r} is shown"
        for name in _ECHOED
        if name in x.sent and x.sent[name] != message.get(name)
    ]


@rule(
    "messages.create.parties",
    "A message goes from whom and to whom it was sent.",
    source="sense",
    providers=(MESSAGES,),
)
def parties(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None:
        return None
    if isinstance(message.get("to"), list) and len(message["to"]) > 1:
        return [f"to: {x.sent.get('to')!r} was sent, {len(message['to'])} receivers are shown"]
    return [
        f"{name}: {x.sent[name]!r} was sent, {party_of(message, name)!r} is shown"
        for name in ("from", "to")
        if name in x.sent and x.sent[name] != party_of(message, name)
    ]


@rule(
    "messages.create.media",
    "An MMS shows the media that were sent, in their order.",
    source="sense",
    providers=(MESSAGES,),
)
def media(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None or not x.sent.get("media_urls"):
        return None
    urls = urls_of(message)
    return [] if urls == x.sent["media_urls"] else [f"{x.sent['media_urls']} was sent, {urls} is shown"]


@rule(
    "messages.create.type",
    "A message is of the type that was sent; with media it is an MMS, without an SMS.",
    source="prose",
    providers=(MESSAGES,),
)
def kind(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None or message.get("type") is None:
        return None
    wanted = x.sent.get("type") or ("MMS" if x.sent.get("media_urls") else "SMS")
    return [] if message["type"] == wanted else [f"type is {message['type']!r}, not {wanted}"]


@rule(
    "messages.create.waiting",
    "A scheduled message waits: queued or scheduled, not sent, not completed.",
    source="spec",
    providers=(MESSAGES,),
)
def waiting(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    due = None if message is None else instant_of(x.sent.get("send_at"))
    if message is None or due is None or x.at is None or due <= x.at + MINUTE:
        return None
    status, early = status_of(message), [name for name in ("sent_at", "completed_at") if message.get(name) is not None]
    found = [f"{name} is {message[name]!r} before it is sent" for name in early]
    if message.get("errors"):
        found.append(f"errors are {message['errors']!r} before anything happened")
    return found if status in (*WAITING, "None") else [f"its status is {status}", *found]


@rule(
    "messages.create.identity",
    "A message is an outbound one, with a UUID of its own.",
    source="spec",
    providers=(MESSAGES,),
)
def identity(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None:
        return None
    wanted = {"record_type": "message", "direction": "outbound"}
    found = [f"{name} is {message[name]!r}" for name in wanted if message.get(name, wanted[name]) != wanted[name]]
    return found if _UUID.fullmatch(str(message["id"])) else [f"the id {message['id']!r} is no UUID", *found]


@rule(
    "messages.create.send-at",
    "A scheduled message shows the instant that it was scheduled for.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def send_at(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None or instant_of(x.sent.get("send_at")) is None or is_naive(x.sent["send_at"]):
        return None
    shown = message.get("send_at")
    same = alike(shown, x.sent["send_at"], MINUTE)  # "accurate up till a minute"
    return [] if same else [f"{x.sent['send_at']} was sent, {shown} is shown"]


@rule(
    "messages.create.received-at",
    "received_at is the instant of the request.",
    source="prose",
    need="clock",
    providers=(MESSAGES,),
)
def received_at(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None or x.now is None or message.get("received_at") is None:
        return None
    shown = instant_of(message["received_at"])
    good = shown is not None and abs(shown - x.now) <= SECOND
    return [] if good else [f"received_at is {message['received_at']!r}, it was {x.now.isoformat()}"]


@rule(
    "messages.create.unasked",
    "A message shows no text, subject or media that were not sent.",
    source="sense",
    providers=(MESSAGES,),
)
def unasked(x: Exchange, ledger: Ledger) -> Findings:
    message = created(x, ledger)
    if message is None:
        return None
    names = [name for name in ("text", "subject", "media") if {"media": "media_urls"}.get(name, name) not in x.sent]
    return [f"{name} is {message[name]!r} and was not sent" for name in names if message.get(name)]
