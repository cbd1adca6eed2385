"""Stock schemathesis over each effective document: in `lenient` it finds nothing, in `spec` only what rules refuse."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace as Place
from typing import Any

import httpx2
import pytest
import yaml

from contratempo.client import Control

PROVIDERS = ("telnyx_assistants", "telnyx_messages", "temphone")
LINKED = ("telnyx_assistants", "telnyx_messages")
SEEDS = (1, 2, 3) if os.environ.get("CONTRATEMPO_TEST_TIER") == "full" else (1,)
LISTED = yaml.safe_load(Path(__file__).with_name("spec_refusals.yaml").read_text("utf-8"))
REFUSALS = LISTED["refusals"]
CLOCK = "2026-03-15T09:00:00Z"


def label_of(refusal: dict[str, Any]) -> str:
    return LISTED["operations"][refusal["operation"]]["label"]


@pytest.fixture(scope="module")
def control(writable: Any) -> Iterator[Control]:
    control = writable.control()
    if control is None:
        pytest.skip(f"{writable.origin} has no control plane, so nobody says what its effective documents are")
    yield control
    control.close()


@pytest.fixture
def world(control: Control) -> Iterator[Callable[..., Any]]:
    """Return a maker of worlds of a profile, deleted afterwards."""
    made = []

    def make(profile: str, **more: Any) -> Any:
        made.append(control.worlds.create(profile=profile, **more))
        return made[-1]

    yield make
    for world in made:
        control.worlds.delete(world.id)


@pytest.fixture
def lenient(writable: Any, world: Callable[..., Any]) -> Place:
    """Return where `lenient` is: our server was started so, elsewhere it is a world."""
    return Place(origin=writable.origin, token=writable.token if writable.ours else world("lenient").api_key)


@pytest.fixture(scope="session")
def elsewhere(writable: Any, serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a server of its own for the control plane, whose fuzzer sets clocks and deletes worlds."""
    if not writable.ours:
        pytest.skip(f"fuzzing the control plane of {writable.origin} would disturb all of its worlds")
    with serve(tmp_path_factory.mktemp("control"), "--profile", "lenient") as origin:
        yield Place(origin=origin, token=writable.token)


def address_of(place: Place, document: str) -> str:
    return f"{place.origin}/_mock/contracts/{document}/openapi.json"


def links_of(tree: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the links of an effective document, as (operation, name)."""
    named = tree["components"].get("responses", {})
    found = set()
    for path, item in tree["paths"].items():
        for method in item.keys() & {"get", "post"}:
            for response in item[method]["responses"].values():
                response = named[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
                found |= {(f"{method.upper()} {path}", link) for link in response.get("links", {})}
    return found


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("document", PROVIDERS)
def test_lenient_has_nothing_to_find_nor_a_second_time(
    document: str, seed: int, lenient: Place, control: Control, fuzzer: Any, full: bool
) -> None:
    address, again = address_of(lenient, document), fuzzer(lenient.token)
    first = again.run(address, examples=100 if full else 20, seed=seed)
    assert not first.findings, first
    if document in LINKED:
        wanted = links_of(control.contracts.document(document))
        assert first.phases["stateful"] == "success"
        assert wanted
        assert {name for _, name in wanted} <= {name for _, name in first.followed}
    second = again.run(address, examples=100 if full else 10, seed=seed)
    assert not second.findings, second


def test_the_links_of_scheduling_are_followed_where_nothing_else_makes_messages(
    lenient: Place, control: Control, fuzzer: Any, full: bool
) -> None:
    """Schemathesis takes its messages from SendMessage alone as long as it may."""
    options = ("--phases", "stateful", "--exclude-operation-id", "SendMessage")
    address = address_of(lenient, "telnyx_messages")
    report = fuzzer(lenient.token).run(address, *options, examples=100 if full else 5, seed=1)
    assert not report.findings, report
    wanted = {link for link in links_of(control.contracts.document("telnyx_messages")) if "schedule" in link[0]}
    assert wanted
    assert report.followed == wanted


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_control_plane_has_nothing_to_find_nor_a_second_time(
    seed: int, elsewhere: Place, fuzzer: Any, full: bool
) -> None:
    again, counts = fuzzer(elsewhere.token), (100, 100) if full else (20, 5)
    for run, examples in enumerate(counts):
        # All of its waits take seven minutes: once is enough.
        waits = full and (run, seed) == (0, SEEDS[0])
        report = again.run(address_of(elsewhere, "control"), examples=examples, seed=seed, waits=waits)
        assert not report.findings, report
        assert report.phases["stateful"] == "success"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("document", PROVIDERS)
def test_spec_is_found_to_refuse_what_is_listed_and_nothing_else(
    document: str, writable: Any, world: Callable[..., Any], fuzzer: Any, full: bool
) -> None:
    place = Place(origin=writable.origin, token=world("spec").api_key)
    reports = [
        fuzzer(place.token).run(address_of(place, document), examples=100 if full else 20, seed=seed) for seed in SEEDS
    ]
    findings = [finding for report in reports for finding in report.findings if not is_kept_after_cancelling(finding)]
    possible = {(label_of(refusal), refusal["rule"]) for refusal in REFUSALS if refusal["found"] != "never"}
    for finding in findings:
        assert finding.code == "ST202", finding
        assert (finding.operation, finding.rule) in possible, finding
    certain = {(label_of(refusal), refusal["rule"]) for refusal in REFUSALS if refusal["found"] == "always"}
    found = {(finding.operation, finding.rule) for finding in findings}
    assert {pair for pair in certain if pair[1].startswith(document)} <= found


def is_kept_after_cancelling(finding: Any) -> bool:
    kept = LISTED["kept_after_cancelling"]
    cancelling = LISTED["operations"][kept["operation"]]["label"]
    return (finding.operation, finding.code) == (cancelling, kept["code"]) and '"status":"cancelled"' in finding.answer


def test_what_is_listed_is_what_lenient_switches_off(control: Control, world: Callable[..., Any]) -> None:
    rules = [control.for_world(world(profile).id).rules.list() for profile in ("spec", "lenient")]
    values = [{rule.name: rule.value for rule in listed} for listed in rules]
    differing = {name for name, value in values[0].items() if values[1][name] != value}
    assert differing == {refusal["rule"] for refusal in REFUSALS} | {LISTED["kept_after_cancelling"]["rule"]}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal['operation']}-{refusal['rule']}")
def test_a_listed_refusal_is_the_rules_and_the_document_allows_it(
    refusal: dict[str, Any], control: Control, world: Callable[..., Any], http: httpx2.Client
) -> None:
    answers = {
        profile: converse(http, refusal, control, world(profile, clock=CLOCK)) for profile in ("spec", "lenient")
    }
    assert 400 <= answers["spec"].status_code < 500, answers["spec"].text
    assert refusal["rule"] in answers["spec"].headers["X-Mock-Trace"]
    assert answers["lenient"].is_success, answers["lenient"].text


def converse(http: httpx2.Client, refusal: dict[str, Any], control: Control, world: Any) -> httpx2.Response:
    """Say a refusal's steps in a world; return the last answer."""
    answer, origin = None, control.contracts.list()[0].base_url.rpartition("/")[0]
    for step in refusal["steps"]:
        if "advance" in step:
            control.for_world(world.id).clock.advance(step["advance"])
            continue
        operation = LISTED["operations"][step.get("operation", refusal["operation"])]
        body = operation.get("body", {}) | step.get("body", {}) | text_of(step)
        sent = {name: value for name, value in body.items() if value is not None} or None
        url = step.get("url", operation["send"]["url"])
        url = url.format(id=answer.json()["data"]["id"]) if "{id}" in url else url
        headers = {"Authorization": f"Bearer {world.api_key}", **step.get("headers", {})}
        answer = http.request(operation["send"]["method"], origin + url, json=sent, headers=headers)
    assert answer is not None
    return answer


def text_of(step: dict[str, Any]) -> dict[str, str]:
    return {"text": "x" * step["text_length"]} if "text_length" in step else {}
