"""Messages: instants, keys, costs and headers as services of other makes have them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from ..instants import write_instant
from ..messages import Messages
from ..outbox import Record
from ..service import Call
from ..world import World
from .catalogue import allowed


@allowed
class ScheduleHonoursKeys(Messages):
    """Scheduling may honour Idempotency-Key, which the SDKs send with every write."""

    def schedule(self, call: Call) -> Response:
        body = self.valid(call, self.checks())

        def make() -> tuple[str, Response]:
            self.check_rules(call, body, scheduling=True)
            message = self.make(call, body, "ScheduleMessage")
            return message["id"], self.accepted(message, call.now)

        return self.once(call, body, make)


@allowed
class SentAtDispatch(Messages):
    """sent_at may be when a message was handed over, a moment before it is called sent."""

    def sent_at(self, message: Record, now: datetime) -> str | None:
        return write_instant(message["dispatched"]) if super().sent_at(message, now) else None


@allowed
class CancelledAtAMinute(Messages):
    """Whether a minute ahead is within a minute is not documented."""

    def is_early_to_cancel(self, ahead: timedelta) -> bool:
        return ahead >= timedelta(minutes=1)


@allowed
class NothingShownOfNothing(Messages):
    """What is empty or null and not required may be left out."""

    def show(self, message: Record, now: datetime) -> Record:
        shown = super().show(message, now)
        optional = ("cc", "media", "tags", "errors", "sent_at", "completed_at", "valid_until")
        return {name: value for name, value in shown.items() if name not in optional or value not in (None, [])}


@allowed
class MediaLookedAt(Messages):
    """The kind, size and digest of media may be found out."""

    def show_media(self, body: Record) -> list[Record]:
        known = {"content_type": "image/png", "sha256": "0" * 64, "size": 5}
        return [medium | known for medium in super().show_media(body)]


@allowed
class CostInFull(Messages):
    """An amount may be written with any number of digits, and split into carrier's fee and rate."""

    def show(self, message: Record, now: datetime) -> Record:
        shown = super().show(message, now)
        amount = Decimal(shown["cost"]["amount"])
        parts = {"carrier_fee": amount * Decimal("0.25"), "rate": amount * Decimal("0.75")}
        shown["cost"] = {"amount": f"{amount:.6f}", "currency": "USD"}
        shown["cost_breakdown"] = {name: {"amount": f"{part:.6f}", "currency": "USD"} for name, part in parts.items()}
        return shown


@allowed
class ErrorsWithoutPlace(Messages):
    """Where an error is need not be said."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        return super().error(code, detail)


@allowed
class HookHeadersInCapitals(Messages):
    """Names of headers know no case."""

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        headers = super().webhook_headers(world, body)
        return {name.upper(): value for name, value in headers.items()} | {"X-Sent-By": "gateway"}


@allowed
class HookCharsetSaid(Messages):
    """The media type of a webhook may carry a charset."""

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        return super().webhook_headers(world, body) | {"Content-Type": "application/json; charset=utf-8"}


@allowed
class ReceivedMomentsLater(Messages):
    """received_at is taken when the message is stored, moments after the request."""

    def show_received(self, message: Record) -> str:
        return write_instant(message["received"] + timedelta(milliseconds=137))
