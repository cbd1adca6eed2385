"""Patterns as browsers read them, written strictly."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.contract.contract import Contract
from contratempo.contract.dialect import make_strict, strict
from contratempo.contract.document import make_document, read_document


@pytest.mark.parametrize(
    ("loose", "written"),
    [
        (r"[\w-\.]", r"[\w\-\.]"),
        (r"^[\w- ]*$", r"^[\w\- ]*$"),
        (r"[.-\w]", r"[.\-\w]"),
        (r"[^\s-a-z]", r"[^\s\-a\-z]"),
        (r"[\p{L}-x]", r"[\p{L}\-x]"),
        (r"[\w-[]", r"[\w\-[]"),
        (r"[[\d-x]", r"[[\d\-x]"),
        (r"^{a}$", r"^\{a\}$"),
        ("a{,2}", r"a\{,2\}"),
        ("a]", r"a\]"),
        ("[a-z]{1-35}", r"[a-z]\{1-35\}"),
        ("[\\w-a", "[\\w\\-a"),
        ("{a\\", "\\{a\\"),
    ],
)
def test_what_the_appendix_for_browsers_allows_is_written_strictly(loose, written):
    assert strict(loose) == written
    assert strict(written) == written


@pytest.mark.parametrize(
    "pattern",
    ["", "a{2}", "a{2,}b{1,3}?", r"[a-z0-9-_]", r"[\-a]", "[%--/]", r"\u{4}", r"\p{L}", r"(?<n>a)\k<n>", "[a"],
)
def test_what_is_strict_stays_as_it_is(pattern):
    assert strict(pattern) == pattern


PARTS = [
    "a",
    "b-",
    "-",
    "{",
    "}",
    "]",
    "{1}",
    "{,2}",
    r"\\",
    r"\d",
    r"\-",
    r"\]",
    "[a-b]",
    "[^a]",
    "[b}{]",
    r"[\d]",
    "|",
    "x",
]


@given(st.lists(st.sampled_from(PARTS), max_size=6), st.text(r"ab-x1{}],2\\", max_size=6))
def test_what_is_written_strictly_means_the_same(parts, text):
    pattern = "".join(parts)
    try:
        loose = re.compile(pattern)
    except re.error:
        return
    assert bool(loose.search(text)) == bool(re.search(strict(pattern), text))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_document_with_such_patterns_is_served_and_judged_by_them(tools, write, version):
    parameter = tools.parameter("q", {"type": "string", "pattern": r"^[\w- ]+{x}$"})
    path = write({**tools.document_of({"parameters": [parameter, ID]}), "openapi": version})
    contract = Contract(read_document("example", [path]), "both")
    assert tools.ask(contract, query=b"q=a-b%20c%7Bx%7D").violations == ()
    (violation,) = tools.ask(contract, query=b"q=a.b%7Bx%7D").violations
    assert violation.kind == "pattern"
    assert contract.line_of(violation) is not None


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def test_no_more_patterns_are_written_than_a_document_may_have(monkeypatch):
    monkeypatch.setattr("contratempo.contract.dialect.MOST_PATTERN_PLACES", 4)
    tree = {"components": {"schemas": {name: {"pattern": f"{name}]"} for name in "abc"}}}
    make_strict(tree)
    assert [each["pattern"] for each in tree["components"]["schemas"].values()] == [r"a\]", r"b\]", "c]"]


def test_only_the_patterns_of_schemas_are_written_anew(tools):
    named = {"properties": {"pattern": {"type": "string"}}, "example": {"pattern": "a]"}, "pattern": "a]"}
    tree = tools.document_of(components={"schemas": {"A": named}})
    made = make_document("example", tree, Path("x.yaml")).tree["components"]["schemas"]["A"]
    assert made == {**named, "pattern": r"a\]"}
