"""The outbox of a world: its webhooks, the attempts to be made, and those kept back."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace
from sortedcontainers import SortedList

from contratempo.sim.instants import Instant
from contratempo.sim.rings import Ring
from contratempo.sim.undo import UndoLog
from contratempo.sim.webhooks import DONE, Attempt, Delivery, Policy, Receipt, Webhook

OUTBOX_KEPT: Final = 10_000
"""Webhooks held at most, so far as they are done with."""
UNFINISHED_KEPT: Final = 100_000
"""Webhooks that may wait to be delivered; more are dropped as soon as they are emitted."""


class KeptOutbox(NamedTuple):
    """An outbox as a snapshot keeps it: webhooks, those held back by resource, and its counts.

    `unfinished` is how many of the webhooks may still change.
    """

    webhooks: tuple[Webhook, ...]
    held: dict[str, tuple[str, ...]]
    total: int
    opened: int
    unfinished: int = 0

    @property
    def span(self) -> range:
        """Return the numbers of the webhooks, counted from 0, as if the oldest were always the first to go."""
        return range(self.total - len(self.webhooks), self.total)


class Outbox:
    """The webhooks of a world by id, oldest first; `changes` holds the id of one each time it changes."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._rows: dict[str, Webhook] = {}
        self._done: SortedList = SortedList()  # (number, id) of what may be dropped
        self._held: dict[str, list[str]] = {}
        self._outgoing: list[tuple[str, int]] = []
        self.changes: Ring[str] = Ring(OUTBOX_KEPT)
        self.total = 0
        self.opened = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Webhook]:
        return iter(self._rows.values())

    def get(self, identifier: str) -> Webhook | None:
        """Return a webhook, or None."""
        return self._rows.get(identifier)

    @property
    def full(self) -> bool:
        """Say whether as many webhooks wait as may."""
        return len(self._rows) - len(self._done) > UNFINISHED_KEPT

    @property
    def waiting(self) -> bool:
        """Say whether there are attempts to be made."""
        return bool(self._outgoing)

    def take(self, epoch: int, branch: int) -> list[Delivery]:
        """Return the attempts to be made, each once, in order."""
        taken, self._outgoing = self._outgoing, []
        return [self._delivery(self._rows[identifier], number, epoch, branch) for identifier, number in taken]

    def add(self, webhook: Webhook) -> None:
        """Add a webhook."""
        self.total += 1
        self._undo.note((self._uncount,))
        self.put(webhook)

    def trim(self) -> None:
        """Drop the oldest webhooks that are done with while there are too many; between commands only."""
        while len(self._rows) > OUTBOX_KEPT and self._done:
            self._store(self._done[0][1], None)

    def put(self, webhook: Webhook) -> None:
        """Store a webhook, new or changed."""
        before = self._rows.get(webhook.id)
        self._store(webhook.id, webhook)
        pushed_out = self.changes.add(webhook.id)
        self._undo.note((self._unput, webhook.id, before, pushed_out))

    def hold(self, webhook: Webhook) -> None:
        """Keep a webhook back until the next one of its resource has gone out."""
        self._held.setdefault(webhook.resource, []).append(webhook.id)
        self._undo.note((self._unhold, webhook))

    def release(self, resource: str) -> list[str]:
        """Return the webhooks of a resource that were kept back, which they are no longer."""
        released = self._held.pop(resource, [])
        if released:
            self._undo.note((self._hold_again, resource, released))
        return released

    def open(self, webhook: Webhook, now: Instant, *, extra: bool = False) -> Webhook:
        """Begin the next attempt of a webhook, an extra one as the last was; return the webhook."""
        tries = webhook.tries
        turn = max(tries - 1, 0) if extra else tries
        address, tally = divmod(turn, webhook.policy.attempts)
        number = len(webhook.attempts) + 1
        self.opened += 1
        attempt = Attempt(number, tally + 1, webhook.urls[address], now, extra=extra, order=self.opened)
        status = webhook.status if extra else "pending"
        opened = replace(webhook, attempts=(*webhook.attempts, attempt), status=status)
        self.put(opened)
        self._outgoing.append((webhook.id, number))
        self._undo.note((self._unopen,))
        return opened

    def close(self, identifier: str, number: int, receipt: Receipt) -> tuple[Webhook, Attempt] | None:
        """Note what came of an attempt; None when there is none of that number under way."""
        webhook = self._rows.get(identifier)
        if webhook is None or not 0 < number <= len(webhook.attempts):
            return None
        if webhook.attempts[number - 1].state != "sending":
            return None
        closed = replace(webhook.attempts[number - 1], **asdict(receipt))
        attempts = (*webhook.attempts[: number - 1], closed, *webhook.attempts[number:])
        webhook = replace(webhook, attempts=attempts, status=_status(webhook, closed))
        self.put(webhook)
        return webhook, closed

    def dump(self) -> dict[str, Any]:
        """Return the outbox as JSON, an attempt under way as one still to be made."""
        held = {resource: list(ids) for resource, ids in sorted(self._held.items())}
        return {"total": self.total, "opened": self.opened, "webhooks": [_dumped(each) for each in self], "held": held}

    def load(self, saved: dict[str, Any]) -> None:
        """Take over a saved outbox; what was under way is to be sent again."""
        held = {resource: tuple(ids) for resource, ids in saved["held"].items()}
        self.restore(KeptOutbox(tuple(map(_loaded, saved["webhooks"])), held, saved["total"], saved["opened"]))

    def snapshot(self) -> "KeptOutbox":
        """Return what is there."""
        held = {resource: tuple(ids) for resource, ids in self._held.items()}
        unfinished = len(self._rows) - len(self._done)
        return KeptOutbox(tuple(self._rows.values()), held, self.total, self.opened, unfinished)

    def restore(self, kept: "KeptOutbox") -> None:
        """Take over what was there; what was under way is to be sent again."""
        self.total, self.opened = kept.total, kept.opened
        self._held = {resource: list(ids) for resource, ids in kept.held.items()}
        for webhook in kept.webhooks:
            self._store(webhook.id, webhook)
        self.resume()

    def resume(self) -> None:
        """Have every attempt that is under way made, in order: whoever made it makes it no more."""
        under_way = [
            (attempt.order, webhook.id, attempt.number)
            for webhook in self
            for attempt in webhook.attempts
            if attempt.state == "sending"
        ]
        self._outgoing = [(identifier, number) for _, identifier, number in sorted(under_way)]

    def attempts(self) -> Iterator[tuple[str, Attempt]]:
        """Yield every attempt that was begun, with its webhook's id."""
        return ((webhook.id, attempt) for webhook in self for attempt in webhook.attempts)

    def _delivery(self, webhook: Webhook, number: int, epoch: int, branch: int) -> Delivery:
        attempt = webhook.attempts[number - 1]
        spoilt = webhook.fault is not None and webhook.fault["kind"] == "bad_signature" and not attempt.extra
        return Delivery(
            webhook.id, number, attempt.tally, webhook.provider, webhook.event, webhook.resource, attempt.url,
            webhook.body, attempt.at, webhook.policy.timeout, spoilt, epoch, branch,
        )  # fmt: skip

    def _unput(self, identifier: str, before: Webhook | None, pushed_out: str | None) -> None:
        self._store(identifier, before)
        self.changes.take_back(pushed_out)

    def _store(self, identifier: str, webhook: Webhook | None) -> None:
        before = self._rows.get(identifier)
        if before is not None and _is_over(before):
            self._done.remove((before.number, identifier))
        if webhook is None:
            del self._rows[identifier]
            return
        self._rows[identifier] = webhook
        if _is_over(webhook):
            self._done.add((webhook.number, identifier))

    def _unopen(self) -> None:
        self.opened -= 1
        self._outgoing.pop()

    def _unhold(self, webhook: Webhook) -> None:
        left = [identifier for identifier in self._held.pop(webhook.resource) if identifier != webhook.id]
        if left:
            self._held[webhook.resource] = left

    def _hold_again(self, resource: str, released: list[str]) -> None:
        self._held[resource] = released

    def _uncount(self) -> None:
        self.total -= 1


def _loaded(row: dict[str, Any]) -> Webhook:
    attempts = tuple(Attempt(**attempt) for attempt in row["attempts"])
    kept = {"urls": tuple(row["urls"]), "body": row["body"].encode(), "policy": Policy(**row["policy"])}
    return Webhook(**{**row, **kept, "attempts": attempts})


def _status(webhook: Webhook, closed: Attempt) -> str:
    """Return what a webhook is once an attempt is over: what was delivered stays so, the last to fail ends it."""
    if closed.state != "failed":
        return "delivered" if webhook.status == "delivered" else closed.state
    if closed.extra or webhook.status in DONE:
        return webhook.status
    return "pending" if webhook.tries < len(webhook.urls) * webhook.policy.attempts else "failed"


def _is_over(webhook: Webhook) -> bool:
    """Say whether nothing more is to come of a webhook: it is done with, and no extra attempt is under way."""
    return webhook.status in DONE and all(attempt.state != "sending" for attempt in webhook.attempts)


def _dumped(webhook: Webhook) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(webhook, builtin_types=(bytes,))  # a tenth of what asdict takes
    return {**row, "body": webhook.body.decode(), "urls": list(row["urls"]), "attempts": list(row["attempts"])}
