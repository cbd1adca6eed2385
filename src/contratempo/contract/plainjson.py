"""Trees of JSON: read as such, ten times sooner than as the YAML that it also is; counted and copied."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = Any

# What is looked at again: integers too long, numbers that may be too large for a float, halves of surrogate pairs.
# Digits are counted from their first on alone: from each of them, documents of long numbers would take half a minute.
_LONG_INTEGER = re.compile(r"(?<![0-9])[0-9]{1001}")
_LARGE_NUMBER = re.compile(r"[eE]\+?[0-9]{3}|(?<![0-9])[0-9]{200}")  # fewer digits and e99 are below 1e299
_HALF_OF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_SPACE = " \t\r\n"


def read_json(text: str, most: int) -> Json:
    """The tree of a text that is a JSON object or list without anything odd; None where it is not.

    Odd are keys that occur twice, a merge key, numbers that no float holds, halves of surrogate pairs, and commas and
    brackets, be they of texts, thrice as many as the `most` values that are wanted: much is made before it is counted.
    """
    if not text.lstrip(_SPACE).startswith(("{", "[")) or sum(map(text.count, ",[{")) > 3 * most:
        return None
    try:
        if _LONG_INTEGER.search(text):
            return None
        tree = _DECODER.decode(text)
        if _LARGE_NUMBER.search(text):
            json.dumps(tree, allow_nan=False)
        if _HALF_OF_A_PAIR.search(text):
            json.dumps(tree, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return tree


def deeper_than(tree: Json, most: int) -> bool:
    """Whether more lists and objects than that stand in one another."""
    return any(depth >= most for depth, _ in enumerate(_levels(tree)))


def count_values(tree: Json, most: int) -> int:
    """How many values a tree has, itself among them; more than `most` are not all counted."""
    total = 1
    for level in _levels(tree):
        total += sum(map(len, level))
        if total > most:
            break
    return total


def copied(value: Json) -> Json:
    """A copy of a tree: whoever changes one place, be it an alias, does not change another."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def crowded(tree: Json) -> Sequence[str]:
    """The place of the largest member of an object."""
    if not isinstance(tree, dict):
        return ()
    return (max(tree, key=lambda key: count_values(tree[key], 10**9)),)


def _levels(tree: Json) -> Iterator[list[Any]]:
    """The lists and objects of a tree, by their depth."""
    level = [tree] if isinstance(tree, dict | list) else []
    while level:
        yield level
        parts = (part for each in level for part in (each.values() if isinstance(each, dict) else each))
        level = [part for part in parts if isinstance(part, dict | list)]


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs) or "<<" in made:
        raise ValueError
    return made


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)
