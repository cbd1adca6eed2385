"""The defences against hostile documents: with each its document is refused for it, and with it taken away it is not.

`DOCUMENTS` of tests/hostile are run at their full size elsewhere. Where one would keep a machine busy without its
defence it is a small one here, and the limit is low; without its defence a reference to itself is followed for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from click.testing import CliRunner
from tests.hostile import DOCUMENTS, HEAD, OPERATION, schema

from contratempo.cli import main
from contratempo.contract import (
    bounds,
    document,
    heights,
    judge,
    references,
    schemas,
    servers,
    source,
    structure,
    weight,
)

specs = import_module("contratempo.cli.specs")
Change = tuple[Any, str, Any]
Writer = Callable[[Path, Path], Path]
NO_BOUND: Final = 10**12


def nothing(*arguments: Any, **named: Any) -> None:
    """Do nothing in a defence's place."""


def never(*arguments: Any, **named: Any) -> bool:
    return False


def always(*arguments: Any, **named: Any) -> bool:
    return True


def any_key(builder: Any, key: str) -> None:
    builder.open[-1].key = key


def as_a_path(reference: str) -> Any:
    return SimpleNamespace(scheme="", netloc="", path=reference, fragment="")


@dataclass(frozen=True)
class Defence:
    """A document and what is said of it, where the full one is not meant; what is taken away; limits that are lower."""

    without: Change
    text: str | Writer = ""
    said: str = ""
    low: tuple[Change, ...] = ()


def paths(*entries: str) -> str:
    return HEAD + "paths:\n" + "".join(f"  {entry}\n" for entry in entries)


PARAMETERS: Final = "[" + ", ".join(f"{{name: q{n}, in: query, schema: {{}}}}" for n in range(4)) + "]"
CONTENT: Final = "{" + ", ".join(f"application/x{n}: {{}}" for n in range(4)) + "}"
HEADERS: Final = "{" + ", ".join(f"X-{n}: {{schema: {{}}}}" for n in range(4)) + "}"


def two_files(folder: Path, outside: Path) -> Path:
    for name in "ab":
        (folder / f"{name}.json").write_text('{"a": {}, "b": [1, 2, 3, 4, 5]}')
    return schema("{allOf: [{$ref: 'a.json#/a'}, {$ref: 'b.json#/a'}]}")(folder, outside)


outside = (Path, "is_relative_to", always)
bound = (bounds, "_check", nothing)
# fmt: off
DEFENCES: Final = {
    "references in a circle": Defence((heights.Heights, "of", never)),
    "remote reference": Defence((references, "urlsplit", as_a_path)),
    "remote reference without scheme": Defence((references, "urlsplit", as_a_path)),
    "file reference": Defence((references, "urlsplit", as_a_path)),
    "reference out of the folder": Defence(outside),
    "absolute reference": Defence(outside),
    "encoded reference out of the folder": Defence(outside),
    "symbolic link out of the folder": Defence(outside),
    "pipe referred to": Defence((source, "stat", SimpleNamespace(S_ISREG=always))),
    "a pipe": Defence((source, "stat", SimpleNamespace(S_ISREG=always))),
    "a device": Defence((source, "stat", SimpleNamespace(S_ISREG=always))),
    "chain of files": Defence((references, "MAX_FILES", NO_BOUND), said="is split over more than"),
    "large files": Defence(
        (references, "count_values", lambda tree, most: 0), two_files, "more than 30 values together",
        ((references, "MAX_NODES", 30),),
    ),
    "reference to nothing": Defence((references, "_led_to", lambda tree, reference: ((), {}))),
    "reference into an example": Defence((references, "_is_data", never)),
    "remote reference in an example": Defence((references, "_is_data", never)),
    "long reference": Defence(
        (references, "_LONGEST", NO_BOUND), said="longer than 9 characters", low=((references, "_LONGEST", 9),),
        text=schema("{$ref: './absent.yaml'}"),
    ),
    "deep schema": Defence((source, "MAX_DEPTH", NO_BOUND)),
    "deep brackets": Defence((source, "MAX_DEPTH", NO_BOUND), text="[" * 300),
    "many values": Defence(
        (source, "MAX_NODES", NO_BOUND), said="more than 3 values", low=((source, "MAX_NODES", 3),),
        text=f"{HEAD}paths: {{}}\nx-a: [1, 1, 1]\n",
    ),
    "huge file": Defence((source, "MAX_BYTES", NO_BOUND)),
    "huge number": Defence((source, "math", SimpleNamespace(isinf=never))),
    "UTF-16": Defence((source, "_text", lambda path: path.read_bytes().decode("utf-8", "replace"))),
    "Latin-1": Defence((source, "_text", lambda path: path.read_bytes().decode("utf-8", "replace"))),
    "duplicate keys": Defence((source._Builder, "_key", any_key)),
    "merge key": Defence((source._Builder, "_key", any_key)),
    "python tag": Defence((source._Builder, "_check_tag", nothing)),
    "two documents": Defence((source._Builder, "_document", nothing)),
    "costly pattern": Defence((judge, "is_costly", never)),
    "pattern with a large count": Defence((judge, "is_costly", never)),
    "schemas that double": Defence((weight, "MOST_AT_ONCE", NO_BOUND)),
    "members times patterns": Defence(
        (weight, "MOST_PAIRS", NO_BOUND), said="more than 3 pairs", low=((weight, "MOST_PAIRS", 3),),
        text=schema("{properties: {a: {}, b: {}}, patternProperties: {x: {}, y: {}}}"),
    ),
    "many patterns with large counts": Defence(
        (bounds.PatternBudget, "take", nothing), said="more than 99 places", low=((bounds, "MOST_PATTERN_PLACES", 99),),
        text=schema("{properties: {a: {pattern: '^a{1,60}$'}, b: {pattern: '^b{1,60}$'}}}"),
    ),
    "many patterns of Unicode's properties": Defence(
        (bounds, "_PLACES_OF_A_PROPERTY", 1), said="more than 99 places", low=((bounds, "MOST_PATTERN_PLACES", 99),),
        text=schema("{properties: {a: {pattern: '^\\p{L}{1,2}$'}}}"),
    ),
    "combination of open schemas": Defence(
        (weight._Below, "pairs", lambda below, other: 0), said="more than 3 pairs", low=((weight, "MOST_PAIRS", 3),),
        text=schema("{allOf: [{properties: {a: {}, b: {}}, additionalProperties: {}}, {additionalProperties: {}}]}"),
    ),
    "many schemas": Defence(
        (schemas, "MOST_SCHEMAS", NO_BOUND), said="more than 3 schemas", low=((schemas, "MOST_SCHEMAS", 3),),
        text=schema("{prefixItems: [{}, {}, {}]}"),
    ),
    "long pattern": Defence(
        (judge, "LONGEST_PATTERN", NO_BOUND), said="9 characters in a pattern", low=((judge, "LONGEST_PATTERN", 9),),
        text=schema("{pattern: abcdefghij}"),
    ),
    "many values of JSON": Defence(
        (source, "MAX_NODES", NO_BOUND), '{"openapi": 1, "paths": [1, 2]}', "more than 3 values",
        ((source, "MAX_NODES", 3),),
    ),
    "deep JSON": Defence((source, "MAX_DEPTH", NO_BOUND)),
    "many operations": Defence(
        (document, "MOST_OPERATIONS", NO_BOUND), paths(*(f"/p{n}: {{{OPERATION}}}" for n in range(4))),
        "more than 3 operations", ((document, "MOST_OPERATIONS", 3),),
    ),
    "path of many segments": Defence(
        (document, "check_path", nothing), paths(f"/a/b/c/d: {{{OPERATION}}}"), "more than 3 segments",
        ((bounds, "MOST_SEGMENTS", 3),),
    ),
    "path of many characters": Defence(
        (document, "check_path", nothing), paths(f"/abc: {{{OPERATION}}}"), "more than 3 characters",
        ((bounds, "LONGEST_PATH", 3),),
    ),
    "many parameters": Defence(
        bound, paths(f"/a: {{parameters: {PARAMETERS}, {OPERATION}}}"), "more than 3 parameters",
        ((bounds, "MOST_PARAMETERS", 3),),
    ),
    "many media types": Defence(
        bound, paths(f"/a: {{get: {{responses: {{'200': {{description: d, content: {CONTENT}}}}}}}}}"),
        "more than 3 media types", ((bounds, "MOST_MEDIA_TYPES", 3),),
    ),
    "many headers": Defence(
        bound, paths(f"/a: {{get: {{responses: {{'200': {{description: d, headers: {HEADERS}}}}}}}}}"),
        "more than 3 headers", ((bounds, "MOST_HEADERS", 3),),
    ),
    "many security schemes": Defence(
        bound,
        paths(f"/a: {{{OPERATION}}}") + "security: [{s0: [], s1: []}, {s0: []}, {}]\n"
        "components: {securitySchemes: {s0: {type: http, scheme: basic}, s1: {type: http, scheme: bearer}}}\n",
        "more than 3 security schemes", ((bounds, "MOST_REQUIREMENTS", 3),),
    ),
    "paths that collide": Defence((specs, "routing_view", nothing)),
    "path of the control plane": Defence((specs, "check_paths", nothing)),
    "path with a name twice": Defence((structure, "_check_parameters", nothing)),
    "path without its parameter": Defence((structure, "_check_parameters", nothing)),
    "status that is none": Defence((document, "check_structure", nothing)),
    "unknown security": Defence((document, "_check_security", nothing)),
    "server without default": Defence((servers, "_filled", lambda server: "https://h/v1")),
    "unknown dialect": Defence((schemas, "_check_dialect", nothing)),
    "Swagger 2.0": Defence((document, "check_version", nothing)),
}
# fmt: on


def told(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Return what is said of the document, and what would be if it was refused for what it is."""
    defence = DEFENCES[name]
    for place, attribute, value in defence.low:
        monkeypatch.setattr(place, attribute, value)
    root, secret = folder / "root", folder / "outside" / "secret.yaml"
    root.mkdir()
    secret.parent.mkdir()
    secret.write_text("{title: SECRET}")
    make, what, _ = DOCUMENTS[name]
    if callable(defence.text):
        file = defence.text(root, secret)
    elif defence.text:
        file = root / "small.yaml"
        file.write_text(defence.text)
    else:
        file = make(root, secret)
    result = CliRunner().invoke(main, ["specs", "check", str(file)])
    return result.output, defence.said or what


@pytest.mark.parametrize("name", DEFENCES)
def test_with_a_defence_its_document_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output, what = told(name, tmp_path, monkeypatch)
    assert what in output


@pytest.mark.parametrize("name", DEFENCES)
def test_without_it_nobody_refuses_it_for_that(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    low = DEFENCES[name].low
    place, attribute, value = DEFENCES[name].without
    monkeypatch.setattr(place, attribute, value)
    if any((each, limit) == (place, attribute) for each, limit, _ in low):
        monkeypatch.setitem(
            DEFENCES, name, Defence((place, attribute, value), DEFENCES[name].text, DEFENCES[name].said)
        )
    output, what = told(name, tmp_path, monkeypatch)
    assert what not in output
