"""Patterns as browsers read them, said in the strict words of ECMA 262 that every engine knows."""

import re
from collections.abc import Iterator
from typing import Final

from .bounds import MOST_PATTERN_PLACES
from .references import objects
from .source import Json

_TOKEN: Final = re.compile(
    r"\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\k<[^>]*>|\\c[A-Za-z]|\\.|\[\^?|.", re.DOTALL
)
_COUNT: Final = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_CLASS: Final = re.compile(r"\\(?:[dDsSwW]|[pP]\{[^}]*\})")
_LOOSE: Final = re.compile(r"[{}\]]|\\[dDsSwW}]-|-\\[dDsSwWpP]")


def make_strict(tree: Json) -> None:
    """Write the patterns of a document's schemas strictly: changes `tree`.

    No more of them than a document may have, which is refused later: nobody waits for them.
    """
    written, left = dict[str, str](), MOST_PATTERN_PLACES
    for _, node in objects(tree, whole=True):
        pattern = node.get("pattern")
        if not isinstance(pattern, str):
            continue
        if pattern not in written:
            left -= len(pattern)
            if left < 0:
                return
            written[pattern] = strict(pattern)
        if written[pattern] != pattern:
            node["pattern"] = written[pattern]


def strict(pattern: str) -> str:
    r"""A pattern that means the same, with escapes where ECMA 262's appendix for browsers (B.1.2) does without.

    `[\w- ]`, where no range can start, is `[\w\- ]`; a brace that counts nothing and a lone `]` stand for themselves.
    """
    return "".join(_written(pattern)) if _LOOSE.search(pattern) else pattern


def _written(pattern: str) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        token = _token(pattern, at)
        if token.startswith("["):
            yield token
            at += len(token)
            for part in _class(pattern, at):
                yield part[0]
                at += part[1]
            continue
        count = _COUNT.match(pattern, at) if token == "{" else None
        yield count[0] if count else f"\\{token}" if token in ("{", "}", "]") else token
        at += len(count[0] if count else token)


def _class(pattern: str, at: int) -> Iterator[tuple[str, int]]:
    """What is in a class up to its end: each part as it is to be written, and how long it was."""
    dash = "-"
    while at < len(pattern):
        first = "[" if pattern[at] == "[" else _token(pattern, at)
        if first == "]":
            yield first, 1
            return
        at += len(first)
        last = _last(pattern, at)
        if last is None:  # a dash after a range that was none could be taken for that of another
            yield dash if first == "-" else first, len(first)
            dash = "-"
            continue
        at += 1 + len(last)
        dash = "\\-" if _CLASS.fullmatch(first) or _CLASS.fullmatch(last) else "-"
        yield f"{first}{dash}{last}", len(first) + 1 + len(last)


def _last(pattern: str, at: int) -> str | None:
    """The end of the range that begins before that place; None where there is none."""
    if pattern[at : at + 1] != "-" or pattern[at + 1 : at + 2] in ("", "]"):
        return None
    return "[" if pattern[at + 1] == "[" else _token(pattern, at + 1)


def _token(pattern: str, at: int) -> str:
    found = _TOKEN.match(pattern, at)
    return found[0] if found else pattern[at]
