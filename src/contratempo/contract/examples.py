"""Answers for operations nobody has modelled: the document's own examples, else values made from the schema."""

import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from .casting import Resolve
from .source import Json

Valid = Callable[[Json, Json], bool]  # (schema, value) -> whether the value satisfies the schema

_MAX_NESTING = 12
_TEXTS = {
    "date-time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "time": "09:30:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "person@example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "ZXhhbXBsZQ==",
    "uri": "https://example.com/",
    "url": "https://example.com/",
}
_PATTERN_TRIES = (
    "+15550100000",
    "0",
    "1",
    "a",
    "A",
    "abc123",
    "abc_123",
    "abc-123",
    "A1",
    "2026-01-15",
    "https://example.com/",
)


def media_type_example(media_type: Json, resolve: Resolve, valid: Valid) -> Json:
    """The example of a media type object: the first it states that is valid, else one made from its schema."""
    schema = media_type.get("schema", {})
    stated = [media_type["example"]] if "example" in media_type else []
    for each in media_type.get("examples", {}).values():
        while "$ref" in each:
            each = resolve(each["$ref"])
        stated += [each["value"]] if "value" in each else []
    for value in stated:
        if valid(schema, value):
            return deepcopy(value)
    return schema_example(schema, resolve, valid)


def schema_example(schema: Json, resolve: Resolve, valid: Valid) -> Json:
    """The same value for the same schema each time; valid unless the schema asks for what only a person could invent.

    Tried in order: all properties, then the required ones alone, each with every choice of anyOf and oneOf.
    """
    made = [_Maker(resolve, valid, full, choice) for full in (True, False) for choice in range(4)]
    values = (maker.make(schema, 0) for maker in made)
    first = None
    for value in values:
        if valid(schema, value):
            return value
        first = value if first is None else first
    return first


class _Maker:
    """Makes one value: with all properties or only the required ones, taking the nth branch where there is a choice."""

    def __init__(self, resolve: Resolve, valid: Valid, full: bool, choice: int) -> None:
        self.resolve, self.valid, self.full, self.choice = resolve, valid, full, choice

    def make(self, schema: Json, level: int) -> Json:
        if not isinstance(schema, dict):
            return {}
        whole = self._whole(schema, level)
        for value in _stated(whole):
            if self.valid(schema, value):
                return deepcopy(value)
        kind = _kind(whole)
        if kind == "object":
            return self._object(whole, level)
        if kind == "array":
            return self._array(whole, level)
        if kind == "string":
            return self._text(whole)
        if kind in ("integer", "number"):
            return _number(whole, kind)
        return {"boolean": True, "null": None}.get(kind, {})

    def _whole(self, schema: dict[str, Any], level: int) -> dict[str, Any]:
        """The schema with what it refers to and combines folded into one."""
        parts: list[Json] = []
        if "$ref" in schema:
            parts.append(self.resolve(schema["$ref"]))
        parts += schema.get("allOf", [])
        for keyword in ("anyOf", "oneOf"):
            branches = schema.get(keyword) or []
            parts += branches[self.choice % len(branches) :][:1] if branches else []
        whole = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "anyOf", "oneOf")}
        for part in parts:
            if isinstance(part, dict) and level <= _MAX_NESTING:
                whole = _fold(whole, self._whole(part, level + 1))
        return whole

    def _object(self, schema: dict[str, Any], level: int) -> dict[str, Json]:
        required = schema.get("required", [])
        members = schema.get("properties", {})
        wanted = [name for name in members if name in required or (self.full and level < _MAX_NESTING // 2)]
        result = {name: self.make(members[name], level + 1) for name in wanted}
        others = schema.get("additionalProperties", True)
        for name in (*required, *(f"key{index}" for index in range(1, schema.get("minProperties", 0) + 1))):
            if name not in result and (name in required or len(result) < schema["minProperties"]):
                result[name] = self.make(others, level + 1) if isinstance(others, dict) else "string"
        return result

    def _array(self, schema: dict[str, Any], level: int) -> list[Json]:
        first = [self.make(item, level + 1) for item in schema.get("prefixItems", [])]
        least = schema.get("minItems", 0)
        count = max(least, min(1, schema.get("maxItems", 1))) if self.full and level < _MAX_NESTING else least
        return first + [self.make(schema.get("items", {}), level + 1) for _ in range(count - len(first))]

    def _text(self, schema: dict[str, Any]) -> str:
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        text = _TEXTS.get(schema.get("format", ""), "string")
        text = (text * (math.ceil(least / len(text)) or 1))[: max(len(text), least)][:most]
        return next((each for each in (text, *_PATTERN_TRIES) if self.valid(schema, each)), text)


def _stated(schema: dict[str, Any]) -> Iterator[Json]:
    for key in ("example", "const", "default"):
        if key in schema:
            yield schema[key]
    for key in ("examples", "enum"):
        yield from schema.get(key, ())


def _kind(schema: dict[str, Any]) -> str:
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return kinds
    if kinds:
        return next((kind for kind in kinds if kind != "null"), "null")
    implied = {
        "properties": "object",
        "required": "object",
        "items": "array",
        "minLength": "string",
        "format": "string",
    }
    return next((kind for key, kind in implied.items() if key in schema), "any")


def _number(schema: dict[str, Any], kind: str) -> float:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    step = schema.get("multipleOf", 1)
    value: float = (
        math.ceil((least or 0) / step) * step
        if least is not None or most is None or most >= 0
        else math.floor(most / step) * step
    )
    if value == schema.get("exclusiveMinimum"):
        value = value + step if kind == "integer" or most is None or value + step < most else (value + most) / 2
    if value == schema.get("exclusiveMaximum"):
        value -= step
    return value


def _fold(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Both schemas as one: members and requirements together, the tighter bound, else what the first says."""
    result = {**part, **whole}
    result["properties"] = {**part.get("properties", {}), **whole.get("properties", {})}
    result["required"] = list(dict.fromkeys([*whole.get("required", ()), *part.get("required", ())]))
    for key, tighter in (("minimum", max), ("minLength", max), ("minItems", max), ("maximum", min), ("maxLength", min)):
        if key in whole and key in part:
            result[key] = tighter(whole[key], part[key])
    return {key: value for key, value in result.items() if value or key not in ("properties", "required")}
