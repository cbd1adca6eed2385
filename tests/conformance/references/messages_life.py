"""The life of a message: its statuses after it is due, and the webhooks that tell of them."""

from datetime import datetime
from typing import Any

from .instants import write_instant
from .outbox import Delivery, Outbox, Record
from .service import seconds
from .world import World

QUEUED = [(0.0, "queued")]
SENT = [*QUEUED, (1.0, "sending"), (2.0, "sent")]
STORIES: dict[str, list[tuple[float, str]]] = {
    "delivered": [*SENT, (4.0, "delivered")],
    "delivery_failed": [*SENT, (4.0, "delivery_failed")],
    "delivery_unconfirmed": [*SENT, (3600.0, "delivery_unconfirmed")],
    "sending_failed": [*SENT[:2], (2.0, "sending_failed")],
    "expired": [*QUEUED, (3600.0, "expired")],
    "stuck": SENT,
}
FINAL = ("delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired")
ERRORS = {
    "delivery_failed": ("40008", "Undeliverable"),
    "sending_failed": ("40006", "Recipient server unavailable"),
    "expired": ("40014", "Message expired in queue"),
}


class MessageLife(Outbox):
    """What a message shows is a function of its outcome and the instant."""

    # What time brings

    def plan_first(self, world: World, message: Record) -> None:
        world.plan(self.first(message), "dispatch", message["id"])

    def first(self, message: Record) -> datetime:
        due: datetime = message["due"]
        return due

    def dispatch(self, world: World, record: Record, at: datetime) -> None:
        if self.is_stopped(record):
            return
        record["dispatched"], record["outcome"] = at, self.meet(world, record)
        for after, status in self.story(record["outcome"]):
            world.plan(at + seconds(after), "step", record["id"], status)
            event = self.event_of(status)
            if event:
                self.announce(world, record, event, at + seconds(after))

    def is_stopped(self, message: Record) -> bool:
        return message["cancelled"] is not None

    def meet(self, world: World, message: Record) -> str:
        sender = self.sender(message["body"])
        attempt = {"resource": message["id"], "to": message["body"]["to"], "from": sender}
        outcome: str = world.outcome(attempt | {"operation": message["operation"]}, "delivered")["status"]
        return "delivered" if outcome == "completed" else outcome

    def story(self, outcome: str) -> list[tuple[float, str]]:
        return STORIES[outcome]

    def event_of(self, status: str) -> str | None:
        """Return the webhook that tells of a status."""
        if status == "sent":
            return "message.sent"
        return "message.finalized" if status in FINAL else None

    # What it shows

    def status(self, message: Record, now: datetime) -> str:
        if message["cancelled"] is not None:
            return self.cancelled_word()
        reached = self.reached(message, now)
        return reached[-1][1] if reached else "queued"

    def cancelled_word(self) -> str:
        return "cancelled"

    def reached(self, message: Record, now: datetime) -> list[tuple[datetime, str]]:
        if message["dispatched"] is None:
            return []
        story = [(message["dispatched"] + seconds(after), status) for after, status in self.story(message["outcome"])]
        return [(at, status) for at, status in story if at <= now]

    def when(self, message: Record, now: datetime, statuses: tuple[str, ...]) -> str | None:
        found = [at for at, status in self.reached(message, now) if status in statuses]
        return write_instant(found[0]) if found else None

    def progress(self, message: Record, now: datetime) -> Record:
        return {
            "sent_at": self.sent_at(message, now),
            "completed_at": self.completed_at(message, now),
            "valid_until": self.valid_until(message, now),
            "errors": self.failure(message, now),
        }

    def sent_at(self, message: Record, now: datetime) -> str | None:
        return self.when(message, now, ("sent",))

    def completed_at(self, message: Record, now: datetime) -> str | None:
        return self.when(message, now, FINAL)

    def valid_until(self, message: Record, now: datetime) -> str | None:
        waits = message["cancelled"] is None and self.status(message, now) == "queued"
        return write_instant(message["due"] + seconds(3600)) if waits else None

    def failure(self, message: Record, now: datetime) -> list[dict[str, Any]]:
        found = ERRORS.get(self.status(message, now))
        return [{"code": found[0], "title": found[1]}] if found else []

    # What is told

    def receivers(self, record: Record) -> tuple[str, ...]:
        urls = (record["body"].get("webhook_url"), record["body"].get("webhook_failover_url"))
        return tuple(url for url in urls if url)

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        return {
            "data": {
                "event_type": self.event_type(delivery),
                "id": delivery.id,
                "occurred_at": self.occurred_at(delivery),
                "payload": self.show(record, self.payload_at(delivery)),
                "record_type": "event",
            },
            "meta": self.meta(delivery),
        }

    def event_type(self, delivery: Delivery) -> str:
        return delivery.event

    def occurred_at(self, delivery: Delivery) -> str:
        return write_instant(delivery.at)

    def payload_at(self, delivery: Delivery) -> datetime:
        return delivery.at

    def meta(self, delivery: Delivery) -> dict[str, Any]:
        return {"attempt": delivery.attempt, "delivered_to": delivery.urls[delivery.place]}

    def show(self, message: Record, now: datetime) -> Record:
        raise NotImplementedError

    def sender(self, body: Record) -> str:
        raise NotImplementedError
