"""The journal: transitions that happened, requests that came, and waiting for more of them."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from contratempo.provider import Request, Response
from contratempo.server.control.clock import sent_instant
from contratempo.server.noting import shown
from contratempo.server.service import Service
from contratempo.server.worlds import World
from contratempo.sim.instants import LATEST, format_instant
from contratempo.sim.journal import Transition
from contratempo.sim.simulation import Simulation

_FILTERS: Final = ("operation", "provider", "status", "verdict", "resource")
_LISTED: Final = 1_000
_NAP_SECONDS: Final = 0.02


def get_timeline(simulation: Simulation, request: Request) -> Response:
    """Answer the latest transitions that pass the filters, oldest first."""
    query = request.query
    since = sent_instant(query["from"], "from", location="query") if "from" in query else 0
    until = sent_instant(query["to"], "to", location="query") if "to" in query else LATEST

    def wanted(transition: Transition) -> bool:
        return since <= transition.at <= until and query.get("resource", transition.resource) == transition.resource

    found = simulation.journal.transitions.where(wanted)[-query["limit"] :]
    described = [transition.describe() for transition in found]
    return Response(200, {"now": format_instant(simulation.now), "transitions": described})


def list_requests(simulation: Simulation, request: Request) -> Response:
    """Answer rows of the journal: the first ones after `since`, or else the latest."""
    query = request.query
    rows, limit = _rows(simulation, query, query.get("since", 0)), query["limit"]
    listed = rows[:limit] if "since" in query else rows[-limit:]
    return Response(200, {"total": len(rows), "requests": [shown(row) for row in listed]})


async def clear_requests(service: Service, world: World, request: Request) -> Response:
    """Drop the rows; they are about the world, not part of it, so no command is counted."""
    world.simulation.journal.requests.clear()
    return Response(204)


async def wait_for_requests(service: Service, world: World, request: Request) -> Response:
    """Answer once enough rows match, or when the time is over."""
    wish = request.body
    wanted, deadline = wish.get("count", 1), service.realtime() + wish.get("timeout_seconds", 5)
    while True:
        rows = _rows(world.simulation, wish.get("match", {}), wish.get("since", 0))
        left = deadline - service.realtime()
        if len(rows) >= wanted or left <= 0:
            listed = [shown(row) for row in rows[-_LISTED:]]
            return Response(200, {"satisfied": len(rows) >= wanted, "count": len(rows), "requests": listed})
        await asyncio.sleep(min(_NAP_SECONDS, left))


def _rows(simulation: Simulation, filters: Mapping[str, Any], since: int) -> list[dict[str, Any]]:
    conditions = [(name, filters[name]) for name in _FILTERS if name in filters]

    def matches(row: dict[str, Any]) -> bool:
        return row["number"] > since and all(row[name] == value for name, value in conditions)

    return simulation.journal.requests.where(matches)
