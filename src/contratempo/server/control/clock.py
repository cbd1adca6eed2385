"""Time: read the clock, set it, let it advance, go back to the start."""

from typing import Any, Final

from contratempo.provider import Refusal, Request, Response
from contratempo.server.control.problems import conflict, invalid
from contratempo.server.demo import seed_demo
from contratempo.server.pump import advance_in_progress
from contratempo.server.service import Service
from contratempo.server.worlds import DEFAULT, World
from contratempo.sim.instants import LATEST, Instant, format_instant, parse_duration, parse_instant
from contratempo.sim.simulation import Simulation

FIRED_LISTED: Final = 1_000
"""Transitions that an advance lists; all are counted."""


def get_clock(simulation: Simulation, request: Request) -> Response:
    """Answer what the clock shows."""
    return Response(200, describe_clock(simulation))


def describe_clock(simulation: Simulation) -> dict[str, Any]:
    """Return the clock as the control plane shows it."""
    timer = simulation.timers.peek()
    next_due = None if timer is None else format_instant(timer.due)
    return {**simulation.clock.dump(), "next_due": next_due, "head": simulation.head}


def sent_instant(text: str, place: str, *, location: str = "body") -> Instant:
    """Return the instant of a date-time that was sent; Refusal 422 when it is none."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise invalid(place, str(error), location=location) from None


async def set_clock(service: Service, world: World, request: Request) -> Response:
    """Set the clock forwards, which is an advance, and then freeze it or let it run."""
    simulation, change, undelivered = world.simulation, request.body, 0
    refuse_while_advancing(world)
    if "now" in change:
        until = sent_instant(change["now"], "now")
        _check_forwards(simulation, until)
        undelivered = await service.pump.advance(world, until)
    if "mode" in change or "rate" in change:
        clock = simulation.clock
        mode, rate = change.get("mode", clock.mode), change.get("rate", clock.rate)
        simulation.apply({"kind": "clock", "mode": mode, "rate": float(rate), "real": service.realtime()})
    service.pump.changed(world)
    return Response(200, {**describe_clock(simulation), "undelivered": undelivered})


async def advance_clock(service: Service, world: World, request: Request) -> Response:
    """Let everything due happen up to an instant, and answer what did."""
    wish = request.body
    async with service.pump.turn(world, wait=wish.get("wait_turn", False)):
        simulation = world.simulation  # not before: another may be loaded while this waits its turn
        before = simulation.journal.transitions.total
        wait = wish.get("wait", "webhooks") == "webhooks"
        undelivered = await service.pump.run(world, _until(simulation, wish), wait=wait)
    transitions = simulation.journal.transitions
    fired = [transition.describe() for transition in transitions.since(before, FIRED_LISTED)]
    answer = {"now": format_instant(simulation.now), "head": simulation.head, "fired_count": transitions.total - before}
    return Response(200, {**answer, "fired": fired, "undelivered": undelivered})


async def reset_world(service: Service, world: World, request: Request) -> Response:
    """Take the world back to how it started."""
    refuse_while_advancing(world)
    service.sender.abandon(world)
    world.simulation.apply({"kind": "reset"})
    world.begin_capturing()
    if service.settings.demo and world.id == DEFAULT:
        seed_demo(world.simulation, service.base_url)
    world.simulation.clock.anchor(service.realtime())
    service.pump.changed(world)
    return Response(200, describe_clock(world.simulation))


def refuse_while_advancing(world: World) -> None:
    """Raise a Refusal while another clock command of the world is at work."""
    if world.advancing:
        raise Refusal(advance_in_progress(world.simulation))


def _until(simulation: Simulation, wish: dict[str, Any]) -> Instant | None:
    if "by" in wish:
        return _check_calendar(simulation, simulation.now + _duration(wish["by"]))
    if wish["to"] == "idle":
        return None
    if wish["to"] == "next":
        timer = simulation.timers.peek()
        return simulation.now if timer is None else _check_calendar(simulation, timer.due)
    until = sent_instant(wish["to"], "to")
    _check_forwards(simulation, until)
    return until


def _duration(by: str | float) -> int:
    try:
        return parse_duration(by)
    except ValueError as error:
        raise invalid("by", str(error)) from None


def _check_calendar(simulation: Simulation, until: Instant) -> Instant:
    if until > LATEST:
        detail = f"The clock stands at {format_instant(simulation.now)} and ends at {format_instant(LATEST)}."
        raise conflict(detail, "advance by less, or POST /_mock/rewind", code="calendar-ends")
    return until


def _check_forwards(simulation: Simulation, until: Instant) -> None:
    if until < simulation.now:
        detail = f"The clock stands at {format_instant(simulation.now)}; {format_instant(until)} is before that."
        hint = "a clock does not go back: POST /_mock/rewind does, as far as history does, or POST /_mock/reset"
        raise conflict(detail, hint, code="clock-goes-back")
