"""TemPhone: wrong requests that are taken, good ones that are refused, refusals that say something else."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from starlette.responses import Response

from ..checks import Check, anything, integer, text
from ..instants import read_instant
from ..outbox import Record
from ..temphone import REQUIRED, Body, TemPhone
from ..world import World
from .catalogue import breaks
from .wire import break_wire

break_wire(TemPhone, "Calls")


class _Checks(TemPhone):
    """Has other checks of some fields."""

    other: ClassVar[dict[str, Check]]

    def checks(self) -> dict[str, Check]:
        return super().checks() | self.other


@breaks("prose")
class PastCallAccepted(TemPhone):
    """scheduled_at is in the future, says the page's 400."""

    def is_past(self, body: Body, now: datetime) -> bool:
        return False


@breaks("prose")
class NowIsFuture(TemPhone):
    """The present is not in the future."""

    def is_past(self, body: Body, now: datetime) -> bool:
        return self.due(body, checked=False) < now - timedelta(hours=12)


@breaks("prose")
class SoonCallRefused(TemPhone):
    """One to two minutes ahead are advice, not a rule."""

    def is_past(self, body: Body, now: datetime) -> bool:
        return super().is_past(body, now + timedelta(minutes=2))


@breaks("prose")
class AnyContactAccepted(TemPhone):
    """A contact that is not there is answered 404."""

    def is_contact(self, contact: str) -> bool:
        return True


@breaks("prose")
class NoContactKnown(TemPhone):
    """The page's own contact is known."""

    def is_contact(self, contact: str) -> bool:
        return super().is_contact(contact) and contact != "ctc_12kd88"


@breaks("prose")
class NoMessageAccepted(TemPhone):
    """initial_message is required."""

    def required(self) -> tuple[str, ...]:
        return REQUIRED[:2]

    def echo(self, body: Body) -> Body:
        return {"initial_message": "Hello"} | super().echo(body)


@breaks("prose")
class EmptyContactIs404(_Checks):
    """A contact_id that is no text is a wrong field."""

    other: ClassVar = {"contact_id": lambda value: None if not isinstance(value, str) else text()(value)}

    def is_contact(self, contact: str) -> bool:
        return super().is_contact(str(contact))


@breaks("prose")
class DayAccepted(_Checks):
    """scheduled_at is a timestamp, not a day."""

    other: ClassVar = {
        "scheduled_at": lambda value: None if isinstance(value, str) and len(value) == 10 else text(19)(value)
    }

    def is_past(self, body: Body, now: datetime) -> bool:
        self.spell(body)
        return super().is_past(body, now)

    def spell(self, body: Body) -> None:
        if len(body["scheduled_at"]) == 10:
            body["scheduled_at"] += "T00:00:00Z"
        try:
            read_instant(body["scheduled_at"])
        except ValueError:
            body["scheduled_at"] = "2000-01-01T00:00:00Z"


@breaks("prose")
class EpochCallAccepted(_Checks):
    """scheduled_at is text, not a number of seconds."""

    other: ClassVar = {
        "scheduled_at": lambda value: None if isinstance(value, int) else TemPhone().checks()["scheduled_at"](value)
    }

    def is_past(self, body: Body, now: datetime) -> bool:
        if isinstance(body["scheduled_at"], int):
            body["scheduled_at"] = datetime.fromtimestamp(body["scheduled_at"] % 2**33, UTC).isoformat()
        return super().is_past(body, now)


@breaks("prose")
class AnyZoneAccepted(_Checks):
    """timezone is an IANA time zone."""

    other: ClassVar = {"timezone": text()}

    def due(self, body: Body, *, checked: bool = True) -> datetime:
        return super().due(body, checked=False)


@breaks("prose")
class DurationAsTextAccepted(_Checks):
    """max_duration_seconds is an integer."""

    other: ClassVar = {"max_duration_seconds": lambda value: None if isinstance(value, str) else integer(1)(value)}

    def defaults(self, body: Body) -> Body:
        shown = super().defaults(body)
        return shown | {"max_duration_seconds": int(shown["max_duration_seconds"])}

    def dispatch(self, world: World, record: Record, at: datetime) -> None:
        if isinstance(record["body"].get("max_duration_seconds"), str):
            record["body"] = record["body"] | {"max_duration_seconds": 900}  # time goes on whatever was taken
        super().dispatch(world, record, at)


@breaks("prose")
class FractionalDurationAccepted(_Checks):
    """max_duration_seconds has no fraction."""

    other: ClassVar = {"max_duration_seconds": lambda value: None if isinstance(value, float) else integer(1)(value)}

    def defaults(self, body: Body) -> Body:
        shown = super().defaults(body)
        return shown | {"max_duration_seconds": int(shown["max_duration_seconds"])}


@breaks("prose")
class RecordingYesAccepted(_Checks):
    """recording_enabled is true or false."""

    other: ClassVar = {"recording_enabled": anything}

    def defaults(self, body: Body) -> Body:
        return super().defaults(body) | {"recording_enabled": bool(body.get("recording_enabled", True))}


@breaks("prose")
class MetadataListAccepted(_Checks):
    """metadata is an object."""

    other: ClassVar = {"metadata": anything}

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        return {name: value for name, value in shown.items() if name != "metadata" or isinstance(value, dict)}


@breaks("prose")
class CallerNumberAccepted(_Checks):
    """caller_id is text."""

    other: ClassVar = {"caller_id": anything}

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        return shown | ({"caller_id": str(shown["caller_id"])} if "caller_id" in shown else {})


@breaks("prose")
class HookOfAnyKindAccepted(_Checks):
    """webhook_url is a URL."""

    other: ClassVar = {"webhook_url": anything}

    def receivers(self, record: Body) -> tuple[str, ...]:
        return tuple(url for url in super().receivers(record) if str(url).startswith("http"))


@breaks("prose")
class UnlistedCallFieldRefused(TemPhone):
    """Fields that the page does not list are no error of the page's."""

    def wrong_fields(self, body: Any, required: tuple[str, ...], checks: Any) -> list[tuple[str, str, str]]:
        extra = isinstance(body, dict) and body.keys() - checks.keys()
        return [("", "unknown", "known")] if extra else super().wrong_fields(body, required, checks)


@breaks("prose")
class InvalidIs422(TemPhone):
    """A wrong field is answered 400."""

    def invalid(self, name: str) -> Response:
        response = super().invalid(name)
        response.status_code = 422
        return response


@breaks("prose")
class NoContactIs400(TemPhone):
    """A contact that is not there is answered 404, not 400."""

    def no_contact(self, contact: str) -> Response:
        return self.refusal(400, self.contact_words(contact))


@breaks("prose")
class TimeInOtherWords(TemPhone):
    """The message about scheduled_at is the page's."""

    def field_words(self, name: str) -> str:
        return super().field_words(name).replace(" timestamp in the future", " date")


@breaks("prose")
class FieldNotNamed(TemPhone):
    """A message about a field names it."""

    def field_words(self, name: str) -> str:
        return super().field_words(name) if name == "scheduled_at" else "Validation failed."


@breaks("prose")
class OtherFieldNamed(TemPhone):
    """A message about a field names that field."""

    def field_words(self, name: str) -> str:
        return super().field_words("contact_id" if name == "initial_message" else name)


@breaks("prose")
class ContactInOtherWords(TemPhone):
    """The message about a contact is the page's, and names it."""

    def contact_words(self, contact: str) -> str:
        return "Contact not found."


@breaks("prose")
class UnauthorizedInOtherWords(TemPhone):
    """The message about the token is the page's."""

    def unauthorized_words(self) -> str:
        return "Invalid API key"


@breaks("prose")
class FailureWithoutData(TemPhone):
    """A refusal has data, which is null."""

    def failure(self, words: str) -> Any:
        return {"status": "error", "message": words}


@breaks("prose")
class FailureDataEmpty(TemPhone):
    """data of a refusal is null, not empty."""

    def failure(self, words: str) -> Any:
        return super().failure(words) | {"data": {}}


@breaks("prose")
class FailureStatusFail(TemPhone):
    """The status of a refusal is error."""

    def failure(self, words: str) -> Any:
        return super().failure(words) | {"status": "fail"}


@breaks("prose")
class FailureMessageList(TemPhone):
    """The message of a refusal is text."""

    def failure(self, words: str) -> Any:
        return super().failure(words) | {"message": [words]}


@breaks("prose")
class FailureBare(TemPhone):
    """A refusal comes in the envelope of the page."""

    def failure(self, words: str) -> Any:
        return {"error": words}
