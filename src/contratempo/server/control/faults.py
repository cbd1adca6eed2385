"""Faults: what goes wrong on the wire of a world, added and taken away."""

from collections.abc import Mapping
from typing import Any

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.server.control.problems import not_found
from contratempo.sim.faults import Fault, FaultError
from contratempo.sim.simulation import Simulation


def list_faults(simulation: Simulation, request: Request) -> Response:
    """Answer the faults of the world, oldest first."""
    return Response(200, {"faults": simulation.faults.dump()})


def add_fault(simulation: Simulation, request: Request) -> Response:
    """Add a fault and answer it; Refusal 422 for one that could never strike."""
    wish = _whole(request.body)
    identifier = f"flt_{simulation.short_id('fault')}"
    probability = float(wish.get("probability", 1))
    fault = Fault(identifier, wish.get("match", {}), _whole(wish["fault"]), wish.get("times", 1), probability)
    try:
        simulation.faults.add(fault)
    except FaultError as error:
        raise _refused(error) from None
    return Response(201, fault.describe())


def delete_fault(simulation: Simulation, request: Request) -> Response:
    """Remove a fault; Refusal 404 when there is none."""
    identifier = request.path["id"]
    if identifier not in simulation.faults:
        raise not_found(f"There is no fault {identifier!r} in this world.", "GET /_mock/faults lists them")
    simulation.faults.remove(identifier)
    return Response(204)


def clear_faults(simulation: Simulation, request: Request) -> Response:
    """Remove every fault."""
    simulation.faults.clear()
    return Response(204)


def _refused(error: FaultError) -> Refusal:
    violation = Violation("body", tuple(error.place.split("/")), "value", str(error))
    return Refusal(Problem("invalid", str(error), (violation,)))


def _whole(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return members with whole numbers as such: JSON Schema takes 429.0 for an integer, a status line does not."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in members.items()
    }
