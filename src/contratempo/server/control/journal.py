"""The journal: transitions that happened, requests that came, and waiting for more of them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from contratempo.provider import Request, Response
from contratempo.server.control.clock import sent_instant
from contratempo.server.service import Service
from contratempo.server.showing import shown, shown_path
from contratempo.server.worlds import World
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import LATEST, Instant, format_instant
from contratempo.sim.journal import Transition
from contratempo.sim.simulation import Simulation

Wanted: TypeAlias = Callable[[Exchange], bool]

_EQUAL: Final = ("operation", "provider", "status", "verdict", "resource", "method")
_LISTED: Final = 1_000


def get_timeline(simulation: Simulation, request: Request) -> Response:
    """Answer the latest transitions that pass the filters, oldest first."""
    query = request.query
    since = sent_instant(query["from"], "from", location="query") if "from" in query else 0
    until = sent_instant(query["to"], "to", location="query") if "to" in query else LATEST

    def wanted(transition: Transition) -> bool:
        return since <= transition.at <= until and query.get("resource", transition.resource) == transition.resource

    found = simulation.journal.transitions.where(wanted)[-query["limit"] :]
    described = [transition.describe() for transition in found]
    return Response(
        200,
        {"now": format_instant(simulation.now), "head": simulation.head, "planned_to": None, "transitions": described},
    )


def list_requests(simulation: Simulation, request: Request) -> Response:
    """Answer rows of the journal: the first ones after `since`, or else the latest."""
    query = request.query
    rows = simulation.journal.requests.where(_wanted(query, query.get("since", 0), "query"))
    listed = rows[: query["limit"]] if "since" in query else rows[-query["limit"] :]
    return Response(200, {"total": len(rows), "requests": [shown(row) for row in listed]})


async def clear_requests(service: Service, world: World, request: Request) -> Response:
    """Drop the rows; they are about the world, not part of it, so no command is counted."""
    world.simulation.journal.requests.clear()
    return Response(204)


async def wait_for_requests(service: Service, world: World, request: Request) -> Response:
    """Answer once enough rows match, or when the time is over, the world deleted or the server about to close."""
    wish = request.body
    count, deadline = wish.get("count", 1), service.realtime() + wish.get("timeout_seconds", 5)
    matches = _wanted(wish.get("match", {}), wish.get("since", 0), "body")
    while True:
        seen, requests = world.changed.count, world.simulation.journal.requests
        rows = requests.where(matches)
        if len(rows) >= count or not await _another(service, world, matches, (seen, requests.total), deadline):
            break
    listed = [shown(row) for row in rows[-_LISTED:]]
    return Response(200, {"satisfied": len(rows) >= count, "count": len(rows), "requests": listed})


async def _another(service: Service, world: World, matches: Wanted, known: tuple[int, int], deadline: float) -> bool:
    """Wait for a row that matches and say whether one came; `known` are the changes and rows that were seen before."""
    seen, last = known
    while (left := deadline - service.realtime()) > 0 and not (service.closing or world.gone):
        if not await world.changed.after(seen, left):
            return False
        seen, requests = world.changed.count, world.simulation.journal.requests
        if any(map(matches, requests.since(last))):
            return True
        last = requests.total
    return False


def _wanted(filters: Mapping[str, Any], since: int, location: str) -> Wanted:
    """Return what tells whether a row passes the filters; Refusal 422 when an instant is none."""
    equal = [(name, filters[name]) for name in _EQUAL if name in filters]
    first, last = (_moment(filters, name, location) for name in ("from", "to"))
    fault, path = filters.get("fault"), filters.get("path")

    def wanted(row: Exchange) -> bool:
        return (
            row.number > since
            and all(getattr(row, name) == value for name, value in equal)
            and (fault is None or (row.fault or {}).get("kind") == fault)
            and (first is None or row.at >= first)
            and (last is None or row.at <= last)
            and (path is None or path in shown_path(row))
        )

    return wanted


def _moment(filters: Mapping[str, Any], name: str, location: str) -> Instant | None:
    if name not in filters:
        return None
    place = name if location == "query" else f"match/{name}"
    return sent_instant(filters[name], place, location=location)
