"""Webhooks: which receiver is told, in what envelope, and what happens when it does not listen."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .service import Service, seconds
from .signing import signature
from .world import Timer, World

Record = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """An attempt: of which event, to the how-manieth receiver, for the how-manieth time."""

    event: str
    id: str
    at: datetime
    urls: tuple[str, ...]
    place: int = 0
    attempt: int = 1


class Outbox(Service):
    """Sends during an advance, at the instants of the world's clock; an attempt that failed is followed by others."""

    attempts_each = 3

    def receivers(self, record: Record) -> tuple[str, ...]:
        raise NotImplementedError

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        raise NotImplementedError

    def announce(self, world: World, record: Record, event: str, at: datetime) -> None:
        urls = self.receivers(record)
        if urls:
            world.plan(at, "deliver", record["id"], Delivery(event, world.mint("webhook"), at, urls))

    async def deliver(self, world: World, record: Record, timer: Timer) -> None:
        delivery: Delivery = timer.data
        body = self.render_webhook(self.webhook(world, record, delivery))
        status = await self.post(delivery.urls[delivery.place], self.webhook_headers(world, body), body)
        following = None if self.is_received(status) else self.following(delivery)
        if following is not None:
            world.plan(timer.due + self.delay(delivery), "deliver", record["id"], following)

    def render_webhook(self, value: Any) -> bytes:
        return self.render(value)

    def is_received(self, status: int) -> bool:
        return 200 <= status < 300

    def following(self, delivery: Delivery) -> Delivery | None:
        if delivery.attempt < self.attempts_each:
            return replace(delivery, attempt=delivery.attempt + 1)
        if delivery.place + 1 < len(delivery.urls):
            return replace(delivery, place=delivery.place + 1, attempt=1)
        return None

    def delay(self, delivery: Delivery) -> Any:
        return seconds(2 ** (delivery.attempt - 1))

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        return {"Content-Type": "application/json"} | self.signature_headers(world, body)

    def signature_headers(self, world: World, body: bytes) -> dict[str, str]:
        timestamp = self.timestamp(world)
        return {
            "telnyx-timestamp": timestamp,
            "telnyx-signature-ed25519": self.sign(timestamp, body),
            "User-Agent": "telnyx-webhooks",
        }

    def timestamp(self, world: World) -> str:
        """Return the real time, whatever the world's clock shows: receivers compare it with theirs."""
        return str(int(time.time()))

    def sign(self, timestamp: str, body: bytes) -> str:
        return signature(self.key, timestamp, body)
