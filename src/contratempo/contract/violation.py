"""Violations: what in a request or an answer breaks the document, where, and why."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .pointer import Parts, to_pointer
from .source import Json

if TYPE_CHECKING:  # importing it costs 24 ms, and many only want the dataclass
    from jsonschema_rs import ValidationError


@dataclass(frozen=True, init=False)
class Violation:
    """One breach of the document.

    `location`: path, query, header, cookie, body, security, status or content-type. `path`: the place inside the
    location, e.g. ("page", "size") or ("to",); that of a missing member includes its name. `kind`: the JSON Schema
    keyword that failed ("required", "enum", "type", "format", ...) or one of "json", "depth", "missing-body",
    "media-type", "security", "duplicate", "encoding", "syntax", "undocumented-status", "undocumented-webhook". `value`
    is what was found (never a secret), `limit` what the keyword asks for. `schema` is the way through the document to
    the keyword, or to the parameter, that refused, as a JSON pointer with a "$ref" for references on it, and "" where
    there is none: `Contract.line_of` makes a line of it.
    """

    location: str
    path: Parts
    kind: str
    message: str
    value: Json | None = None
    limit: Json | None = None
    schema: str = field(default="", compare=False)

    def __init__(
        self,
        location: str,
        path: Parts,
        kind: str,
        message: str,
        value: Json | None = None,
        limit: Json | None = None,
        schema: str = "",
    ) -> None:
        """Take what dataclasses would take, in a third of the time: bad requests have many."""
        vars(self).update(
            location=location, path=path, kind=kind, message=message, value=value, limit=limit, schema=schema
        )

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer: "/to", or "" for the location as a whole."""
        return to_pointer(self.path)

    def describe(self) -> dict[str, str]:
        """The violation as JSON, without the value that was sent."""
        return {"location": self.location, "pointer": self.pointer, "kind": self.kind, "message": self.message}


class Site(NamedTuple):
    """Where a value that was judged lies, `at` inside the location, and the pointer of the schema that judged it."""

    location: str
    at: Parts = ()
    schema: str = ""


def violations(site: Site, errors: Iterable["ValidationError"]) -> Iterator[Violation]:
    """The violations that jsonschema-rs errors stand for."""
    for error in errors:
        yield from _TRANSLATIONS.get(type(error.kind).__name__, _plain)(site, error)


def message_of(kind: str, limit: Json | None) -> str:
    """One sentence's worth of what a keyword asks for, e.g. "must be at least 1"."""
    return _MESSAGES.get(kind, "does not satisfy the keyword " + kind).format(_shown(limit))


_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _shown(limit: Json | None) -> str:
    if isinstance(limit, list):
        return ", ".join(map(_shown, limit))
    text = limit if isinstance(limit, str) else _encode(limit)
    return text if len(text) <= 200 else text[:199] + "…"


_MESSAGES = {
    "additionalProperties": "is not allowed here",
    "anyOf": "fits none of the forms allowed",
    "const": "must be {}",
    "contains": "lacks an item that is asked for",
    "dependentRequired": "is required",
    "enum": "must be one of: {}",
    "exclusiveMaximum": "must be less than {}",
    "exclusiveMinimum": "must be greater than {}",
    "false": "is not allowed here",
    "format": "must be a valid {}",
    "maxItems": "must have at most {} items",
    "maxLength": "must have at most {} characters",
    "maxProperties": "must have at most {} members",
    "maximum": "must be at most {}",
    "minItems": "must have at least {} items",
    "minLength": "must have at least {} characters",
    "minProperties": "must have at least {} members",
    "minimum": "must be at least {}",
    "multipleOf": "must be a multiple of {}",
    "not": "is a value that is excluded",
    "oneOf": "must fit exactly one of the forms allowed",
    "pattern": "must match {}",
    "required": "is required",
    "type": "must be of type: {}",
    "unevaluatedItems": "is not allowed here",
    "unevaluatedProperties": "is not allowed here",
    "uniqueItems": "must not repeat an item",
}


def _plain(site: Site, error: "ValidationError") -> Iterator[Violation]:
    yield _violation(site, error, error.kind.name, error.instance, _limit(error))


def _violation(
    site: Site, error: "ValidationError", kind: str, value: Json = None, limit: Json = None, member: Parts = ()
) -> Violation:
    path = (*site.at, *error.instance_path, *member)
    schema = site.schema + to_pointer(error.evaluation_path)
    return Violation(site.location, path, kind, message_of(kind, limit), value, limit, schema)


def _limit(error: "ValidationError") -> Json | None:
    if error.kind.name == "type":  # "null" is rarely what was meant
        return sorted(error.kind.as_dict()["types"], key=lambda name: (name == "null", name))
    return error.kind.value if error.kind.name != "propertyNames" else None


def _required(site: Site, error: "ValidationError") -> Iterator[Violation]:
    name = error.kind.as_dict()["property"]
    yield _violation(site, error, "required", member=(name,))


def _unexpected(site: Site, error: "ValidationError") -> Iterator[Violation]:
    instance: Json = error.instance
    for key in error.kind.as_dict()["unexpected"]:
        yield _violation(site, error, error.kind.name, instance[key], member=(key,))


def _false(site: Site, error: "ValidationError") -> Iterator[Violation]:
    keyword = error.schema_path[-1] if error.schema_path else None
    kind = keyword if keyword in ("additionalProperties", "unevaluatedProperties") else "false"
    yield _violation(site, error, str(kind), error.instance)


def _branches(site: Site, error: "ValidationError") -> Iterator[Violation]:
    """Of several forms none fits: report the one the value was evidently meant to have, else the choice itself."""
    here = error.instance_path
    branches: list[list[ValidationError]] = error.kind.as_dict()["context"]
    if all(len(branch) == 1 and _is_type_error_at(branch[0], here) for branch in branches):
        types = [name for branch in branches for name in branch[0].kind.as_dict()["types"]]
        yield _violation(site, error, "type", error.instance, types)
        return
    ranked = sorted(branches, key=lambda branch: _misfit(branch, here))
    if len(ranked) == 1 or _misfit(ranked[0], here) < _misfit(ranked[1], here):
        yield from violations(site, ranked[0])
    else:
        yield _violation(site, error, error.kind.name, error.instance)


def _is_type_error_at(error: "ValidationError", here: list[str | int]) -> bool:
    return error.kind.name == "type" and error.instance_path == here


def _misfit(branch: list["ValidationError"], here: list[str | int]) -> tuple[bool, bool, int]:
    """How far a form is from the value: of another type, told apart by a constant, or with so many errors."""
    wrong_type = any(_is_type_error_at(error, here) for error in branch)
    wrong_constant = any(
        error.kind.name in ("const", "enum") and len(error.instance_path) <= len(here) + 1 for error in branch
    )
    return wrong_type, wrong_constant, len(branch)


_TRANSLATIONS: dict[str, Callable[[Site, Any], Iterator[Violation]]] = {
    "AdditionalProperties": _unexpected,
    "AnyOf": _branches,
    "FalseSchema": _false,
    "OneOfNotValid": _branches,
    "Required": _required,
    "UnevaluatedProperties": _unexpected,
}
