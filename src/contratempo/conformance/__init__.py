"""FLOOR 4: a client of any base URL that holds it to the contract."""

from contratempo.conformance.run import conform
from contratempo.conformance.target import Target
from contratempo.conformance.verdict import RuleResult, Verdict

__all__ = ["RuleResult", "Target", "Verdict", "conform"]
