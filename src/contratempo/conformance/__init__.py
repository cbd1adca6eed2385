"""FLOOR 4: a client of any base URL that holds it to the contract."""

from contratempo.conformance.guard import Permit, Protection
from contratempo.conformance.run import conform, conform_real
from contratempo.conformance.target import Target
from contratempo.conformance.verdict import RuleResult, Verdict

__all__ = ["Permit", "Protection", "RuleResult", "Target", "Verdict", "conform", "conform_real"]
