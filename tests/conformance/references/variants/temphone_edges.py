"""TemPhone: webhooks, of which the page says that they exist, and instants as services of other makes have them."""

from typing import Any
from zoneinfo import ZoneInfo

from ..outbox import Delivery, Record
from ..temphone import TemPhone
from ..world import World
from .catalogue import allowed


@allowed
class CallToldOnce(TemPhone):
    """The page says nothing of how webhooks are delivered: what was not taken may be lost."""

    attempts_each = 1


@allowed
class EventsInOtherWords(TemPhone):
    """The page says started, completed and failed, and not how an event is called."""

    def event_of(self, status: str) -> str:
        return super().event_of(status).removeprefix("call.")


@allowed
class HooksWithoutEnvelope(TemPhone):
    """The page prescribes no form of webhooks: it may be the call itself, beside the event's name."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        return {"event": delivery.event, **self.show(record, self.shown_at(delivery))}


@allowed
class HooksWithoutInstant(TemPhone):
    """The page prescribes no form of webhooks: they need not say when it happened."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        return {"event": delivery.event, "data": self.show(record, self.shown_at(delivery))}


@allowed
class CallHookCharsetSaid(TemPhone):
    """The media type of a webhook may carry a charset."""

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        return super().webhook_headers(world, body) | {"Content-Type": "application/json;charset=utf-8"}


@allowed
class CallShownInItsZone(TemPhone):
    """An instant may be shown in the time zone of the call."""

    def show_scheduled(self, record: Record) -> str:
        return str(record["due"].astimezone(ZoneInfo(self.zone_of(record["body"]))).isoformat())


@allowed
class RefusalsSayMore(TemPhone):
    """A refusal may have members that the page does not show."""

    def failure(self, words: str) -> Any:
        return super().failure(words) | {"code": "refused", "request_id": "r-1"}


@allowed
class HooksSayLittle(TemPhone):
    """The page prescribes no form of webhooks: they may say which call it is and how it is, and no more."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        shown = self.show(record, self.shown_at(delivery))
        return {"event": delivery.event, "data": {name: shown[name] for name in ("call_id", "status")}}
