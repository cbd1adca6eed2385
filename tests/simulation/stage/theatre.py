"""The theatre: a whole server in the loop of a seed, with its clients and receivers, from its start to its end."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final
from unittest.mock import patch

import msgspec
from stage.actors import Cast
from stage.book import Observed
from stage.client import CLOCK, Client, Exchange
from stage.ending import check_end, check_worlds
from stage.loop import LoopTime, SeededLoop, give_way, place, play
from stage.receivers import ALLOWED, OWN, Arrival, Link, Network
from stage.streams import check_readers
from stage.witness import Witness

from contratempo.server.app import App
from contratempo.server.catalog import Catalog
from contratempo.server.saving import Savings
from contratempo.server.service import Service
from contratempo.server.settings import Settings
from contratempo.server.signing import Signer
from contratempo.sim import saved
from contratempo.sim.clock import Clock
from contratempo.sim.simulation import Simulation

START: Final = "2026-03-15T09:00:00Z"
ROUNDS: Final = 200
SIGNER: Final = Signer.derived("simulation")


@dataclass
class Staged(Service):
    """A service whose worlds are observed."""

    witness: Any = None

    def _simulation(self, identifier: str, seed: str, profile: str, clock: Clock) -> Simulation:
        origin = super()._simulation(identifier, seed, profile, clock).origin
        return Observed(self.witness.book, origin, clock)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.savings = ObservedSavings(self.savings.fingerprints, self.savings.origin, self)


@dataclass(frozen=True)
class ObservedSavings(Savings):
    """Loads worlds that are observed."""

    service: Any = None

    def load(self, document: Any, identifier: str, real: float, *, anyway: bool = False) -> Simulation:
        loaded = super().load(document, identifier, real, anyway=anyway)
        book, before = self.service.witness.book, self._present(identifier)
        if before is None:
            return loaded
        book.taken(before)
        loaded.epoch = before.epoch + 1
        observed = Observed.of(book, loaded, before)
        observed.late += before.late + before.account.late
        book.moved(before, observed)
        return observed

    def _present(self, identifier: str) -> Observed | None:
        world = self.service.worlds.get(identifier)
        return world.simulation if world is not None and isinstance(world.simulation, Observed) else None


async def beside(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do what a thread would do, while the others take their turns."""
    await give_way(8)
    return work(*arguments)


class Listener(logging.Handler):
    """Takes down what the server logs as an error."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self.tell(f"the server logs: {self.format(record)}")


@dataclass
class Performance:
    """What came of a seed: findings with what led to them, the whole story, and the worlds in the end."""

    findings: list[str]
    report: str
    story: list[str]
    worlds: bytes
    counts: Counter[str]
    steps: int


class Theatre:
    """A server and everybody around it, for one seed; `loaded` lends documents, `settings` go over what chance has."""

    def __init__(self, seed: object, loaded: Service, loop: SeededLoop, **settings: Any) -> None:
        self.chance, self.loop = Random(f"deeds/{seed}"), loop
        self.witness = Witness(loop)
        budget, records = self.chance.choice([1, 3, 10]), self.chance.choice([8, 1_000, 1_000])
        chosen = Settings(clock=START, port=OWN, webhook_allow=ALLOWED, max_worlds=3)
        chosen = replace(chosen, **{"webhook_budget": budget, "max_records": records, **settings})
        catalog = Catalog(loaded.providers, loaded.catalog.profiles, {}, loaded.catalog._contracts, validation="both")
        self.service = Staged(
            chosen, loaded.providers, catalog, loaded.magic, LoopTime(), SIGNER, f"http://127.0.0.1:{OWN}", OWN,
            witness=self.witness,
        )  # fmt: skip
        self.witness.serve(self.service)
        with patch("connexion.spec.Specification._validate_spec"):  # a fifth of a play, and always the same
            self.client = Client(App(self.service), self.chance, self.witness)
        self.cast = Cast(self.client, self.chance, self.service)
        self.network = Network(
            self.chance, self.witness.arrived, self.witness.departed, self.call_back, self.receive_at_own
        )
        courier = self.service.sender.courier
        courier.resolve, courier.transport = self.network.resolve, lambda context: Link(self.network)

    async def call_back(self, arrival: Arrival) -> None:
        await self.cast.call_back(arrival, self.witness.origins[arrival.tag].world.origin.id)

    async def receive_at_own(self, arrival: Arrival) -> int:
        """Let the server's own sink take a webhook."""
        headers = {"x_mock_world": arrival.headers["x-mock-world"]}
        body = msgspec.json.decode(arrival.body)
        return (await self.client.call("POST", arrival.target, body, **headers)).status

    async def perform(self) -> None:
        """Start the server, let the actors act, and end it: often in the middle of everything."""
        heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        said: asyncio.Queue[Any] = asyncio.Queue()
        lifespan = asyncio.create_task(self.client.app({"type": "lifespan"}, heard.get, said.put), name="lifespan")
        heard.put_nowait({"type": "lifespan.startup"})
        assert (await said.get())["type"] == "lifespan.startup.complete"
        await self.cast.begin()
        acts = [self.cast.act(self.chance.randrange(4, 12)) for _ in range(self.chance.randrange(3, 7))]
        actors = [asyncio.create_task(act, name=f"actor {number}") for number, act in enumerate(acts)]
        watchman = asyncio.create_task(self.look_in(), name="watchman")
        abrupt = self.chance.random() < 0.4
        await asyncio.wait(actors, timeout=self.chance.choice([0.5, 2.0, 5.0]) if abrupt else None)
        if abrupt:
            await self.until_somebody_waits()
        else:
            await self.settle()
        watchman.cancel()
        await self.shut_down()
        heard.put_nowait({"type": "lifespan.shutdown"})
        await lifespan
        await asyncio.wait([*actors, watchman])
        check_end(self.witness)

    async def until_somebody_waits(self) -> None:
        """Come back in the middle of an advance, if there is one soon: while it waits, or between two of its steps."""
        steps = self.chance.choice([0, 10])
        for _ in range(100):
            for _ in range(steps):
                await asyncio.sleep(0)
                if self.witness.book.holders and self.chance.random() < 0.3:
                    return
            if self.witness.book.holders:
                return
            await asyncio.sleep(0.05)

    async def look_in(self) -> None:
        """See now and then whether the readers are up to date: between two moments at which anything happens."""
        while not self.service.closing:
            await asyncio.sleep(self.chance.choice([0.02, 0.4, 1.7]))
            await self.loop.idle()
            check_readers(self.witness, self.readers())

    def readers(self) -> list[Exchange]:
        return [each for each in self.client.open if each.ended is None and each.target.startswith("/_mock/stream")]

    async def settle(self) -> None:
        """Let everything come to rest: then nothing is due and nothing is on its way."""
        self.cast.resting = True
        while any("stream" not in exchange.target for exchange in self.client.open):  # noqa: ASYNC110  time is the loop's
            await asyncio.sleep(1)  # receivers still call back
        for world in list(self.service.worlds):
            headers = {"x_mock_world": world.id}
            await self.client.call("PUT", CLOCK, {"mode": "frozen"}, **headers)
            for _ in range(ROUNDS):
                wish = {"to": "idle", "wait_turn": True}
                answer = await self.client.call("POST", f"{CLOCK}/advance", wish, **headers)
                if answer.status == 200 and answer.json["undelivered"] == 0:
                    break
            else:
                self.witness.book.fail(f"{world.id} does not come to rest: {answer} {answer.chunks!r}")
        await self.loop.idle()  # what was abandoned just now closes its connections, and readers read
        check_worlds(self.witness)
        check_readers(self.witness, self.readers())

    async def shut_down(self) -> None:
        """End as the process does: no new requests, what waits is told, and whoever is left after 5 s is cut off."""
        self.client.closed = True
        self.service.close()
        patient = (CLOCK, "/_mock/requests/wait")
        await self.are_done(lambda exchange: exchange.target.startswith(patient), 0.0)
        for task in await self.are_done(lambda exchange: True, 5.0):
            task.cancel()

    async def are_done(self, wanted: Callable[[Exchange], bool], seconds: float) -> "set[asyncio.Task[None]]":
        """Hold requests that are under way to ending within seconds, and return those that have not long after."""
        began, lagged = self.loop.time(), self.loop.lagged
        late = {task for exchange, task in self.client.open.items() if wanted(exchange) and not task.done()}
        if late:
            _, late = await asyncio.wait(late, timeout=seconds + 3.0)
        took = self.loop.time() - began - (self.loop.lagged - lagged)
        if late or took > seconds + 1e-6:
            places = ", ".join(f"{task.get_name()} at {place(task)}" for task in late)
            self.witness.book.fail(f"not closed in {seconds:g} s but {took:.4f}: {places}")
        return late


def perform(seed: object, loaded: Service) -> Performance:
    """Play one seed and return what came of it."""
    kept: list[Theatre] = []
    after = ExitStack()  # of the play, which may break off in the middle and leave main where it was

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SeededLoop)
        kept.append(Theatre(seed, loaded, loop))
        book = kept[0].witness.book
        listener = Listener(book.fail)
        logging.getLogger("contratempo").addHandler(listener)
        after.callback(logging.getLogger("contratempo").removeHandler, listener)
        after.enter_context(patch("asyncio.to_thread", beside))
        after.enter_context(patch("contratempo.sim.history.SPACING", kept[0].chance.choice([1, 4, 2_000])))
        try:
            await kept[0].perform()
        finally:
            for failure in loop.failures:
                book.fail(f"the loop says: {failure}")

    try:
        with after:
            play(seed, main)
    except Exception as error:
        if not kept:
            raise
        kept[0].witness.book.fail(f"{type(error).__name__}: {error}")
    theatre = kept[0]
    book = theatre.witness.book
    worlds = msgspec.json.encode([saved.dump(world.simulation) for world in theatre.service.worlds])
    return Performance(book.findings, book.report(), book.story, worlds, book.counts, theatre.loop.steps)
