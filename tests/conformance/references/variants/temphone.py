"""TemPhone: what the page leaves open, decided otherwise."""

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from ..checks import Check, moment
from ..instants import has_offset, read_instant, write_instant
from ..lifecycle import Outcome
from ..outbox import Record
from ..service import Call, Refused
from ..temphone import Body, TemPhone
from .catalogue import allowed


@allowed
class CreatedIs201(TemPhone):
    """The page shows no status beside a success."""

    def scheduled(self, record: Record, now: datetime) -> Response:
        return self.json(201, self.success(self.show(record, now)))


@allowed
class ZoneLeftOut(TemPhone):
    """timezone is optional in the page's types."""

    def show(self, record: Record, now: datetime) -> Record:
        shown = super().show(record, now)
        sent = "timezone" in record["body"]
        return shown if sent else {name: value for name, value in shown.items() if name != "timezone"}


@allowed
class DurationLeftOut(TemPhone):
    """max_duration_seconds is optional in the page's types."""

    def defaults(self, body: Body) -> Record:
        shown = super().defaults(body)
        return shown if "max_duration_seconds" in body else {"recording_enabled": shown["recording_enabled"]}


@allowed
class ContactFirst(TemPhone):
    """The page gives no order of checks: the contact may be looked for first."""

    def schedule(self, call: Call) -> Response:
        body = self.body(call)
        contact = body.get("contact_id") if isinstance(body, dict) else None
        if isinstance(contact, str) and contact and not self.is_contact(contact):
            raise Refused(self.no_contact(contact))
        return super().schedule(call)


@allowed
class FieldsInOtherWords(TemPhone):
    """The page gives the words for scheduled_at alone."""

    def field_words(self, name: str) -> str:
        return super().field_words(name) if name == "scheduled_at" else f"Field '{name}' is invalid or missing."


@allowed
class NaiveCallRefused(TemPhone):
    """The page's sample is in UTC: a time without an offset may be refused."""

    def checks(self) -> dict[str, Check]:
        return super().checks() | {"scheduled_at": moment(naive=False)}


@allowed
class NaiveCallIsUtc(TemPhone):
    """What a time without an offset means is not said."""

    def due(self, body: Body, *, checked: bool = True) -> datetime:
        return read_instant(body["scheduled_at"])


@allowed
class CallShownInUtc(TemPhone):
    """An instant may be shown in UTC, whatever offset it was sent with."""

    def show_scheduled(self, record: Record) -> str:
        return write_instant(record["due"])


@allowed
class CallWithOffset(TemPhone):
    """UTC may be written +00:00, and seconds with a fraction."""

    def show_created(self, record: Record) -> str:
        created: datetime = record["created"]
        return created.astimezone(UTC).isoformat(timespec="milliseconds")

    def show_updated(self, record: Record, now: datetime) -> str:
        return read_instant(super().show_updated(record, now)).isoformat(timespec="milliseconds")

    def show_scheduled(self, record: Record) -> str:
        sent: str = record["body"]["scheduled_at"]
        return sent if has_offset(sent) else record["due"].isoformat(timespec="milliseconds")


@allowed
class LongerCallIds(TemPhone):
    """An id is call_ and letters and digits, no number of which is said."""

    def new_id(self, call: Call) -> str:
        return super().new_id(call) + "zz0a1"


@allowed
class MoreCallFields(TemPhone):
    """A call may have fields that the page does not list."""

    def show(self, record: Record, now: datetime) -> Record:
        return super().show(record, now) | {"organization": "o-1", "attempts": [], "cost": None}


@allowed
class SlowerCallsHere(TemPhone):
    """How long a line rings and a call is talked is nobody's promise."""

    def steps(self, outcome: Outcome) -> list[tuple[float, str]]:
        return [(after + 2, status) for after, status in super().steps(outcome)]


@allowed
class QueuedForAMinute(TemPhone):
    """A call may wait in the queue: the page speaks of processing and queueing."""

    def start(self, record: Record) -> datetime:
        return super().start(record) + timedelta(seconds=50)


@allowed
class OtherPlaceMissing(TemPhone):
    """What is said of a path that is not there is the server's own matter."""

    def no_route(self) -> Response:
        return self.refusal(404, "No such endpoint.")


@allowed
class MediaTypeIs415Here(TemPhone):
    """A wrong media type is answered 415 by most; the page does not say."""

    def wrong_media_type(self, header: str) -> Response:
        return self.refusal(415, "Unsupported media type.")


@allowed
class MalformedInOtherWords(TemPhone):
    """What is said of a body that is not JSON is not on the page."""

    def unreadable(self, why: str) -> Response:
        return self.refusal(400, f"Malformed request: {why}")


@allowed
class MethodInOtherWords(TemPhone):
    """What is said of a method that is not there is not on the page."""

    def no_method(self, allowed: list[str]) -> Response:
        return self.refusal(405, f"Use {allowed[0]}.", {"Allow": ", ".join(allowed)})
