"""The recorded conversations that ship: there are some, without a token, and a correct server keeps every rule."""

from types import ModuleType

import pytest

from contratempo.conformance import Target
from contratempo.conformance.corpus import SHIPPED, read_conversations, replay
from contratempo.conformance.rules import RULES
from contratempo.conformance.run import visiting
from contratempo.conformance.tally import Tally


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages", "temphone"])
def test_recorded_conversations_alarm_nobody(provider: str, references: ModuleType) -> None:
    conversations = dict(read_conversations(provider))
    assert len(conversations) >= 2
    tally = Tally(tuple(rule for rule in RULES.values() if provider in rule.providers))
    target = Target(app=references.reference(provider), token=references.KEY)
    with visiting(target, provider, "effective", "full", 1, tally) as visit:
        for conversation in conversations.values():
            replay(visit, conversation)
    assert tally.first == {}
    assert visit.requests >= sum(step["do"] == "send" for each in conversations.values() for step in each["steps"])


def test_no_conversation_holds_a_token() -> None:
    for file in SHIPPED.glob("*.json"):
        assert "Bearer KEY" not in file.read_text("utf-8")
