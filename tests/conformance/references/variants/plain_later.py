"""All providers: what one answer tells otherwise than another, as its author knew more or less then."""

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from ..assistants import Assistants, Event
from ..instants import read_instant, write_instant
from ..messages import Messages
from ..outbox import Delivery, Record
from ..service import Call
from ..temphone import TemPhone
from ..world import World
from .catalogue import allowed


def finer(text: str) -> str:
    """Return an instant with some milliseconds more."""
    return write_instant(read_instant(text) + timedelta(milliseconds=431))


@allowed
class CreateIsFiner(Assistants):
    """An instant may be shown finer before it is stored than after."""

    def created(self, call: Call, event: Event) -> Response:
        shown = self.show(call.world, event, call.now)
        return self.json(201, shown | {"created_at": finer(shown["created_at"])})


@allowed
class CreateSaysLess(Assistants):
    """What is not required may be left out of the answer to a create, and shown later."""

    def created(self, call: Call, event: Event) -> Response:
        shown = self.show(call.world, event, call.now)
        return self.json(
            201, {name: shown[name] for name in shown if name not in ("created_at", "retry_count", "status")}
        )


@allowed
class EventsAreNumberedAnew(Assistants):
    """What the document does not list may be another in every answer."""

    answered = 0

    def show(self, world: World, event: Event, now: datetime) -> Event:
        self.answered += 1
        return super().show(world, event, now) | {"revision": self.answered}


@allowed
class ReceivedIsFiner(Messages):
    """An instant may be shown finer before it is stored than after."""

    def accepted(self, message: Record, now: datetime) -> Response:
        shown = self.show(message, now)
        return self.json(200, {"data": shown | {"received_at": finer(shown["received_at"])}})


@allowed
class HookIsFiner(Messages):
    """An instant may be shown finer by what sends webhooks."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        told = super().webhook(world, record, delivery)
        payload = told["data"]["payload"]
        names = [name for name in ("received_at", "send_at") if payload.get(name)]
        payload.update({name: finer(payload[name]) for name in names})
        return told


@allowed
class CarriersAreLookedUp(Messages):
    """Carriers and costs may be found out after the answer."""

    def accepted(self, message: Record, now: datetime) -> Response:
        shown = self.show(message, now)
        parties = {"from": {"phone_number": shown["from"]["phone_number"]}}
        parties |= {"to": [{name: shown["to"][0][name] for name in ("phone_number", "status")}]}
        return self.json(200, {"data": shown | parties | {"cost": None}})


@allowed
class MediaAreLookedAt(Messages):
    """The kind and size of media may be found out after the answer."""

    def retrieve(self, call: Call) -> Response:
        shown = self.show(self.find(call), call.now)
        media = [each | {"content_type": "image/png", "size": 7} for each in shown["media"]]
        return self.json(200, {"data": shown | {"media": media}})


@allowed
class MessagesAreNumberedAnew(Messages):
    """What the document does not list may be another in every answer."""

    answered = 0

    def show(self, message: Record, now: datetime) -> Record:
        self.answered += 1
        return super().show(message, now) | {"revision": self.answered}


@allowed
class EncodingOtherwiseSpelled(Messages):
    """How an encoding is written is not documented: a webhook may write it in another way."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        told = super().webhook(world, record, delivery)
        told["data"]["payload"]["encoding"] = told["data"]["payload"]["encoding"].replace("-", "")
        return told


@allowed
class CallAnswerIsFiner(TemPhone):
    """An instant may be shown finer before it is stored than after."""

    def scheduled(self, record: Record, now: datetime) -> Response:
        shown = self.show(record, now)
        return self.json(
            200, self.success(shown | dict.fromkeys(("created_at", "updated_at"), finer(shown["created_at"])))
        )
