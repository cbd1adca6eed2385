"""What the tests of TemPhone share: a world of it alone, its contract, and asking as the server does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.data import data_root
from contratempo.provider import Problem, Refusal, Response, magic_targets
from contratempo.providers.temphone import provider
from contratempo.providers.temphone.checks import earlier
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_instant
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

NOW = "2026-03-15T14:22:11Z"
MINIMAL = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "Hi {{first_name}}"}
Ask = Callable[..., Response]


@pytest.fixture(scope="session")
def contract() -> Contract:
    specs = data_root("specs")
    return Contract(
        read_document("temphone", [specs / "temphone/calls.yaml"], [specs / "overlays/temphone.yaml"]), "both"
    )


@pytest.fixture
def simulation() -> Simulation:
    origin = Origin("w", "seed", "spec", lambda: Rules(provider.rules), {"temphone": provider}, magic_targets())
    return Simulation(origin, Clock(parse_instant(NOW)))


@pytest.fixture
def ask(simulation: Simulation, contract: Contract) -> Ask:
    """Ask as the server does: the contract judges the request, the provider answers, the contract judges the answer."""

    def ask(
        body: Any = None, *, content_type: str = "application/json", raw: bytes | None = None, **changes: Any
    ) -> Response:
        sent = json.dumps((MINIMAL if body is None else body) | changes).encode() if raw is None else raw
        response = judged(sent, content_type)
        assert contract.check_response("scheduleCall", response.status, "application/json", response.body, {}) == ()
        return response

    def judged(raw: bytes, content_type: str) -> Response:
        headers = [("authorization", "Bearer k"), ("content-type", content_type)]
        naive = simulation.rules["temphone.naive_datetime"] != "reject"
        checked = contract.check_request(
            "scheduleCall", path={}, query=b"", headers=headers, body=raw, naive_datetime=naive
        )
        if checked.violations:
            told = earlier(simulation, checked.body, checked.violations)
            return provider.refuse(told or Problem("invalid", violations=checked.violations))
        command = {"kind": "call", "at": simulation.now, "provider": "temphone", "operation": "scheduleCall"}
        try:
            request = {"operation": "scheduleCall", "body": checked.body}
            return simulation.apply({**command, "request": request})
        except Refusal as refusal:
            return provider.refuse(refusal.problem)

    return ask


@pytest.fixture
def set_rules(simulation: Simulation) -> Callable[..., None]:
    """`set_rules(past_datetime="run_now")` sets rules of the world."""

    def set_rules(**values: Any) -> None:
        simulation.set_rules({f"temphone.{name}": value for name, value in values.items()})

    return set_rules
