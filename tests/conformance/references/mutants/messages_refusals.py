"""Messages: requests that are wrong and are taken, or good and refused, or refused in another form."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.requests import Request

from ..checks import Check, anything, text
from ..messages import Messages
from ..messages_rules import Body, Broken
from ..service import Call
from .catalogue import breaks
from .wire import break_wire

break_wire(Messages, "Messages")


class _Checks(Messages):
    """Has other checks of some fields."""

    other: ClassVar[dict[str, Check]]

    def checks(self) -> dict[str, Check]:
        return super().checks() | self.other


@breaks("prose")
class TooSoonAccepted(Messages):
    """send_at is at least five minutes ahead, says the guide."""

    def is_late_enough(self, ahead: timedelta) -> bool:
        return ahead > timedelta()


@breaks("prose")
class PastMessageAccepted(Messages):
    """send_at is not in the past."""

    def is_late_enough(self, ahead: timedelta) -> bool:
        return ahead < timedelta() or super().is_late_enough(ahead)


@breaks("prose")
class TooLateAccepted(Messages):
    """send_at is at most five days ahead, says the guide."""

    def is_early_enough(self, ahead: timedelta) -> bool:
        return True


@breaks("prose")
class WindowInHours(Messages):
    """send_at may be days ahead."""

    def is_early_enough(self, ahead: timedelta) -> bool:
        return ahead <= timedelta(hours=5)


@breaks("prose")
class SoonRefused(Messages):
    """Six minutes ahead are enough."""

    def is_late_enough(self, ahead: timedelta) -> bool:
        return ahead >= timedelta(minutes=15)


@breaks("prose")
class EmptyTextAccepted(Messages):
    """The text of an SMS is not empty, says its description."""

    def no_text(self, body: Body) -> Broken:
        return None if "text" in body else super().no_text(body)


@breaks("prose")
class NoTextAccepted(Messages):
    """An SMS needs a text, says its description."""

    def no_text(self, body: Body) -> Broken:
        return super().no_text(body) if "text" in body else None


@breaks("prose")
class NoMediaAccepted(Messages):
    """An MMS needs media, says its description."""

    def no_media(self) -> Broken:
        return None


@breaks("prose")
class NoSenderAccepted(Messages):
    """A message needs a sender or a profile, say their descriptions."""

    def no_sender(self) -> Broken:
        return None


@breaks("prose")
class NameWithoutProfileAccepted(Messages):
    """An alphanumeric sender needs a profile, says its description."""

    def no_profile(self) -> Broken:
        return None


@breaks("prose")
class PoolRefused(Messages):
    """A profile stands in for the sender."""

    def wrong_sender(self, body: Body) -> Broken:
        return super().wrong_sender(body) if "from" in body else self.no_sender()


@breaks("prose")
class ShortCodeRefused(Messages):
    """A receiver may be a short code."""

    def wrong_sender(self, body: Body) -> Broken:
        short = not body["to"].startswith("+")
        return (422, "10002", "/to", "to is no number") if short else super().wrong_sender(body)


@breaks("spec")
class ElevenPartsAccepted(Messages):
    """No message has more than 10 parts."""

    def too_many_parts(self) -> Broken:
        return None


@breaks("sdk")
class WideTextAsGsmAccepted(Messages):
    """encoding gsm7 refuses what GSM-7 cannot express."""

    def not_gsm(self) -> Broken:
        return None


@breaks("spec")
class ToMissingAccepted(Messages):
    """A message needs a receiver."""

    def valid(self, call: Call, checks: dict[str, Check]) -> Body:
        body = self.body(call)
        if isinstance(body, dict) and "to" not in body:
            return body | {"to": "+10000000000"}
        return super().valid(call, checks)


@breaks("spec")
class ToNumberAccepted(_Checks):
    """A receiver is a string."""

    other: ClassVar = {"to": lambda value: None if isinstance(value, int) else text()(value)}

    def broken_rule(self, body: Body, now: datetime, *, scheduling: bool) -> Broken:
        body["to"] = str(body["to"])
        return super().broken_rule(body, now, scheduling=scheduling)


@breaks("spec")
class TypeFaxAccepted(_Checks):
    """type is one of two words."""

    other: ClassVar = {"type": text()}

    def kind(self, body: Body) -> str:
        return "MMS" if super().kind(body) == "MMS" else "SMS"


@breaks("spec")
class BadSendAtAccepted(_Checks):
    """send_at is a date-time."""

    other: ClassVar = {"send_at": anything}

    def wrong_time(self, body: Body, now: datetime, scheduling: bool) -> Broken:
        if isinstance(body.get("send_at"), str) and "T" not in body["send_at"]:
            del body["send_at"]
            return None
        return super().wrong_time(body, now, scheduling)


@breaks("spec")
class MediaAsTextAccepted(_Checks):
    """media_urls is a list."""

    other: ClassVar = {"media_urls": anything}

    def wrong_sender(self, body: Body) -> Broken:
        if isinstance(body.get("media_urls"), str):
            body["media_urls"] = [body["media_urls"]]
        return super().wrong_sender(body)


@breaks("spec")
class YesIsTrue(_Checks):
    """use_profile_webhooks is true or false."""

    other: ClassVar = {"use_profile_webhooks": anything}


@breaks("spec")
class UnlistedFieldRefused(Messages):
    """Fields that the document does not list are let through."""

    def broken_rule(self, body: Body, now: datetime, *, scheduling: bool) -> Broken:
        if body.keys() - self.send_checks().keys():
            return 400, "10015", "/", "unknown field"
        return super().broken_rule(body, now, scheduling=scheduling)


@breaks("spec")
class RefusalCodeIsNumber(Messages):
    """The code of an error is text."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        return super().error(code, detail, **source) | {"code": int(code)}


@breaks("spec")
class RefusalTitleMissing(Messages):
    """An error has a title."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        return {name: value for name, value in super().error(code, detail, **source).items() if name != "title"}


@breaks("spec")
class RefusalSourceIsText(Messages):
    """The source of an error is an object."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        shown = super().error(code, detail, **source)
        return shown | ({"source": ", ".join(source.values())} if source else {})


@breaks("prose")
class RefusalsEmpty(Messages):
    """A refusal has at least one error."""

    def envelope(self, errors: list[dict[str, Any]]) -> Any:
        return {"errors": []}


@breaks("spec")
class RefusalsNotAList(Messages):
    """errors is a list."""

    def envelope(self, errors: list[dict[str, Any]]) -> Any:
        return {"errors": errors[0]}


@breaks("prose")
class RefusalWithoutErrors(Messages):
    """A refusal says why under errors."""

    def envelope(self, errors: list[dict[str, Any]]) -> Any:
        return {"detail": errors[0]["detail"]}


@breaks("spec")
class MessageRetrieveNeedsNoToken(Messages):
    """Every operation asks for a token, retrieving too."""

    def needs_token(self, request: Request) -> bool:
        return request.method != "GET"


@breaks("spec")
class CancelNeedsNoToken(Messages):
    """Every operation asks for a token, cancelling too."""

    def needs_token(self, request: Request) -> bool:
        return request.method != "DELETE"
