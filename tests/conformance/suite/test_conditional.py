"""Conditional requests, as browsers and SDKs with caches send them: HTTP's own answers to them are nobody's fault."""

from typing import Any

import pytest

from contratempo.conformance.rules import RULES
from contratempo.conformance.tally import Tally

EVENTS = "/ai/assistants/a/scheduled_events"
MESSAGE = "/messages/40385f64-5717-4562-b3fc-2c963f66afa6"


def broken(suite: Any, x: Any) -> list[str]:
    rules = [each for each in RULES.values() if suite.book.provider in each.providers]
    return [name for name, said in Tally(rules).judge(x, suite.ledger).items() if said]


@pytest.mark.parametrize(("provider", "path"), [("telnyx_assistants", EVENTS), ("telnyx_messages", MESSAGE)])
@pytest.mark.parametrize(
    ("status", "header"),
    [
        (304, "if-none-match"),
        (304, "if-modified-since"),
        (412, "if-match"),
        (412, "if-unmodified-since"),
        (416, "range"),
    ],
)
def test_what_was_asked_for_under_a_condition_is_answered_so(
    shown: Any, provider: str, path: str, status: int, header: str
) -> None:
    suite = shown(provider)
    asked = suite.seen("GET", path, status, headers={header: '"1"'}, exclusive=False)
    assert broken(suite, asked) == []
    assert broken(suite, suite.seen("GET", path, status, exclusive=False))


def test_what_makes_something_is_not_unchanged(shown: Any) -> None:
    suite = shown("telnyx_messages")
    x = suite.seen("POST", "/messages/schedule", 304, body={"to": "+18665550001"}, headers={"if-none-match": '"1"'})
    assert "answers.documented-status" in broken(suite, x)


@pytest.mark.parametrize(("length", "wrong"), [("5", 1), ("0", 0), (None, 0)])
def test_a_client_sees_no_content_of_a_204_and_its_length_all_the_same(shown: Any, length: Any, wrong: int) -> None:
    suite = shown("telnyx_assistants")
    x = suite.seen("DELETE", f"{EVENTS}/e1", 204, answered={"content-length": length} if length else {})
    assert len(suite.say("answers.no-content", x)) == wrong
