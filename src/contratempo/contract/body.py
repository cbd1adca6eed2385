"""Request bodies: strict JSON, decoded once."""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from .source import Json

# A string that does not end is one token, too: else a look for its end would begin again at each quote in it.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class BodyError(ValueError):
    """A body that is not strict JSON: `kind` is "json" or "depth", `offset` the character where, when known."""

    def __init__(self, kind: str, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.offset = kind, message, offset


def decode_body(raw: bytes, *, max_depth: int = 64) -> Json:
    """Decode JSON as RFC 8259 has it, and refuse what parsers disagree about.

    BodyError for: nesting deeper than `max_depth`, NaN, Infinity and numbers beyond a double (1e400), integers of more
    than 4,300 digits, duplicate keys, lone surrogates, a byte order mark, anything that is not UTF-8.
    """
    _check_depth(raw, max_depth)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BodyError("json", "the body is not UTF-8", _characters(raw, error.start)) from None
    if text.startswith("\ufeff"):
        raise BodyError("json", "the body starts with a byte order mark", 0)
    try:
        value = _DECODER.decode(text)
    except BodyError:
        raise
    except json.JSONDecodeError as error:
        raise BodyError("json", error.msg, error.pos) from None
    except ValueError:
        raise BodyError("json", "the body has an integer of too many digits") from None
    if _SURROGATE_ESCAPE.search(raw):
        _check_surrogates(value)
    return value


def _check_depth(raw: bytes, max_depth: int) -> None:
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return  # no need to look closer: most bodies end here
    depth = 0
    for token in _TOKENS.finditer(raw):
        first = token.group()[:1]
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                deep = f"the body is nested deeper than {max_depth} levels"
                raise BodyError("depth", deep, _characters(raw, token.start()))
        elif first in b"]}":
            depth -= 1


def _characters(raw: bytes, end: int) -> int:
    """Return how many characters lie before a byte."""
    return len(raw[:end].decode("utf-8", "replace"))


def _check_surrogates(value: Json) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise BodyError("json", "the body has half of a surrogate pair") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BodyError("json", f"the key {_twice(pairs)!r:.80} occurs twice in one object")
    return result


def _twice(pairs: list[tuple[str, Any]]) -> str:
    """The first key that occurs twice, in time that grows no faster than the body: it has room for 100,000 keys."""
    counts = Counter(key for key, _ in pairs)
    return next(key for key, count in counts.items() if count > 1)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BodyError("json", f"the number {text:.40} is too large")
    return number


def _refuse(text: str) -> NoReturn:
    raise BodyError("json", f"{text} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_refuse)
