"""Regular expressions: each in the source and in the documents, found by looking, is quick on whatever is made up."""

import ast
import importlib
import pkgutil
import re
import time
from collections import deque
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

import contratempo
from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.sim.faults import Fault, Victim
from contratempo.sim.outcomes import Script, Subject

SECONDS: Final = 0.05
"""Processor seconds that a pattern may take for a text; the best of three, since others share the machine."""
SIZES: Final = (16, 19, 22, 25, 28, 8_000)
"""In small steps first: what doubles with each character is noticed before it takes for ever, on whatever machine."""
FUNCTIONS: Final = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
SOURCE: Final = Path(contratempo.__file__).parent
MADE_UP: Final = (
    "a", "0", " ", "-", ".", "%", "\\", '"', "'", "[", "]", "(", "{", "}", "/", "//", ":", "@", "=", "&", ",",
    "\n", "\u2028", "aA0", "1.", "1h", "1:", "a.", "a-", "0-0", "[a]", "[a", "a[", "\\\\", '\\"', '"\\', '"a"',
    '"":', "{}", "{a}", "key=", "token:", '"key": "', '"token":"x",', "bearer ", "Bearer a", "basic ",
    "basic aGk6aGk=", "KEY", "KEY0", "sk_test_", "//a@", "//a", "a@", "+1", "+", "555", "PT", "P1D", "T00:00",
    "2026-", "\\u", "\\ud8", "é", "\x00", "%41", "xn--",
)  # fmt: skip
ENDS: Final = ("", "!", "\n")


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(contratempo.__path__, "contratempo."):
        if not found.name.endswith("__main__"):
            yield found.name


def compiled() -> dict[str, Any]:
    """The compiled patterns that modules have, by where they are."""
    found: dict[str, Any] = {}
    for name in modules():
        for variable, value in vars(importlib.import_module(name)).items():
            pattern = getattr(value, "__self__", value)  # `re.compile(…).fullmatch` has its pattern below it
            if isinstance(pattern, re.Pattern):
                found[f"{name}.{variable}"] = pattern
    return found


def written() -> dict[str, Any]:
    """The patterns that calls of `re` are given where they are called, by file and line."""
    found: dict[str, Any] = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if _calls_re(node) and node.func.attr != "compile" and isinstance(node.args[0], ast.Constant):
                found[f"{file.relative_to(SOURCE)}:{node.lineno}.{node.func.attr}"] = re.compile(node.args[0].value)
    return found


def described() -> dict[str, Any]:
    """The patterns of documents and overlays, by file."""
    found: dict[str, Any] = {}
    for file in sorted(data_root("specs").rglob("*.yaml")):
        for pattern in set(_patterns(load(file))):
            found[f"{file.name} {pattern}"] = re.compile(pattern)
    return found


def _patterns(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if isinstance(tree.get("pattern"), str):
            yield tree["pattern"]
        yield from tree.get("patternProperties", {})
        for inner in tree.values():
            yield from _patterns(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _patterns(inner)


def _calls_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in FUNCTIONS
    )


def used() -> dict[str, set[str]]:
    """The methods that the source calls of each pattern, by the pattern's name."""
    found: dict[str, set[str]] = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in FUNCTIONS:
                found.setdefault(node.value.id, set()).add(node.attr)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.value.attr in FUNCTIONS:
                found.setdefault(ast.unparse(node.targets[0]), set()).add(node.value.attr)
    return found


def slow(pattern: Any, *, whole: bool = False) -> list[str]:
    """The texts that a pattern takes too long for, as a whole or wherever it is found in them."""
    found = []
    for size in SIZES:  # what takes for ever takes long enough for a short text
        for unit, end in product(MADE_UP, ENDS):
            text = unit * (size // len(unit)) + end
            given = text.encode() if isinstance(pattern.pattern, bytes) else text
            if all(_seconds(pattern, given, whole) > SECONDS for _ in range(3)):
                found.append(f"{size} times {unit!r} and {end!r}")
                return found
    return found


def _seconds(pattern: Any, text: Any, whole: bool) -> float:
    began = time.process_time()
    if whole:
        pattern.fullmatch(text)
    else:
        deque(pattern.finditer(text), maxlen=0)
    return time.process_time() - began


LOOKED_AT: Final = {
    "contract/plan/texts.py",  # compiles patterns of documents to see whether they can be, and matches nothing
    "conformance/book.py",  # paths of documents, escaped, with one class between slashes for each parameter
    "server/routing.py",  # the same, within one segment
}
ALL: Final = compiled() | written() | described()
USED: Final = used()


@pytest.mark.parametrize("name", ALL)
def test_a_pattern_is_quick_whatever_it_reads(name):
    assert slow(ALL[name], whole=USED.get(name.rpartition(".")[2]) == {"fullmatch"}) == []


def test_every_call_of_re_is_looked_at():
    """A pattern that is put together elsewhere than in a module's own name would be missed."""
    patterns = {pattern.pattern for pattern in ALL.values()}
    assert len(compiled()) > 20
    assert len(described()) > 5
    missed = []
    for file in SOURCE.rglob("*.py"):
        tree = ast.parse(file.read_text())
        at_the_top = {id(inner) for node in tree.body for inner in ast.walk(node) if not _is_definition(node)}
        for node in ast.walk(tree):
            if _calls_re(node) and id(node) not in at_the_top:
                first = node.args[0]
                if not (isinstance(first, ast.Constant) and first.value in patterns):
                    missed.append(f"{file.relative_to(SOURCE)}:{node.lineno}")
    assert {place.partition(":")[0] for place in missed} <= LOOKED_AT


def _is_definition(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(?:a|a)*b", r"\s*x$", r"//[^@]*@", r'"(?:[^"\\]|\\.)*"', r"\d+\.\d+"])
def test_a_slow_pattern_is_noticed(pattern):
    assert slow(re.compile(pattern))


@pytest.mark.parametrize("match", ["to", "from", "resource", "operation"])
def test_what_a_script_matches_is_a_text_and_no_pattern(match):
    subject = Subject("aaa", "aaa", "aaa", "aaa")
    assert not any(
        Script("1", {match: wanted}, []).matches(subject) for wanted in (".*", "a+", "(a+)+$", "^aaa$", "a*")
    )
    assert Script("1", {match: "aaa"}, []).matches(subject)


def test_what_a_fault_matches_is_a_text_and_no_pattern():
    victim = Victim("aaa", "aaa", resources=("aaa",))
    for name in ("provider", "operation", "resource"):
        assert not Fault("1", {name: ".*"}, {"kind": "reset"}).fits(victim)
        assert Fault("1", {name: "aaa"}, {"kind": "reset"}).fits(victim)
