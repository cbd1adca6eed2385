"""The catalog: which contract and which rules each provider has under each profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.source import DocumentError, load
from contratempo.data import data_root
from contratempo.provider import Provider
from contratempo.sim.rules import Rule, RuleError, Rules


@dataclass(frozen=True)
class Profile:
    """A named list of overlays by provider, and rule values."""

    name: str
    summary: str
    overlays: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, Any]


def read_profiles() -> dict[str, Profile]:
    """Return the profiles of `specs/profiles.yaml`, by name."""
    tree = load(data_root("specs") / "profiles.yaml")["profiles"]
    return {name: _profile(name, entry) for name, entry in tree.items()}


def _profile(name: str, entry: Mapping[str, Any]) -> Profile:
    overlays = {provider: tuple(files) for provider, files in entry["overlays"].items()}
    return Profile(name, entry["summary"], overlays, entry["rules"])


@dataclass
class Catalog:
    """Contracts are built when first asked for and shared by the profiles that lay the same overlays.

    `validation` says who judges by them: see `Contract`.
    """

    providers: Mapping[str, Provider]
    profiles: Mapping[str, Profile]
    rules: Mapping[str, Any] = field(default_factory=dict)
    _contracts: dict[tuple[str, tuple[str, ...]], Contract] = field(default_factory=dict)
    validation: str = "plan"
    _found: dict[tuple[str, str], Contract] = field(default_factory=dict, init=False)

    def contract(self, provider: str, profile: str) -> Contract:
        """Return the contract of a provider under a profile; DocumentError when a file of it is bad."""
        found = self._found.get((provider, profile))
        if found is None:
            found = self._found[provider, profile] = self._contract(provider, profile)
        return found

    def _contract(self, provider: str, profile: str) -> Contract:
        overlays = self.profiles[profile].overlays.get(provider, ())
        if (provider, overlays) not in self._contracts:
            self._contracts[provider, overlays] = self._read(self.providers[provider], profile)
        return self._contracts[provider, overlays]

    def fresh_rules(self, profile: str) -> Callable[[], Rules]:
        """Return a maker of rule sets of a profile, the server's own values laid over it where its documents allow."""
        definitions = self._definitions()
        barred = self._barred(profile)
        own = {name: value for name, value in self.rules.items() if value not in list(barred.get(name, ()))}
        values = {**self.profiles[profile].rules, **own}
        known = {name: value for name, value in values.items() if name in definitions or name in own}
        return lambda: Rules(definitions, known, barred)

    def _barred(self, profile: str) -> dict[str, dict[str, str]]:
        """Return the values of rules that need another profile's document, by rule, with the profile."""
        return {
            name: unmet
            for provider in self.providers.values()
            for name, rule in provider.rules.items()
            if (unmet := {v: need for v, need in rule.needs.items() if not self._lays(profile, need, provider.name)})
        }

    def _lays(self, profile: str, other: str, provider: str) -> bool:
        """Say whether a profile lays over a provider's document all that another does."""
        mine = self.profiles[profile].overlays.get(provider, ())
        return other in self.profiles and set(self.profiles[other].overlays.get(provider, ())) <= set(mine)

    def _definitions(self) -> dict[str, Rule]:
        return {name: rule for provider in self.providers.values() for name, rule in provider.rules.items()}

    def check(self, in_force: str | None = None) -> None:
        """Build what is in force and whatever may be bad; DocumentError names the first file, rule or profile that is.

        What ships waits for the first world of its profile.
        """
        try:
            Rules(self._definitions(), dict(self.rules))
        except RuleError as error:
            raise DocumentError(f"--rule: {error}", hint="mend that value") from None
        for profile in self.profiles:
            for provider in self.providers:
                if profile == in_force or not self._ships(*self._files(provider, profile)):
                    self.contract(provider, profile)
            try:
                rules = self.fresh_rules(profile)()
                if profile == in_force:
                    rules.check(self.rules)
            except RuleError as error:
                raise DocumentError(f"profile {profile}: {error}", hint="mend the rule's value") from None

    def _files(self, provider: str, profile: str) -> tuple[list[Path], list[Path]]:
        """Return the fragments of a provider's document and the overlays that a profile lays over them."""
        root, overlays = data_root("specs"), self.profiles[profile].overlays.get(provider, ())
        return [root / file for file in self.providers[provider].documents], [root / file for file in overlays]

    @staticmethod
    def _ships(files: Sequence[Path], laid: Sequence[Path]) -> bool:
        """Say whether all files are ours, which the tests and `specs check` validate."""
        return all(file.is_relative_to(data_root("specs")) for file in (*files, *laid))

    def _read(self, provider: Provider, profile: str) -> Contract:
        files, laid = self._files(provider.name, profile)
        validate = not self._ships(files, laid)
        document = read_document(provider.name, files, laid, validate=validate, bare=provider.bare)
        if provider.bare:
            from contratempo.server.bare import check_paths  # it imports this module by way of the control plane

            check_paths(document)
        return Contract(document, self.validation, validate=validate)
