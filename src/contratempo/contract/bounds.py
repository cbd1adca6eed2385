"""Bounds of a document: what nobody writes by hand, and what would keep a server busy at its start or a request."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .patterns import places
from .pointer import Parts, to_pointer
from .source import DocumentError, Json
from .structure import followed, iter_operations

MOST_OPERATIONS: Final = 4_000
"""Each costs some milliseconds when a server starts."""
MOST_SEGMENTS: Final = 100
LONGEST_PATH: Final = 4_000
"""Of a path with its base; a request's target is at most 8,192 bytes."""
MOST_PARAMETERS: Final = 1_000
MOST_MEDIA_TYPES: Final = 500
MOST_HEADERS: Final = 500
MOST_REQUIREMENTS: Final = 500
"""Schemes in all alternatives of one `security`."""
LONGEST_PATTERN: Final = 20_000
MOST_PATTERN_PLACES: Final = 300_000
"""Places that the patterns of a document come to, their counts written out: each costs some microseconds."""
_PLACES_OF_A_PROPERTY: Final = 50
r"""As many places stand for one where a property of Unicode (`\p{L}`) may be: it takes half a millisecond and 50 KB."""


def check_bounds(tree: Json, file: Path) -> None:
    """Refuse an operation that describes more than is reasonable of anything; DocumentError says of what and where."""
    checked: set[int] = set()
    _check_security(tree, ("security",), file)
    for path, method, node in iter_operations(tree):
        at: Parts = ("paths", path, method)
        item = followed(tree, tree["paths"][path])
        shared, own = (len(each.get("parameters") or ()) for each in (item, node))
        place = (*at, "parameters") if own > shared else ("paths", path, "parameters")
        _check(shared + own, MOST_PARAMETERS, "parameters", place, file)
        _check_security(node, (*at, "security"), file)
        for part, place in _described(tree, node, at):
            if id(part) not in checked:
                checked.add(id(part))
                _check(len(part.get("content") or ()), MOST_MEDIA_TYPES, "media types", (*place, "content"), file)
                _check(len(part.get("headers") or ()), MOST_HEADERS, "headers", (*place, "headers"), file)


def check_path(whole: str, at: Parts, file: Path) -> None:
    """Refuse a path, base and all, that a router would lose itself in."""
    _check(whole.count("/"), MOST_SEGMENTS, "segments in a path", at, file)
    _check(len(whole), LONGEST_PATH, "characters in a path", at, file)


def _described(tree: Json, node: Mapping[str, Any], at: Parts) -> Iterator[tuple[dict[str, Any], Parts]]:
    """What an operation takes and what it answers, followed to where it is written."""
    held: dict[Parts, Json] = {("requestBody",): node.get("requestBody")}
    held |= {("responses", code): answer for code, answer in (node.get("responses") or {}).items()}
    for place, part in held.items():
        found = followed(tree, part)
        if isinstance(found, dict):
            yield found, (*at, *place)


def _check_security(node: Mapping[str, Any], at: Parts, file: Path) -> None:
    schemes = sum(max(1, len(each)) for each in node.get("security") or ())
    _check(schemes, MOST_REQUIREMENTS, "security schemes", at, file)


def _check(count: int, most: int, what: str, at: Parts, file: Path) -> None:
    if count > most:
        hint = f"leave some out: there are {count:,}"
        raise DocumentError(f"more than {most:,} {what}", file=file, pointer=to_pointer(at), hint=hint)


class PatternBudget:
    """What is left of the places that a document's patterns may come to, each pattern counted once."""

    def __init__(self) -> None:
        self._left = MOST_PATTERN_PLACES
        self._known: set[str] = set()

    def take(self, pattern: str, at: Parts) -> None:
        """Count a pattern; DocumentError when it is the one too many."""
        if pattern in self._known:
            return
        self._known.add(pattern)
        weight = _PLACES_OF_A_PROPERTY if re.search(r"\\[pP]", pattern) else 1
        self._left -= len(pattern) + places(pattern) * weight
        if self._left < 0:
            what = f"patterns that come to more than {MOST_PATTERN_PLACES:,} places, their counts written out"
            hint = "use maxLength instead of counts, or one pattern for several"
            raise DocumentError(what, pointer=to_pointer(at), hint=hint)
