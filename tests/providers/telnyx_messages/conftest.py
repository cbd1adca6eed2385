"""A world with the messages provider alone, whose every exchange is held to the document."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.data import data_root
from contratempo.provider import Json, Refusal, Response, magic_targets
from contratempo.providers.telnyx_messages import provider
from contratempo.sim.clock import Clock
from contratempo.sim.instants import SECOND, format_instant, parse_instant
from contratempo.sim.outcomes import Outcome, Script
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

START = "2026-03-15T15:00:00Z"
SMS = {"from": "+18445550001", "to": "+18665550001", "text": "Hello, World!"}


class Desk:
    """Asks as a client would: a request is judged, done, and its answer judged, by the document in force."""

    def __init__(self, contract: Contract, rules: dict[str, Any]) -> None:
        self.contract = contract
        named = {f"{provider.name}.{name}": value for name, value in rules.items()}
        actors = {provider.name: provider}
        origin = Origin("test", "seed", "spec", lambda: Rules(provider.rules, named), actors, magic_targets())
        self.simulation = Simulation(origin, Clock(parse_instant(START)))

    def ask(
        self, operation: str, body: Json = None, *, id: str | None = None, key: str | None = None, caller: str = "me"
    ) -> Response:
        headers = [("authorization", "Bearer K"), ("content-type", "application/json")]
        checked = self.contract.check_request(
            operation,
            path={} if id is None else {"id": id},
            query="",
            headers=headers if key is None else [*headers, ("idempotency-key", key)],
            body=b"" if body is None else json.dumps(body).encode(),
            naive_datetime=True,
        )
        assert checked.violations == ()
        request = {"operation": operation, "path": checked.path, "headers": checked.headers, "body": checked.body}
        return self._judged(operation, self._do(operation, request | {"caller": caller}))

    def _do(self, operation: str, request: dict[str, Json]) -> Response:
        command = {"kind": "call", "at": self.simulation.now, "provider": provider.name}
        before = json.dumps(self.dump())
        try:
            if operation == "RetrieveMessage":
                response = provider.call(self.simulation, operation, request)
                assert json.dumps(self.dump()) == before
                return response
            answer: Response = self.simulation.apply(command | {"operation": operation, "request": request})
            return answer
        except Refusal as refusal:
            assert json.dumps(self.dump()) == before
            return provider.refuse(refusal.problem)

    def _judged(self, operation: str, response: Response) -> Response:
        headers = list(response.headers.items())
        body = json.loads(json.dumps(response.body))
        assert self.contract.check_response(operation, response.status, response.media_type, body, headers) == ()
        return response

    def dump(self) -> dict[str, Any]:
        parts = ("records", "timers", "outcomes", "idempotency")
        return {name: getattr(self.simulation, name).dump() for name in parts}

    def schedule(self, seconds: float = 3600, **fields: Json) -> str:
        return str(self.accepted("ScheduleMessage", SMS | {"send_at": self.at(seconds)} | fields)["id"])

    def send(self, **fields: Json) -> str:
        return str(self.accepted("SendMessage", SMS | fields)["id"])

    def accepted(self, operation: str, body: Json) -> dict[str, Any]:
        response = self.ask(operation, body)
        assert response.status == 200, response.body
        return dict(response.body["data"])

    def refused(self, operation: str, body: Json = None, *, id: str | None = None) -> tuple[int, str, str | None]:
        response = self.ask(operation, body, id=id)
        (error,) = response.body["errors"]
        return response.status, error["code"], error.get("source", {}).get("pointer")

    def message(self, id: str) -> dict[str, Any]:
        response = self.ask("RetrieveMessage", id=id)
        assert response.status == 200, response.body
        return dict(response.body["data"])

    def status(self, id: str) -> str:
        return str(self.message(id)["to"][0]["status"])

    def at(self, seconds: float) -> str:
        return format_instant(self.simulation.now + round(seconds * SECOND))

    def advance(self, seconds: float) -> None:
        self.simulation.apply({"kind": "run", "until": self.simulation.now + round(seconds * SECOND)})

    def script(self, *outcomes: str | Outcome, **match: str) -> None:
        listed = [{"status": outcome} if isinstance(outcome, str) else outcome for outcome in outcomes]
        self.simulation.outcomes.add(Script("s1", match, listed))


@pytest.fixture(scope="session")
def messages_contract() -> Contract:
    specs = data_root("specs")
    overlay = specs / "overlays" / "telnyx_messages.yaml"
    return Contract(read_document("telnyx_messages", [specs / provider.documents[0]], [overlay]), "both")


@pytest.fixture(scope="session")
def observed_contract() -> Contract:
    specs = data_root("specs")
    overlays = [specs / "overlays" / f"telnyx_messages{suffix}.yaml" for suffix in ("", "_observed")]
    return Contract(read_document("telnyx_messages", [specs / provider.documents[0]], overlays), "both")


@pytest.fixture(scope="session")
def vendored_contract() -> Contract:
    return Contract(read_document("telnyx_messages", [data_root("specs") / provider.documents[0]]), "both")


@pytest.fixture
def make_desk(messages_contract: Contract) -> Callable[..., Desk]:
    return lambda **rules: Desk(messages_contract, rules)


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()


@pytest.fixture
def lenient(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(
        past_datetime="run_now",
        missing_send_at="send_now",
        send_at_window="off",
        message_content="off",
        message_size="off",
        auto_detect="off",
        gsm7_encoding="off",
        webhook_urls="off",
        to_format="off",
        sender_format="off",
        messaging_profile="off",
        retrieval_window="off",
        cancel_window="off",
        cancelled_message="gone",
        idempotency_mismatch="fresh",
    )
