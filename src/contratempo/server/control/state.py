"""State: a world as one document, and back."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.server.control.clock import describe_clock
from contratempo.server.control.history import rebuilt
from contratempo.server.control.problems import conflict
from contratempo.server.saving import Differs, Unreadable, captures_webhooks
from contratempo.server.service import Service
from contratempo.server.worlds import World, unknown_world
from contratempo.sim.saved import dump
from contratempo.sim.simulation import Simulation
from contratempo.sim.snapshot import take

_PLACES: Final = ("checkpoint", "head", "to")
_ANYWAY: Final = (
    "start the server with the version, rules and profile it was saved under, or take it over as it is by ?anyway=true"
)


async def get_state(service: Service, world: World, request: Request) -> Response:
    """Answer the world as a document, as it is or as it was at a place."""
    wish = {name: request.query[name] for name in _PLACES if name in request.query}
    if len(wish) > 1:
        raise conflict(
            f"Only one of {' and '.join(wish)} can be meant.", "leave out the others", code="ambiguous-place"
        )
    if wish:
        there = (await rebuilt(world, wish, "query")).world
        saved = await asyncio.to_thread(dump, there)  # half a second for a large one
    else:
        simulation, snapshot = world.simulation, take(world.simulation)
        saved = await asyncio.to_thread(lambda: dump(simulation.as_it_was(snapshot)))
    return Response(200, service.savings.document(saved, captures=world.captures))


async def put_state(service: Service, world: World, request: Request) -> Response:
    """Put a saved world in place of a world."""
    query: Mapping[str, Any] = request.query
    async with service.pump.turn(world, wait=query.get("wait_turn", False)):
        document, anyway = request.body, query.get("anyway", False)
        loaded = await asyncio.to_thread(_loaded, service, world.id, document, anyway)  # which may take a second
        if world.gone:
            raise Refusal(unknown_world(world.id))
        replace_simulation(service, world, loaded)
        world.begin_capturing(captures_webhooks(document), deliver=query.get("deliver", False))
    return Response(200, describe_clock(world.simulation))


def _loaded(service: Service, identifier: str, document: Any, anyway: bool) -> Simulation:
    try:
        return service.savings.load(document, identifier, service.realtime(), anyway=anyway)
    except Differs as error:
        raise conflict(error.what, _ANYWAY, code="fingerprint") from None
    except Unreadable as error:
        detail = f"What was sent cannot be loaded: {error.what}."
        raise Refusal(Problem("conflict", detail, code="no-saved-world", hint=error.hint)) from None


def replace_simulation(service: Service, world: World, loaded: Simulation) -> None:
    """Let a world be another one from now on; readers of the former hear of it, numbers of its journals go on."""
    service.sender.abandon(world)
    loaded.epoch = world.simulation.epoch + 1
    loaded.journal.number_on_from(world.simulation.journal)
    world.simulation = loaded
