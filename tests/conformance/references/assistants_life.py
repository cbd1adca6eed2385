"""The life of a scheduled event: dispatches, attempts, retries, and what it shows at an instant."""

from datetime import datetime, timedelta
from typing import Any

from .instants import write_instant
from .lifecycle import RETRIED, CallStory, Outcome
from .service import Service
from .world import World

Event = dict[str, Any]
Dispatch = tuple[datetime, Outcome]
SMS_SECONDS = 3


class EventLife(CallStory, Service):
    """What an event shows is a function of its dispatches and the instant."""

    # What time brings

    def plan_first(self, world: World, event: Event) -> None:
        world.plan(self.first_dispatch(event), "dispatch", event["id"])

    def first_dispatch(self, event: Event) -> datetime:
        due: datetime = event["due"]
        return due

    def dispatch(self, world: World, record: Event, at: datetime) -> None:
        outcome = self.meet(world, record)
        record["dispatches"].append((at, outcome))
        end = self.end_of(record, (at, outcome))
        for step in self.steps_of(record, outcome):
            world.plan(at + timedelta(seconds=step[0]), "step", record["id"], step[1])
        if end is not None and self.is_retried(record, len(record["dispatches"]), outcome):
            world.plan(self.next_dispatch(record, at, end), "dispatch", record["id"])

    def meet(self, world: World, event: Event) -> Outcome:
        body = event["body"]
        attempt = {"resource": event["id"], "to": body["telnyx_end_user_target"], "from": body["telnyx_agent_target"]}
        phone = self.is_phone(event)
        outcome = world.outcome(
            attempt | {"operation": "create_scheduled_event"}, "completed" if phone else "delivered"
        )
        return outcome if phone or outcome["status"] != "completed" else outcome | {"status": "delivered"}

    def steps_of(self, event: Event, outcome: Outcome) -> list[tuple[float, str]]:
        if self.is_phone(event):
            return self.steps(outcome)
        return [] if outcome["status"] == "stuck" else [(SMS_SECONDS, outcome["status"])]

    def is_phone(self, event: Event) -> bool:
        return bool(event["body"]["telnyx_conversation_channel"] == "phone_call")

    def end_of(self, event: Event, dispatch: Dispatch) -> datetime | None:
        at, outcome = dispatch
        if self.is_phone(event):
            return self.end(outcome, at)
        return None if outcome["status"] == "stuck" else at + timedelta(seconds=SMS_SECONDS)

    def is_retried(self, event: Event, attempts: int, outcome: Outcome) -> bool:
        return self.is_phone(event) and outcome["status"] in self.retried() and attempts <= self.budget(event)

    def retried(self) -> tuple[str, ...]:
        return RETRIED

    def budget(self, event: Event) -> int:
        return int(event["body"].get("max_retries_client_errors", 0))

    def interval(self, event: Event) -> timedelta:
        return timedelta(seconds=float(event["body"].get("retry_interval_secs", 600)))

    def next_dispatch(self, event: Event, at: datetime, end: datetime) -> datetime:
        """Return when the retry of an attempt that was dispatched at `at` and over at `end` is due."""
        return end + self.interval(event)

    # What it shows

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = {
            "scheduled_event_id": event["id"],
            "assistant_id": event["assistant"],
            **self.echo(event["body"]),
            "scheduled_at_fixed_datetime": self.scheduled_at(event, now),
            "created_at": self.show_created(event),
            "status": self.status(event, now),
            "retry_count": self.retry_count(event, now),
        }
        errors = self.failure(event, now)
        return shown | ({"errors": errors} if errors else {}) | self.progress(event, now)

    def status(self, event: Event, now: datetime) -> str:
        dispatches = event["dispatches"]
        if not dispatches:
            return "pending"
        end, outcome = self.end_of(event, dispatches[-1]), dispatches[-1][1]
        if end is None or end > now:
            return "in_progress"
        if outcome["status"] in self.good():
            return "completed"
        return "pending" if self.is_retried(event, len(dispatches), outcome) else "failed"

    def good(self) -> tuple[str, ...]:
        return "completed", "delivered"

    def scheduled_at(self, event: Event, now: datetime) -> str:
        rewritten = self.requeued_to(event, now)
        if rewritten is None:
            return self.time_text(event["body"]["scheduled_at_fixed_datetime"])
        return write_instant(rewritten)

    def requeued_to(self, event: Event, now: datetime) -> datetime | None:
        """Return the instant of the latest retry that has been put in the queue."""
        requeued = None
        for number, (at, outcome) in enumerate(event["dispatches"], 1):
            end = self.end_of(event, (at, outcome))
            if end is not None and end <= now and self.is_retried(event, number, outcome):
                requeued = self.next_dispatch(event, at, end)
        return requeued

    def retry_count(self, event: Event, now: datetime) -> int:
        ended = [self.end_of(event, dispatch) for dispatch in event["dispatches"]]
        over = sum(1 for end in ended if end is not None and end <= now)
        return max(0, min(over, self.budget(event)) if self.status(event, now) != "completed" else over - 1)

    def failure(self, event: Event, now: datetime) -> list[str]:
        if self.status(event, now) != "failed":
            return []
        if not self.is_phone(event):
            return [f"The message was not delivered: {event['dispatches'][-1][1]['status']}"]
        return [f"The budget of {self.budget(event)} retries is used up after {len(event['dispatches'])} attempts"]

    def progress(self, event: Event, now: datetime) -> Event:
        if not event["dispatches"]:
            return self.undispatched(event)
        at, outcome = event["dispatches"][-1]
        if not self.is_phone(event):
            return {"conversation_id": self.conversation(event)}
        shown: Event = {"dispatched_at": self.dispatched_at(event, at)}
        line = self.line(outcome, at, now)
        shown |= {"call_status": self.call_status(line)} if line else {}
        attempts = self.attempts(event, now)
        shown |= {"call_attempts": attempts} if attempts else {}
        if line in ("in-progress", "completed"):
            shown["conversation_id"] = self.conversation(event)
        return shown | (self.duration(outcome) if line == "completed" else {})

    def undispatched(self, event: Event) -> Event:
        return {}

    def conversation(self, event: Event) -> str:
        return f"conversation-{event['id']}"

    def dispatched_at(self, event: Event, at: datetime) -> str:
        return write_instant(at)

    def call_status(self, line: str) -> str:
        return line

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        ended = [d for d in event["dispatches"] if (end := self.end_of(event, d)) is not None and end <= now]
        return [self.attempt(number, at, outcome) for number, (at, outcome) in enumerate(ended, 1)]

    def attempt(self, number: int, at: datetime, outcome: Outcome) -> Event:
        shown = {"attempt_number": number, "attempted_at": write_instant(at), "call_status": outcome["status"]}
        control = {"telnyx_call_control_id": f"v3:{number}-{at:%Y%m%d%H%M%S}"}
        return shown | control | (self.duration(outcome) if outcome["status"] == "completed" else {})

    def duration(self, outcome: Outcome) -> Event:
        return {"call_duration": int(self.talk(outcome))}

    def echo(self, body: Event) -> Event:
        raise NotImplementedError

    def time_text(self, sent: str) -> str:
        raise NotImplementedError

    def show_created(self, event: Event) -> str:
        raise NotImplementedError
