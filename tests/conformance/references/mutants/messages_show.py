"""Messages: what is shown is not what was sent."""

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from ..instants import write_instant
from ..messages import Messages
from ..messages_rules import Body
from ..outbox import Record
from ..service import Call
from .catalogue import breaks


@breaks("sense")
class MessageTextTrimmed(Messages):
    """The text comes back to the letter."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        return shown | ({"text": shown["text"].strip()} if "text" in shown else {})


@breaks("sense")
class MessageTextFilled(Messages):
    """What stands in braces is the sender's business."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        return shown | ({"text": shown["text"].replace("{", "").replace("}", "")} if "text" in shown else {})


@breaks("sense")
class MessageToAltered(Messages):
    """The receiver comes back as sent."""

    def show_to(self, message: Record, now: datetime) -> list[Record]:
        return [to | {"phone_number": to["phone_number"].lstrip("+")} for to in super().show_to(message, now)]


@breaks("sense")
class MessageFromLost(Messages):
    """The sender is who was named."""

    def show_from(self, body: Body) -> Record:
        return super().show_from({})


@breaks("sense")
class SubjectLost(Messages):
    """The subject comes back."""

    def echo(self, body: Body) -> Record:
        return {name: value for name, value in super().echo(body).items() if name != "subject"}


@breaks("sense")
class HookAddressLost(Messages):
    """The webhooks' address comes back."""

    def echo(self, body: Body) -> Record:
        return {name: value for name, value in super().echo(body).items() if name != "webhook_url"}


@breaks("sense")
class ProfileLost(Messages):
    """The messaging profile comes back."""

    def echo(self, body: Body) -> Record:
        return {name: value for name, value in super().echo(body).items() if name != "messaging_profile_id"}


@breaks("sense")
class SecondMediumLost(Messages):
    """Every medium is shown."""

    def show_media(self, body: Body) -> list[Record]:
        return super().show_media(body)[:1]


@breaks("spec")
class MediaAsLinks(Messages):
    """A medium is an object with its URL."""

    def show_media(self, body: Body) -> Any:
        return [medium["url"] for medium in super().show_media(body)]


@breaks("prose")
class SendAtNotShown(Messages):
    """A scheduled message shows when it is to be sent, says the guide."""

    def show(self, message: Record, now: datetime) -> Record:
        return {name: value for name, value in super().show(message, now).items() if name != "send_at"}


@breaks("sense")
class SendAtShifted(Messages):
    """send_at is the instant that was asked for."""

    def show_send_at(self, sent: str) -> str:
        return super().show_send_at(sent)[:19] + "Z"


@breaks("prose")
class SendAtNaiveIsLocal(Messages):
    """A send_at without an offset is UTC."""

    def show_send_at(self, sent: str) -> str:
        return sent + "-05:00" if len(sent) == 19 else super().show_send_at(sent)


@breaks("spec")
class ReceivedNaive(Messages):
    """received_at is shown with its offset."""

    def show_received(self, message: Record) -> str:
        return super().show_received(message).rstrip("Z")


@breaks("sense")
class ReceivedLater(Messages):
    """received_at is not after the answer."""

    def show_received(self, message: Record) -> str:
        return write_instant(message["received"] + timedelta(hours=2))


@breaks("spec")
class MessageTypeWrong(Messages):
    """A message with media is an MMS."""

    def show(self, message: Record, now: datetime) -> Record:
        return super().show(message, now) | {"type": "SMS"}


@breaks("spec")
class MessageTypeLowered(Messages):
    """type is SMS or MMS, in capitals."""

    def show(self, message: Record, now: datetime) -> Record:
        shown = super().show(message, now)
        return shown | {"type": shown["type"].lower()}


@breaks("spec")
class DirectionWrong(Messages):
    """What is sent is outbound."""

    def show(self, message: Record, now: datetime) -> Record:
        return super().show(message, now) | {"direction": "outbound-api"}


@breaks("spec")
class CostIsNumber(Messages):
    """An amount is text."""

    def amount(self, message: Record) -> Any:
        return float(super().amount(message))


@breaks("spec")
class ErrorsNull(Messages):
    """errors is a list, empty when there are none."""

    def failure(self, message: Record, now: datetime) -> Any:
        return super().failure(message, now) or None


@breaks("spec")
class ToIsObject(Messages):
    """to is a list."""

    def show_to(self, message: Record, now: datetime) -> Any:
        return super().show_to(message, now)[0]


@breaks("spec")
class StatusWordOfOthers(Messages):
    """The status of a message is one of the document's words."""

    def status(self, message: Record, now: datetime) -> str:
        return super().status(message, now).replace("queued", "accepted")


@breaks("spec")
class MessageBare(Messages):
    """Scheduling and sending answer under data."""

    def accepted(self, message: Record, now: datetime) -> Response:
        return self.json(200, self.show(message, now))


@breaks("spec")
class ScheduledIs201(Messages):
    """Scheduling and sending answer 200."""

    def accepted(self, message: Record, now: datetime) -> Response:
        return self.json(201, {"data": self.show(message, now)})


@breaks("spec")
class MessageIdIsNoUuid(Messages):
    """An id is a UUID."""

    def new_id(self, call: Call) -> str:
        return super().new_id(call).replace("-", "")


@breaks("sense", "several")
class MessageIdsReused(Messages):
    """Two messages have two ids."""

    def new_id(self, call: Call) -> str:
        call.world.minted = 0
        return super().new_id(call)


@breaks("sense", "several")
class SameMessageMerged(Messages):
    """Two equal requests without a key are two messages."""

    def make(self, call: Call, body: Body, operation: str) -> Record:
        same = (message for message in call.world.records.values() if message["body"] == body)
        return next(same, None) or super().make(call, body, operation)


@breaks("prose")
class PartsAlwaysOne(Messages):
    """A long text has several parts."""

    def show_parts(self, body: Body) -> int:
        return 1


@breaks("prose")
class PartsOfFullLength(Messages):
    """Each of several parts has room for 153, not 160."""

    def split(self, units: int, alone: int, each: int) -> int:
        return super().split(units, alone, alone)


@breaks("prose")
class PartsOfShortLength(Messages):
    """A single part has room for 160, not 153."""

    def split(self, units: int, alone: int, each: int) -> int:
        return super().split(units, each, each)


@breaks("prose")
class WideCountedAsGsm(Messages):
    """A part of a text that GSM-7 cannot express has room for 70."""

    def wide_units(self, text: str) -> int:
        return len(text) // 2


@breaks("prose")
class EmojiCountsOne(Messages):
    """A character beyond the basic plane counts twice."""

    def wide_units(self, text: str) -> int:
        return len(text)


@breaks("prose")
class BraceCountsOne(Messages):
    """A character of GSM's extension counts twice."""

    def gsm_units(self, text: str) -> int:
        return len(text)


@breaks("prose")
class AccentIsWide(Messages):
    """GSM-7 has é."""

    def is_gsm(self, text: str) -> bool:
        return super().is_gsm(text) and text.isascii()


@breaks("prose")
class EncodingAlwaysGsm(Messages):
    """The encoding that is shown is the one that is used."""

    def show_encoding(self, body: Body) -> str:
        return "GSM-7"


@breaks("sdk")
class EncodingIgnored(Messages):
    """encoding ucs2 forbids GSM-7."""

    def is_wide(self, body: Body) -> bool:
        return super().is_wide({name: value for name, value in body.items() if name != "encoding"})
