"""Schemas folded into one: what they refer to, all of allOf, one of anyOf and oneOf, what follows of a condition."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from .casting import Resolve
from .source import Json

Branch = Callable[[int], int]  # n branches -> which one

_MAX_NESTING: Final = 12
_NULL: Final = {"type": "null"}
_COMBINED: Final = frozenset(
    ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "discriminator", "dependentSchemas")
)
_TIGHTER: Final = (
    ("minimum", max), ("minLength", max), ("minItems", max), ("minProperties", max), ("exclusiveMinimum", max),
    ("maximum", min), ("maxLength", min), ("maxItems", min), ("maxProperties", min), ("exclusiveMaximum", min),
)  # fmt: skip
_IMPLIED: Final = {
    "properties": "object", "required": "object", "additionalProperties": "object", "patternProperties": "object",
    "minProperties": "object", "dependentRequired": "object", "propertyNames": "object", "items": "array",
    "prefixItems": "array", "contains": "array", "minItems": "array", "uniqueItems": "array", "minLength": "string",
    "maxLength": "string", "pattern": "string", "format": "string", "minimum": "number", "maximum": "number",
    "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number",
}  # fmt: skip


def fold(schema: dict[str, Any], resolve: Resolve, branch: Branch, level: int, name: str = "") -> dict[str, Any]:
    """The schema with what it refers to and combines folded into one; `name` is that by which it was referred to."""
    whole = {key: value for key, value in schema.items() if key not in _COMBINED}
    for part, called in _parts(schema, resolve, branch, name):
        if isinstance(part, dict) and level <= _MAX_NESTING:
            whole = _both(whole, fold(part, resolve, branch, level + 1, called))
    return whole


def _parts(schema: dict[str, Any], resolve: Resolve, branch: Branch, name: str) -> Iterator[tuple[Json, str]]:
    if "$ref" in schema:
        yield resolve(schema["$ref"]), _name(schema)
    for part in schema.get("allOf", ()):
        yield part, name
    chosen = name
    for keyword in ("anyOf", "oneOf"):
        if branches := [each for each in schema.get(keyword, ()) if each != _NULL] or schema.get(keyword):
            part = branches[branch(len(branches))]
            chosen = _name(part)
            yield part, chosen
    if (said := _told_apart(schema.get("discriminator"), chosen)) is not None:
        yield said, ""
    for part in schema.get("dependentSchemas", {}).values():
        yield part, name
    if "if" in schema:
        kept = branch(2) == 0
        yield from ((part, name) for part in ((schema["if"], schema.get("then")) if kept else (schema.get("else"),)))


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2] if isinstance(schema, dict) and "$ref" in schema else ""


def _told_apart(discriminator: Json, name: str) -> dict[str, Any] | None:
    """What a discriminator says of the schema of that name: its member has the value that stands for it."""
    member = discriminator.get("propertyName") if isinstance(discriminator, dict) and name else None
    if not isinstance(member, str):  # no schema of OpenAPI's looks at these
        return None
    mapping = discriminator.get("mapping")
    stated = mapping.items() if isinstance(mapping, dict) else ()
    value = next((key for key, ref in stated if str(ref).rpartition("/")[2] == name), name)
    return {"properties": {member: {"const": value}}, "required": [member]}


def _both(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Both schemas as one: members and requirements together, the tighter bound, else what the first says."""
    result = {**part, **whole}
    ours, theirs = whole.get("properties", {}), part.get("properties", {})
    common = {key: {"allOf": [ours[key], theirs[key]]} for key in ours if key in theirs and ours[key] != theirs[key]}
    result["properties"] = {**theirs, **ours, **common}
    result["required"] = list(dict.fromkeys([*whole.get("required", ()), *part.get("required", ())]))
    for key, tighter in _TIGHTER:
        if key in whole and key in part:
            result[key] = tighter(whole[key], part[key])
    if "enum" in whole and "enum" in part:
        result["enum"] = [value for value in whole["enum"] if value in part["enum"]]
    return {key: value for key, value in result.items() if value or key not in ("properties", "required")}


def kind_of(schema: dict[str, Any], choice: int) -> str:
    """The type of a folded schema's values, "any" for one that says nothing; of several, one by the choice."""
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return kinds
    if kinds:
        named = [kind for kind in kinds if kind != "null"] or ["null"]
        return str(named[choice % len(named)])
    return next((kind for key, kind in _IMPLIED.items() if key in schema), "any")


def refers_to(schema: Json, level: int = 0) -> frozenset[str]:
    """The references a schema follows for a value, or for the items of one."""
    if not isinstance(schema, dict) or level > _MAX_NESTING:
        return frozenset()
    found = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
    parts = [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")]
    return frozenset(found.union(*(refers_to(part, level + 1) for part in parts)))
