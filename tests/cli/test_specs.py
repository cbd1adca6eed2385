"""`specs`: what ships, listed and checked, and documents of the user's own."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import Result

from contratempo.cli import lines

specs = import_module("contratempo.cli.specs")
Run = Callable[..., Result]


def test_list_shows_documents_with_digests_and_operations(run: Run, shipped: Path) -> None:
    lines = run("specs", "list").output.splitlines()
    assert lines[0] == "phone: A phone, /v1"
    assert lines[1:3] == ["  placeCall  POST /v1/calls", "  readCall   GET /v1/calls/{id}"]
    assert lines[3].endswith("  specs/phone/calls.yaml")
    assert lines[4].endswith("  specs/overlays/phone.yaml")


def test_list_is_of_the_profile_that_is_asked_for(run: Run, shipped: Path) -> None:
    (listed,) = json.loads(run("specs", "list", "--profile", "bare", "--json").output)
    assert [operation["operation"] for operation in listed["operations"]] == ["placeCall"]
    assert [len(file["sha256"]) for file in listed["files"]] == [64]


def test_an_unknown_profile_names_a_near_one(run: Run, shipped: Path) -> None:
    result = run("specs", "list", "--profile", "spek")
    assert result.exit_code == 2
    assert "Did you mean 'spec'?" in result.output


def test_check_finds_nothing_wrong_with_what_is_right(run: Run, shipped: Path) -> None:
    result = run("specs", "check")
    assert (result.exit_code, result.output) == (0, "everything that ships: nothing is wrong\n")


def test_check_tells_every_problem_at_once(run: Run, shipped: Path) -> None:
    overlay = shipped / "overlays/phone.yaml"
    overlay.write_text(overlay.read_text().replace("x-source: sdk", "x-assumed: true"))
    with (shipped / "phone/calls.yaml").open("a") as document:
        document.write("# edited\n")
    result = run("specs", "check")
    assert result.exit_code == 3
    assert "2 problems found" in result.output
    assert "specs/phone/calls.yaml: its sha256 is not the one in SOURCES.md" in result.output
    assert "specs/overlays/phone.yaml:8: the action on $.paths has no source" in result.output


def test_check_tells_an_overlay_that_matches_nothing_with_its_line(run: Run, shipped: Path) -> None:
    overlay = shipped / "overlays/phone.yaml"
    overlay.write_text(overlay.read_text().replace("$.components.schemas.Other", "$.components.schemas.Gone"))
    result = run("specs", "check")
    assert result.exit_code == 3
    assert "overlays/phone.yaml:20: the target matches nothing" in result.output


def test_check_tells_a_vendored_file_that_is_gone_and_a_list_without_form(run: Run, shipped: Path) -> None:
    sources = shipped / "SOURCES.md"
    sources.write_text(sources.read_text().replace("phone/calls.yaml", "phone/gone.yaml"))
    assert "specs/phone/gone.yaml: SOURCES.md lists it and it is not there" in run("specs", "check").output
    sources.write_text("nothing\n")
    assert "it lists no document" in run("specs", "check").output


def test_check_tells_a_profile_with_a_bad_rule(run: Run, shipped: Path, bad_profile: None) -> None:
    result = run("specs", "check")
    assert result.exit_code == 3
    assert "profile bare: rule phone.past is one of reject, run; not 'never'" in result.output


def test_a_document_of_one_s_own_is_checked_with_file_and_line(run: Run, tmp_path: Path) -> None:
    (mine := tmp_path / "mine.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      responses: 5\n"
    )
    result = run("specs", "check", str(mine))
    assert result.exit_code == 3
    assert f"{mine}:6: not a valid OpenAPI document" in result.output


def test_a_line_is_looked_for_in_so_much_of_a_file_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "long.yaml").write_text("long: [1, 2, 3, 4, 5]\nshort: 1\n")
    assert lines.line_of(file, "/short") == 2
    monkeypatch.setattr(lines, "MOST_EVENTS", 8)
    assert lines.line_of(file, "/short") is None


def test_a_document_of_one_s_own_that_is_right(run: Run, shipped: Path) -> None:
    file = str(shipped / "phone/calls.yaml")
    assert run("specs", "check", file).output == f"{file}: nothing is wrong\n"


def test_a_document_that_is_not_there_is_told(run: Run) -> None:
    result = run("specs", "check", "absent.yaml")
    assert result.exit_code == 3
    assert "absent.yaml: cannot be read: No such file" in result.output


def test_a_document_of_ones_own_is_listed_alone(run: Run, shipped: Path) -> None:
    corpus = Path(__file__).parents[1] / "contract" / "corpus"
    arguments = [part for name in ("types", "pets") for part in ("--spec", str(corpus / f"{name}.yaml"))]
    types, pets = json.loads(run("specs", "list", *arguments, "--json").output)
    assert (types["provider"], pets["provider"]) == ("types", "pets")
    assert [each["operation"] for each in types["operations"]] == ["makeValue", "getValue"]
    assert "makeValue" in run("specs", "list", *arguments).output


def test_what_takes_long_to_look_for_is_said_not_to_be_tried(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(specs, "SECONDS_OF_ANSWERS", -1.0)
    file = tmp_path / "own.yaml"
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {responses: {default: {description: d}}}}}\n"
    )
    result = run("specs", "check", str(file))
    assert result.exit_code == 0
    assert "get_a and what comes after it may be answered with 501: that takes long, and was not tried" in result.output
    assert result.stdout == f"{file}: it can be served, but for that\n"
