"""What the tests of the suite share: the reference servers, and exchanges to show to rules."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contratempo.conformance.book import open_book
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rules import RULES
from contratempo.conformance.visit import read_exchange
from contratempo.conformance.vocabulary import VOCABULARIES

NOW = datetime(2026, 3, 15, 9, tzinfo=UTC)
CONFORMANCE = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def references() -> ModuleType:
    """Return the package of reference servers, mutants and variants."""
    if str(CONFORMANCE) not in sys.path:
        sys.path.insert(0, str(CONFORMANCE))
    import references

    return references


class Shown:
    """Exchanges with a provider, one after another, as rules see them."""

    def __init__(self, provider: str, flavour: Any = "effective") -> None:
        self.book = open_book(provider, flavour)
        self.ledger = Ledger(
            self.book, VOCABULARIES[provider], token="a-token-that-is-long", receiver="http://127.0.0.1:9"
        )

    def seen(
        self,
        method: str,
        path: str,
        status: int,
        answer: Any = None,
        *,
        body: Any = None,
        now: datetime | None = NOW,
        query: str = "",
        auth: str = "good",
        headers: dict[str, str] | None = None,
        answered: dict[str, str] | None = None,
        raw: bytes | None = None,
        content: bytes | None = None,
        exclusive: bool = True,
    ) -> Exchange:
        """Return an exchange; bodies are JSON unless `raw` and `content` are given."""
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        came = content if content is not None else b"" if answer is None else json.dumps(answer).encode()
        types = {"content-type": "application/json"}
        return read_exchange(
            self.book,
            method=method,
            path=path,
            query=query,
            auth=auth,
            headers={**(types if sent else {}), **(headers or {})},
            sent_bytes=sent,
            status=status,
            answer_headers={**(types if came else {}), **(answered or {})},
            content=came,
            elapsed=0.01,
            now=now,
            wall=NOW,
            exclusive=exclusive,
            url="http://target",
        )

    def note(self, *seen: Any) -> None:
        """Take down what happened before."""
        for each in seen:
            self.ledger.note(each)

    def say(self, rule: str, seen: Any) -> list[str] | None:
        """Return what a rule finds wrong, None when it has nothing to say."""
        return RULES[rule].check(seen, self.ledger)


@pytest.fixture(scope="session")
def shown() -> Callable[..., Shown]:
    """Return a maker of exchanges."""
    return Shown
