"""The count: how often each rule had something to say, and where it first said that something is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contratempo.conformance.exchange import Exchange, Observation, Receipt
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import Rule


@dataclass(frozen=True)
class Failure:
    """What a rule first found wrong, during which probe, and in what; `after` is what had been seen before."""

    message: str
    probe: str
    seen: Observation
    after: tuple[Observation, ...] = ()

    @property
    def curl(self) -> str:
        """Return the request as a command; of a webhook, where it came."""
        if isinstance(self.seen, Exchange):
            return self.seen.curl()
        return (
            f"# a webhook to {self.seen.place}" if isinstance(self.seen, Receipt) else "# after an advance of the clock"
        )


@dataclass
class Tally:
    """Counts by rule id; `rules` are those in force."""

    rules: Sequence[Rule]
    exercised: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    first: dict[str, Failure] = field(default_factory=dict)
    _by_kind: dict[type[Any], Sequence[Rule]] = field(default_factory=dict, repr=False)

    def judge(self, seen: Observation, ledger: Ledger) -> Mapping[str, list[str]]:
        """Return what each rule that has something to say finds wrong; nothing is counted."""
        found = {}
        for rule in self._rules_of(type(seen)):
            said = _said(rule, seen, ledger)
            if said is not None:
                found[rule.id] = said
        return found

    def _rules_of(self, kind: type[Any]) -> Sequence[Rule]:
        """Return the rules that look at a kind of observation: most look at one kind alone."""
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(rule for rule in self.rules if issubclass(kind, rule.of))
        return self._by_kind[kind]

    def count(self, found: Mapping[str, list[str]], seen: Observation, ledger: Ledger, probe: str) -> None:
        """Count what was found."""
        for name, said in found.items():
            self.exercised[name] = self.exercised.get(name, 0) + 1
            if said:
                self.failed[name] = self.failed.get(name, 0) + 1
                if name not in self.first:
                    self.first[name] = Failure(said[0], probe, seen, tuple(ledger.history[ledger.mark :]))

    def unsettled(self, found: Mapping[str, list[str]]) -> bool:
        """Say whether a rule that a deployment may take a moment to keep is broken, and was not known to be."""
        return any(rule.settles and found.get(rule.id) and rule.id not in self.first for rule in self.rules)

    def add(self, other: "Tally") -> None:
        """Take over another count; of what it first found the latest stands, unless a failure is known already."""
        for name, number in other.exercised.items():
            self.exercised[name] = self.exercised.get(name, 0) + number
        for name, number in other.failed.items():
            self.failed[name] = self.failed.get(name, 0) + number
        for name, failure in other.first.items():
            if name not in self.first or self.first[name].probe == failure.probe:
                self.first[name] = failure


def _said(rule: Rule, seen: Observation, ledger: Ledger) -> list[str] | None:
    """An answer that a rule cannot even read is none that keeps it."""
    try:
        return rule.check(seen, ledger)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"the answer has no form that could be judged: {type(error).__name__}: {error}"]
