"""`explain`: what is in force for an operation, and where each piece comes from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def explained(run: Run, shipped: Path) -> Callable[..., Any]:
    """Explain an operation as JSON."""
    return lambda *arguments: json.loads(run("explain", *arguments, "--json").output)


def test_a_vendored_operation_names_its_document(explained: Callable[..., Any]) -> None:
    said = explained("placeCall")
    assert (said["method"], said["path"], said["document"]) == ("POST", "/v1/calls", "specs/phone/calls.yaml")
    assert said["answers"] == ["201", "400"]
    assert said["modelled"]


def test_an_added_operation_has_no_document(explained: Callable[..., Any]) -> None:
    said = explained("readCall")
    assert said["document"] is None
    assert not said["modelled"]
    assert [action["source"] for action in said["overlay_actions"]] == ["sdk"]


def test_actions_are_those_on_the_operation_and_on_what_it_refers_to(explained: Callable[..., Any]) -> None:
    actions = explained("placeCall")["overlay_actions"]
    assert [(action["number"], action["source"], action["assumed"]) for action in actions] == [
        (0, "docs", False),
        (2, "inferred", True),
    ]
    assert actions[0]["file"] == "specs/overlays/phone.yaml"


def test_rules_have_value_origin_and_provenance(explained: Callable[..., Any]) -> None:
    past, ring = explained("placeCall", "--profile", "bare")["rules"]
    assert (past["name"], past["value"], past["default"], past["origin"]) == ("phone.past", "run", "reject", "profile")
    assert (ring["value"], ring["origin"], ring["source"], ring["confidence"]) == (5, "default", "choice", "low")


def test_without_overlays_it_is_as_vendored(run: Run, shipped: Path) -> None:
    assert "as its document has it" in run("explain", "placeCall", "--profile", "bare").output


def test_the_text_says_the_same(run: Run, shipped: Path) -> None:
    output = run("explain", "placeCall").output
    assert "placeCall: POST /v1/calls" in output
    assert "specs/overlays/phone.yaml:4   docs               a refusal" in output
    assert "phone.past  reject  default  docs, high" in output


@pytest.mark.parametrize(
    ("name", "hint"), [("placecall", "Did you mean placeCall"), ("zzz", "Operations are placeCall, readCall")]
)
def test_an_unknown_operation_names_near_ones(name: str, hint: str, run: Run, shipped: Path) -> None:
    result = run("explain", name)
    assert result.exit_code == 2
    assert hint in result.output


CORPUS = Path(__file__).parents[1] / "contract" / "corpus"


def test_an_operation_of_a_document_of_ones_own_is_explained(explained: Callable[..., Any]) -> None:
    said = explained("makeValue", "--spec", str(CORPUS / "types.yaml"))
    assert (said["provider"], said["method"], said["path"]) == ("types", "POST", "/values")
    assert said["document"].endswith("types.yaml")
    assert (said["modelled"], said["overlay_actions"], said["rules"]) == (False, [], [])


def test_a_document_of_ones_own_stands_alone(run: Run, shipped: Path) -> None:
    result = run("explain", "placeCall", "--spec", str(CORPUS / "types.yaml"))
    assert result.exit_code == 2
    assert "Operations are makeValue, getValue." in result.output


def test_a_document_that_cannot_be_used_is_told(run: Run, tmp_path: Path) -> None:
    (file := tmp_path / "broken.yaml").write_text("openapi: 3.1.0\npaths: {a: 1}\n")
    for command in (("explain", "x"), ("specs", "list")):
        result = run(*command, "--spec", str(file))
        assert result.exit_code == 3
        assert f"{file}" in result.output
        assert "Traceback" not in result.output
