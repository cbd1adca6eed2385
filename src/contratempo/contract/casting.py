"""Parameters: from the strings of the wire to the values a schema speaks of, strictly."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from .pointer import find, from_pointer
from .source import Json

Resolve = Callable[[str], Any]  # a reference -> the node it leads to
Cast = Callable[[Any], Any]

_INTEGER = re.compile(r"-?[0-9]{1,4000}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_MAX_BRACKETS = 8
_MAX_NESTING = 16
_UNCAST = object()


class Fields(dict[str, list[str]]):
    """The values sent under each name, in order."""

    def last(self, name: str) -> str:
        """The value that counts when a name is sent more than once; KeyError if it is not sent."""
        return self[name][-1]


class HeaderFields(Fields):
    """Fields whose names are kept in lower case and found in any."""

    def __getitem__(self, name: str) -> list[str]:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def read_query(raw: bytes | str) -> Fields:
    """A query string's fields; bytes that are not UTF-8 become lone surrogates, for `undecodable` to find."""
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw
    fields = Fields()
    for name, value in parse_qsl(text, keep_blank_values=True, errors="surrogateescape"):
        fields.setdefault(name, []).append(value)
    return fields


def read_cookies(values: list[str]) -> Fields:
    """The fields of Cookie headers."""
    fields = Fields()
    for pair in "; ".join(values).split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            fields.setdefault(name, []).append(value)
    return fields


def undecodable(text: str) -> bool:
    """Whether a text holds what was not UTF-8 on the wire."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def resolver(tree: Json) -> Resolve:
    """Looks references of this tree up, each once, whatever stands before their fragment."""
    found: dict[str, Json] = {}

    def resolve(ref: str) -> Json:
        if ref not in found:
            found[ref] = find(tree, from_pointer(ref[ref.index("#") :]))
        return found[ref]

    return resolve


def variants(schema: Json, resolve: Resolve, level: int = 0) -> Iterator[dict[str, Any]]:
    """A schema and those it refers to or combines, the ones written first coming first."""
    if not isinstance(schema, dict) or level > _MAX_NESTING:
        return
    yield schema
    if isinstance(schema.get("$ref"), str):
        yield from variants(resolve(schema["$ref"]), resolve, level + 1)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            yield from variants(part, resolve, level + 1)


def types_of(schema: Json, resolve: Resolve) -> list[str]:
    """The JSON types a schema speaks of, in the order written; those of its enum or const if it names none."""
    types: list[str] = []
    for part in variants(schema, resolve):
        declared = part.get("type")
        named = [declared] if isinstance(declared, str) else declared
        types += named or [
            _type_name(value) for value in (*part.get("enum", ()), *([part["const"]] if "const" in part else ()))
        ]
    return list(dict.fromkeys(types))


def members_of(schema: Json, resolve: Resolve) -> dict[str, Json]:
    """The properties a schema describes."""
    members: dict[str, Json] = {}
    for part in variants(schema, resolve):
        members = {**part.get("properties", {}), **members}
    return members


def defaults_of(schema: Json, resolve: Resolve) -> dict[str, Json]:
    """The defaults of an object schema's properties."""
    return {
        name: part["default"]
        for name, member in members_of(schema, resolve).items()
        for part in reversed(list(variants(member, resolve)))
        if "default" in part
    }


def caster(schema: Json, resolve: Resolve, level: int = 0) -> Cast:
    """A function from wire strings (in lists and dicts) to the schema's types; what does not fit stays as sent."""
    if level > _MAX_NESTING:
        return lambda value: value
    casts = [_CASTS[name] for name in types_of(schema, resolve) if name in _CASTS]
    items: Json = next((part["items"] for part in variants(schema, resolve) if "items" in part), {})
    cast_item = caster(items, resolve, level + 1) if items else None
    cast_members = {name: caster(member, resolve, level + 1) for name, member in members_of(schema, resolve).items()}

    def cast(value: Any) -> Any:
        if isinstance(value, list):
            return [cast_item(item) for item in value] if cast_item else value
        if isinstance(value, dict):
            return {name: cast_members[name](item) if name in cast_members else item for name, item in value.items()}
        if not isinstance(value, str):  # a form's part may be JSON
            return value
        return next((result for result in (cast(value) for cast in casts) if result is not _UNCAST), value)

    return cast


def reader(name: str, style: str, explode: bool, schema: Json, resolve: Resolve) -> Callable[[Fields], Any]:
    """A function that takes a parameter out of its location as strings, lists and dicts of strings.

    KeyError if it is not there, ValueError if its style cannot be read.
    """
    types = types_of(schema, resolve)
    separator = _SEPARATORS.get(style, ",")
    if style == "deepObject":
        return lambda fields: _deep_object(name, fields)
    if style in ("label", "matrix"):
        return lambda fields: _prefixed(name, style, explode, types, fields.last(name))
    if "array" in types and "string" not in types:
        if style == "form" and explode:
            return lambda fields: list(fields[name])
        may_be_empty = not any(part.get("minItems", 0) > 0 for part in variants(schema, resolve))
        return lambda fields: _separated(separator.join(fields[name]), separator, may_be_empty)
    if "object" in types and "string" not in types:
        if style == "form" and explode:
            members = list(members_of(schema, resolve))
            return lambda fields: _spread_object(name, members, fields)
        return lambda fields: _packed_object(fields.last(name).split(separator), explode)
    return lambda fields: fields.last(name)


def _separated(text: str, separator: str, may_be_empty: bool) -> list[str]:
    """The items of a list; nothing at all is no item where that is allowed, as clients send an empty list so."""
    return text.split(separator) if text or not may_be_empty else []


def _prefixed(name: str, style: str, explode: bool, types: list[str], text: str) -> Any:
    """A value in the path that starts with a dot (label), or with a semicolon and mostly its name (matrix)."""
    mark = "." if style == "label" else ";"
    if not text.startswith(mark):
        raise ValueError(f"a {style} value that does not start with {mark}")
    parts = text[1:].split(mark)
    in_pairs = "object" in types and explode
    if style == "matrix" and not in_pairs:
        if not all(part == name or part.startswith(f"{name}=") for part in parts):
            raise ValueError("a matrix value without its name")
        parts = [part.partition("=")[2] for part in parts]
    if not explode or len(parts) == 1:
        parts = mark.join(parts).split(",") if not in_pairs else parts
    if "array" in types:
        return parts
    if "object" in types:
        return _packed_object(parts, explode)
    return ",".join(parts) if not explode else mark.join(parts)


def _deep_object(name: str, fields: Fields) -> dict[str, Any] | list[str]:
    """The members `name[member]`, in objects `name[member][member]`, in lists `name[member][]`.

    Without any, what stands under the bare name or `name[]`, which is no object.
    """
    opening = f"{name}["
    members: dict[str, Any] = {}
    for key in fields:
        if key.startswith(opening) and key.endswith("]"):
            path, values = key[len(opening) : -1].split("][", _MAX_BRACKETS), fields[key]
            _put_in(members, *((path[:-1], values) if path[1:] and not path[-1] else (path, values[-1])))
    return fields[f"{name}[]"] if members.keys() == {""} and f"{name}[]" in fields else members or fields[name]


def _put_in(members: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        inner = members.get(part)
        members[part] = inner if isinstance(inner, dict) else {}
        members = members[part]
    members[path[-1]] = value


def _spread_object(name: str, members: list[str], fields: Fields) -> dict[str, str]:
    found = {member: fields.last(member) for member in members if member in fields}
    if not found:
        raise KeyError(name)
    return found


def _packed_object(parts: list[str], explode: bool) -> dict[str, str]:
    if explode:
        pairs = [part.partition("=") for part in parts]
        if not all(equals for _, equals, _ in pairs):
            raise ValueError("a member without =")
        return {key: value for key, _, value in pairs}
    if len(parts) % 2:
        raise ValueError("a member without a value")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else _UNCAST


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text) or math.isinf(float(text)):
        return _UNCAST
    return float(text)


_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_CASTS: dict[str, Cast] = {
    "string": lambda text: text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda text: {"true": True, "false": False}.get(text.lower(), _UNCAST),
    "null": lambda text: None if text == "null" else _UNCAST,
}


def _type_name(value: Json) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array"}
    return names.get(type(value), "object")
