"""The proven list: the keywords that both engines judge alike, and under which conditions."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from contratempo.contract.formats import INTEGER_BOUNDS
from contratempo.contract.source import Json

from . import texts

_TYPES = frozenset(("string", "integer", "number", "boolean", "null", "array", "object"))
_EXACT = 2**53  # below it a double holds every integer, so that no engine's arithmetic matters
_OF_FORMATS = {bound for bounds in INTEGER_BOUNDS.values() for bound in bounds}

Rewritten = Iterator[tuple[str, Json]]


class Unproven(Exception):
    """A keyword, or a use of one, that is not known to be judged alike by both engines."""


class Rewriter(Protocol):
    """What rewrites the schemas below a keyword: see `rewriting`."""

    naive: bool
    is_exact: bool

    def strengthened(self, schema: Json) -> Json: ...

    def exactly(self) -> AbstractContextManager[None]: ...

    def reference(self, ref: Any) -> str: ...


def require(condition: bool) -> None:
    if not condition:
        raise Unproven


def _same(_: Rewriter, __: Json, keyword: str, value: Json) -> Rewritten:
    yield keyword, value


def _type(_: Rewriter, __: Json, keyword: str, value: Json) -> Rewritten:
    require(_TYPES.issuperset([value] if isinstance(value, str) else value))
    yield keyword, value


def _constants(_: Rewriter, __: Json, keyword: str, value: Json) -> Rewritten:
    """Texts, truth, null and integers: engines differ over 1, 1.0 and true inside of lists and objects."""
    require(all(_is_plain(each) for each in (value if keyword == "enum" else [value])))
    yield keyword, value


def _is_plain(value: Json) -> bool:
    return isinstance(value, str | bool | None) or (isinstance(value, int) and abs(value) < _EXACT)


def _count(_: Rewriter, __: Json, keyword: str, value: Json) -> Rewritten:
    require(type(value) is int)
    yield keyword, value


def _bound(_: Rewriter, __: Json, keyword: str, value: Json) -> Rewritten:
    require(type(value) in (int, float) and (abs(value) < _EXACT or value in _OF_FORMATS))
    yield keyword, value


def _pattern(rewriter: Rewriter, _: Json, __: str, value: Json) -> Rewritten:
    require(texts.is_proven(value) and not (rewriter.is_exact and "$" in value))
    yield "allOf", [{"pattern": value}]


def _format(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    require(isinstance(value, str) and not texts.is_questionable(value))
    pattern = texts.pattern_of(value, naive=rewriter.naive)
    if pattern is not None or texts.is_checked(value) or value in INTEGER_BOUNDS:
        require(not rewriter.is_exact)
    if pattern is not None:
        yield "allOf", [{"pattern": pattern}]
    elif texts.is_checked(value):
        yield keyword, value


def _unique(_: Rewriter, schema: Json, keyword: str, value: Json) -> Rewritten:
    """Of texts alone: engines differ over whether 1, 1.0 and true repeat one another."""
    items = schema.get("items")
    of_texts = isinstance(items, dict) and items.get("type") == "string" and "prefixItems" not in schema
    require(value is False or of_texts)
    yield keyword, value


def _one(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    yield keyword, rewriter.strengthened(value)


def _one_exactly(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    with rewriter.exactly():
        yield keyword, rewriter.strengthened(value)


def _list(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    yield keyword, [rewriter.strengthened(each) for each in value]


def _list_exactly(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    with rewriter.exactly():
        yield keyword, [rewriter.strengthened(each) for each in value]


def _named(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    yield keyword, {name: rewriter.strengthened(each) for name, each in value.items()}


def _by_pattern(rewriter: Rewriter, schema: Json, keyword: str, value: Json) -> Rewritten:
    """With a `$` a name that ends in a newline may escape its pattern: proven where nothing else is allowed then."""
    closed = schema.get("additionalProperties") is False and not rewriter.is_exact
    require(all(texts.is_proven(pattern) and (closed or "$" not in pattern) for pattern in value))
    yield from _named(rewriter, schema, keyword, value)


def _reference(rewriter: Rewriter, _: Json, keyword: str, value: Json) -> Rewritten:
    yield keyword, rewriter.reference(value)


def _nothing(_: Rewriter, __: Json, ___: str, ____: Json) -> Rewritten:
    yield from ()


def _each(keywords: str, rewrite: Callable[..., Rewritten]) -> Iterable[tuple[str, Callable[..., Rewritten]]]:
    return [(keyword, rewrite) for keyword in keywords.split()]


# Not here, and so left to openapi-core: multipleOf, contains, unevaluated*, propertyNames, dependentSchemas,
# discriminator, nullable, $dynamicRef, and whatever nobody has heard of.
KEYWORDS = dict(
    [
        *_each("title description default summary $comment readOnly writeOnly externalDocs", _nothing),
        *_each("contentMediaType contentEncoding xml $defs definitions", _nothing),
        *_each("required dependentRequired", _same),
        *_each("type", _type),
        *_each("enum const", _constants),
        *_each("minLength maxLength minItems maxItems minProperties maxProperties", _count),
        *_each("minimum maximum exclusiveMinimum exclusiveMaximum", _bound),
        *_each("pattern", _pattern),
        *_each("format", _format),
        *_each("uniqueItems", _unique),
        *_each("items additionalProperties then else", _one),
        *_each("not if", _one_exactly),
        *_each("allOf anyOf prefixItems", _list),
        *_each("oneOf", _list_exactly),
        *_each("properties", _named),
        *_each("patternProperties", _by_pattern),
        *_each("$ref", _reference),
    ]
)
