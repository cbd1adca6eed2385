"""Judges exchanges and webhooks by the documents, vendored or with what the overlays add."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import Operation, read_document
from contratempo.contract.violation import Violation
from contratempo.data import data_root

from .driver import Exchange
from .witness import Sight

SPECS = data_root("specs")
FILES = {
    "telnyx_assistants": (
        "telnyx/assistants-create_scheduled_event.yaml",
        "telnyx/assistants-get_scheduled_events.yaml",
    ),
    "telnyx_messages": ("telnyx/messages-ScheduleMessage.yaml",),
    "temphone": ("temphone/calls.yaml",),
}


@cache
def contract(provider: str, effective: bool) -> Contract:
    overlays = [SPECS / f"overlays/{provider}.yaml"] if effective else []
    return Contract(read_document(provider, [SPECS / name for name in FILES[provider]], overlays, validate=False))


@cache
def operation_of(provider: str, effective: bool, method: str, path: str) -> Operation | None:
    document = contract(provider, effective)
    for operation in sorted(document.document.operations.values(), key=lambda each: each.path.count("{")):
        pattern = document.base + re.sub(r"\{[^}]+\}", "[^/]+", operation.path)
        if operation.method.upper() == method and re.fullmatch(pattern, path):
            return operation
    return None


def violations(provider: str, effective: bool, exchange: Exchange) -> tuple[Violation, ...]:
    operation = operation_of(provider, effective, exchange.method, exchange.path.partition("?")[0])
    if operation is None:
        return ()
    body, headers = exchange.body if exchange.raw else None, list(exchange.headers.items())
    return contract(provider, effective).check_response(
        operation.id, exchange.status, exchange.headers.get("content-type"), body, headers
    )


@pytest.fixture(scope="session")
def judge() -> Callable[..., list[Violation]]:
    """Return a judge: of (provider, sight, effective), all that breaks the document in what the client saw."""

    judged: dict[Any, tuple[Violation, ...]] = {}

    def judge(provider: str, sight: Sight, effective: bool) -> list[Violation]:
        for exchange in sight.exchanges:
            if (effective, exchange.seen()) not in judged:
                judged[effective, exchange.seen()] = violations(provider, effective, exchange)
        return [wrong for exchange in sight.exchanges for wrong in judged[effective, exchange.seen()]]

    return judge


@pytest.fixture(scope="session")
def judge_webhooks() -> Callable[..., list[Violation]]:
    """Return a judge of the webhooks that a client saw."""

    def judge(provider: str, sight: Sight) -> list[Violation]:
        bodies = [json.loads(what[3]) for what in sight.webhooks()]
        document = contract(provider, True)
        return [wrong for body in bodies for wrong in document.check_webhook(event_of(body), body)]

    return judge


def event_of(body: dict[str, Any]) -> str:
    return str(body["event"] if "event" in body else body["data"]["event_type"])
