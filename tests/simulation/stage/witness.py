"""The witness: stands at the server's door and at the receivers', and compares what passes there with the book."""

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from stage import laws
from stage.answers import check_answer, check_fault
from stage.attempts import brief
from stage.book import Book, Entry, Observed
from stage.client import Exchange
from stage.loop import SeededLoop
from stage.receivers import Arrival
from stage.streams import check_stream

from contratempo.provider import Refusal
from contratempo.server.lanes import IN_FLIGHT, PER_HOST
from contratempo.server.service import Service
from contratempo.sim.simulation import Command
from contratempo.sim.webhooks import Webhook

TAG: Final = re.compile(r"t[0-9]+")
_OUT_OF_TURN: Final = ("delay", "reorder")


@dataclass(frozen=True)
class Origin:
    """Where a tagged webhook comes from: the epoch of a world in which its resource was made."""

    world: Observed
    epoch: int
    resource: str


@dataclass(eq=False)
class Witness:
    """Hears of every request and every webhook on its way."""

    loop: SeededLoop
    book: Book = field(init=False)
    service: Service = field(init=False)
    origins: dict[str, Origin] = field(default_factory=dict)
    open: dict[Arrival, Origin] = field(default_factory=dict)
    seen: dict[Origin, list[int]] = field(default_factory=dict)
    arrivals: Counter[tuple[Observed, int, str, int]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.book = Book(self.watch)

    def serve(self, service: Service) -> None:
        """Learn which server this is about."""
        self.service, self.book.alive, self.book.closing = service, self.alive, lambda: service.closing
        self.book.lagged = lambda: self.loop.lagged
        self.book.budget = service.pump.budget
        self.book.rehome = self.rehome

    def rehome(self, before: Observed, after: Observed) -> None:
        """Let addresses belong to a world's new epoch, as far as what they were given to is there."""
        for tag, origin in self.origins.items():
            if origin.world is before and after.records.find(origin.resource) is not None:
                self.origins[tag] = Origin(after, after.epoch, origin.resource)

    def alive(self, world: Observed) -> bool:
        known = self.service.worlds.get(world.origin.id)
        return known is not None and known.simulation is world

    def world_of(self, exchange: Exchange) -> Observed | None:
        """Return the world that a request is about, if it is there."""
        chosen, token = exchange.headers.get("x-mock-world"), exchange.headers["authorization"].partition(" ")[2]
        try:
            world = self.service.worlds.controlled(token, chosen).simulation
        except Refusal:
            return None
        assert isinstance(world, Observed)
        return world

    def watch(self, world: Observed, entry: Entry, command: Command) -> None:
        """Hold a world to its laws, and remember which epoch an address was given in."""
        laws.watch(world, entry, command)
        if entry.kind == "call" and entry.error is None:
            body = command["request"]["body"]
            for name in ("webhook_url", "webhook_failover_url"):
                found = TAG.search((body or {}).get(name) or "") if isinstance(body, dict) else None
                if found is not None and entry.answer.resource is not None:
                    self.origins[found[0]] = Origin(world, world.epoch, entry.answer.resource)

    # requests

    def began(self, exchange: Exchange) -> None:
        self.book.exchanges[asyncio.current_task()] = exchange

    def answered(self, exchange: Exchange) -> None:
        self.book.tell(f"{self.loop.time():9.4f} {exchange}")
        self.book.counts[
            f"{exchange.method} {exchange.target.partition('?')[0].rsplit('/', 1)[-1][:9]} {exchange.status}"
        ] += 1
        check_answer(self, exchange)
        self._release(exchange)
        if exchange.status < 300:
            self._doom()

    def over(self, exchange: Exchange) -> None:
        self.book.exchanges.pop(asyncio.current_task())
        if exchange.target.startswith("/_mock/stream"):
            check_stream(self, exchange)
        check_fault(self.book, exchange)
        self._release(exchange)
        self.book.counts[f"ended {exchange.ended}"] += 1
        if exchange.ended != "answered":
            self.book.tell(f"{self.loop.time():9.4f} {exchange}")
        if exchange.ended == "unanswered" or "failed" in (exchange.ended or ""):
            self.book.fail(f"no answer: {exchange}")

    def _release(self, exchange: Exchange) -> None:
        for world in [world for world, holder in self.book.holders.items() if holder is exchange]:
            del self.book.holders[world]

    # webhooks

    def arrived(self, arrival: Arrival) -> None:
        """Judge a connection: whose webhook it brings, whether it may come now, and with what beside it."""
        origin = self.origins.get(arrival.tag)
        if origin is None:
            return self.book.fail(f"nobody has asked for a webhook to {arrival}")
        self.book.tell(f"{self.loop.time():9.4f} at {arrival.host}:{arrival.port}{arrival.target}, {origin.resource}")
        self.book.counts["arrivals"] += 1
        if not self.alive(origin.world) or origin.world.epoch != origin.epoch:
            self.book.fail(f"a webhook of epoch {origin.epoch} arrives after its end: {arrival}")
        elif (known := self.service.worlds.get(origin.world.origin.id)) is not None and known.captures:
            self.book.fail(f"a fork that captures sends: {arrival}")
        if origin in self.open.values():
            self.book.fail(f"two attempts of one resource at once: {arrival}")
        beside = [each for each in self.open if (each.host, each.port) == (arrival.host, arrival.port)]
        if len(beside) >= PER_HOST or len(self.open) >= IN_FLIGHT:
            self.book.fail(f"{len(beside)} at one host and {len(self.open)} over all under way beside {arrival}")
        self.open[arrival] = origin
        if (webhook := _webhook(origin, arrival)) is None:
            return self.book.fail(f"no webhook is like {arrival}")
        return self._judge(origin, webhook, arrival)

    def _judge(self, origin: Origin, webhook: Webhook, arrival: Arrival) -> None:
        under_way = [each for each in webhook.attempts if each.state == "sending" and each.url.endswith(arrival.target)]
        if not under_way:
            return self.book.fail(f"no attempt is under way for {arrival}: {brief(webhook)}")
        self.arrivals[origin.world, origin.epoch, webhook.id, under_way[0].number] += 1
        before, fault = self.seen.setdefault(origin, []), webhook.fault or {"kind": ""}
        known = (webhook.id, 1) in origin.world.account.inherited  # it came before the world was taken over
        if webhook.number not in before and not under_way[0].extra and not known:
            late = any((_by_number(origin, number).fault or fault)["kind"] in _OUT_OF_TURN for number in before)
            if before and webhook.number < before[-1] and not late and fault["kind"] not in _OUT_OF_TURN:
                self.book.fail(f"webhook {webhook.number} of {origin.resource} comes after {before}")
            before.append(webhook.number)
        return None

    def departed(self, arrival: Arrival) -> None:
        """The connection is closed; one that nobody waits for any more at once."""
        if self.open.pop(arrival, None) is not None and arrival.doomed is not None:
            since, lagged = arrival.doomed
            if self.loop.time() - since - (self.loop.lagged - lagged) > 1e-6:
                self.book.fail(f"under way for long after its end: {arrival}")

    def _doom(self) -> None:
        for arrival, origin in self.open.items():
            if arrival.doomed is None and not (self.alive(origin.world) and origin.world.epoch == origin.epoch):
                arrival.doomed = (self.loop.time(), self.loop.lagged)


def _webhook(origin: Origin, arrival: Arrival) -> Webhook | None:
    """Return the webhook that a body is of: an envelope has its id, else the event tells."""
    body = json.loads(arrival.body)
    if "id" in body["data"] and "event_type" in body["data"]:
        return origin.world.outbox.get(body["data"]["id"])
    like = (each for each in origin.world.outbox if (each.event, each.resource) == (body["event"], origin.resource))
    return next(like, None)


def _by_number(origin: Origin, number: int) -> Webhook:
    return next(each for each in origin.world.outbox if each.number == number)
