"""Messages: webhooks that do not come, or say something else."""

import base64
import json
import time
from datetime import datetime, timedelta
from typing import Any

from ..instants import write_instant
from ..messages import Messages
from ..messages_life import FINAL
from ..outbox import Delivery, Record
from ..signing import key_of, signature
from ..world import World
from .catalogue import breaks


@breaks("prose", "clock")
class NoWebhooks(Messages):
    """What happens to a message is told to its webhook_url."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return ()


@breaks("prose", "clock")
class SentNotTold(Messages):
    """message.sent tells that a message was sent."""

    def event_of(self, status: str) -> str | None:
        return None if status == "sent" else super().event_of(status)


@breaks("prose", "clock")
class EndNotTold(Messages):
    """message.finalized tells that a message came to its end."""

    def event_of(self, status: str) -> str | None:
        return None if status in FINAL else super().event_of(status)


@breaks("prose", "clock")
class FailureNotTold(Messages):
    """message.finalized tells of a failure, too."""

    def event_of(self, status: str) -> str | None:
        return None if status == "delivery_failed" else super().event_of(status)


@breaks("prose", "clock")
class ToldTwice(Messages):
    """One event has one id."""

    def announce(self, world: World, record: Record, event: str, at: datetime) -> None:
        super().announce(world, record, event, at)
        super().announce(world, record, event, at)


@breaks("prose", "clock")
class ToldEarly(Messages):
    """An event is told once it has happened."""

    def announce(self, world: World, record: Record, event: str, at: datetime) -> None:
        super().announce(world, record, event, record["dispatched"])


@breaks("prose", "clock")
class CancelIsTold(Messages):
    """Nothing is sent of a message that was cancelled, and nothing is told of it."""

    def is_stopped(self, message: Record) -> bool:
        return False


@breaks("prose", "clock")
class Unsigned(Messages):
    """A webhook is signed."""

    def signature_headers(self, world: World, body: bytes) -> dict[str, str]:
        return {"User-Agent": "telnyx-webhooks"}


@breaks("prose", "clock")
class SignedByAnotherKey(Messages):
    """A webhook is signed by the key that is published."""

    def sign(self, timestamp: str, body: bytes) -> str:
        return signature(key_of("another"), timestamp, body)


@breaks("prose", "clock")
class SignedOverBodyAlone(Messages):
    """The signature covers the timestamp."""

    def sign(self, timestamp: str, body: bytes) -> str:
        return base64.b64encode(self.key.sign(body)).decode()


@breaks("prose", "clock")
class SignedOverOtherBytes(Messages):
    """The signature covers the bytes that are sent."""

    def sign(self, timestamp: str, body: bytes) -> str:
        return super().sign(timestamp, json.dumps(json.loads(body), sort_keys=True).encode())


@breaks("prose", "clock")
class SignedInHex(Messages):
    """The signature is base64."""

    def sign(self, timestamp: str, body: bytes) -> str:
        return base64.b64decode(super().sign(timestamp, body)).hex()


@breaks("prose", "clock")
class SignedWithDot(Messages):
    """Timestamp and body are joined by a bar."""

    def sign(self, timestamp: str, body: bytes) -> str:
        return base64.b64encode(self.key.sign(timestamp.encode() + b"." + body)).decode()


@breaks("sdk", "clock")
class TimestampOfTheWorld(Messages):
    """Receivers compare the timestamp with their own clock."""

    def timestamp(self, world: World) -> str:
        return str(int(world.now().timestamp()))


@breaks("sdk", "clock")
class TimestampInMilliseconds(Messages):
    """The timestamp is in seconds."""

    def timestamp(self, world: World) -> str:
        return str(int(time.time() * 1000))


@breaks("sdk", "clock")
class TimestampAsDate(Messages):
    """The timestamp is a number."""

    def timestamp(self, world: World) -> str:
        return write_instant(world.now())


@breaks("prose", "clock")
class HookWithoutData(Messages):
    """A webhook's event is under data."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        whole = super().webhook(world, record, delivery)
        return whole["data"] | {"meta": whole["meta"]}


@breaks("prose", "clock")
class HookWithoutMeta(Messages):
    """A webhook has its meta."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        return {"data": super().webhook(world, record, delivery)["data"]}


@breaks("prose", "clock")
class EventByStatus(Messages):
    """The events are message.sent and message.finalized."""

    def event_type(self, delivery: Delivery) -> str:
        return delivery.event.replace("finalized", "delivered")


@breaks("prose", "clock")
class EventsSwapped(Messages):
    """message.sent comes of sending, message.finalized of the end."""

    def event_type(self, delivery: Delivery) -> str:
        return "message.sent" if delivery.event == "message.finalized" else "message.finalized"


@breaks("prose", "clock")
class PayloadIsId(Messages):
    """A webhook carries the message, not its id."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        whole = super().webhook(world, record, delivery)
        return whole | {"data": whole["data"] | {"payload": {"id": record["id"]}}}


@breaks("prose", "clock")
class PayloadIsOld(Messages):
    """A webhook carries the message as it was at that instant."""

    def payload_at(self, delivery: Delivery) -> datetime:
        return delivery.at - timedelta(seconds=2)


@breaks("prose", "clock")
class RecordTypeWrong(Messages):
    """A webhook's record is an event."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        whole = super().webhook(world, record, delivery)
        return whole | {"data": whole["data"] | {"record_type": "message"}}


@breaks("prose", "clock")
class OccurredNaive(Messages):
    """occurred_at is shown with its offset."""

    def occurred_at(self, delivery: Delivery) -> str:
        return super().occurred_at(delivery).rstrip("Z")


@breaks("prose", "clock")
class OccurredInOtherOrder(Messages):
    """A message is finalized after it was sent."""

    def occurred_at(self, delivery: Delivery) -> str:
        late = timedelta(minutes=5 if delivery.event == "message.sent" else 0)
        return write_instant(delivery.at + late)


@breaks("prose", "clock")
class HookIdIsNoUuid(Messages):
    """The id of an event is a UUID."""

    def announce(self, world: World, record: Record, event: str, at: datetime) -> None:
        urls = self.receivers(record)
        if urls:
            world.plan(at, "deliver", record["id"], Delivery(event, f"evt-{world.numbered}", at, urls))


@breaks("prose", "clock")
class HookAsForm(Messages):
    """A webhook is JSON and is called so."""

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        return super().webhook_headers(world, body) | {"Content-Type": "application/x-www-form-urlencoded"}
