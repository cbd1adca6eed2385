"""Patterns: which cost too much, what texts are made for them, and what the others cost at the most."""

import re
import time
from itertools import islice

import pytest

from contratempo.contract.patterns import is_costly, matching

COSTLY = [
    r"((a{1,30}){1,30}){1,10}b",
    r"(?:a{2,50}|x){1,50}(?=b)",
    r"a{1,5000}b",
    r"(?<=(a{1,40}){1,40})b",
    r"[[a]&&b]{1,99}\p{}{1,99}(",
]
CHEAP = [
    r"^(a+)+$",
    r"^.{1,4096}$",
    r"(a{1,30}){1,30}b",
    r"[\s\S]{0,2048}",
    r"a{5000,}",
    r"\p{L}{1,64}",
    r"(a{1,999}|b{1,999})?",
    "(",
]


@pytest.mark.parametrize("pattern", COSTLY)
def test_counts_that_multiply_are_costly(pattern):
    assert is_costly(pattern)


@pytest.mark.parametrize("pattern", CHEAP)
def test_other_patterns_are_not(pattern):
    assert not is_costly(pattern)


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(a+)+\1$", r"^(?=(a+)+$)b", r"(a*)*b\1", r"(.*)(.*)(.*)\1\2\3="])
def test_a_text_that_makes_an_engine_go_back_is_soon_refused(tools, pattern):
    schema = {"type": "string", "pattern": pattern}
    contract = tools.contract_of({**tools.body_of(schema), "parameters": [tools.parameter("q", schema)]})
    text = "a" * 20_000 + "!"
    tools.ask(contract)
    began = time.process_time()
    assert tools.ask(contract, query=f"q={text}", body=f'"{text}"'.encode()).violations
    assert time.process_time() - began < 0.4  # both judge, twice each


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{2}\d{3,}$", r"^(?:ab|cd)+?$", r"^(\w)-\1$", r"^[^a-zA-Z0-9]$", r"^\S\D\W$", r"^[\s]$", r"^.[^x]$",
        r"^(?P<n>a)(?P=n)$", r"^(?>a|b)$", r"^[\u4e00-\u4e10]$", r"^[^\W\d]$", r"^(?!x)y$",
    ],
)  # fmt: skip
def test_the_texts_made_match(pattern):
    made = list(islice(matching(pattern), 5))
    assert made
    assert all(re.search(pattern, text) for text in made)


@pytest.mark.parametrize(
    ("pattern", "made"), [("(", 0), (r"^(?<n>a)\k<n>$", "aa"), (r"^\p{Lu}[\p{Ll}_]$", "Aa"), ("a{20000}", 0)]
)
def test_other_dialects_are_read_and_what_cannot_be_is_not_made(pattern, made):
    assert next(matching(pattern), 0) == made
