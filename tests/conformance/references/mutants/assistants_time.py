"""Assistants: instants that are shifted, cut or written wrongly."""

from datetime import UTC, datetime, timedelta, timezone

from ..assistants import Assistants, Body, Event
from ..instants import has_offset, read_instant, write_instant
from .catalogue import breaks


@breaks("sense")
class OffsetDropped(Assistants):
    """15:00+02:00 is 13:00 in UTC, not 15:00."""

    def time_text(self, sent: str) -> str:
        return (sent[:-6] + "Z") if has_offset(sent) and sent[-1] not in "zZ" else super().time_text(sent)


@breaks("prose")
class NaiveIsLocal(Assistants):
    """A time without an offset is UTC for the vendor's own samples."""

    def time_text(self, sent: str) -> str:
        return write_instant(self.local(sent)) if not has_offset(sent) else sent

    def local(self, sent: str) -> datetime:
        return read_instant(sent, timezone(timedelta(hours=-5)))

    def instant(self, body: Body) -> datetime:
        return self.local(body["scheduled_at_fixed_datetime"])


@breaks("sense")
class ShownInLocalTime(Assistants):
    """An instant that is shown in another offset is still the same instant."""

    def time_text(self, sent: str) -> str:
        local = read_instant(sent) - timedelta(hours=5)
        return write_instant(local)


@breaks("sense")
class SecondsCutOff(Assistants):
    """An event is scheduled to the second."""

    def time_text(self, sent: str) -> str:
        return write_instant(read_instant(sent).replace(second=0, microsecond=0))


@breaks("sense")
class FractionRoundedUp(Assistants):
    """Half a second stays half a second."""

    def time_text(self, sent: str) -> str:
        at = read_instant(sent)
        return write_instant(at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0))


@breaks("spec")
class TimeShownNaive(Assistants):
    """scheduled_at_fixed_datetime is shown with its offset, as date-time asks."""

    def time_text(self, sent: str) -> str:
        return write_instant(read_instant(sent)).rstrip("Z")


@breaks("spec")
class TimeShownAsEpoch(Assistants):
    """created_at is text."""

    def show_created(self, event: Event) -> str:
        return int(event["created"].timestamp())  # type: ignore[return-value]


@breaks("spec")
class CreatedShownNaive(Assistants):
    """created_at is shown with its offset, as date-time asks."""

    def show_created(self, event: Event) -> str:
        return super().show_created(event).rstrip("Z")


@breaks("spec")
class CreatedShownWithSpace(Assistants):
    """created_at is an ISO 8601 date-time, not a date and a time."""

    def show_created(self, event: Event) -> str:
        return event["created"].strftime("%d/%m/%Y %H:%M:%S")


@breaks("sense", "clock")
class CreatedByOtherClock(Assistants):
    """created_at is by the clock that events are dispatched by."""

    def show_created(self, event: Event) -> str:
        return write_instant(datetime(2020, 1, 1, tzinfo=UTC))


@breaks("sense")
class CreatedInFuture(Assistants):
    """created_at is not after the answer."""

    def show_created(self, event: Event) -> str:
        return write_instant(event["created"] + timedelta(days=1))


@breaks("sense")
class FarFutureRefused(Assistants):
    """An event may be scheduled in the year 2099, as the document's own example might be."""

    def is_past(self, due: datetime, now: datetime) -> bool:
        return super().is_past(due, now) or due.year >= 2038
