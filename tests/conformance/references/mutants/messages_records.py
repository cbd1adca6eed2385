"""Messages: retrieving, cancelling and keys that do something else."""

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from ..messages import Messages
from ..outbox import Record
from ..service import Call, Refused
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
