"""Texts that match a regular expression: made from its parts, the shortest first."""

import math
import re
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from re import _parser  # the parser of the standard library has no other name
from typing import Any, Final

Pick = Callable[[int], int]  # n -> a number from 0 to n - 1

_LENGTHS: Final = (0, 1, 2, 3, 5, 8, 12, 20, 36, 64, 100, 256, 1_000, 4_000)
_MOST: Final = 10_000
_MOST_NESTED: Final = 1_000
_MOST_COUNTED: Final = 2_048
_COUNTS: Final = re.compile(r"\{(?:\d+,)?(\d{1,6})\}")
_USUAL: Final = "a1A-_ .:/@+b2B,;!?#%&=*()[]{}<>|~^$'\"\\`\t\n\r\u00e9\u4e2d"
# What ECMA 262 writes in another way than Python; the judge has the last word on what comes of it.
_PROPERTIES: Final = {"L": "A-Za-z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9", "P": "!-/", "Letter": "A-Za-z"}
_CLASSES: Final = re.compile(r"\\p\{(?:\w+=)?(\w+)\}")
_GROUPS: Final = ((re.compile(r"\(\?<(?![=!])"), "(?P<"), (re.compile(r"\\k<(\w+)>"), r"(?P=\1)"))
_WORD, _DIGIT, _SPACE = re.compile(r"\w"), re.compile(r"\d"), re.compile(r"\s")


class _TooLong(Exception):
    pass


def matching(pattern: str, pick: Pick | None = None) -> Iterator[str]:
    """Yield texts that match an expression, longer and longer where it repeats; none where it cannot be read.

    Lookarounds are passed over, so that a text may not match after all: it has to be judged.
    """
    try:
        tree = _parsed(pattern)
    except (re.error, RecursionError, OverflowError):
        return
    seen: set[str] = set()
    known: dict[int, list[str]] = {}
    for extra in _LENGTHS:
        try:
            text = _Text(extra, pick or (lambda _: 0), known).of(tree)
        except (_TooLong, RecursionError):
            return
        if text not in seen:
            seen.add(text)
            yield text


def is_costly(pattern: str) -> bool:
    """Whether a short text may keep any engine busy for long: for counts in counts, or one that is large, add up.

    A pattern whose places multiply to many, none of them ruled out before, is tried at all of them for each character.
    """
    counted, levels = _counted(pattern)
    if levels > 1:
        return counted > _MOST_NESTED
    return counted > _MOST_COUNTED and not pattern.startswith("^")


def places(pattern: str) -> int:
    """The most that the counts of an expression, one in another, multiply to."""
    return _counted(pattern)[0]


@lru_cache(maxsize=4_096)
def _counted(pattern: str) -> tuple[int, int]:
    try:
        return _places(_parsed(pattern))
    except (re.error, RecursionError, OverflowError):  # another dialect: told by the counts that are written
        counts = [int(count) for count in _COUNTS.findall(pattern)[:_MOST]]
        return math.prod(counts), len(counts)


def _places(tree: Any) -> tuple[int, int]:
    """The most that counted repetitions, one in another, multiply to, and how many of them stand in one another."""
    found = [(1, 0)]
    for operation, argument in tree:
        counted = str(operation).endswith("_REPEAT") and argument[1] is not _parser.MAXREPEAT and argument[1] > 1
        for inner in filter(lambda part: isinstance(part, _parser.SubPattern), _flat(argument)):
            places, levels = _places(inner)
            found.append((places * int(argument[1]), levels + 1) if counted else (places, levels))
    return max(found)


def _flat(argument: Any) -> Iterator[Any]:
    if isinstance(argument, tuple | list):
        for part in argument:
            yield from _flat(part)
    else:
        yield argument


def _parsed(pattern: str) -> Any:
    with warnings.catch_warnings():  # of what Python may read otherwise one day
        warnings.simplefilter("ignore")
        return _parser.parse(_as_python(pattern))


def _as_python(pattern: str) -> str:
    in_class = False

    def written(found: re.Match[str]) -> str:
        plain = _PROPERTIES.get(found[1], "a-z")
        return plain if in_class else f"[{plain}]"

    parts = []
    for piece in re.split(r"(\\p\{[^}]*\}|\\.|\[|\])", pattern):
        if piece in ("[", "]"):
            in_class = piece == "["
        parts.append(_CLASSES.sub(written, piece))
    result = "".join(parts)
    for found, instead in _GROUPS:
        result = found.sub(instead, result)
    return result


class _Text:
    """One text of a parsed expression, each repetition `extra` times more than it must be."""

    def __init__(self, extra: int, pick: Pick, known: dict[int, list[str]]) -> None:
        self.extra, self.pick, self.groups, self.size = extra, pick, dict[int, str](), 0
        self.known = known  # the characters of each class of the expression, which are looked for but once

    def of(self, tree: Any) -> str:
        return "".join(self._part(str(operation), argument) for operation, argument in tree)

    def _part(self, operation: str, argument: Any) -> str:
        if operation == "LITERAL":
            return self._counted(chr(argument))
        if operation in ("NOT_LITERAL", "ANY", "IN"):
            return self._counted(self._one(operation, argument))
        if operation == "BRANCH":
            branches = argument[1]
            return self.of(branches[self.pick(len(branches))])
        if operation == "SUBPATTERN":
            group, _, _, inner = argument
            text = self.of(inner)
            self.groups[group] = text
            return text
        if operation == "ATOMIC_GROUP":
            return self.of(argument)
        if operation.endswith("_REPEAT"):
            least, most, inner = argument
            times = min(int(most), int(least) + self.extra)
            return "".join(self.of(inner) for _ in range(times))
        return self._counted(self.groups.get(argument, "")) if operation == "GROUPREF" else ""

    def _one(self, operation: str, argument: Any) -> str:
        if operation == "ANY":
            return _USUAL[self.pick(4)]
        key = argument if operation == "NOT_LITERAL" else id(argument)
        if key not in self.known:
            self.known[key] = _fitting([("NEGATE", None), ("LITERAL", argument)] if key == argument else argument)
        return self.known[key][self.pick(len(self.known[key]))]

    def _counted(self, text: str) -> str:
        self.size += len(text)
        if self.size > _MOST:
            raise _TooLong
        return text


def _fitting(tests: Any) -> list[str]:
    """The usual characters of a class, letters and digits alone if it has any; else the first that it names."""
    negated = str(tests[0][0]) == "NEGATE"
    fitting = [char for char in _USUAL if negated != _is_in(tests, char)]
    if fitting:
        return [char for char in fitting if char.isalnum()] or fitting
    first = next((value for kind, value in tests if str(kind) in ("LITERAL", "RANGE")), 0)
    return [chr(first if isinstance(first, int) else first[0])]


def _is_in(tests: Any, char: str) -> bool:
    return any(_is_of(str(kind), value, char) for kind, value in tests)


def _is_of(kind: str, value: Any, char: str) -> bool:
    if kind == "LITERAL":
        return ord(char) == int(value)
    if kind == "RANGE":
        return int(value[0]) <= ord(char) <= int(value[1])
    name = str(value)
    for word, expression in (("WORD", _WORD), ("DIGIT", _DIGIT), ("SPACE", _SPACE)):
        if name.endswith(word):
            return bool(expression.match(char)) != ("NOT" in name)
    return False
