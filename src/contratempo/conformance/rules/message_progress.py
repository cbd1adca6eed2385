"""What a message still tells when time has passed over it: of what it is made, when it was due, and its queue."""

from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import SECOND, alike
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import MESSAGES, Findings, rule
from contratempo.conformance.rules.message_times import seen_again
from contratempo.conformance.rules.messages import otherwise, status_of

Json: TypeAlias = Any
_LEFT: Final = ("sent", "delivered", "delivery_failed", "delivery_unconfirmed")
_ASKED: Final = ("text", "subject", "messaging_profile_id", "webhook_url", "webhook_failover_url")


@rule(
    "messages.time.as-asked",
    "A message is shown as it was asked for, whatever has become of it.",
    source="sense",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def as_asked(x: Exchange, ledger: Ledger) -> Findings:
    found = []
    for made, _, message, _ in seen_again(x, ledger):
        first = made.shown[0].record
        pairs = list(otherwise(first, message, (name for name in _ASKED if name in made.sent)))
        if first.get("send_at") and message.get("send_at") and not alike(first["send_at"], message["send_at"], SECOND):
            pairs.append(("send_at", first["send_at"], message["send_at"]))
        pairs = [pair for pair in pairs if pair[0] in message]  # what is left out is not said to be otherwise
        found += [f"{name} is {now!r}, it was {was!r}" for name, was, now in pairs if was and was != now]
    return found[:2] if x.operation == "RetrieveMessage" and x.ok else None


@rule(
    "messages.time.out-of-queue",
    "Once a message has left the queue its valid_until is null.",
    source="prose",
    need="clock",
    contract="effective",
    settles=True,
    providers=(MESSAGES,),
)
def out_of_queue(x: Exchange, ledger: Ledger) -> Findings:
    left = [message for _, _, message, _ in seen_again(x, ledger) if status_of(message) in _LEFT]
    if not left:
        return None
    return [
        f"it is {status_of(each)}, and valid_until is {each['valid_until']!r}"
        for each in left
        if each.get("valid_until")
    ]
