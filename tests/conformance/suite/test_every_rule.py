"""No rule is a decoration: each is kept by a correct server, and each complains of one thing made wrong."""

import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contratempo.conformance import Target
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rules import RULES
from contratempo.conformance.run import plan, visiting
from contratempo.conformance.tally import Tally

sys.path.insert(0, str(Path(__file__).parent))
from tampering import tampered

TRIES = 12
"""In how many observations a rule that has not complained yet is tempted."""
ELSEWHERE = {"content.cost": "test_a_cost_is_the_sum_of_its_parts"}
"""Rules that the references give no occasion for, and the test that looks at them."""


class Tempting(Tally):
    """Judges as any tally, and lets every rule that is content see the same thing made wrong."""

    kept: Counter[str]
    broken: set[str]

    def judge(self, seen: Any, ledger: Ledger) -> Any:
        found = super().judge(seen, ledger)
        for rule in self.rules:
            if found.get(rule.id) == []:
                self.kept[rule.id] += 1
                if rule.id not in self.broken and self.kept[rule.id] <= TRIES and _complains(rule, seen, ledger):
                    self.broken.add(rule.id)
        return found


def _complains(rule: Any, seen: Any, ledger: Ledger) -> bool:
    for wrong, before in tampered(seen, ledger):
        try:
            if rule.check(wrong, before):
                return True
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            continue  # it could not read it, which the tally counts as broken
    return False


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages", "temphone"])
def test_every_rule_can_be_kept_and_broken(provider: str, references: ModuleType) -> None:
    rules = tuple(rule for rule in RULES.values() if provider in rule.providers)
    tally = Tempting(rules)
    tally.kept, tally.broken = Counter(), set()
    target = Target(app=references.reference(provider), token=references.KEY)
    with visiting(target, provider, "effective", "full", 1, tally) as visit:
        for probe in plan(provider, "effective", "full", True):
            visit.begin(probe.name)
            probe.run(visit)
    assert tally.first == {}
    never = {rule.id for rule in rules} - tally.broken - ELSEWHERE.keys()
    assert never == set(), f"kept {[(name, tally.kept[name]) for name in sorted(never)]}"


def test_a_cost_is_the_sum_of_its_parts(shown: Any) -> None:
    messages = shown("telnyx_messages")
    sent = {"from": "+18445550001", "to": "+18665550001", "text": "Hi", "send_at": "2026-03-15T10:00:00Z"}
    split = {"carrier_fee": {"amount": "0.00305"}, "rate": {"amount": "0.00205"}}
    for amount, wrong in (("0.0051", False), ("0.0052", True)):
        answer = {"data": {"id": "m1", "cost": {"amount": amount}, "cost_breakdown": split}}
        x = messages.seen("POST", "/messages/schedule", 200, answer, body=sent)
        assert bool(messages.say("content.cost", x)) is wrong
