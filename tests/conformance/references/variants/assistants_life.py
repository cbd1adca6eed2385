"""Assistants: instants, lines and attempts that are shown otherwise."""

from datetime import datetime, timedelta

from ..assistants import Assistants, Event
from ..instants import read_instant, write_instant
from ..lifecycle import Outcome
from .catalogue import allowed


@allowed
class ShownInUtc(Assistants):
    """An instant may be shown in UTC, whatever offset it was sent with."""

    def time_text(self, sent: str) -> str:
        return write_instant(read_instant(sent))


@allowed
class ShownWithOffset(Assistants):
    """UTC may be written +00:00, and seconds with six digits more."""

    def time_text(self, sent: str) -> str:
        return read_instant(sent).isoformat(timespec="microseconds")

    def show_created(self, event: Event) -> str:
        created: datetime = event["created"]
        return created.isoformat(timespec="microseconds")

    def dispatched_at(self, event: Event, at: datetime) -> str:
        return at.isoformat(timespec="microseconds")


@allowed
class SweptByMinute(Assistants):
    """Dispatches may happen on the next sweep, whose period is not documented."""

    def first_dispatch(self, event: Event) -> datetime:
        return _next_minute(super().first_dispatch(event))


def _next_minute(at: datetime) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


@allowed
class SlowerCalls(Assistants):
    """How long a line rings and a call is talked is nobody's promise."""

    def steps(self, outcome: Outcome) -> list[tuple[float, str]]:
        return [(after * 1.5 + 2, status) for after, status in super().steps(outcome)]

    def talk(self, outcome: Outcome) -> float:
        return float(outcome.get("talk", 45))


@allowed
class NeverRings(Assistants):
    """call_status while the line is busy dialling is no promise."""

    def steps(self, outcome: Outcome) -> list[tuple[float, str]]:
        steps = super().steps(outcome)
        return [step for step in steps if step[1] != "ringing" or outcome["status"] == "stuck"]


@allowed
class LineClearedBetween(Assistants):
    """What call_status shows while a retry waits is not documented."""

    def progress(self, event: Event, now: datetime) -> Event:
        shown = super().progress(event, now)
        if self.status(event, now) == "pending":
            shown.pop("call_status", None)
        return shown


@allowed
class DurationOfNothing(Assistants):
    """An attempt that was not answered may have lasted 0 seconds."""

    def attempt(self, number: int, at: datetime, outcome: Outcome) -> Event:
        return {"call_duration": 0} | super().attempt(number, at, outcome)


@allowed
class ConversationFromStart(Assistants):
    """From when on there is a conversation_id is not documented."""

    def progress(self, event: Event, now: datetime) -> Event:
        return super().progress(event, now) | {"conversation_id": self.conversation(event)}
