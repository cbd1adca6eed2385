"""Assistants: events that are dispatched, retried or shown wrongly as time passes."""

from datetime import datetime, timedelta

from ..assistants import Assistants, Event
from ..lifecycle import Outcome
from ..world import World
from .catalogue import breaks


@breaks("prose", "clock")
class NeverDispatched(Assistants):
    """An event that is due is dispatched."""

    def plan_first(self, world: World, event: Event) -> None:
        return None


@breaks("prose", "clock")
class DispatchedEarly(Assistants):
    """Nothing is dispatched before it is due."""

    def first_dispatch(self, event: Event) -> datetime:
        return super().first_dispatch(event) - timedelta(minutes=10)


@breaks("prose", "clock")
class DispatchedHourLate(Assistants):
    """What is due is dispatched soon."""

    def first_dispatch(self, event: Event) -> datetime:
        return super().first_dispatch(event) + timedelta(hours=1)


@breaks("prose", "clock")
class NeverCompletes(Assistants):
    """A call that was answered and has ended is completed."""

    def end(self, outcome: Outcome, at: datetime) -> datetime | None:
        return None if outcome["status"] == "completed" else super().end(outcome, at)


@breaks("prose", "clock")
class CompletesBeforeDue(Assistants):
    """Nothing is completed before it is due."""

    def status(self, event: Event, now: datetime) -> str:
        soon = event["due"] - now < timedelta(minutes=5)
        return "completed" if soon and not event["dispatches"] else super().status(event, now)


@breaks("prose", "clock")
class StatusGoesBack(Assistants):
    """What is completed stays completed."""

    def status(self, event: Event, now: datetime) -> str:
        status = super().status(event, now)
        return "in_progress" if status == "completed" and now - event["due"] > timedelta(hours=2) else status


@breaks("prose", "clock")
class BusyIsCompleted(Assistants):
    """A call that met a busy line is not completed."""

    def good(self) -> tuple[str, ...]:
        return (*super().good(), "busy")


@breaks("prose", "clock")
class UndeliveredIsCompleted(Assistants):
    """An SMS that was not delivered is not completed."""

    def good(self) -> tuple[str, ...]:
        return (*super().good(), "delivery_failed")


@breaks("prose", "clock")
class NeverRetried(Assistants):
    """A busy line is tried again when retries are asked for."""

    def budget(self, event: Event) -> int:
        return 0


@breaks("prose", "clock")
class OneRetryTooMany(Assistants):
    """There is one attempt more than retries, not two."""

    def budget(self, event: Event) -> int:
        return super().budget(event) + 1 if super().budget(event) else 0


@breaks("prose", "clock")
class OneRetryTooFew(Assistants):
    """There is one attempt more than retries."""

    def budget(self, event: Event) -> int:
        return max(0, super().budget(event) - 1)


@breaks("spec", "clock")
class RetriedUnasked(Assistants):
    """No retries are made when none are asked for."""

    def budget(self, event: Event) -> int:
        return super().budget(event) or 1


@breaks("prose", "clock")
class NoAnswerNotRetried(Assistants):
    """A call that is not answered is tried again."""

    def retried(self) -> tuple[str, ...]:
        return "busy", "failed", "canceled"


@breaks("prose", "clock")
class CanceledNotRetried(Assistants):
    """A call that the caller hung up before an answer is tried again."""

    def retried(self) -> tuple[str, ...]:
        return "busy", "failed", "no-answer"


@breaks("prose", "clock")
class CompletedRetried(Assistants):
    """A call that was answered is not tried again."""

    def retried(self) -> tuple[str, ...]:
        return (*super().retried(), "completed")

    def good(self) -> tuple[str, ...]:
        return ()


@breaks("prose", "clock")
class IntervalFromDispatch(Assistants):
    """The interval counts from the end of the attempt, says the guide."""

    def next_dispatch(self, event: Event, at: datetime, end: datetime) -> datetime:
        return max(end, at + self.interval(event))


@breaks("prose", "clock")
class IntervalFromSchedule(Assistants):
    """The interval counts from the end of the attempt, not from the first schedule."""

    def next_dispatch(self, event: Event, at: datetime, end: datetime) -> datetime:
        return max(end, event["due"] + len(event["dispatches"]) * self.interval(event))


@breaks("spec", "clock")
class IntervalAlwaysMinute(Assistants):
    """Retries wait as long as retry_interval_secs says."""

    def interval(self, event: Event) -> timedelta:
        return timedelta(seconds=60)


@breaks("spec", "clock")
class IntervalInMinutes(Assistants):
    """retry_interval_secs counts seconds."""

    def interval(self, event: Event) -> timedelta:
        return super().interval(event) * 60


@breaks("spec", "clock")
class IntervalDoubles(Assistants):
    """All retries wait the same."""

    def next_dispatch(self, event: Event, at: datetime, end: datetime) -> datetime:
        return end + self.interval(event) * 2 ** (len(event["dispatches"]) - 1)


@breaks("prose", "clock")
class NotRequeued(Assistants):
    """scheduled_at_fixed_datetime shows when the retry is due, says the guide."""

    def requeued_to(self, event: Event, now: datetime) -> datetime | None:
        return None


@breaks("prose", "clock")
class FailedBetweenRetries(Assistants):
    """An event is pending while it waits for its retry."""

    def status(self, event: Event, now: datetime) -> str:
        status = super().status(event, now)
        return "failed" if status == "pending" and event["dispatches"] else status


@breaks("prose", "clock")
class NeverFails(Assistants):
    """An event fails when its last attempt has failed."""

    def status(self, event: Event, now: datetime) -> str:
        status = super().status(event, now)
        return "pending" if status == "failed" else status


@breaks("prose", "clock")
class FailsSilently(Assistants):
    """An event that failed for good says so in errors, says the guide."""

    def failure(self, event: Event, now: datetime) -> list[str]:
        return []


@breaks("sense", "clock")
class ErrorsOfSuccess(Assistants):
    """An event that is completed has no errors."""

    def failure(self, event: Event, now: datetime) -> list[str]:
        return ["busy"] if self.status(event, now) == "completed" else super().failure(event, now)
