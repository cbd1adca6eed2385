"""Rules: what the documents leave open and a world must decide, as named data with provenance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

Source = Literal["seed", "docs", "sdk", "inferred", "choice"]


class RuleError(ValueError):
    """A rule that does not exist, or a value that it cannot take."""


@dataclass(frozen=True)
class Rule:
    """One decision: `name` is `provider.rule`; `values` lists what it may be, None for a number from 0 to `maximum`.

    `needs` are values whose answers only the document of the profile named beside them allows.
    """

    name: str
    summary: str
    default: Any
    values: tuple[Any, ...] | None
    source: Source
    confidence: Literal["high", "medium", "low"]
    note: str = ""
    maximum: float = 10**9
    needs: Mapping[str, str] = field(default_factory=dict, hash=False)

    def check(self, value: Any) -> None:
        """Raise RuleError unless the rule can take the value."""
        if self.values is not None:
            if (type(value), value) not in [(type(known), known) for known in self.values]:
                raise RuleError(f"rule {self.name} is one of {', '.join(map(str, self.values))}; not {value!r}")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= self.maximum:
            raise RuleError(f"rule {self.name} is a number from 0 to {self.maximum}; not {value!r:.40}")


class Rules:
    """The rules of one world: every definition, and the values set apart from its default.

    `barred` are the values, by rule, that the world's documents do not allow, with the profile whose document would.
    """

    def __init__(
        self,
        definitions: Mapping[str, Rule],
        profile: Mapping[str, Any] | None = None,
        barred: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.definitions = definitions
        self._barred = barred or {}
        self._profile = dict(profile or {})
        self.check(self._profile)
        self.overrides = {}

    @property
    def overrides(self) -> dict[str, Any]:
        """Return the values set in this world."""
        return self._overrides

    @overrides.setter
    def overrides(self, values: dict[str, Any]) -> None:
        self._overrides = values
        self._in_force = {name: rule.default for name, rule in self.definitions.items()} | self._profile | values
        self._timings: dict[str, dict[str, float]] = {}

    def __getitem__(self, name: str) -> Any:
        """Return the value in force: this world's, else the profile's, else the default."""
        return self._in_force[name]

    def get(self, name: str, otherwise: Any) -> Any:
        """Return the value in force, or another where there is no such rule."""
        return self._in_force.get(name, otherwise)

    def timings(self, provider: str) -> Mapping[str, float]:
        """Return what a provider's rules named `<name>_seconds` say, by name."""
        if provider not in self._timings:
            start, end = f"{provider}.", "_seconds"
            self._timings[provider] = {
                name[len(start) : -len(end)]: value
                for name, value in self._in_force.items()
                if name.startswith(start) and name.endswith(end)
            }
        return self._timings[provider]

    def origin(self, name: str) -> Literal["world", "profile", "default"]:
        """Say where the value in force comes from."""
        if name in self.overrides:
            return "world"
        return "profile" if name in self._profile else "default"

    def describe(self, name: str) -> dict[str, Any]:
        """Return a rule as JSON: what it decides, the value in force, and where both come from."""
        rule = self.definitions[name]
        return {
            "name": name,
            "summary": rule.summary,
            "value": self[name],
            "default": rule.default,
            "values": None if rule.values is None else list(rule.values),
            "maximum": rule.maximum if rule.values is None else None,
            "origin": self.origin(name),
            "source": rule.source,
            "confidence": rule.confidence,
            "note": rule.note,
        }

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise RuleError for a name that is not defined or a value that it cannot take."""
        for name, value in values.items():
            if name not in self.definitions:
                near = get_close_matches(name, self.definitions, n=1)
                hint = f"did you mean {near[0]}?" if near else "`contratempo rules` lists them"
                raise RuleError(f"there is no rule {name!r}; {hint}")
            if value is not None:
                self.definitions[name].check(value)
                self._check_allowed(name, value)

    def _check_allowed(self, name: str, value: Any) -> None:
        barred = self._barred.get(name, {})
        if value in barred:
            raise RuleError(
                f"rule {name} = {value} would break the document that is in force; that of profile {barred[value]} "
                f"allows it: start the server, or make the world, with profile {barred[value]}"
            )

    def set(self, values: Mapping[str, Any]) -> None:
        """Override values; None takes an override back. RuleError changes nothing."""
        self.check(values)
        kept = {name: value for name, value in self.overrides.items() if name not in values}
        self.overrides = kept | {name: value for name, value in values.items() if value is not None}
