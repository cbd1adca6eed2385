"""The stream: what happens in a world as server-sent events, which each reader takes from the world's own rings."""

import asyncio
import heapq
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

import msgspec

from contratempo.provider import Json
from contratempo.server.redaction import Redactor
from contratempo.server.showing import outline
from contratempo.server.worlds import World
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import Instant
from contratempo.sim.journal import Transition
from contratempo.sim.rings import Ring
from contratempo.sim.simulation import Simulation
from contratempo.sim.webhooks import Webhook, describe

BATCH: Final = 64
"""Rows that a reader takes at once; then the rest of the server has its turn."""
BATCH_BYTES: Final = 65_536
"""Bytes after which a batch ends, however few rows it has."""

_ID: Final = re.compile(r"([0-9a-f]{1,32}-\d{1,15}-\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})", re.ASCII)
_Row: TypeAlias = tuple[Instant, str, int, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader is: the numbers of the last rows it has, in the era that they were counted in."""

    era: str
    transitions: int = 0
    requests: int = 0
    deliveries: int = 0

    @classmethod
    def read(cls, sent: str) -> "Cursor":
        """Return the cursor that an event's id is; of anything else one that is of no era."""
        found = _ID.fullmatch(sent)
        return cls("") if found is None else cls(found[1], int(found[2]), int(found[3]), int(found[4]))

    def __str__(self) -> str:
        return f"{self.era}.{self.transitions}.{self.requests}.{self.deliveries}"


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event: `id` is the cursor of a reader who has it, `data` JSON."""

    id: str
    event: str
    data: bytes

    def encode(self) -> bytes:
        """Return the event as it goes over the wire."""
        return b"id: %b\nevent: %b\ndata: %b\n\n" % (self.id.encode(), self.event.encode(), self.data)


@dataclass(frozen=True)
class Feed:
    """What a world has for a reader. Nothing is kept for one: whoever is too slow for the rings is told to resync.

    `clock(simulation)` is the clock as JSON, `ended()` says that there will be no more, `stamp` (hexadecimal) tells
    this server and world from those before, and `secrets` are what no event may show.
    """

    world: World
    clock: Callable[[Simulation], Json]
    ended: Callable[[], bool]
    stamp: str = "0"
    secrets: Callable[[], Iterable[str]] = tuple

    def present(self) -> Cursor:
        """Return the cursor of a reader who has everything."""
        journal, outbox = self.world.simulation.journal, self.world.simulation.outbox
        return Cursor(self._era(), journal.transitions.total, journal.requests.total, outbox.changes.total)

    def holds(self, place: Cursor) -> bool:
        """Say whether all that comes after a cursor is still there."""
        journal, outbox = self.world.simulation.journal, self.world.simulation.outbox
        return place.era == self._era() and (
            _held(journal.transitions, place.transitions)
            and _held(journal.requests, place.requests)
            and _held(outbox.changes, place.deliveries)
        )

    def take(self, place: Cursor) -> tuple[list[Event], Cursor]:
        """Return the next events, oldest first, and the cursor after them.

        At one instant transitions come first, then deliveries, then requests. The order follows from the cursor and the
        rows alone, so that a reader who comes back misses nothing and has nothing twice.
        """
        counts = {"transition": place.transitions, "request": place.requests, "delivery": place.deliveries}
        events, size = list[Event](), 0
        for _, name, number, row in islice(heapq.merge(*self._after(place), key=_instant), BATCH):
            counts[name] = number
            if row is None:
                continue
            identifier = f"{place.era}.{counts['transition']}.{counts['request']}.{counts['delivery']}"
            events.append(Event(identifier, name, self._data(row)))
            size += len(events[-1].data)
            if size > BATCH_BYTES:
                break
        return events, Cursor(place.era, counts["transition"], counts["request"], counts["delivery"])

    def _era(self) -> str:
        return f"{self.stamp}-{self.world.simulation.epoch}-{self.world.simulation.branch}"

    def _after(self, place: Cursor) -> Iterator[Iterator[_Row]]:
        journal, outbox = self.world.simulation.journal, self.world.simulation.outbox
        yield _rows(journal.transitions, place.transitions, "transition", lambda row: row.at)
        changed = _rows(outbox.changes, place.deliveries, "delivery", lambda _: 0)
        yield (_delivery(number, outbox.get(identifier)) for _, _, number, identifier in changed)
        yield _rows(journal.requests, place.requests, "request", lambda row: row.at)

    def _data(self, row: Transition | Webhook | Exchange) -> bytes:
        if isinstance(row, Transition):
            return msgspec.json.encode(row.describe())
        if isinstance(row, Webhook):  # its addresses and bodies are whatever was sent
            return Redactor(self.secrets()).json(msgspec.json.encode(describe(row)))
        return msgspec.json.encode(outline(row))


async def events(
    feed: Feed,
    place: Cursor | None = None,
    *,
    follow: bool = True,
    limit: int | None = None,
    left: Callable[[], float | None] = lambda: None,
) -> AsyncIterator[list[Event]]:
    """Yield what happens in batches: from a cursor on (None: the present), until it has `ended` or `limit` were given.

    The clock is told when it has changed, at first in any case. `left()` are the real seconds left, None without end.
    Without `follow` it ends when the present is reached.
    """
    changed, told, given = feed.world.changed, None, 0
    while not feed.ended():
        seen, batch = changed.count, list[Event]()
        clock = feed.clock(feed.world.simulation)
        if place is None:
            place = feed.present()
        elif not feed.holds(place):
            place, told = feed.present(), _telling(clock)
            batch.append(Event(str(place), "resync", msgspec.json.encode(clock)))
        taken, place = feed.take(place)
        batch += taken
        if told != _telling(clock):
            told = _telling(clock)
            batch.append(Event(str(place), "clock", msgspec.json.encode(clock)))
        if batch:
            yield batch if limit is None else batch[: limit - given]
            given += len(batch)
        seconds = left()
        if (limit is not None and given >= limit) or (seconds is not None and seconds <= 0):
            return
        if place != feed.present():
            await asyncio.sleep(0)
        elif not follow or not await changed.after(seen, seconds):
            return


def _held(ring: Ring[Any], number: int) -> bool:
    return ring.total - len(ring) <= number <= ring.total


def _rows(ring: Ring[Any], number: int, name: str, at: Callable[[Any], Instant]) -> Iterator[_Row]:
    if number < ring.total:
        for following, row in enumerate(ring.since(number, BATCH), number + 1):
            yield at(row), name, following, row


def _delivery(number: int, webhook: Webhook | None) -> _Row:
    if webhook is None:  # dropped since
        return 0, "delivery", number, None
    return webhook.attempts[-1].at if webhook.attempts else webhook.at, "delivery", number, webhook


def _instant(row: _Row) -> Instant:
    return row[0]


def _telling(clock: Json) -> Json:
    """Return what of a clock is worth telling: what a running one shows a reader can reckon."""
    return clock if clock["mode"] == "frozen" else {**clock, "now": None}
