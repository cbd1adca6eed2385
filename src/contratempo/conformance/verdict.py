"""The verdict: what became of each rule, and what that comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from contratempo.conformance.rule import BINDING, Rule
from contratempo.conformance.tally import Failure, Tally

State: TypeAlias = Literal["pass", "warn", "fail", "vacuous", "not_testable", "off"]

CLEAN: Final = 0
VIOLATED: Final = 1
COULD_NOT: Final = 5


@dataclass(frozen=True)
class RuleResult:
    """What became of a rule: how often it had something to say, what it first found wrong, or why it is off."""

    rule: Rule
    state: State
    exercised: int = 0
    failures: int = 0
    first: Failure | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """The results by rule id, and how they came about. `error` says why nothing could be tested.

    `profile` is the one that the control plane told, or that was asked for; empty where nobody said one.
    """

    provider: str
    contract: str
    target: str
    seed: int
    level: str
    rules: Mapping[str, RuleResult]
    requests: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: str = ""
    inputs: tuple[str, ...] = field(default=())
    profile: str = ""

    def count(self, state: State) -> int:
        """Return how many rules have a state."""
        return sum(1 for result in self.rules.values() if result.state == state)

    @property
    def exit_code(self) -> int:
        """Return 1 when a rule is broken, 5 when nothing could be tested, else 0."""
        if self.count("fail"):
            return VIOLATED
        return COULD_NOT if self.error or not (self.count("pass") + self.count("warn")) else CLEAN


def result_of(rule: Rule, tally: Tally, reason: str, state: State, *, real: bool) -> RuleResult:
    """Return what became of a rule; one that is off, or not testable, has its `reason`."""
    if reason:
        return RuleResult(rule, state, reason=reason)
    exercised, failures = tally.exercised.get(rule.id, 0), tally.failed.get(rule.id, 0)
    if not exercised:
        return RuleResult(rule, "vacuous", reason="nothing that was sent had to do with it")
    if not failures:
        return RuleResult(rule, "pass", exercised)
    return RuleResult(rule, broken_as(rule, real=real), exercised, failures, tally.first[rule.id])


def broken_as(rule: Rule, *, real: bool) -> State:
    """Return whether a rule that is broken fails its deployment, or warns."""
    guess = rule.source == "assumed"
    return "fail" if rule.source in BINDING or not (real or guess) else "warn"
