"""Path templates: what a path has in the place of their parameters, in time that only grows with its length."""

import re
from functools import lru_cache
from typing import Any

_PARAMETER = re.compile(r"\{([^{}]*)\}")


class Template:
    """A template as a router asks for it, who expects a regular expression.

    One of several parameters in a segment would go back and forth: `{x}-{y}-{z}.json` over a thousand dashes for
    seconds. What it finds is the same: each parameter has at least one character, and the first ones as many as can be
    (but that of two with nothing between, as in `{id}{format}`, the second is an extension where the text has one).
    """

    def __init__(self, path: str) -> None:
        self._segments = path.split("/")
        self._names = _PARAMETER.findall(path)

    def match(self, path: str) -> "Matched | None":
        """Return what the whole path matches, or None."""
        found = path.split("/")
        if len(found) != len(self._segments):
            return None
        values: list[str] = []
        for segment, text in zip(self._segments, found, strict=True):
            taken = parameters_of(segment, text)
            if taken is None:
                return None
            values += taken
        return Matched(zip(self._names, values, strict=True))


class Matched(dict[str, str]):
    """The parameters of a path by name."""

    def __bool__(self) -> bool:
        """Return True: a path without parameters has matched, too."""
        return True

    def groupdict(self) -> dict[str, Any]:
        """Return the parameters."""
        return dict(self)


def parameters_of(segment: str, text: str) -> list[str] | None:
    """Return what a text has for each parameter of a template's segment, or None when it does not fit.

    From the end: each word as far right as it may be, which leaves the most to the parameters before it.
    """
    first, *between = _words(segment)
    if not between:
        return [] if text == segment else None
    last = between.pop()
    start, end = len(first), len(text) - len(last)
    if start >= end or not text.startswith(first) or not text.endswith(last):
        return None
    dot = text.rfind(".", start + 1, end - 1) if between == [""] else -1
    if dot >= 0:
        return [text[start:dot], text[dot:end]]
    values = []
    for word in reversed(between):
        at = text.rfind(word, start + 1, end - 1)
        if at < 0:
            return None
        values.append(text[at + len(word) : end])
        end = at
    return [text[start:end], *reversed(values)]


@lru_cache(maxsize=4_096)
def _words(segment: str) -> tuple[str, ...]:
    """What is written out before, between and after the parameters of a segment."""
    return tuple(_PARAMETER.split(segment)[::2])
