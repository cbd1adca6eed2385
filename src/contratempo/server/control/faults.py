"""Faults: what goes wrong on the wire of a world, added and taken away."""

from collections.abc import Mapping
from typing import Any

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Provider, Refusal, Request, Response
from contratempo.server.control.problems import not_found, unknown_name
from contratempo.sim.faults import FAULTS_KEPT, Fault, FaultError
from contratempo.sim.simulation import Simulation


def list_faults(simulation: Simulation, request: Request) -> Response:
    """Answer the faults of the world, oldest first."""
    return Response(200, {"faults": [fault.describe() for fault in simulation.faults]})


def add_fault(simulation: Simulation, request: Request) -> Response:
    """Add a fault and answer it; Refusal 404 for one of what does not exist, 429 when there are too many."""
    wish = _whole(request.body)
    if len(simulation.faults) >= FAULTS_KEPT:
        detail = f"The world has {FAULTS_KEPT} faults, as many as may be."
        raise Refusal(Problem("rate-limited", detail, hint="DELETE /_mock/faults removes them, or POST /_mock/reset"))
    identifier = f"flt_{simulation.short_id('fault')}"
    probability = float(wish.get("probability", 1))
    match, stream = wish.get("match", {}), f"fault/{simulation.ordinals['fault']}"
    fault = Fault(identifier, match, _whole(wish["fault"]), wish.get("times", 1), probability, stream=stream)
    try:
        simulation.faults.add(fault)
    except FaultError as error:
        raise _refused(error) from None
    _check_names(simulation, fault.match)
    return Response(201, fault.describe())


def _check_names(simulation: Simulation, match: Mapping[str, Any]) -> None:
    """Raise a Refusal for a provider, operation or event that is none: the fault would wait for ever."""
    vendors = [actor for actor in simulation.origin.actors.values() if isinstance(actor, Provider)]
    known = {
        "provider": {each.name for each in vendors if each.name != "control"},
        "operation": {name for each in vendors if each.name != "control" for name in each.operations},
        "event": {name for each in vendors if each.webhooks for name in each.webhooks.events},
    }
    for place, names in known.items():
        if (name := match.get(place)) is not None and names and name not in names:
            raise unknown_name(place, name, names)


def delete_fault(simulation: Simulation, request: Request) -> Response:
    """Remove a fault; Refusal 404 when there is none."""
    identifier = request.path["id"]
    if identifier not in simulation.faults:
        raise not_found(f"There is no fault {identifier!r} in this world.", "GET /_mock/faults lists them")
    simulation.minting.forget_chance(simulation.faults[identifier].purpose)
    simulation.faults.remove(identifier)
    return Response(204)


def clear_faults(simulation: Simulation, request: Request) -> Response:
    """Remove every fault."""
    for fault in simulation.faults:
        simulation.minting.forget_chance(fault.purpose)
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
