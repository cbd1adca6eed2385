"""Worlds and health: what there is, and whether it is ready."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.server import timelines
from contratempo.server.control.problems import conflict, invalid, not_found, unknown_name
from contratempo.server.limits import limits
from contratempo.server.saving import Unreadable
from contratempo.server.service import Service
from contratempo.server.worlds import World
from contratempo.sim.instants import format_instant


async def livez(service: Service, world: World, request: Request) -> Response:
    """Answer that the process does."""
    return Response(200, {"status": "alive"})


async def readyz(service: Service, world: World, request: Request) -> Response:
    """Answer that documents and fixtures are loaded; Refusal 503 until they are."""
    if not service.ready:
        detail = "Documents and fixtures are still being loaded."
        raise Refusal(Problem("internal", detail, status=503, code="not-ready", hint="ask again"))
    return Response(200, {"status": "ready"})


async def list_worlds(service: Service, world: World, request: Request) -> Response:
    """Answer every world, and the limits of all."""
    real = service.realtime()
    worlds = [describe_world(each, real) for each in service.worlds]
    return Response(200, {"worlds": worlds, "limits": limits(service.settings)})


def describe_world(world: World, real: float) -> dict[str, Any]:
    """Return a world as a list shows it; `real` is the steady clock's time now."""
    simulation, clock = world.simulation, world.simulation.clock
    return {
        "id": world.id,
        "now": format_instant(clock.reading(real)),
        "mode": clock.mode,
        "rate": clock.rate,
        "head": simulation.head,
        "records": len(simulation.records),
        "planned": len(simulation.timers),
        "fork_of": world.fork_of,
        "captures": world.captures,
    }


async def create_world(service: Service, world: World, request: Request) -> Response:
    """Make a world and answer the key that leads to it."""
    wish = request.body or {}
    if (profile := wish.get("profile")) is not None and profile not in service.catalog.profiles:
        raise not_found(f"There is no profile {profile!r}.", f"profiles are {', '.join(service.catalog.profiles)}")
    made = await _lived(service, wish) if "fixtures" in wish else service.worlds.create(**wish)
    service.pump.changed(made)
    return Response(201, {"id": made.id, "api_key": made.api_key, "now": format_instant(made.simulation.now)})


async def _lived(service: Service, wish: Mapping[str, Any]) -> World:
    """Make a world that starts as a saved one; it goes on to the instant wished for, if one is."""
    name, identifier = wish["fixtures"], service.worlds.free(wish.get("id"))
    if name not in (known := timelines.names()):
        raise unknown_name("saved world", name, known)
    document = timelines.timeline(name)
    for member in ("seed", "profile"):
        if member in wish and wish[member] != document["world"][member]:
            message = f"the saved world {name} has the {member} {document['world'][member]!r}"
            raise invalid(member, message, hint=f"leave out {member}, or fixtures")
    try:  # documents and rules of this server may be others: it is the past that is asked for
        load = partial(service.savings.load, document, identifier, service.realtime(), anyway=True)
        simulation = await asyncio.to_thread(load)
    except Unreadable as error:
        raise conflict(
            f"The saved world {name} cannot be had here: {error.what}.", error.hint, code="fixtures"
        ) from None
    return service.worlds.add(service.worlds.free(identifier), simulation)  # it may have been taken meanwhile


async def delete_world(service: Service, world: World, request: Request) -> Response:
    """Forget a world."""
    doomed = service.worlds.named(request.path["id"])
    service.worlds.delete(doomed.id)
    service.sender.abandon(doomed)
    return Response(204)
