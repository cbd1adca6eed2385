"""What judging a value costs: how many schemas are applied to it and all in it, reckoned before anything is judged.

Two forms of a filter that both hold further filters are both tried at each level: at forty levels no machine is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from .casting import Resolve
from .pointer import Parts, from_pointer
from .source import Json

MOST_AT_ONCE: Final = 2_000
"""Schemas that may apply to one value: so many are judged in less than a millisecond, and answered from in a second."""
MOST_JUDGED: Final = 5_000_000
"""Schemas applied to a value and all in it, at most: half a second."""
MOST_TOLD: Final = 5_000
"""Those of them that belong to alternatives, at most, where it is told why none fits: half a second."""
MOST_WRONG: Final = 20_000
"""All of them, at most, where it is told what is wrong: jsonschema-rs finds every error before the first is taken."""
MOST_PAIRS: Final = 400_000
"""Members met with schemas that apply to them besides their own, in all schemas: half a second."""
_PARTED: Final = (dict, list)
_LEVELS: Final = 65  # a body is at most so deep
_SATURATED: Final = 10**12
_UNEVALUATED: Final = ("unevaluatedProperties", "unevaluatedItems")
_APPLYING: Final = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "additionalProperties", "properties",
     "items", "prefixItems", "patternProperties", "propertyNames", "contains", *_UNEVALUATED)
)  # fmt: skip

# (a schema's number, whether it belongs to an alternative) -> how often it applies
Counts = dict[tuple[int, bool], int]


class TooHeavy(Exception):
    """Schemas that cost too much, and why; `at` is where they start, `hint` what to do."""

    def __init__(self, at: Parts, what: str, hint: str) -> None:
        super().__init__(what)
        self.at, self.hint = at, hint


@dataclass(frozen=True)
class Growth:
    """How many schemas apply to a part of a value at most, by its depth: all of them, and those of alternatives.

    From the last depth that is told on they stay the same. `most` apply to any part that is no deeper.
    """

    total: tuple[int, ...]
    forms: tuple[int, ...]
    most: tuple[int, ...]

    def at(self, depth: int) -> int:
        """All that apply to a part that is no deeper."""
        return self.most[min(depth, len(self.most) - 1)]

    def of(self, value: Json) -> tuple[int, int]:
        """How many are applied to a value and all in it, and how many of alternatives; too many end the counting."""
        total = forms = depth = 0
        level = [value]
        while level and total <= MOST_JUDGED:
            place = min(depth, len(self.total) - 1)
            total += len(level) * self.total[place]
            forms += len(level) * self.forms[place]
            depth += 1
            level = [
                part
                for each in level
                if isinstance(each, _PARTED)
                for part in (each.values() if isinstance(each, dict) else each)
            ]
        return total, forms


@dataclass
class _Below:
    """What applies to the parts of a value: to those that are named, and to all others."""

    named: dict[str | int, Counts] = field(default_factory=dict)
    others: Counts = field(default_factory=dict)

    def pairs(self, other: "_Below") -> int:
        """How many counts `add` touches at most: every name is met with all that applies to any."""
        names = len(other.named) + (len(self.named) if other.others else 0)
        return sum(map(len, other.named.values())) + names * (len(self.others) + len(other.others))

    def add(self, other: "_Below", chosen: bool, times: int) -> None:
        for name in other.named if not other.others else other.named.keys() | self.named.keys():
            counts = self.named.setdefault(name, dict(self.others))
            _add(counts, other.named.get(name, other.others), chosen, times)
        _add(self.others, other.others, chosen, times)

    def __iter__(self) -> Iterator[Counts]:
        yield from self.named.values()
        yield self.others


def _add(counts: Counts, more: Counts, chosen: bool, times: int) -> None:
    for (number, is_form), count in more.items():
        key = number, is_form or chosen
        counts[key] = min(counts.get(key, 0) + times * count, _SATURATED)


@dataclass
class _Schema:
    """A schema, where it stands, how many apply to a value with it, and what applies to the parts of that value."""

    node: Json
    at: Parts
    is_weighed: bool = False
    total: int = 1
    forms: int = 0
    objects: _Below = field(default_factory=_Below)
    arrays: _Below = field(default_factory=_Below)


class Weights:
    """The schemas of one tree, each weighed once."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._numbers: dict[int, int] = {}
        self._schemas: list[_Schema] = []
        self._growths: dict[int, Growth] = {}
        self._pairs = 0

    def reached(self, schema: Json, at: Parts) -> Iterator[tuple[Parts, dict[str, Any]]]:
        """Weigh a schema and all that it leads to, and yield those not met before; TooHeavy where they are."""
        first = len(self._schemas)
        self._number(schema, at)
        while first < len(self._schemas):
            found = self._schemas[first]
            self._weighed(first)
            if isinstance(found.node, dict):
                yield found.at, found.node
            first += 1

    def growth(self, schema: Json) -> Growth:
        """How many schemas apply to the parts of a value of this schema."""
        number = self._number(schema, ())
        if number not in self._growths:
            self._grow(self._closed(number))
        return self._growths[number]

    def _number(self, schema: Json, at: Parts) -> int:
        while isinstance(schema, dict) and isinstance(ref := schema.get("$ref"), str) and "#" in ref:
            schema, at = self._resolve(ref), from_pointer(ref[ref.index("#") :])
        number = self._numbers.get(id(schema))
        if number is None:
            number = self._numbers[id(schema)] = len(self._schemas)
            self._schemas.append(_Schema(schema, at))  # which keeps it, and with it its id
        return number

    def _weighed(self, number: int) -> _Schema:
        weighed = self._schemas[number]
        if weighed.is_weighed or not isinstance(weighed.node, dict) or _APPLYING.isdisjoint(weighed.node):
            return weighed
        weighed.is_weighed = True
        times = 2 if any(each in weighed.node for each in _UNEVALUATED) else 1  # what was evaluated is asked once more
        self._own(weighed)
        for node, at, chosen in self._in_place(weighed):
            part = self._weighed(self._number(node, at))
            weighed.total += times * part.total
            weighed.forms += times * (part.total if chosen else part.forms)
            if weighed.total > MOST_AT_ONCE:
                what = f"more than {MOST_AT_ONCE:,} schemas apply to one value: each as often as it is referred to"
                raise TooHeavy(weighed.at, what, "refer to each once, or leave some of them out")
            pairs = weighed.objects.pairs(part.objects) + weighed.arrays.pairs(part.arrays)
            self._count_pairs(weighed, pairs)
            weighed.objects.add(part.objects, chosen, times)
            weighed.arrays.add(part.arrays, chosen, times)
        return weighed

    def _in_place(self, schema: _Schema) -> Iterator[tuple[Json, Parts, bool]]:
        """What applies to the same value, where it stands, and whether it is one of several forms."""
        node, at = schema.node, schema.at
        for keyword, chosen in (("allOf", False), ("anyOf", True), ("oneOf", True)):
            for index, part in enumerate(node.get(keyword, ())):
                yield part, (*at, keyword, index), chosen
        for keyword in ("not", "if", "then", "else"):
            if keyword in node:
                yield node[keyword], (*at, keyword), False
        for name, part in node.get("dependentSchemas", {}).items():
            yield part, (*at, "dependentSchemas", name), False

    def _own(self, schema: _Schema) -> None:
        """Note what a schema itself applies to the parts of a value."""
        objects, arrays = schema.objects, schema.arrays
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            self._note(objects.others, schema, keyword)
        for keyword in ("items", "unevaluatedItems"):
            self._note(arrays.others, schema, keyword)
        for name in schema.node.get("properties", {}):
            self._note(objects.named.setdefault(name, {}), schema, "properties", name)
        for index, _ in enumerate(schema.node.get("prefixItems", ())):
            self._note(arrays.named.setdefault(index, {}), schema, "prefixItems", index)
        for pattern in schema.node.get("patternProperties", {}):
            self._count_pairs(schema, len(objects.named))
            for counts in objects:
                self._note(counts, schema, "patternProperties", pattern)
        for counts in objects:
            self._note(counts, schema, "propertyNames")
        for counts in arrays:
            self._note(counts, schema, "contains")

    def _count_pairs(self, schema: _Schema, more: int) -> None:
        """Keep count of members that were met with schemas that may apply to them, too."""
        self._pairs += more
        if self._pairs > MOST_PAIRS:
            what = f"more than {MOST_PAIRS:,} pairs of a member and a schema of others, by patterns or combinations"
            raise TooHeavy(schema.at, what, "use fewer patternProperties, or additionalProperties instead")

    def _note(self, counts: Counts, schema: _Schema, keyword: str, *name: str | int) -> None:
        part = schema.node.get(keyword)
        for step in name:
            part = part[step]
        if isinstance(part, dict):
            number = self._number(part, (*schema.at, keyword, *name))
            counts[number, False] = counts.get((number, False), 0) + 1

    def _closed(self, first: int) -> list[int]:
        """A schema and what it leads to, but what has grown already."""
        found = {first: None}
        waiting = [first]
        while waiting:
            schema = self._weighed(waiting.pop())
            reached = {number for below in (schema.objects, schema.arrays) for counts in below for number, _ in counts}
            fresh = [number for number in reached if number not in found and number not in self._growths]
            found.update(dict.fromkeys(fresh))
            waiting += fresh
        return list(found)

    def _grow(self, numbers: list[int]) -> None:
        """From one depth to the next, until nothing gets more."""
        schemas = [self._schemas[number] for number in numbers]
        below = [[counts for counts in (*schema.objects, *schema.arrays) if counts] for schema in schemas]
        met = {number for each in below for counts in each for number, _ in counts} & self._growths.keys()
        settled = max((len(self._growths[number].total) for number in met), default=0)
        series = [list(zip(numbers, ((each.total, each.forms) for each in schemas), strict=True))]
        for depth in range(_LEVELS):
            before = dict(series[-1])
            latest = [
                (number, self._next(counts, before, depth)) for number, counts in zip(numbers, below, strict=True)
            ]
            if latest == series[-1] and depth >= settled:
                break
            series.append(latest)
        for place, number in enumerate(numbers):
            found = [level[place][1] for level in series]
            while len(found) > 1 and found[-1] == found[-2]:
                found.pop()
            total, forms = zip(*found, strict=True)
            self._growths[number] = Growth(total, forms, tuple(accumulate(total, max)))

    def _next(self, below: list[Counts], before: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
        """What applies at most to the parts at one depth more."""
        total = forms = 0
        for counts in below:
            all_of = of_forms = 0
            for (number, chosen), count in counts.items():
                each = before.get(number) or self._grown(number, depth)
                all_of += count * each[0]
                of_forms += count * each[chosen is False]
            total, forms = max(total, all_of), max(forms, of_forms)
        return min(total, _SATURATED), min(forms, _SATURATED)

    def _grown(self, number: int, depth: int) -> tuple[int, int]:
        growth = self._growths[number]
        place = min(depth, len(growth.total) - 1)
        return growth.total[place], growth.forms[place]
