"""Resources: every record of a world, whichever vendor's, as the vendor would show it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from contratempo.provider import Refusal, Request, Response
from contratempo.server.control.problems import conflict, not_found
from contratempo.sim.instants import format_instant
from contratempo.sim.records import Kind, Record
from contratempo.sim.simulation import Simulation


def list_resources(simulation: Simulation, request: Request) -> Response:
    """Answer one page of the records, kind by kind."""
    total, left, room, listed = 0, request.query["offset"], request.query["limit"], []
    for kind in _kinds(simulation, request.query):
        page = simulation.records.page(kind.name, (), offset=left, limit=room)
        listed += [describe_resource(simulation, kind, record) for record in page.records]
        total, left, room = total + page.total, max(0, left - page.total), room - len(page.records)
    return Response(200, {"total": total, "resources": listed})


def get_resource(simulation: Simulation, request: Request) -> Response:
    """Answer one record."""
    kind, record = _find(simulation, request.path["id"])
    return Response(200, describe_resource(simulation, kind, record))


def cancel_resource(simulation: Simulation, request: Request) -> Response:
    """Cancel what a record schedules and answer what is left of it; Refusal 409 when that cannot be done."""
    kind, record = _find(simulation, request.path["id"])
    if kind.cancel is None:
        detail = f"A {kind.name} of {kind.provider} cannot be canceled."
        raise conflict(detail, "let time pass instead: POST /_mock/clock/advance")
    try:
        left = kind.cancel(simulation, record)
    except Refusal as refusal:
        raise Refusal(replace(refusal.problem, kind="conflict", status=409, code=None, violations=())) from None
    if left is None:
        gone = {"id": record["id"], "provider": kind.provider, "kind": kind.name}
        return Response(200, {**gone, "status": None, "due": None, "record": None})
    return Response(200, describe_resource(simulation, kind, left))


def describe_resource(simulation: Simulation, kind: Kind, record: Record) -> dict[str, Any]:
    """Return a record with whose it is and when the next thing happens to it."""
    timers = simulation.timers.of(record["id"])
    return {
        "id": record["id"],
        "provider": kind.provider,
        "kind": kind.name,
        "status": record.get("status"),
        "due": format_instant(timers[0].due) if timers else None,
        "record": kind.represent(simulation, record),
    }


def _kinds(simulation: Simulation, query: Any) -> Iterator[Kind]:
    for actor in simulation.origin.actors.values():
        for kind in actor.kinds.values():
            if query.get("provider", kind.provider) == kind.provider and query.get("kind", kind.name) == kind.name:
                yield kind


def _find(simulation: Simulation, identifier: str) -> tuple[Kind, Record]:
    found = simulation.records.find(identifier)
    if found is None:
        hint = "GET /_mock/resources lists them; X-Mock-World chooses a world"
        raise not_found(f"This world has no record {identifier!r}.", hint)
    return found
