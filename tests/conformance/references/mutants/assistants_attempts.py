"""Assistants: attempts, durations and ids that are shown wrongly."""

from datetime import datetime

from ..assistants import Assistants, Event
from ..instants import write_instant
from ..lifecycle import Outcome
from ..world import World
from .catalogue import breaks


@breaks("prose", "clock")
class AttemptsFromZero(Assistants):
    """attempt_number counts from 1."""

    def attempt(self, number: int, at: datetime, outcome: Outcome) -> Event:
        return super().attempt(number - 1, at, outcome)


@breaks("prose", "clock")
class OnlyLastAttempt(Assistants):
    """call_attempts has a row for each attempt that ended."""

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        return super().attempts(event, now)[-1:]


@breaks("prose", "clock")
class AttemptsNotShown(Assistants):
    """call_attempts is there once an attempt has ended."""

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        return []


@breaks("prose", "clock")
class AttemptsOutOfOrder(Assistants):
    """Attempt numbers rise with the instants."""

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        rows = super().attempts(event, now)
        numbers = [row["attempt_number"] for row in rows][::-1]
        return [row | {"attempt_number": number} for row, number in zip(rows, numbers, strict=True)]


@breaks("spec", "clock")
class RunningCallIsAttempt(Assistants):
    """call_attempts has rows of attempts that ended, none of one that rings."""

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        rows = super().attempts(event, now)
        at, outcome = event["dispatches"][-1]
        line = self.line(outcome, at, now)
        running = len(rows) < len(event["dispatches"]) and line
        return [*rows, self.attempt(len(rows) + 1, at, outcome | {"status": line})] if running else rows


@breaks("spec", "clock")
class AttemptTimeNaive(Assistants):
    """attempted_at is shown with its offset, as date-time asks."""

    def attempt(self, number: int, at: datetime, outcome: Outcome) -> Event:
        return super().attempt(number, at, outcome) | {"attempted_at": write_instant(at).rstrip("Z")}


@breaks("sense", "clock")
class AttemptedAtSchedule(Assistants):
    """attempted_at is when that attempt was made, not the first one."""

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        return [row | {"attempted_at": write_instant(event["due"])} for row in super().attempts(event, now)]


@breaks("prose", "clock")
class DurationMissing(Assistants):
    """A completed call has its duration."""

    def duration(self, outcome: Outcome) -> Event:
        return {}


@breaks("spec", "clock")
class DurationInMilliseconds(Assistants):
    """call_duration is in seconds."""

    def duration(self, outcome: Outcome) -> Event:
        return {"call_duration": int(self.talk(outcome) * 1000)}


@breaks("spec", "clock")
class DurationIsFraction(Assistants):
    """call_duration is an integer."""

    def duration(self, outcome: Outcome) -> Event:
        return {"call_duration": self.talk(outcome) + 0.5}


@breaks("spec")
class DispatchedBeforeDue(Assistants):
    """dispatched_at is there once the call was sent, not before."""

    def undispatched(self, event: Event) -> Event:
        return {"dispatched_at": write_instant(event["created"])} if self.is_phone(event) else {}


@breaks("spec", "clock")
class DispatchNotShown(Assistants):
    """dispatched_at is when the call was sent."""

    def progress(self, event: Event, now: datetime) -> Event:
        return {name: value for name, value in super().progress(event, now).items() if name != "dispatched_at"}


@breaks("spec", "clock")
class OtherWordsForTheLine(Assistants):
    """A call status is one of the seven words."""

    def call_status(self, line: str) -> str:
        return line.replace("-", "_").replace("canceled", "cancelled")


@breaks("prose", "clock")
class LineStaysRinging(Assistants):
    """call_status is the final one once the call is over."""

    def call_status(self, line: str) -> str:
        return "ringing"


@breaks("prose", "clock")
class IdChangesOnRetry(Assistants):
    """The id never changes."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        again = len(event["dispatches"]) > 1
        return shown | ({"scheduled_event_id": shown["scheduled_event_id"] + "-2"} if again else {})


@breaks("sense", "clock")
class ConversationMoves(Assistants):
    """An event's conversation has one id."""

    def progress(self, event: Event, now: datetime) -> Event:
        shown = super().progress(event, now)
        moved = "conversation_id" in shown and self.status(event, now) == "completed"
        return shown | ({"conversation_id": f"{now:%H%M%S}"} if moved else {})


@breaks("sense", "clock")
class DispatchedWithNeighbour(Assistants):
    """An event that is due does not dispatch another one."""

    def dispatch(self, world: World, record: Event, at: datetime) -> None:
        super().dispatch(world, record, at)
        for other in world.records.values():
            if other["assistant"] == record["assistant"] and not other["dispatches"]:
                other["dispatches"].append((at, {"status": "completed" if self.is_phone(other) else "delivered"}))
