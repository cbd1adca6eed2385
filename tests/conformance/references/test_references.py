"""The references share nothing with what they are to prove, and keep to the documents."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import REFERENCES
from .witness import Sight, look

HERE = Path(__file__).parent
SERVERS = [
    path for path in sorted(HERE.rglob("*.py")) if path.name != "conftest.py" and not path.name.startswith("test_")
]
Judge = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def seen() -> dict[str, Sight]:
    return {provider: look(server) for provider, server in REFERENCES.items()}


@pytest.mark.parametrize("file", SERVERS, ids=lambda path: str(path.relative_to(HERE)))
def test_nothing_is_shared_with_the_product(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.partition(".")[0] in ("contratempo", "tests")], file


@pytest.mark.parametrize("provider", REFERENCES)
def test_every_answer_keeps_to_the_effective_document(provider: str, seen: dict[str, Sight], judge: Judge) -> None:
    assert judge(provider, seen[provider], effective=True) == []


@pytest.mark.parametrize("provider", REFERENCES)
def test_every_answer_keeps_to_the_vendored_document(provider: str, seen: dict[str, Sight], judge: Judge) -> None:
    found = judge(provider, seen[provider], effective=False)
    assert [violation for violation in found if violation.kind != "undocumented-status"] == []


@pytest.mark.parametrize("provider", ["telnyx_messages", "temphone"])
def test_every_webhook_keeps_to_the_effective_document(
    provider: str, seen: dict[str, Sight], judge_webhooks: Judge
) -> None:
    assert len(seen[provider].webhooks()) > 6
    assert judge_webhooks(provider, seen[provider]) == []


@pytest.mark.parametrize("provider", REFERENCES)
def test_nothing_is_a_server_error(provider: str, seen: dict[str, Sight]) -> None:
    assert [exchange for exchange in seen[provider].exchanges if exchange.status >= 500] == []
