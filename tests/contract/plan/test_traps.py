"""Where the engines differ: the plan says yes to none of these, and would, but for the one guard that is named."""

from contextlib import nullcontext
from typing import Any

import pytest

from contratempo.contract import prepare
from contratempo.contract.plan import decoding, keywords, texts
from contratempo.contract.plan.keywords import KEYWORDS
from contratempo.contract.plan.rewriting import Rewriting

_MULTIPLE = {"multipleOf": 0.01}


def _as_it_is(*keywords_: str) -> Any:
    return lambda patch: [patch.setitem(KEYWORDS, keyword, keywords._same) for keyword in keywords_]


def _any_pattern(patch: Any) -> None:
    patch.setattr(texts, "is_proven", lambda pattern: True)


def _inexact(patch: Any) -> None:
    patch.setattr(Rewriting, "exactly", nullcontext)


def _patterns_anywhere(patch: Any) -> None:
    patch.setitem(KEYWORDS, "pattern", lambda rewriter, schema, keyword, value: [("allOf", [{"pattern": value}])])


def _formats_anywhere(patch: Any) -> None:
    def rewrite(rewriter: Any, schema: Any, keyword: str, value: str) -> Any:
        return [("allOf", [{"pattern": texts.pattern_of(value, naive=False)}])]

    patch.setitem(KEYWORDS, "format", rewrite)


TRAPS: dict[str, tuple[Any, Any, Any]] = {
    "a leap second": ({"format": "date-time"}, "2025-04-15T23:59:60Z", _as_it_is("format")),
    "the year 0": ({"format": "date-time"}, "0000-01-01T00:00:00Z", _as_it_is("format")),
    "time": ({"format": "time"}, "10:00:00Z", lambda patch: patch.setattr(texts, "_QUESTIONABLE", ())),
    "int32": ({"format": "int32"}, 2**31, lambda patch: patch.setattr(prepare, "INTEGER_BOUNDS", {})),
    "int64": ({"format": "int64"}, -(2**63) - 1, lambda patch: patch.setattr(prepare, "INTEGER_BOUNDS", {})),
    "multipleOf 0.07": (_MULTIPLE, 0.07, _as_it_is("multipleOf")),
    "multipleOf 19.99": (_MULTIPLE, 19.99, _as_it_is("multipleOf")),
    "multipleOf 4.35": (_MULTIPLE, 4.35, _as_it_is("multipleOf")),
    "multipleOf, large": ({"not": {"multipleOf": 3}}, 1e300, _as_it_is("multipleOf")),
    "a property of a character": ({"pattern": r"\p{L}"}, "a", _any_pattern),
    "digits of other scripts": ({"not": {"pattern": r"^\d"}}, "٣", _any_pattern),
    "letters of other scripts": ({"not": {"pattern": r"^\w"}}, "é", _any_pattern),
    "a newline at the end": ({"not": {"pattern": "^a$"}}, "a\n", _patterns_anywhere),
    "a newline after a name": (
        {"patternProperties": {"^a$": {"type": "integer"}}}, {"a\n": "x"},
        lambda patch: patch.setitem(KEYWORDS, "patternProperties", keywords._named),
    ),
    "a newline after a date-time": ({"not": {"format": "date-time"}}, "2025-04-15T13:07:28Z\n", _formats_anywhere),
    "not, of the unproven": ({"not": {"properties": {"a": _MULTIPLE}}}, {"a": 0.25}, _inexact),
    "oneOf, of the unproven": ({"oneOf": [{"type": "number"}, {"multipleOf": 0.25}]}, 0.25, _inexact),
    "if, of the unproven": ({"if": {"multipleOf": 0.25}, "then": False}, 0.25, _inexact),
    "large constants": ({"not": {"const": 2**63}}, float(2**63), _as_it_is("const")),
    "large enumerations": ({"not": {"enum": [float(2**63)]}}, 2**63, _as_it_is("enum")),
    "large exclusive bounds": ({"exclusiveMaximum": float(2**63)}, 2**63, _as_it_is("exclusiveMaximum")),
    "large bounds": ({"not": {"maximum": 2**63}}, float(2**63), _as_it_is("maximum")),
    "large items": ({"not": {"uniqueItems": True}}, [10**30, 1e30], _as_it_is("uniqueItems")),
    "keywords of other drafts": ({"not": {"dependencies": {"a": ["b"]}}}, {"a": 1}, _as_it_is("dependencies")),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "guard_off"), TRAPS.values(), ids=TRAPS.keys())
def test_a_trap_is_left_to_openapi_core_by_its_guard(judges, monkeypatch, schema, value, guard_off):
    plan = judges(schema).plan()
    assert not judges(schema).core(value)
    assert plan is None or not plan(value)
    guard_off(monkeypatch)
    unguarded = judges(schema).plan()
    assert unguarded is not None
    assert unguarded(value)


@pytest.mark.parametrize(
    ("schema", "yes", "no"),
    [
        ({"enum": [1]}, [1, 1.0], [True, "1", 2]),
        ({"enum": [True]}, [True], [1, 1.0]),
        ({"const": None}, [None], [0, False, ""]),
        ({"type": "integer"}, [1, 1.0, 10**30], [1.5, True, "1"]),
        ({"type": ["string", "null"], "format": "date-time"}, [None, "2025-04-15t13:07:28.5+05:30"], ["2025-04-15", 5]),
        ({"format": "date-time"}, [5, "2024-02-28T00:00:00Z"], ["2024-04-31T00:00:00Z", "2025-04-15T13:07:28Z\n"]),
        ({"format": "int32"}, ["x", 2**31 - 1, -(2**31)], [2**31]),
        ({"format": "uuid"}, ["40385f64-5717-4562-b3fc-2c963f66afa6"], ["40385f6457174562b3fc2c963f66afa6"]),
        ({"format": "ipv4"}, ["192.0.2.1"], ["192.0.2"]),
        ({"format": "unheard-of"}, ["", 1], []),
        ({"pattern": "^a", "format": "email", "allOf": [{"minLength": 4}]}, ["a@bc", 1], ["a@b", "b@bc", "abcd"]),
        ({"properties": {"a": _MULTIPLE}}, [{}, {"b": 0.07}, 5], [{"a": 0.01}]),
        ({"anyOf": [_MULTIPLE, {"type": "string"}]}, ["a"], [0.01]),
        ({"uniqueItems": True, "items": {"type": "string"}}, [["a", "b"]], [["a", "a"], [1]]),
        ({"patternProperties": {"^a$": {"type": "integer"}}, "additionalProperties": False}, [{"a": 1}], [{"a\n": 1}]),
        ({"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 1}}, ["a", 1], ["", 0]),
        ({"prefixItems": [{"type": "string"}], "items": False}, [["a"], []], [["a", 1], [1]]),
        ({"dependentRequired": {"a": ["b"]}}, [{"a": 1, "b": 1}, {"b": 1}], [{"a": 1}]),
        (True, [1, None], []),
    ],
)
def test_the_plan_says_yes_as_openapi_core_does(judges, schema, yes, no):
    both = judges(schema)
    plan = both.plan()
    assert all(plan(value) and both.core(value) for value in yes)
    assert not any(plan(value) for value in no)


@pytest.mark.parametrize(
    "schema",
    [
        False, {"multipleOf": 2}, {"nullable": True}, {"discriminator": {"propertyName": "a"}}, {"contains": {}},
        {"unevaluatedProperties": False}, {"propertyNames": {"minLength": 1}}, {"dependentSchemas": {}},
        {"const": [1]}, {"enum": [{"a": True}]}, {"const": 1.5}, {"minLength": 1.0}, {"minimum": 2**60},
        {"uniqueItems": True}, {"pattern": "a" * 3 + "{5,2}"}, {"pattern": "(a{1000}){1000}"}, {"pattern": "a++"},
        {"format": "regex"}, {"$ref": "elsewhere"}, {"$ref": "#/nowhere"}, {"required": [1]},
        {"oneOf": [{"format": "date"}]}, {"not": {"pattern": "a$"}},
    ],
)  # fmt: skip
def test_the_unproven_has_no_plan(judges, schema):
    assert judges(schema).plan() is None


@pytest.mark.parametrize("naive", [True, False])
def test_naive_date_times_are_planned_where_they_are_valid(judges, naive):
    plan = judges({"format": "date-time"}, naive=naive).plan()
    assert plan("2025-04-15T13:07:28") is naive
    assert plan("2025-04-15T13:07:28Z")


def test_schemas_that_refer_to_themselves_are_planned(judges):
    tree = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Root"}}, "required": ["b"]}
    plan = judges(tree).plan()
    assert plan({"b": 1, "a": {"b": 1}})
    assert not plan({"b": 1, "a": {}})


def test_what_relies_on_the_unproven_through_itself_is_unproven_too(judges):
    first = {"properties": {"b": {"$ref": "#/components/schemas/B"}}, **_MULTIPLE}
    second = {"properties": {"a": {"$ref": "#/components/schemas/A"}}}
    wanted = {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}
    root = {"anyOf": [wanted, {"not": {"$ref": "#/components/schemas/B"}}, {"type": "string"}]}
    both = judges(root, {"A": first, "B": second})
    plan = both.plan()
    assert plan("a")
    assert not plan({"a": 0.25})


@pytest.mark.parametrize("raw", [b'{"a":1,"a":2}', b'[{"a":{"b":1,"b":1}}]', b'{"a":"\\"","a":"x"}'])
def test_a_key_that_is_there_twice_is_left_to_the_strict_decoder(monkeypatch, raw):
    assert decoding.decode_plain(raw) is decoding.UNREAD
    monkeypatch.setattr(decoding, "_encode", lambda value: raw)
    assert decoding.decode_plain(raw) is not decoding.UNREAD


def test_a_quote_written_in_another_way_hides_no_key(monkeypatch):
    raw = b'{"a":"\\u0022\\u0022","b":1,"b":1}'
    assert decoding.decode_plain(raw) is decoding.UNREAD
    monkeypatch.setattr(decoding, "_HIDDEN_QUOTE", b"never")
    assert decoding.decode_plain(raw) is not decoding.UNREAD
