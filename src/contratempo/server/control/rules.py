"""Rules: what the documents leave open, and what this world decides."""

from difflib import get_close_matches
from typing import Any

from contratempo.provider import Request, Response
from contratempo.server.control.problems import invalid, not_found
from contratempo.sim.rules import RuleError, Rules
from contratempo.sim.simulation import Simulation


def list_rules(simulation: Simulation, request: Request) -> Response:
    """Answer every rule of the world."""
    rules = simulation.rules
    return Response(200, {"rules": [rules.describe(name) for name in sorted(rules.definitions)]})


def set_rules(simulation: Simulation, request: Request) -> Response:
    """Override rules, all or none, and answer every rule."""
    unknown = [name for name in request.body if name not in simulation.rules.definitions]
    if unknown:
        raise not_found(f"There is no rule {unknown[0]!r}.", _near(simulation.rules, unknown[0]))
    try:
        simulation.set_rules(request.body)
    except RuleError as error:
        raise invalid(_culprit(simulation.rules, request.body), str(error)) from None
    return list_rules(simulation, request)


def _near(rules: Rules, name: str) -> str:
    near = get_close_matches(name, rules.definitions, n=1)
    return f"did you mean {near[0]}?" if near else "GET /_mock/rules lists them"


def _culprit(rules: Rules, values: dict[str, Any]) -> str:
    for name, value in values.items():
        try:
            rules.check({name: value})
        except RuleError:
            return name
    raise AssertionError("set_rules refused values that are allowed one by one")
