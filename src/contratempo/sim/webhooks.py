"""Webhooks: what is to be sent, every attempt at it, and what came of that."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from contratempo.sim.instants import SECOND, Instant, format_instant

ATTEMPTS_KEPT: Final = 100
"""Attempts that one webhook may have, redeliveries included."""
DONE: Final = ("delivered", "failed", "captured", "dropped")
"""Statuses of webhooks that are not sent again by themselves."""


@dataclass(frozen=True)
class Policy:
    """How often each address is tried, virtual seconds before the next attempt (doubling), real ones for each."""

    attempts: int = 3
    backoff: float = 1.0
    timeout: float = 2.0


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One attempt: `number` counts all of a webhook, `tally` those at its address, both from 1.

    `state` is sending, delivered, failed or captured; `reason` says why it was not delivered. `seconds` are real. An
    `extra` one, which duplicates or redelivers, is not followed by another. `order` counts the attempts of the world.
    """

    number: int
    tally: int
    url: str
    at: Instant
    state: str = "sending"
    status: int | None = None
    reason: str | None = None
    seconds: float | None = None
    answer: str | None = None
    extra: bool = False
    order: int = 0


class Webhook(msgspec.Struct, frozen=True, gc=False):
    """A webhook with its attempts so far; `body` is JSON without what depends on the attempt.

    `status` is pending, held (by a fault, for later), delivered, failed, captured or dropped (by a fault). `fault` is
    `{id, kind}` of the one that struck it.
    """

    id: str
    number: int
    provider: str
    event: str
    resource: str
    at: Instant
    urls: tuple[str, ...]
    body: bytes
    policy: Policy
    status: str = "pending"
    attempts: tuple[Attempt, ...] = ()
    fault: dict[str, str] | None = None

    @property
    def tries(self) -> int:
        """Return how many attempts were made, extra ones left out."""
        return sum(not attempt.extra for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An attempt to be made; `timeout` is in real seconds, a `spoilt` one is to be signed wrongly.

    `epoch` and `branch` tell whether its receipt still means this world.
    """

    webhook: str
    attempt: int
    tally: int
    provider: str
    event: str
    resource: str
    url: str
    body: bytes
    at: Instant
    timeout: float
    spoilt: bool
    epoch: int
    branch: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an attempt: delivered, failed or captured (not sent, for a `reason` of policy)."""

    state: str
    status: int | None = None
    reason: str | None = None
    seconds: float | None = None
    answer: str | None = None


def next_try(webhook: Webhook, closed: Attempt) -> Instant | None:
    """Return when a webhook is to be tried again after an attempt that failed, or None.

    The delay doubles with each attempt at an address; the one after the last leads to the next address.
    """
    if closed.state != "failed" or closed.extra or webhook.status != "pending":
        return None
    return closed.at + round(webhook.policy.backoff * SECOND) * int(2 ** (closed.tally - 1))


def describe(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as the control plane shows it."""
    names = ("id", "number", "provider", "event", "resource", "status", "fault")
    shown = {name: getattr(webhook, name) for name in names}
    attempts = [_shown(attempt) for attempt in webhook.attempts]
    at, body = format_instant(webhook.at), msgspec.json.decode(webhook.body)
    return {**shown, "at": at, "urls": list(webhook.urls), "body": body, "attempts": attempts}


def _shown(attempt: Attempt) -> dict[str, Any]:
    shown = {**msgspec.structs.asdict(attempt), "at": format_instant(attempt.at)}
    del shown["order"]
    return shown
