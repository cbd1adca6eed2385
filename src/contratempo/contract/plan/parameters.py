"""Parameters and headers that are read plainly: one value each, as openapi-core would read and cast it."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from jsonschema_path import SchemaPath
from openapi_core.schema.parameters import get_style_and_explode

from contratempo.contract.casting import Cast, Resolve, caster, members_of, types_of
from contratempo.contract.source import Json

from .compiled import compiled_members
from .keywords import Unproven

Named = tuple[str, SchemaPath]  # the name of a parameter or a header, and where it is described
_SIMPLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
_NO_BRACKETS = str.maketrans("", "", "[]")
_SHORT = 16
_BRACKETS = (("[", "]"), ("%5B", "%5D"), ("%5b", "%5d"))


class Slot(NamedTuple):
    """Where a field's value goes: to a parameter, or to a member of one."""

    name: str
    member: str | None
    cast: Cast | None


def is_spread(parameter: SchemaPath, resolve: Resolve) -> bool:
    """Whether a parameter's value is made of fields that have other names than its own."""
    schema, style, explode = _form(parameter)
    types = types_of(schema, resolve)
    return style == "form" and explode and "object" in types and not {"array", "string"}.intersection(types)


def _form(parameter: SchemaPath) -> tuple[Json, str, bool]:
    style, explode = get_style_and_explode(parameter)
    return (parameter / "schema").read_value(), style, explode


def _is_scalar(schema: Json, resolve: Resolve) -> bool:
    types = types_of(schema, resolve)
    return "string" in types or not {"array", "object"}.intersection(types)


def _is_plain(parameter: SchemaPath, resolve: Resolve) -> bool:
    """Whether a value in a path or a header is the text itself: label and matrix put marks before it."""
    schema, style, _ = _form(parameter)
    return style == "simple" and _is_scalar(schema, resolve)


def _cast(schema: Json, resolve: Resolve) -> Cast | None:
    """The caster of a value, None where any text stays what it is."""
    types = types_of(schema, resolve)
    if not types or types[0] == "string":
        return None
    cast = caster(schema, resolve)
    return _integer(cast) if types[0] == "integer" else cast


def _integer(cast: Cast) -> Cast:
    """A caster to integers that is fast where there is a short one."""
    return lambda text: int(text) if text.isdigit() and text.isascii() and len(text) < _SHORT else cast(text)


class Scalars:
    """Fields that stand each for one parameter or header: in a path, or among headers (by lower-case name)."""

    def __init__(self, described: list[Named], resolve: Resolve, *, lower: bool, naive: bool) -> None:
        read = [each for each in described if "schema" in each[1] and _is_plain(each[1], resolve)]
        schemas = {_key(name, lower): _form(parameter)[0] for name, parameter in read}
        if len(schemas) != len(read):
            raise Unproven
        self._casts = [(name, _cast(schema, resolve)) for name, schema in schemas.items()]
        self._others = {_key(name, lower) for name, _ in described} - schemas.keys()
        self._accepts = compiled_members(schemas, resolve, naive=naive)

    def values(self, fields: Mapping[str, str]) -> dict[str, Json] | None:
        """The values of those that were sent, None where one may be wrong or cannot be told here."""
        if self._others and not self._others.isdisjoint(fields):
            return None
        values: dict[str, Json] = {}
        for name, cast in self._casts:
            text = fields.get(name)
            if text is not None:
                if not text.isprintable():  # nor is what was not UTF-8
                    return None
                values[name] = text if cast is None else cast(text)
        return values if not values or self._accepts is None or self._accepts(values) else None


def _key(name: str, lower: bool) -> str:
    return name.lower() if lower else name


class Query:
    """The fields of a query: names that are described, each sent once."""

    def __init__(self, described: list[Named], resolve: Resolve, *, naive: bool) -> None:
        self._slots: dict[str, Slot] = {}
        schemas: dict[str, Json] = {}
        for name, parameter in described:
            if "schema" in parameter and _SIMPLE.issuperset(name.translate(_NO_BRACKETS)):
                schemas[name] = _form(parameter)[0]
                self._slots.update(_slots(name, parameter, resolve))
        if any(slot.member is not None and slot.name in _prefixes(described) for slot in self._slots.values()):
            raise Unproven  # a field that two parameters read
        self.objects = {slot.name for slot in self._slots.values() if slot.member is not None}
        self._accepts = compiled_members(schemas, resolve, naive=naive)

    def values(self, query: bytes | str) -> dict[str, Any] | None:
        """The values of those that were sent, None where one may be wrong or cannot be told here."""
        text = query if isinstance(query, str) else query.decode("latin-1")
        if not text.isascii():
            return None
        values: dict[str, Any] = {}
        slots = self._slots
        for field in text.split("&"):
            name, _, value = field.partition("=")
            slot = slots.get(name)
            if slot is None or not _put(values, slot, value):
                return None
        return values if self._accepts is None or self._accepts(values) else None


def _prefixes(described: list[Named]) -> set[str]:
    """What stands before the bracket in names that have one."""
    return {name.partition("[")[0] for name, _ in described if "[" in name}


def _put(values: dict[str, Any], slot: Slot, text: str) -> bool:
    """Keep a field's value; False if its name was sent before, or the text is not printable."""
    name, member, cast = slot
    if "%" in text or "+" in text:
        text = unquote_plus(text, errors="surrogateescape")
        if not text.isprintable():
            return False
    if member is not None:
        values, name = values.setdefault(name, {}), member
    if name in values:
        return False
    values[name] = text if cast is None else cast(text)
    return True


def _slots(name: str, parameter: SchemaPath, resolve: Resolve) -> Iterator[tuple[str, Slot]]:
    schema, style, _ = _form(parameter)
    if style == "deepObject":
        for member, described in members_of(schema, resolve).items():
            if _SIMPLE.issuperset(member):
                cast = _cast(described, resolve)
                yield from ((spelt, Slot(name, member, cast)) for spelt in _spellings(f"{name}[{member}]"))
    elif style == "form" and _is_scalar(schema, resolve):
        cast = _cast(schema, resolve)
        yield from ((spelt, Slot(name, None, cast)) for spelt in _spellings(name))


def _spellings(name: str) -> list[str]:
    """How clients write a name: with its brackets, or those percent-encoded."""
    return [name.replace("[", opening).replace("]", closing) for opening, closing in _BRACKETS]


def copier(value: dict[str, Json]) -> Callable[[], dict[str, Json]]:
    """Makes copies that share nothing that can be changed."""
    if not any(isinstance(each, dict | list) for each in value.values()):
        return value.copy
    flat = all(not isinstance(part, dict | list) for each in value.values() for part in _parts(each))
    if not flat:
        return lambda: deepcopy(value)
    return lambda: {name: each.copy() if isinstance(each, dict | list) else each for name, each in value.items()}


def _parts(value: Json) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
