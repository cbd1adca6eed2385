"""The fingerprint: digests of the documents and rules that a world lives under, by provider."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from contratempo.provider import Provider
from contratempo.server.catalog import Catalog
from contratempo.sim import ids

Digests = Mapping[str, str]
_CANONICAL: Final = msgspec.json.Encoder(order="sorted")
_SIZE: Final = 16


@dataclass(frozen=True)
class Fingerprint:
    """What documents and rules were in force: a digest of each, by provider."""

    documents: Digests
    rules: Digests

    def describe(self) -> dict[str, Any]:
        """Return the fingerprint as a saved world has it."""
        return {"documents": dict(self.documents), "rules": dict(self.rules)}

    def differences(self, here: "Fingerprint") -> list[str]:
        """Say what of it is otherwise here, in a few words each; a provider that is here alone makes no difference."""
        named = (("documents", self.documents, here.documents), ("rules", self.rules, here.rules))
        found = [(what, name) for what, saved, mine in named for name in sorted(saved) if saved[name] != mine.get(name)]
        unserved = sorted({name for _, name in found if name not in here.documents})
        changed = [f"the {what} of {name}" for what, name in found if name in here.documents]
        return [*changed, *(f"{name}, which is not served here" for name in unserved)]


@dataclass
class Fingerprints:
    """Fingerprints by profile, each made when it is first asked for; what the server was started with never changes."""

    catalog: Catalog
    providers: Mapping[str, Provider]
    _made: dict[str, Fingerprint] = field(default_factory=dict)

    def of(self, profile: str) -> Fingerprint:
        """Return the fingerprint of worlds of a profile; what a world itself overrides is saved with it."""
        if profile not in self._made:
            rules = self.catalog.fresh_rules(profile)()
            documents, values = dict[str, str](), dict[str, str]()
            for name, provider in self.providers.items():
                documents[name] = _digest(self.catalog.contract(name, profile).document.tree)
                values[name] = _digest({rule: rules[rule] for rule in provider.rules})
            self._made[profile] = Fingerprint(documents, values)
        return self._made[profile]


def told(differences: Iterable[str]) -> str:
    """Return the differences as one phrase."""
    *others, last = differences
    return f"{', '.join(others)} and {last}" if others else last


def _digest(tree: Any) -> str:
    return ids.digest(_CANONICAL.encode(tree).decode(), size=_SIZE).hex()
