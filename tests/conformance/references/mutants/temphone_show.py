"""TemPhone: what is scheduled is not what was asked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from ..instants import has_offset, read_instant, write_instant
from ..outbox import Record
from ..service import Call
from ..temphone import Body, TemPhone
from .catalogue import breaks


def _without(shown: Record, *names: str) -> Record:
    return {name: value for name, value in shown.items() if name not in names}


@breaks("prose")
class EnvelopeMissing(TemPhone):
    """A success comes in the envelope of the page."""

    def success(self, data: Record) -> Any:
        return data


@breaks("prose")
class EnvelopeStatusOk(TemPhone):
    """The status of a success is success."""

    def success(self, data: Record) -> Any:
        return super().success(data) | {"status": "ok"}


@breaks("prose")
class EnvelopeWithoutMessage(TemPhone):
    """A success has a message."""

    def success(self, data: Record) -> Any:
        return _without(super().success(data), "message")


@breaks("prose")
class SuccessInOtherWords(TemPhone):
    """The message of a success is the page's."""

    def success_words(self) -> str:
        return "OK"


@breaks("prose")
class CallStatusPending(TemPhone):
    """A new call is scheduled."""

    def scheduled(self, record: Record, now: datetime) -> Response:
        return self.json(200, self.success(self.show(record, now) | {"status": "pending"}))


@breaks("prose")
class ScheduledIs202(TemPhone):
    """A call is scheduled when it is answered, not merely accepted."""

    def scheduled(self, record: Record, now: datetime) -> Response:
        return self.json(202, self.success(self.show(record, now)))


@breaks("prose")
class ZoneNotEchoed(TemPhone):
    """A time zone that was sent comes back."""

    def zone_of(self, body: Body) -> str:
        return self.contact_zone(body["contact_id"])


@breaks("prose")
class ZoneOfServer(TemPhone):
    """The contact's time zone stands in for one that was not sent."""

    def show(self, record: Record, now: datetime) -> Record:
        return super().show(record, now) | {"timezone": record["body"].get("timezone", "local")}


@breaks("prose")
class DurationNotFilled(TemPhone):
    """max_duration_seconds is 900 when it is not sent."""

    def defaults(self, body: Body) -> Record:
        return super().defaults(body) | {"max_duration_seconds": body.get("max_duration_seconds", 600)}


@breaks("prose")
class DurationIgnored(TemPhone):
    """max_duration_seconds comes back as sent."""

    def defaults(self, body: Body) -> Record:
        return super().defaults(body) | {"max_duration_seconds": 900}


@breaks("prose")
class RecordingOffByDefault(TemPhone):
    """Calls are recorded when nothing is said of it."""

    def defaults(self, body: Body) -> Record:
        return super().defaults(body) | {"recording_enabled": body.get("recording_enabled", False)}


@breaks("prose")
class RecordingAlwaysOn(TemPhone):
    """recording_enabled may be false."""

    def defaults(self, body: Body) -> Record:
        return super().defaults(body) | {"recording_enabled": True}


@breaks("prose")
class RecordingNotShown(TemPhone):
    """recording_enabled is always shown."""

    def defaults(self, body: Body) -> Record:
        return _without(super().defaults(body), "recording_enabled")


@breaks("prose")
class CallerNormalised(TemPhone):
    """caller_id comes back as sent, hyphens and all."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        return shown | ({"caller_id": shown["caller_id"].replace("-", "")} if "caller_id" in shown else {})


@breaks("prose")
class PlaceholdersFilled(TemPhone):
    """Placeholders come back as sent."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        return shown | {"initial_message": shown["initial_message"].replace("{{first_name}}", "Dana")}


@breaks("sense")
class MessageTrimmed(TemPhone):
    """The message comes back to the letter."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        return shown | {"initial_message": " ".join(shown["initial_message"].split())}


@breaks("prose")
class CallMetadataLost(TemPhone):
    """metadata comes back."""

    def echo(self, body: Body) -> Record:
        return _without(super().echo(body), "metadata")


@breaks("sense")
class CallMetadataStringified(TemPhone):
    """Values in metadata stay what they are."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        sent = shown.get("metadata", {})
        return shown | ({"metadata": {name: str(value) for name, value in sent.items()}} if sent else {})


@breaks("sense")
class CallMetadataFlattened(TemPhone):
    """Objects in metadata are kept."""

    def echo(self, body: Body) -> Record:
        shown = super().echo(body)
        flat = {name: value for name, value in shown.get("metadata", {}).items() if not isinstance(value, dict)}
        return shown | ({"metadata": flat} if "metadata" in shown else {})


@breaks("prose")
class CampaignLost(TemPhone):
    """campaign_id comes back."""

    def echo(self, body: Body) -> Record:
        return _without(super().echo(body), "campaign_id")


@breaks("prose")
class CallHookLost(TemPhone):
    """webhook_url comes back."""

    def echo(self, body: Body) -> Record:
        return _without(super().echo(body), "webhook_url")


@breaks("prose")
class ContactNotShown(TemPhone):
    """contact_id is always shown."""

    def echo(self, body: Body) -> Record:
        return _without(super().echo(body), "contact_id")


@breaks("sense")
class CallShifted(TemPhone):
    """scheduled_at is the instant that was asked for."""

    def show_scheduled(self, record: Record) -> str:
        return super().show_scheduled(record)[:19] + "Z"


@breaks("sense")
class CallShownInZone(TemPhone):
    """An instant in UTC is shown as that instant, whatever the time zone."""

    def show_scheduled(self, record: Record) -> str:
        local = read_instant(record["body"]["scheduled_at"]) - timedelta(hours=7)
        return write_instant(local)


@breaks("prose")
class CallTimeNaive(TemPhone):
    """scheduled_at is an ISO timestamp with its offset, as in the sample."""

    def show_scheduled(self, record: Record) -> str:
        return super().show_scheduled(record)[:19]


@breaks("prose")
class CallCreatedNaive(TemPhone):
    """created_at is shown with its offset, as in the sample."""

    def show_created(self, record: Record) -> str:
        return super().show_created(record).rstrip("Z")


@breaks("prose")
class CreatedNotUpdated(TemPhone):
    """A new call was updated when it was created, as in the sample."""

    def show_updated(self, record: Record, now: datetime) -> str:
        return write_instant(record["created"] + timedelta(hours=1))


@breaks("sense")
class CallCreatedElsewhen(TemPhone):
    """created_at is not in the future."""

    def show_created(self, record: Record) -> str:
        return write_instant(datetime(2099, 1, 1, tzinfo=UTC))


@breaks("sense", "several")
class CallIdsReused(TemPhone):
    """Two calls have two ids."""

    def new_id(self, call: Call) -> str:
        call.world.minted = 0
        return super().new_id(call)


@breaks("sense", "several")
class SameCallMerged(TemPhone):
    """Two equal requests schedule two calls."""

    def make(self, call: Call, body: Body) -> Record:
        same = (record for record in call.world.records.values() if record["body"] == body)
        return next(same, None) or super().make(call, body)


@breaks("sense", "several")
class LastCallShown(TemPhone):
    """The answer is about the call that was asked for."""

    def scheduled(self, record: Record, now: datetime) -> Response:
        before = getattr(self, "before", record)
        self.before = record
        return super().scheduled(before, now)


@breaks("prose")
class CallIdIsNumber(TemPhone):
    """call_id is text."""

    def show(self, record: Record, now: datetime) -> Record:
        return super().show(record, now) | {"call_id": int(record["id"][5:], 16)}


@breaks("prose", "clock")
class NaiveCallByServer(TemPhone):
    """A naive time that is shown in UTC is called at that time."""

    def start(self, record: Record) -> datetime:
        sent: str = record["body"]["scheduled_at"]
        return super().start(record) if has_offset(sent) else super().start(record) + timedelta(hours=3)
