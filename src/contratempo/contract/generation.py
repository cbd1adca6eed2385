"""Values made from a schema: the same for the same schema each time, or others as chance has it."""

import math
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from itertools import chain, islice
from typing import Any, Final

from .casting import Resolve
from .folding import fold, kind_of, refers_to
from .patterns import Pick, matching
from .source import Json

Valid = Callable[[Json, Json], bool]  # (schema, value) -> whether the value satisfies the schema

_MAX_NESTING: Final = 12
_MAX_VALUES: Final = 2_000
_MOST_ASKED: Final = 5_000  # whether a value is valid, for one answer; long texts count as several
_MOST_MADE: Final = 6_000  # values, in all attempts at one answer: a quarter of a second
_FORMATS: Final[Mapping[str, str]] = {
    "date-time": "2026-01-15T09:{m}:00Z",
    "date": "2026-01-{d}",
    "time": "09:{m}:00Z",
    "uuid": "00000000-0000-4000-8000-{x:012x}",
    "email": "person{n}@example.com",
    "idn-email": "person{n}@example.com",
    "hostname": "host{n}.example.com",
    "idn-hostname": "host{n}.example.com",
    "ipv4": "192.0.2.{o}",
    "ipv6": "2001:db8::{o}",
    "byte": "ZXhhbXBsZQ==",
    "duration": "PT{o}H",
    "json-pointer": "/example{n}",
    "regex": "^example{n}$",
}
_URLS: Final = ("uri", "url", "iri", "uri-reference", "iri-reference", "uri-template")
_TRIES: Final = (
    "+15550100000", "0", "1", "a", "A", "abc123", "abc_123", "abc-123", "A1", "2026-01-15", "https://example.com/",
)  # fmt: skip


class PatienceLost(Exception):
    """More has been tried than a request may wait for."""


class Patience:
    """Makes values and asks whether they are valid, until it has done so often enough."""

    def __init__(self, valid: Valid) -> None:
        self._valid, self._left, self._to_make = valid, _MOST_ASKED, _MOST_MADE

    def make(self) -> None:
        """Count a value that is to be made."""
        self._to_make -= 1
        if self._to_make < 0:
            raise PatienceLost

    def __call__(self, schema: Json, value: Json) -> bool:
        self._left -= 1 + (len(value) // 64 if isinstance(value, str) else 0)
        if self._left < 0:
            raise PatienceLost
        return self._valid(schema, value)


class Maker:
    """Makes one value: with all members or only the required ones, taking the nth branch where there is a choice.

    With `pick` chance decides instead, and what a schema states as examples is not looked at. Members of which `hidden`
    ("writeOnly") is true are left out. `nth` tells the items of one list apart.
    """

    def __init__(
        self, resolve: Resolve, valid: Patience, full: bool, choice: int, pick: Pick | None = None, hidden: str = ""
    ) -> None:
        self.resolve, self.valid, self.full, self.choice, self.pick, self.hidden = (
            resolve, valid, full, choice, pick, hidden,
        )  # fmt: skip
        self.nth = 0
        self.left = _MAX_VALUES

    def make(self, schema: Json, level: int = 0, seen: frozenset[str] = frozenset()) -> Json:
        self.left -= 1
        if not isinstance(schema, dict) or level > 2 * _MAX_NESTING or self.left < -_MAX_VALUES:
            return {}
        self.valid.make()
        whole = fold(schema, self.resolve, self._branch, level)
        seen |= refers_to(schema)
        for value in self._stated(whole):
            if self.valid(schema, value):
                return deepcopy(value)
        kind = kind_of(whole, self.choice)
        if kind == "object":
            return self._object(whole, level, seen)
        if kind == "array":
            return self._array(whole, level, seen)
        if kind == "string":
            return self._text(whole)
        if kind in ("integer", "number"):
            return self._number(whole, kind)
        return {"boolean": self._other(0, 2) == 0, "null": None}.get(kind, {})

    def _branch(self, count: int) -> int:
        return self.choice % count if self.pick is None or self.choice else self.pick(count)

    def _other(self, usual: int, count: int) -> int:
        """Which of so many: the usual one, one further for each item of a list, or one by chance."""
        return (usual + self.nth) % count if self.pick is None else self.pick(count)

    def _stated(self, schema: dict[str, Any]) -> Iterator[Json]:
        for key in ("example", "const", "default") if self.pick is None and not self.nth else ("const",):
            if key in schema:
                yield schema[key]
        for key in ("examples", "enum") if self.pick is None and not self.nth else ("enum",):
            values = schema.get(key, ())
            start = self._other(0, len(values)) if values else 0
            yield from (*values[start:], *values[:start])

    def _object(self, schema: dict[str, Any], level: int, seen: frozenset[str]) -> dict[str, Json]:
        required, members = dict.fromkeys(schema.get("required", ())), schema.get("properties", {})
        result: dict[str, Json] = {}
        for name, member in members.items():
            if name in required or (self._has_room(level) and self._is_shown(member, seen)):
                result[name] = self.make(member, level + 1, seen)
        for name in list(result):
            required.update(dict.fromkeys(schema.get("dependentRequired", {}).get(name, ())))
        least = min(schema.get("minProperties", 0), _MAX_VALUES)
        if self._has_room(level) and not members:
            least = max(least, 1 if self._free(schema) else 0)
        for name in chain(required, self._names(schema, least)):
            if name not in result and name not in required and len(result) >= least:
                break
            if name not in result:
                result[name] = self._extra(schema, members, name, level, seen)
        return result

    def _has_room(self, level: int) -> bool:
        return self.full and level < _MAX_NESTING // 2 and self.left > 0

    def _is_shown(self, member: Json, seen: frozenset[str]) -> bool:
        if not isinstance(member, dict):
            return member is not False
        return member.get(self.hidden) is not True and (kind_of(member, 0) == "array" or not refers_to(member) & seen)

    @staticmethod
    def _free(schema: dict[str, Any]) -> bool:
        """Whether an object's members are described, though not their names."""
        described = schema.get("additionalProperties")
        return bool(schema.get("patternProperties")) or (isinstance(described, dict) and bool(described))

    def _names(self, schema: dict[str, Any], least: int) -> Iterator[str]:
        for pattern in schema.get("patternProperties", {}):
            yield from matching(pattern, self.pick)
        rule = schema.get("propertyNames")
        if isinstance(rule, dict):
            names = {"type": "string", **fold(rule, self.resolve, self._branch, 0)}
            for number in range(least):
                self.nth = number
                yield str(self._text(names))
            self.nth = 0
        yield from (f"key{number}" for number in range(1, least + 1))

    def _extra(self, schema: dict[str, Any], members: Any, name: str, level: int, seen: frozenset[str]) -> Json:
        if name in members:
            return self.make(members[name], level + 1, seen)
        for pattern, member in schema.get("patternProperties", {}).items():
            if self.valid({"pattern": pattern}, name):
                return self.make(member, level + 1, seen)
        others = schema.get("additionalProperties", True)
        return self.make(others, level + 1, seen) if isinstance(others, dict) else "string"

    def _array(self, schema: dict[str, Any], level: int, seen: frozenset[str]) -> list[Json]:
        made = [self.make(item, level + 1, seen) for item in schema.get("prefixItems", [])]
        items, least = schema.get("items", {}), schema.get("minItems", 0)
        wanted = not refers_to(items) & seen if level else True
        room = self.full and level < _MAX_NESTING and wanted and self.left > 0 and items is not False
        count = max(least, min(1, schema.get("maxItems", 1))) if room else least
        both = (
            {"allOf": [schema.get("contains"), items]} if isinstance(items, dict) and items else schema.get("contains")
        )
        inside = [both] * min(schema.get("minContains", 1), _MAX_VALUES) if "contains" in schema else []
        inside = inside[: max(0, schema.get("maxItems", len(inside)) - len(made))]
        rest = [*inside, *[items] * max(0, min(count, _MAX_VALUES) - len(made) - len(inside))]
        return [*made, *self._listed(rest, level, seen, distinct=schema.get("uniqueItems") is True)]

    def _listed(self, schemas: list[Json], level: int, seen: frozenset[str], *, distinct: bool) -> Iterator[Json]:
        before = self.nth
        for number, schema in enumerate(schemas):
            self.nth = before + number if distinct else before
            yield self.make(schema, level + 1, seen)
        self.nth = before

    def _text(self, schema: dict[str, Any]) -> str:
        least, most = min(schema.get("minLength", 0), 100_000), schema.get("maxLength")
        text = self._of_format(schema.get("format", ""))
        text = (text * (math.ceil(least / len(text)) or 1))[: max(len(text), least)][:most]
        by_chance = self.pick is not None and "pattern" in schema
        tries = chain((text,), matching(schema["pattern"], self.pick) if by_chance else _TRIES)
        found = next((each for each in tries if self.valid(schema, each)), None)
        if found is not None and not (self.nth and "pattern" in schema):
            return found
        wanted = (each for each in matching(schema.get("pattern", ""), self._step) if self.valid(schema, each))
        made = list(islice(wanted, 1 + self.nth))
        return made[-1] if made else found if found is not None else text

    def _step(self, count: int) -> int:
        return self._other(0, count)

    def _of_format(self, name: str) -> str:
        number = self.nth if self.pick is None else 1 + self.pick(200)
        if name in _URLS:
            return f"https://example.com/{number or ''}"
        return _FORMATS.get(name, "string{n}").format(
            n=number or "", m=f"{(30 + number) % 60:02}", d=f"{15 + number % 14:02}", x=number, o=1 + number % 250
        )

    def _number(self, schema: dict[str, Any], kind: str) -> float:
        value, step = _least(schema, kind), schema.get("multipleOf", 1)
        try:
            further = value + step * (self.nth if self.pick is None else self.pick(100))
        except OverflowError:  # a float that is added to an integer too large for one
            return value
        return further if self.valid(schema, further) else value


def _multiple(bound: float, step: float, *, up: bool) -> float:
    """The multiple next to a bound, or the bound where no number is between."""
    try:
        if isinstance(bound, int) and isinstance(step, int):  # of any size
            return -(-bound // step) * step if up else bound // step * step
        return (math.ceil(bound / step) if up else math.floor(bound / step)) * step
    except OverflowError:
        return bound


def _least(schema: dict[str, Any], kind: str) -> float:
    """The number nearest to zero within the bounds."""
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    step = schema.get("multipleOf", 1)
    value: float = (
        _multiple(least or 0, step, up=True)
        if least is not None or most is None or most >= 0
        else _multiple(most, step, up=False)
    )
    if kind == "number" and most is not None and value > most and least is not None:
        value = least
    if value == schema.get("exclusiveMinimum"):
        value = value + step if kind == "integer" or most is None or value + step < most else (value + most) / 2
    if value == schema.get("exclusiveMaximum"):
        value -= step
    return value
