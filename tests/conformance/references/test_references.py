"""The references share nothing with what they are to prove, and keep to the documents."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import Operation, read_document
from contratempo.data import data_root

from . import REFERENCES, reference
from .driver import Driver, Exchange
from .witness import look

HERE = Path(__file__).parent
SPECS = data_root("specs")
FILES = {
    "telnyx_assistants": (
        "telnyx/assistants-create_scheduled_event.yaml",
        "telnyx/assistants-get_scheduled_events.yaml",
    ),
    "telnyx_messages": ("telnyx/messages-ScheduleMessage.yaml",),
    "temphone": ("temphone/calls.yaml",),
}


def contract(provider: str, *, effective: bool) -> Contract:
    overlays = [SPECS / f"overlays/{provider}.yaml"] if effective else []
    return Contract(read_document(provider, [SPECS / name for name in FILES[provider]], overlays, validate=False))


@pytest.fixture(scope="module")
def seen() -> dict[str, Driver]:
    return {provider: look(reference(provider)) for provider in REFERENCES}


def operation_of(document: Contract, exchange: Exchange) -> Operation | None:
    path = exchange.path.partition("?")[0]
    method = exchange.method.lower()
    for operation in sorted(document.document.operations.values(), key=lambda each: each.path.count("{")):
        pattern = document.base + re.sub(r"\{[^}]+\}", "[^/]+", operation.path)
        if re.fullmatch(pattern, path) and operation.method.lower() == method:
            return operation
    return None


def broken(document: Contract, exchange: Exchange) -> Iterator[str]:
    operation = operation_of(document, exchange)
    if operation is None:
        return
    body = exchange.body if exchange.raw else None
    headers = list(exchange.headers.items())
    for violation in document.check_response(
        operation.id, exchange.status, exchange.headers.get("content-type"), body, headers
    ):
        yield f"{exchange.method} {exchange.path} {exchange.status}: {violation}"


def event_of(body: dict[str, Any]) -> str:
    return str(body["event"] if "event" in body else body["data"]["event_type"])


@pytest.mark.parametrize("file", [path for path in HERE.rglob("*.py") if not path.name.startswith("test_")], ids=str)
def test_nothing_is_shared_with_the_product(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.partition(".")[0] in ("contratempo", "tests")], file


@pytest.mark.parametrize("provider", REFERENCES)
def test_every_answer_keeps_to_the_effective_document(provider: str, seen: dict[str, Driver]) -> None:
    document = contract(provider, effective=True)
    assert [why for exchange in seen[provider].exchanges for why in broken(document, exchange)] == []


@pytest.mark.parametrize("provider", REFERENCES)
def test_every_answer_keeps_to_the_vendored_document(provider: str, seen: dict[str, Driver]) -> None:
    document = contract(provider, effective=False)
    listed = [
        each for each in seen[provider].exchanges if each.status in (200, 201, 422) or provider != "telnyx_assistants"
    ]
    assert [why for exchange in listed for why in broken(document, exchange)] == []


@pytest.mark.parametrize("provider", ["telnyx_messages", "temphone"])
def test_every_webhook_keeps_to_the_effective_document(provider: str, seen: dict[str, Driver]) -> None:
    document = contract(provider, effective=True)
    bodies = [json.loads(what[3]) for what in seen[provider].webhooks()]
    assert len(bodies) > 6
    assert [why for body in bodies for why in document.check_webhook(event_of(body), body)] == []


@pytest.mark.parametrize("provider", REFERENCES)
def test_nothing_is_a_server_error(provider: str, seen: dict[str, Driver]) -> None:
    assert [exchange for exchange in seen[provider].exchanges if exchange.status >= 500] == []
