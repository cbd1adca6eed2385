"""A world with this provider alone, reached the way the endpoint does: every request and every answer is judged."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.provider import Problem, Refusal, Response
from contratempo.providers.telnyx_assistants import provider
from contratempo.sim.clock import Clock
from contratempo.sim.instants import SECOND, parse_instant
from contratempo.sim.outcomes import MagicTarget, Script
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

START = "2026-03-01T09:00:00Z"
COLLECTION = "/ai/assistants/{assistant_id}/scheduled_events"


class Api:
    """A client of one world; `trace` and `headers` are those of the latest answer."""

    def __init__(self, contract: Contract, simulation: Simulation) -> None:
        self.contract, self.simulation = contract, simulation
        self.trace: tuple[str, ...] = ()
        self.headers: dict[str, str] = {}

    def create(
        self, event: Any = None, assistant: str = "a1", key: str | None = None, **changes: Any
    ) -> tuple[int, Any]:
        body = json.dumps({**(PHONE if event is None else event), **changes}).encode()
        headers = [("content-type", "application/json")] + ([("idempotency-key", key)] if key is not None else [])
        return self.send("create_scheduled_event", {"assistant_id": assistant}, headers=headers, body=body)

    def list(self, query: str = "", assistant: str = "a1") -> tuple[int, Any]:
        return self.send("get_scheduled_events", {"assistant_id": assistant}, query=query)

    def retrieve(self, event: str, assistant: str = "a1") -> tuple[int, Any]:
        return self.send("get_scheduled_event", {"assistant_id": assistant, "event_id": event})

    def delete(self, event: str, assistant: str = "a1") -> tuple[int, Any]:
        return self.send("delete_scheduled_event", {"assistant_id": assistant, "event_id": event})

    def send(
        self,
        operation: str,
        path: dict[str, str],
        *,
        query: str = "",
        headers: Any = (),
        body: bytes = b"",
        caller: str = "c1",
    ) -> tuple[int, Any]:
        naive = self.simulation.rules["telnyx_assistants.naive_datetime"] == "utc"
        sent = [("authorization", "Bearer k"), *headers]
        checked = self.contract.check_request(
            operation, path=path, query=query, headers=sent, body=body, naive_datetime=naive
        )
        if checked.violations:
            return self._judged(operation, provider.refuse(Problem("invalid", violations=checked.violations)))
        request = {"operation": operation, "path": checked.path, "query": checked.query, "headers": checked.headers}
        request |= {"body": checked.body, "caller": caller}
        try:
            return self._judged(operation, self._do(operation, request))
        except Refusal as refusal:
            return self._judged(operation, provider.refuse(refusal.problem))

    def _do(self, operation: str, request: dict[str, Any]) -> Response:
        if operation.startswith("get_"):
            return provider.call(self.simulation, operation, request)
        command = {"kind": "call", "at": self.simulation.now, "provider": provider.name}
        return self.simulation.apply({**command, "operation": operation, "request": request})

    def _judged(self, operation: str, response: Response) -> tuple[int, Any]:
        media_type = None if response.body is None else response.media_type
        headers = list(response.headers.items())
        assert self.contract.check_response(operation, response.status, media_type, response.body, headers) == ()
        self.trace, self.headers = response.trace, dict(response.headers)
        return response.status, response.body

    def advance(self, seconds: float) -> None:
        self.simulation.apply({"kind": "run", "until": self.simulation.now + round(seconds * SECOND)})

    def run_to(self, instant: str) -> None:
        self.simulation.apply({"kind": "run", "until": parse_instant(instant)})

    def script(self, *outcomes: Any, **match: str) -> None:
        listed = [{"status": each} if isinstance(each, str) else each for each in outcomes]
        self._control(lambda world: world.outcomes.add(Script(f"s{world.mint('script')}", match, listed)))

    def set(self, **rules: Any) -> None:
        self._control(
            lambda world: world.set_rules({f"telnyx_assistants.{name}": each for name, each in rules.items()})
        )

    def _control(self, act: Callable[[Simulation], Any]) -> None:
        command = {"kind": "call", "at": self.simulation.now, "provider": "control", "operation": "", "request": act}
        self.simulation.apply(command)


class Control:
    """What the control plane is to a simulation: an actor that changes it."""

    name = "control"
    kinds: ClassVar[dict[str, Any]] = {}

    def call(self, simulation: Simulation, operation: str, act: Any) -> Any:
        return act(simulation)


PHONE = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+13125550001",
    "telnyx_agent_target": "+13125550002",
    "scheduled_at_fixed_datetime": "2026-03-01T10:00:00Z",
}
SMS = PHONE | {"telnyx_conversation_channel": "sms_chat", "text": "See you tomorrow."}


@pytest.fixture
def phone() -> dict[str, Any]:
    return dict(PHONE)


@pytest.fixture
def sms() -> dict[str, Any]:
    return dict(SMS)


@pytest.fixture(scope="session")
def contract() -> Contract:
    specs = data_root("specs")
    overlay = specs / "overlays" / "telnyx_assistants.yaml"
    return Contract(
        read_document(provider.name, [specs / Path(part) for part in provider.documents], [overlay]), "both"
    )


@pytest.fixture(scope="session")
def make_api(contract: Contract) -> Callable[..., Api]:
    magic = load(data_root("specs") / "outcomes.yaml")["magic"]
    targets = {digits: MagicTarget(digits, tuple(row["outcomes"]), row["summary"]) for digits, row in magic.items()}

    def make(seed: str = "seed") -> Api:
        actors = {provider.name: provider, "control": Control()}
        origin = Origin("default", seed, "spec", lambda: Rules(provider.rules), actors, targets)
        return Api(contract, Simulation(origin, Clock(parse_instant(START)), remembers=False))

    return make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api()
