"""The pump: what makes due things happen, for every clock command, request and running clock alike."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from contratempo.provider import Problem, Refusal
from contratempo.server.realtime import RealTime
from contratempo.server.worlds import World, unknown_world
from contratempo.sim.instants import LATEST, Instant, format_instant
from contratempo.sim.simulation import Simulation

_LOG: Final = logging.getLogger("contratempo")
SLICE: Final = 100
"""Timers fired at most between two looks at the rest of the server."""
ATTEMPTS: Final = 25
"""Attempts at webhooks that may come of these: each is judged, signed and handed out before the next look."""
TURN_SECONDS: Final = 30.0
"""Real seconds for which a command that waits its turn does so."""
IDLE_SECONDS: Final = 3_600.0
"""Real seconds after which the running clocks are looked at in any case."""
NAP_SECONDS: Final = 0.05
"""The least real time between two looks at the running clocks."""


class Deliveries(Protocol):
    """What the pump asks of the sender of webhooks."""

    def dispatch(self, world: World) -> None:
        """Start sending what a world has to send."""

    def outstanding(self, world: World) -> int:
        """Return how many of a world's deliveries have no receipt yet."""

    async def settle(self, world: World, seconds: float) -> bool:
        """Return True once a world has none outstanding, False when real seconds are over or nobody sends any more."""


@dataclass
class Pump:
    """One writer a world: nothing here awaits between reading and writing a world's state.

    `budget` is for how many real seconds an advance waits for the receivers of webhooks.
    """

    real: RealTime
    deliveries: Deliveries
    budget: float = 10.0
    _due: asyncio.Event = field(default_factory=asyncio.Event)

    def catch_up(self, world: World) -> Instant:
        """Let what a running clock owes by now happen, one slice of it at most, and return the world's instant then."""
        self._catch_up(world, LATEST)
        return world.simulation.now

    async def catch_up_in_slices(self, world: World) -> None:
        """Let all that a running clock owes by now happen; other requests are served meanwhile, if that takes long.

        Refusal 404 when the world is deleted by one of them.
        """
        if world.simulation.clock.mode == "frozen":
            return
        until = world.simulation.clock.reading(self.real.seconds())
        while self._catch_up(world, until):
            await asyncio.sleep(0)
            if world.gone:
                raise Refusal(unknown_world(world.id))

    def _catch_up(self, world: World, until: Instant) -> bool:
        """Run one slice, not past an instant nor the clock's present reading: it may have been set meanwhile."""
        simulation = world.simulation
        if simulation.clock.mode == "frozen" or world.advancing:
            return False
        before, last = simulation.head, min(until, simulation.clock.reading(self.real.seconds()))
        simulation.apply({"kind": "tick", "until": last, "limit": SLICE, "attempts": ATTEMPTS})
        if simulation.head > before:
            self.changed(world)
        return simulation.is_due(last)

    def changed(self, world: World) -> None:
        """Do what follows every change of a world: webhooks go out, readers hear of it, due things are looked at."""
        self.deliveries.dispatch(world)
        world.changed.notify()
        self._due.set()

    async def advance(self, world: World, until: Instant | None, *, wait: bool = True, wait_turn: bool = False) -> int:
        """Run a world as `run` does, in a turn of its own."""
        async with self.turn(world, wait=wait_turn):
            return await self.run(world, until, wait=wait)

    @contextlib.asynccontextmanager
    async def turn(self, world: World, *, wait: bool = False) -> AsyncIterator[None]:
        """Hold the turn of a world's clock; Refusal 409 when another command has it, with `wait` after a while.

        Refusal 404 when the world is deleted while this waits.
        """
        await self._take_turn(world, wait)
        try:
            if world.gone:
                raise Refusal(unknown_world(world.id))
            yield
        finally:
            world.turn.release()
            world.simulation.clock.anchor(self.real.seconds())
            self.changed(world)

    async def run(self, world: World, until: Instant | None, *, wait: bool = True) -> int:
        """Run a world whose turn is held to an instant, or with None until nothing is due any more.

        With `wait` the webhooks of an instant have their receipts before time goes on, as long as the budget lasts.
        Other requests are served meanwhile, at the instant reached by then. Returns how many deliveries are
        outstanding; Refusal 404 when the world is deleted.
        """
        deadline = self.real.seconds() + self.budget
        while True:
            while wait and self.deliveries.outstanding(world):  # time does not go on before their receipts
                wait = await self.deliveries.settle(world, deadline - self.real.seconds())
            if world.gone:
                raise Refusal(unknown_world(world.id))
            more = self._go_on(world, until, pause=wait)
            outstanding = self.deliveries.outstanding(world)
            if not (more or (wait and outstanding)):
                return outstanding  # at once: a receipt that came in between might have made something due
            wait = wait and not world.simulation.outbox.waiting  # what the sender leaves there is not sent any more
            await asyncio.sleep(0)

    def _go_on(self, world: World, until: Instant | None, *, pause: bool) -> bool:
        """Run one slice and say whether there may be more to do."""
        simulation = world.simulation
        simulation.apply({"kind": "run", "until": until, "limit": SLICE, "attempts": ATTEMPTS, "pause": pause})
        more = simulation.is_due(until) or (pause and simulation.outbox.waiting)
        self.changed(world)
        return more

    async def _take_turn(self, world: World, wait_turn: bool) -> None:
        if world.advancing and not wait_turn:
            raise Refusal(advance_in_progress(world.simulation))
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await world.turn.acquire()  # a free one is taken at once: nobody else comes between
        except TimeoutError:
            raise Refusal(advance_in_progress(world.simulation)) from None

    async def keep(self, worlds: Iterable[World]) -> None:
        """Let the due things of running worlds happen at their time, until cancelled."""
        while True:
            self._due.clear()
            await self._wait(min((self._seconds_until_due(world) for world in worlds), default=IDLE_SECONDS))
            for world in list(worlds):
                if self._seconds_until_due(world) == 0:
                    await self._keep_up(world)

    async def _keep_up(self, world: World) -> None:
        try:
            await self.catch_up_in_slices(world)
        except Refusal:
            pass  # it is deleted
        except Exception:  # the timer is gone; the other worlds, and what else is due here, go on
            _LOG.exception("world %s: a due thing failed and was dropped", world.id)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # Python 3.11's wait_for may swallow the cancellation that ends this
                await self._due.wait()
        await asyncio.sleep(NAP_SECONDS)

    def _seconds_until_due(self, world: World) -> float:
        clock, timer = world.simulation.clock, world.simulation.timers.peek()
        if clock.mode == "frozen" or timer is None or world.advancing:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, clock.real_seconds_until(timer.due, self.real.seconds()))


def advance_in_progress(simulation: Simulation) -> Problem:
    """Return the refusal of a clock command that comes while another is at work."""
    detail = f"advance-in-progress: the world stands at {format_instant(simulation.now)} and is advancing."
    return Problem("conflict", detail, hint="wait for its answer, or send wait_turn: true", code="advance-in-progress")
