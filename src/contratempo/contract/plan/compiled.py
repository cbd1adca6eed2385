"""Schemas of the plan, compiled."""

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from contratempo.contract.casting import Resolve
from contratempo.contract.source import Json

from . import texts
from .keywords import Unproven
from .rewriting import rewrite

Accepts = Callable[[Any], bool]

_ANY_TEXT: tuple[Json, ...] = (True, {}, {"type": "string"})


def compiled(schema: Json, resolve: Resolve, *, naive: bool = False) -> Accepts:
    """What says yes to values of a schema; Unproven if it never would."""
    rewritten = rewrite(schema, resolve, naive=naive)
    if rewritten is False:
        raise Unproven
    try:
        validator = jsonschema_rs.Draft202012Validator(
            rewritten, formats=texts.CHECKS, validate_formats=True, pattern_options=texts.LINEAR, offline=True
        )
    except (TypeError, ValueError):
        raise Unproven from None
    return validator.is_valid


def compiled_members(schemas: Mapping[str, Json], resolve: Resolve, *, naive: bool = False) -> Accepts | None:
    """The same for a dict of values, each judged by the schema of its name; None if all may be any text."""
    demanding = {
        name: schema for name, schema in schemas.items() if rewrite(schema, resolve, naive=naive) not in _ANY_TEXT
    }
    return compiled({"properties": demanding}, resolve, naive=naive) if demanding else None
