"""Messages: retrieving, cancelling and keys that do something else, and lives that go wrong."""

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from ..instants import write_instant
from ..messages import Messages
from ..messages_rules import Body
from ..outbox import Record
from ..service import Call, Refused, seconds
from ..world import World
from .catalogue import breaks


@breaks("sdk", "several")
class RetrievedBare(Messages):
    """Retrieving answers under data."""

    def retrieve(self, call: Call) -> Response:
        return self.json(200, self.show(self.find(call), call.now))


@breaks("sense", "several")
class RetrievedWithoutText(Messages):
    """Retrieving shows what sending showed."""

    def retrieve(self, call: Call) -> Response:
        shown = self.show(self.find(call), call.now)
        return self.json(200, {"data": {name: value for name, value in shown.items() if name != "text"}})


@breaks("sense", "several")
class RetrievesLatest(Messages):
    """Retrieving shows the message of that id."""

    def retrieve(self, call: Call) -> Response:
        self.find(call)
        return self.json(200, {"data": self.show(list(call.world.records.values())[-1], call.now)})


@breaks("sense", "several")
class MessageOfOtherTokenShown(Messages):
    """One customer's message is not shown to another."""

    def find(self, call: Call) -> Record:
        for world in self.worlds.values():
            if call.values["message"] in world.records:
                return super().find(Call(world, call.request, call.raw, call.values))
        return super().find(call)


@breaks("sense")
class UnknownMessageIsEmpty(Messages):
    """A message that is not there is not found."""

    def not_found(self, name: str) -> Response:
        return self.json(200, {"data": {}})


@breaks("http")
class NonsenseIdCrashes(Messages):
    """An id that is none is refused, no server error."""

    def wrong_id(self) -> Response:
        return self.json(500, {"errors": [self.error("10015", "Internal Server Error")]})


@breaks("prose", "several")
class CancelledEnveloped(Messages):
    """Cancelling answers the bare message, says its page."""

    def cancelled(self, message: Record, now: datetime) -> Response:
        return self.json(200, {"data": self.show(message, now)})


@breaks("prose", "several")
class CancelDoesNothing(Messages):
    """A cancelled message says so."""

    def stop(self, message: Record, now: datetime) -> None:
        return None


@breaks("prose", "several")
class CancelNotKept(Messages):
    """A cancelled message says so when it is retrieved, too."""

    def cancelled(self, message: Record, now: datetime) -> Response:
        response = super().cancelled(message, now)
        message["cancelled"] = None
        return response


@breaks("prose", "several")
class CancelledLikeACall(Messages):
    """The word is cancelled, with two l."""

    def cancelled_word(self) -> str:
        return "canceled"


@breaks("prose", "several")
class CancelTwiceAccepted(Messages):
    """A message that was cancelled is not scheduled any more."""

    def is_cancellable(self, message: Record, now: datetime) -> bool:
        return message["cancelled"] is not None or super().is_cancellable(message, now)


@breaks("sense", "several")
class CancelOfOtherToken(Messages):
    """One customer does not cancel another's message."""

    def cancel(self, call: Call) -> Response:
        owners = (world for world in self.worlds.values() if call.values["message"] in world.records)
        return super().cancel(Call(next(owners, call.world), call.request, call.raw, call.values))


@breaks("sense")
class CancelUnknownIs200(Messages):
    """A message that is not there cannot be cancelled."""

    def cancel(self, call: Call) -> Response:
        try:
            return super().cancel(call)
        except Refused as refused:
            if refused.response.status_code == 404:
                return self.json(200, {})
            raise


@breaks("prose", "clock")
class CancelTooLateAccepted(Messages):
    """A minute before it is sent a message cannot be cancelled any more, says the guide."""

    def is_early_to_cancel(self, ahead: timedelta) -> bool:
        return True


@breaks("prose", "several")
class CancelAlwaysTooLate(Messages):
    """A message that is due in days can be cancelled."""

    def is_early_to_cancel(self, ahead: timedelta) -> bool:
        return ahead > timedelta(days=30)


@breaks("prose", "clock")
class CancelOfSentAccepted(Messages):
    """What was sent cannot be cancelled."""

    def is_cancellable(self, message: Record, now: datetime) -> bool:
        return message["dispatched"] is not None or super().is_cancellable(message, now)

    def is_too_old(self, message: Record, now: datetime) -> bool:
        return False


@breaks("prose", "clock")
class CancelledIsSent(Messages):
    """What was cancelled is not sent."""

    def is_stopped(self, message: Record) -> bool:
        return False

    def status(self, message: Record, now: datetime) -> str:
        reached = self.reached(message, now)
        return reached[-1][1] if reached else super().status(message, now)


@breaks("sdk", "several")
class MessageKeyIgnored(Messages):
    """The same request with the same key sends once."""

    def key_of(self, call: Call) -> str | None:
        super().key_of(call)
        return None


@breaks("sdk", "several")
class MessageKeyRepeatsOther(Messages):
    """Another request with the same key is refused."""

    def fingerprint(self, body: Any) -> str:
        return ""


@breaks("sdk", "clock")
class MessageKeyGoneAfterAnHour(Messages):
    """A key holds for 24 hours."""

    def is_fresh(self, at: datetime, now: datetime) -> bool:
        return now - at < timedelta(hours=1)


@breaks("sdk")
class MessageKeyUnchecked(Messages):
    """A key is made of letters, digits, hyphens and underscores, 255 at most."""

    def is_key(self, text: str) -> bool:
        return True


# Lives


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
