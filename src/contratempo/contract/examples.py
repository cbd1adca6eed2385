"""Answers for operations nobody has modelled: the document's own examples, else values made from the schema."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from .casting import Resolve
from .generation import Maker, Patience, PatienceLost, Valid
from .patterns import Pick
from .source import Json

_CHOICES: Final = 6


def media_type_example(media_type: Json, resolve: Resolve, valid: Valid) -> Json:
    """The example of a media type object: the first it states that is valid, else one made from its schema."""
    schema = media_type.get("schema", {})
    for value in (each for _, each in stated_examples(media_type, resolve)):
        if valid(schema, value):
            return deepcopy(value)
    return schema_example(schema, resolve, valid)


def stated_examples(media_type: Json, resolve: Resolve) -> Iterator[tuple[str, Json]]:
    """The examples a media type object states, by name; `example`, which has none, comes first."""
    if "example" in media_type:
        yield "", media_type["example"]
    examples: dict[str, Any] = media_type.get("examples", {})
    for name, each in examples.items():
        while "$ref" in each:
            each = resolve(each["$ref"])
        if "value" in each:
            yield name, each["value"]


def schema_example(schema: Json, resolve: Resolve, valid: Valid, pick: Pick | None = None, hidden: str = "") -> Json:
    """The same value for the same schema each time; valid unless the schema asks for what only a person could invent.

    Tried in order: all properties, then the required ones alone, each with every choice of anyOf and oneOf; when too
    much has been tried the first that was made is answered. With `pick` the value is one by chance; members marked
    `hidden` ("writeOnly") are left out.
    """
    chances = [pick, None] if pick else [None]
    tries = [(full, choice, chance) for chance in chances for full in (True, False) for choice in range(_CHOICES)]
    first, patient = None, Patience(valid)
    for full, choice, chance in tries:
        try:
            value = Maker(resolve, patient, full, choice, chance, hidden).make(schema)
        except PatienceLost:
            break
        if valid(schema, value):
            return value
        first = value if first is None else first
    return first
