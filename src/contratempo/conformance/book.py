"""The document that a deployment is held to: as vendored, or with what we know besides laid over it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote_to_bytes

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.source import Json, load
from contratempo.contract.violation import Violation
from contratempo.data import data_root
from contratempo.provider import installed_providers

Flavour: TypeAlias = Literal["vendored", "effective"]
DEFAULT_PROFILE: Final = "spec"
Found: TypeAlias = tuple[str | None, dict[str, str], tuple[str, ...]]

_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")
_GOOD: Final = (("authorization", "Bearer judged"),)


@dataclass(frozen=True)
class Book:
    """A provider's document in one of its two flavours, and what a request or an answer is to it."""

    provider: str
    flavour: Flavour
    contract: Contract
    error_schema: str
    _routes: list[tuple[re.Pattern[str], tuple[str, ...], dict[str, str]]] = field(default_factory=list)

    def find(self, method: str, path: str) -> Found:
        """Return the operation of a path as it is sent, its path parameters decoded, and the methods that path has."""
        for pattern, names, operations in self._routes:
            if match := pattern.fullmatch(path):
                values = [unquote_to_bytes(value).decode("utf-8", "replace") for value in match.groups()]
                methods = tuple(sorted(operations))
                return operations.get(method), dict(zip(names, values, strict=True)), methods
        return None, {}, ()

    def breaches(
        self,
        operation: str,
        params: Mapping[str, str],
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        naive: bool,
    ) -> tuple[Violation, ...]:
        """Return what in a request breaks the document, credentials apart."""
        sent = (*_GOOD, *(each for each in headers.items() if each[0] != "authorization"))
        return self.contract.check_request(
            operation, path=params, query=query, headers=sent, body=body, naive_datetime=naive
        ).violations

    def documented(self, operation: str) -> frozenset[str]:
        """Return the statuses that the document lists for an operation, such as 200 and 4XX."""
        return self._statuses()[operation]

    @cache  # noqa: B019  books live as long as the process
    def _statuses(self) -> Mapping[str, frozenset[str]]:
        tree = self.contract.document.tree
        return {
            each.id: frozenset(map(str, tree["paths"][each.path][each.method]["responses"]))
            for each in self.contract.document.operations.values()
        }

    def __hash__(self) -> int:
        return hash((self.provider, self.flavour))


class UnknownProfile(Exception):
    """There is no profile of that name here, so nobody knows what it lays over the document."""


@cache
def open_book(provider: str, flavour: Flavour, profile: str = DEFAULT_PROFILE) -> Book:
    """Return a provider's book; KeyError for a provider that is not installed, UnknownProfile for such a profile.

    The vendored flavour is the same under every profile.
    """
    known = installed_providers()[provider]
    files = [data_root("specs") / file for file in known.documents]
    overlays = list(_overlays(provider, profile)) if flavour == "effective" else []
    contract = Contract(read_document(provider, files, overlays, validate=False))
    return Book(provider, flavour, contract, known.error_schema, _routes(contract))


def _overlays(provider: str, profile: str) -> Iterator[Path]:
    profiles: Json = load(data_root("specs") / "profiles.yaml")["profiles"]
    if profile not in profiles:
        raise UnknownProfile(f"there is no profile {profile!r} here: known are {', '.join(profiles)}")
    return (data_root("specs") / file for file in profiles[profile]["overlays"].get(provider, ()))


def _routes(contract: Contract) -> list[tuple[re.Pattern[str], tuple[str, ...], dict[str, str]]]:
    paths: dict[str, dict[str, str]] = {}
    for each in contract.document.operations.values():
        paths.setdefault(each.path, {})[each.method.upper()] = each.id
    ordered = sorted(paths, key=lambda path: len(_PARAMETER.findall(path)))
    return [(_pattern(path), tuple(_PARAMETER.findall(path)), paths[path]) for path in ordered]


def _pattern(path: str) -> re.Pattern[str]:
    literal = re.split(r"\{[^{}]+\}", path)
    return re.compile("([^/]+)".join(map(re.escape, literal)))
