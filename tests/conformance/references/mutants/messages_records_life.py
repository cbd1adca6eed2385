"""Messages: lives that go wrong."""

from datetime import datetime, timedelta
from typing import Any

from ..instants import write_instant
from ..messages import Messages
from ..messages_rules import Body
from ..outbox import Record
from ..service import seconds
from ..world import World
from .catalogue import breaks


@breaks("prose", "clock")
class NeverSent(Messages):
    """A message that is due is sent."""

    def plan_first(self, world: World, message: Record) -> None:
        return None


@breaks("prose", "clock")
class SentEarly(Messages):
    """Nothing is sent before send_at."""

    def first(self, message: Record) -> datetime:
        return max(message["received"], super().first(message) - timedelta(minutes=4))


@breaks("prose", "clock")
class SentHourLate(Messages):
    """send_at is accurate to a minute, says its description."""

    def first(self, message: Record) -> datetime:
        return super().first(message) + timedelta(hours=1)


@breaks("prose", "several")
class SentAtOnce(Messages):
    """A scheduled message waits."""

    def due(self, body: Body, now: datetime) -> datetime:
        return now


@breaks("prose", "clock")
class NeverFinal(Messages):
    """A message comes to an end."""

    def story(self, outcome: str) -> list[tuple[float, str]]:
        return super().story("stuck")


@breaks("prose", "clock")
class MessageGoesBack(Messages):
    """What is delivered stays delivered."""

    def status(self, message: Record, now: datetime) -> str:
        status = super().status(message, now)
        return "sending" if status == "delivered" and now - message["dispatched"] > timedelta(minutes=30) else status


@breaks("prose", "clock")
class FailureIsDelivery(Messages):
    """A message that was not delivered does not say that it was."""

    def status(self, message: Record, now: datetime) -> str:
        return super().status(message, now).replace("delivery_failed", "delivered")


@breaks("prose", "clock")
class StatusSkipsToEnd(Messages):
    """A message is delivered after it was sent."""

    def story(self, outcome: str) -> list[tuple[float, str]]:
        return [step for step in super().story(outcome) if step[1] not in ("sent", "sending")]


@breaks("spec", "clock")
class SentAtMissing(Messages):
    """sent_at says when the message was sent."""

    def sent_at(self, message: Record, now: datetime) -> str | None:
        return None


@breaks("spec")
class SentAtBeforeSending(Messages):
    """sent_at is null until the message is sent."""

    def sent_at(self, message: Record, now: datetime) -> str | None:
        return super().sent_at(message, now) or write_instant(message["due"])


@breaks("spec", "clock")
class CompletedAtMissing(Messages):
    """completed_at says when the message came to its end."""

    def completed_at(self, message: Record, now: datetime) -> str | None:
        return None


@breaks("spec", "clock")
class CompletedBeforeSent(Messages):
    """completed_at is not before sent_at."""

    def completed_at(self, message: Record, now: datetime) -> str | None:
        return write_instant(message["received"]) if super().completed_at(message, now) else None


@breaks("spec", "clock")
class SentAtNaive(Messages):
    """sent_at is shown with its offset."""

    def sent_at(self, message: Record, now: datetime) -> str | None:
        found = super().sent_at(message, now)
        return found and found.rstrip("Z")


@breaks("prose", "clock")
class ValidUntilStays(Messages):
    """valid_until is null once the message is out of the queue, says its description."""

    def valid_until(self, message: Record, now: datetime) -> str | None:
        return write_instant(message["due"] + seconds(3600))


@breaks("prose", "clock")
class FailsWithoutError(Messages):
    """A message that failed says why."""

    def failure(self, message: Record, now: datetime) -> list[dict[str, Any]]:
        return []
