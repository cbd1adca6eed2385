"""The last strangers: what is told of a message, what it says of its failure, and seconds that are overlooked."""

from copy import copy
from datetime import datetime
from typing import Any

from starlette.responses import Response

from .assistants import Assistants, Event
from .instants import write_instant
from .messages import Messages
from .outbox import Delivery, Record
from .service import Call
from .strangers import Stranger
from .world import World

TOLD = "webhooks: every end"


class SentAreNotTold(Messages):
    """Tells of messages that were scheduled, and of none that was sent with POST /messages."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return () if record["operation"] == "SendMessage" else super().receivers(record)


class ErrorsAreWords(Messages):
    """Shows of a failure its title, and no code."""

    def failure(self, message: Record, now: Any) -> list[Any]:
        return [error["title"] for error in super().failure(message, now)]


class BoundsByMinute(Assistants):
    """Compares an event's minute with from_date."""

    def not_before(self, at: datetime, start: datetime) -> bool:
        return at.replace(second=0) >= start


class NoTimeTalked(Assistants):
    """Says of a call that took a minute that it took none."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        return shown | ({"call_duration": 0} if "call_duration" in shown else {})


class AnswersAreKept(Assistants):
    """Answers from what was read before, also what was deleted since."""

    def retrieve(self, call: Call) -> Response:
        read = call.world.answers.setdefault("read", {})
        known = read.get((call.request.scope["path"], call.now))
        if known is None:
            known = read[call.request.scope["path"], call.now] = super().retrieve(call)
        return copy(known)


class OccurredWhenDue(Messages):
    """Says of everything that it occurred when the message was due."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        told = super().webhook(world, record, delivery)
        return told | {"data": told["data"] | {"occurred_at": write_instant(record["due"])}}


LAST = (
    Stranger(OccurredWhenDue, TOLD, "webhooks.occurred-at"),
    Stranger(AnswersAreKept, "delete", "events.delete."),
    Stranger(BoundsByMinute, "pages and filters, dates", "lists."),
    Stranger(NoTimeTalked, "time: calls and texts as scripted", "attempts.duration-of-event"),
    Stranger(SentAreNotTold, TOLD, "webhooks.told"),
    Stranger(ErrorsAreWords, "time: messages as scripted", "messages.time.says-why"),
)
