"""What ships with contratempo, read without a server: providers, profiles, documents and rules."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click

from contratempo.contract.document import Document, Operation, read_document
from contratempo.data import data_root
from contratempo.provider import Provider, installed_providers
from contratempo.server.bare import bare_providers
from contratempo.server.catalog import Catalog, Profile, read_profiles
from contratempo.server.control import SERVICE_OPERATIONS, control
from contratempo.sim.rules import Rules

F = TypeVar("F", bound=Callable[..., Any])


def profile_option(function: F) -> F:
    """Add `--profile` to a command that reads what ships."""
    return click.option(
        "--profile", default="spec", envvar="CONTRATEMPO_PROFILE", show_default=True, help="Profile to look at."
    )(function)


@dataclass
class Library:
    """Providers, and what a profile has in force for each of them."""

    providers: Mapping[str, Provider]
    profile: Profile
    profiles: Mapping[str, Profile]
    _documents: dict[str, Document] = field(default_factory=dict)

    def files(self, provider: str) -> list[Path]:
        """Return the fragments of a provider's document."""
        return [data_root("specs") / file for file in self.providers[provider].documents]

    def overlays(self, provider: str) -> list[Path]:
        """Return the overlays that the profile lays over it, in order."""
        return [data_root("specs") / file for file in self.profile.overlays.get(provider, ())]

    def document(self, provider: str) -> Document:
        """Return the effective document; DocumentError when it cannot be made."""
        if provider not in self._documents:
            bare = self.providers[provider].bare
            self._documents[provider] = read_document(
                provider, self.files(provider), self.overlays(provider), bare=bare
            )
        return self._documents[provider]

    def documents(self) -> Iterator[Document]:
        """Yield every provider's effective document."""
        return map(self.document, self.providers)

    def is_modelled(self, operation: Operation) -> bool:
        """Say whether an operation has behaviour, rather than answering an example."""
        return operation.id in self.providers[operation.document].operations or operation.id in SERVICE_OPERATIONS

    def rules(self) -> Rules:
        """Return the rules as a world of the profile starts with them."""
        return Catalog(self.providers, self.profiles).fresh_rules(self.profile.name)()


def spec_option(function: F) -> F:
    """Add `--spec` to a command that reads documents."""
    return click.option(
        "--spec",
        "specs",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Look at this OpenAPI document instead of what ships. [CONTRATEMPO_SPEC; repeatable]",
        callback=lambda context, parameter, given: given or _in_environment(),
    )(function)


def _in_environment() -> tuple[Path, ...]:
    return tuple(Path(part.strip()) for part in os.environ.get("CONTRATEMPO_SPEC", "").split(",") if part.strip())


def open_library(profile: str, specs: tuple[Path, ...] = ()) -> Library:
    """Return the library as a profile sees it, the control plane in it; UsageError when there is no such profile.

    With `specs` it is of these documents alone.
    """
    profiles = read_profiles()
    check_profile(profile, profiles)
    if specs:
        return Library({each.name: each for each in bare_providers(specs)}, profiles[profile], profiles)
    return Library({**installed_providers(), control.name: control}, profiles[profile], profiles)


def check_profile(name: str, profiles: Mapping[str, Profile]) -> None:
    """Raise UsageError, with a near name, unless there is a profile of that name."""
    if name not in profiles:
        near = get_close_matches(name, profiles, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Profiles are {', '.join(profiles)}."
        raise click.UsageError(f"There is no profile {name!r}. {hint}")


def rule_rows(library: Library, provider: str | None = None) -> list[dict[str, Any]]:
    """Return rules in the form that the control plane lists them in; those of one provider, or all."""
    rules = library.rules()
    return [rules.describe(name) for name in rules.definitions if provider is None or name.startswith(f"{provider}.")]


def shown(file: Path) -> str:
    """Return a shipped file's name as it is spoken of: `specs/telnyx/...` wherever it is installed."""
    root = data_root("specs")
    return f"specs/{file.relative_to(root).as_posix()}" if file.is_relative_to(root) else str(file)
