"""Documents for the tests of the contract: small ones written inline, and the vendors' own."""

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from contratempo.contract.contract import Checked, Contract
from contratempo.contract.document import Document, make_document, read_document
from contratempo.contract.source import Json
from contratempo.contract.violation import Violation

SPECS = Path(__file__).parents[2] / "specs"
TOKEN = ("authorization", "Bearer key")
JSON = ("content-type", "application/json")

EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+15550100",
    "telnyx_agent_target": "+15550101",
    "scheduled_at_fixed_datetime": "2025-04-15T13:07:28Z",
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file (text, dedented, or a tree) and returns where it is."""

    def write(content: str | bytes | Json, name: str = "document.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(dedent(content) if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
        return path

    return write


def document_of(operation: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The smallest document with one operation, `POST /things/{id}`, called `op`."""
    default: dict[str, Any] = {"responses": {"200": {"description": "fine"}}}
    path = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    operation = {"operationId": "op", "parameters": path, **default, **(operation or {})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "paths": {"/things/{id}": {"post": operation}},
        **more,
    }


def parameter(name: str, schema: Json, location: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "schema": schema, **more}


def contract_of(operation: dict[str, Any] | None = None, **more: Any) -> Contract:
    if operation and not any(each.get("in") == "path" for each in operation.get("parameters", [{"in": "path"}])):
        operation["parameters"].append(parameter("id", {"type": "string"}, "path", required=True))
    return Contract(make_document("example", document_of(operation, **more), Path("example.yaml")), "both")


def body_of(schema: Json, **more: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, **more}}


def answer_of(schema: Json) -> dict[str, Any]:
    return {"responses": {"200": {"description": "fine", "content": {"application/json": {"schema": schema}}}}}


def ask(contract: Contract, operation: str = "op", **sent: Any) -> Checked:
    """Check a request; what is not given is fine."""
    naive = sent.pop("naive", False)
    request = {"path": {"id": "1", "assistant_id": "a"}, "query": b"", "headers": [TOKEN, JSON], "body": b"", **sent}
    return contract.check_request(operation, naive_datetime=naive, **request)


def told(found: Checked | tuple[Violation, ...]) -> list[tuple[str, str, str]]:
    """Where each violation is and of what kind."""
    each = found.violations if isinstance(found, Checked) else found
    return [(violation.location, violation.pointer, violation.kind) for violation in each]


class Tools:
    """What several test files use; they may not import one another."""

    document_of = staticmethod(document_of)
    parameter = staticmethod(parameter)
    contract_of = staticmethod(contract_of)
    body_of = staticmethod(body_of)
    answer_of = staticmethod(answer_of)
    ask = staticmethod(ask)
    told = staticmethod(told)


@pytest.fixture(scope="session")
def tools() -> type[Tools]:
    return Tools


@pytest.fixture(scope="session")
def vendored() -> dict[str, Document]:
    """The vendors' documents, as they came."""
    folder = SPECS / "telnyx"
    files = {
        "telnyx_assistants": sorted(folder.glob("assistants-*.yaml")),
        "telnyx_messages": sorted(folder.glob("messages-*.yaml")),
    }
    return {name: read_document(name, paths, []) for name, paths in files.items()}


@pytest.fixture(scope="session")
def assistants(vendored: dict[str, Document]) -> Contract:
    return Contract(vendored["telnyx_assistants"], "both")


@pytest.fixture(scope="session")
def messages(vendored: dict[str, Document]) -> Contract:
    return Contract(vendored["telnyx_messages"], "both")


@pytest.fixture
def create(assistants: Contract) -> Callable[..., Checked]:
    """Checks a request that creates an event; what is not given is fine."""

    def create(body: Json = EVENT, **sent: Any) -> Checked:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return ask(assistants, "create_scheduled_event", body=raw, **sent)

    return create


@pytest.fixture
def listing(assistants: Contract) -> Callable[..., Checked]:
    """Checks a request that lists events."""
    return lambda query=b"", **sent: ask(assistants, "get_scheduled_events", query=query, **sent)


@pytest.fixture(scope="session")
def event() -> dict[str, Any]:
    return dict(EVENT)
