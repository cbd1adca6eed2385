"""The journal: transitions that happened, requests that came, and waiting for more of them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from contratempo.provider import Request, Response
from contratempo.server.control.clock import sent_instant
from contratempo.server.control.problems import invalid
from contratempo.server.service import Service
from contratempo.server.showing import shown, shown_path
from contratempo.server.worlds import World
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import LATEST, Instant, format_instant, parse_duration
from contratempo.sim.journal import Transition
from contratempo.sim.planning import plan
from contratempo.sim.simulation import Simulation

Wanted: TypeAlias = Callable[[Exchange], bool]

_EQUAL: Final = ("operation", "provider", "status", "verdict", "resource", "method")
_LISTED: Final = 1_000
EARLIEST: Final[Instant] = -LATEST
"""Before any instant."""


def get_timeline(simulation: Simulation, request: Request) -> Response:
    """Answer the latest transitions that pass the filters, oldest first, and after them the planned ones asked for."""
    query = request.query
    since = sent_instant(query["from"], "from", location="query") if "from" in query else EARLIEST
    until = sent_instant(query["to"], "to", location="query") if "to" in query else LATEST

    def wanted(transition: Transition) -> bool:
        return since <= transition.at <= until and query.get("resource", transition.resource) == transition.resource

    horizon, described = _horizon(simulation, query, until), list[dict[str, Any]]()
    if query.get("state") != "planned":
        found = simulation.journal.transitions.where(wanted)[-query["limit"] :]
        described = [transition.describe() for transition in found]
    planned_to = None
    if horizon is not None and query.get("state") != "fired":
        planned, complete_to = plan(simulation, horizon, limit=query["limit"], wanted=wanted)
        described += [transition.describe("planned") for transition in planned]
        planned_to = format_instant(complete_to)
    now = format_instant(simulation.now)
    return Response(200, {"now": now, "head": simulation.head, "planned_to": planned_to, "transitions": described})


def _horizon(simulation: Simulation, query: Mapping[str, Any], until: Instant) -> Instant | None:
    """Return the instant up to which to plan, None when that is not asked for; Refusal 422 when it cannot be told.

    Whoever asks for nothing but what is planned, and says no horizon, is told of a day.
    """
    asked = query.get("horizon", "24h" if query.get("state") == "planned" else None)
    if asked is None:
        return None
    try:
        horizon = parse_duration(asked)
    except ValueError as error:
        raise invalid("horizon", str(error), location="query", hint="write 24h, PT1H30M or seconds") from None
    return max(simulation.now, min(LATEST, until, simulation.now + horizon))


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
