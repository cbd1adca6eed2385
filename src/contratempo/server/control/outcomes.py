"""Outcomes: scripts of what the far end does, and the numbers that decide without one."""

from typing import Any

from contratempo.provider import Problem, Provider, Refusal, Request, Response
from contratempo.server.control.problems import invalid, not_found, unknown_name
from contratempo.sim.outcomes import SCRIPTS_KEPT, MagicTarget, Outcome, OutcomeError, Script, describe
from contratempo.sim.simulation import Simulation


def list_outcomes(simulation: Simulation, request: Request) -> Response:
    """Answer the scripts of the world, oldest first, and the magic targets."""
    magic = [_describe_magic(target) for target in simulation.origin.magic.values()]
    return Response(200, {"scripts": simulation.outcomes.dump(), "magic": magic})


def script_outcomes(simulation: Simulation, request: Request) -> Response:
    """Add a script and answer it; Refusal 404 for one that no attempt would follow, 429 for one too many."""
    wish = request.body
    if len(simulation.outcomes.scripts) >= SCRIPTS_KEPT:
        detail = f"The world has {SCRIPTS_KEPT} scripts, as many as may be."
        raise Refusal(Problem("rate-limited", detail, hint="DELETE /_mock/outcomes removes them, or POST /_mock/reset"))
    outcomes = [_outcome(entry) for entry in wish["outcomes"]]
    identifier = f"out_{simulation.short_id('outcome')}"
    script = Script(identifier, wish.get("match", {}), outcomes, wish.get("then", "repeat"))
    try:
        simulation.outcomes.add(script)
    except OutcomeError as error:
        raise invalid("outcomes", str(error)) from None
    _check_match(simulation, script)
    return Response(201, describe(script))


def _check_match(simulation: Simulation, script: Script) -> None:
    """Raise a Refusal for an operation that makes no attempt, and for outcomes that nothing it makes can come to."""
    if (operation := script.match.get("operation")) is None:
        return
    vendors = [each for each in simulation.origin.actors.values() if isinstance(each, Provider) and each.kinds]
    makers = {name: each for each in vendors for name in each.operations}
    if operation not in makers:
        raise unknown_name("operation", operation, makers)
    attempted = makers[operation].attempted
    if attempted and operation not in attempted:
        raise not_found(f"No attempt is made of {operation}.", f"script {' or '.join(sorted(attempted))}")
    known = frozenset[str]().union(*(kind.outcomes for kind in makers[operation].kinds.values()))
    for outcome in script.outcomes:
        if outcome["status"] not in known:
            ends = ", ".join(sorted(known)) or "nothing"
            detail = f"Nothing that {operation} makes ever comes to {outcome['status']}."
            raise not_found(detail, f"it comes to {ends}; script one of those, or leave the operation out")


def delete_outcome(simulation: Simulation, request: Request) -> Response:
    """Remove a script; Refusal 404 when there is none."""
    identifier = request.path["id"]
    if identifier not in simulation.outcomes.scripts:
        raise not_found(f"There is no script {identifier!r} in this world.", "GET /_mock/outcomes lists them")
    simulation.outcomes.remove(identifier)
    return Response(204)


def clear_outcomes(simulation: Simulation, request: Request) -> Response:
    """Remove every script."""
    simulation.outcomes.clear()
    return Response(204)


def _outcome(entry: str | dict[str, Any]) -> Outcome:
    return {"status": entry} if isinstance(entry, str) else dict(entry)


def _describe_magic(target: MagicTarget) -> dict[str, Any]:
    return {"target": f"+1 xxx 555 {target.digits}", "outcomes": list(target.outcomes), "summary": target.summary}
