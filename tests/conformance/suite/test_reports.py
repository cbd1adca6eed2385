"""What is written of a verdict, and that a failure's conversation breaks the same rule again."""

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

from contratempo.conformance import Target, Verdict, conform
from contratempo.conformance.corpus import replay
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.har import HarError, judge_har
from contratempo.conformance.reports.files import described, junit, markdown, write_reports
from contratempo.conformance.reports.terminal import summary
from contratempo.conformance.rules import RULES
from contratempo.conformance.run import visiting
from contratempo.conformance.tally import Tally

PROVIDER = "temphone"


@pytest.fixture(scope="module")
def broken(references: ModuleType) -> Any:
    """Return a mutant that breaks a promise with one request."""
    return next(
        mutant for mutant in references.MUTANTS
        if (mutant.provider, mutant.half, mutant.needs) == (PROVIDER, "develop", "one")
    )  # fmt: skip


@pytest.fixture(scope="module")
def verdict(broken: Any, references: ModuleType) -> Verdict:
    return conform(Target(app=broken.app(), token=references.KEY), provider=PROVIDER, quick=True)


def test_every_rule_is_a_case_and_what_is_broken_a_failure(verdict: Verdict) -> None:
    suite = ElementTree.fromstring(junit(verdict))
    assert {case.get("name") for case in suite} == set(verdict.rules)
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {name for name, each in verdict.rules.items() if each.state == "fail"} != set()
    assert int(suite.get("failures", "0")) == len(failed)


def test_all_reports_show_what_is_broken_and_no_token(verdict: Verdict, references: ModuleType, tmp_path: Path) -> None:
    name, result = next((name, each) for name, each in verdict.rules.items() if each.state == "fail")
    assert result.first is not None
    files = write_reports(verdict, tmp_path)
    texts = [summary(verdict), markdown(verdict), junit(verdict), json.dumps(described(verdict))]
    assert all(name in text for text in texts)
    assert "$CONTRATEMPO_TOKEN" in result.first.curl or result.first.seen.auth != "good"  # type: ignore[union-attr]
    assert tmp_path / "corpus" / f"{PROVIDER}-{name}.json" in files
    assert verdict.exit_code == 1


def test_a_conversation_breaks_the_same_rule_again(
    verdict: Verdict, broken: Any, references: ModuleType, tmp_path: Path
) -> None:
    name = next(name for name, each in verdict.rules.items() if each.state == "fail")
    write_reports(verdict, tmp_path)
    conversation = json.loads((tmp_path / "corpus" / f"{PROVIDER}-{name}.json").read_text("utf-8"))
    for app, again in ((broken.app(), True), (references.reference(PROVIDER), False)):
        tally = Tally(tuple(rule for rule in RULES.values() if PROVIDER in rule.providers))
        with visiting(Target(app=app, token=references.KEY), PROVIDER, "effective", "full", 1, tally) as visit:
            replay(visit, conversation)
        assert (name in tally.first) is again


def har(status: int, answer: Any, *, url: str = "https://api.example-ai.com/v1/calls/scheduled") -> dict[str, Any]:
    sent = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "Hi"}
    return {
        "startedDateTime": "2026-03-15T14:00:00Z", "time": 12,
        "request": {"method": "POST", "url": url, "headers": [{"name": "Content-Type", "value": "application/json"}],
                    "postData": {"text": json.dumps(sent)}},
        "response": {"status": status, "headers": [{"name": "Content-Type", "value": "application/json"}],
                     "content": {"text": json.dumps(answer)}},
    }  # fmt: skip


def test_recorded_traffic_is_judged_by_the_same_rules(tmp_path: Path) -> None:
    file = tmp_path / "traffic.har"
    wrong = har(
        200, {"status": "success", "message": "Fine.", "data": {"call_id": "call_1", "recording_enabled": "yes"}}
    )
    elsewhere = har(500, {}, url="https://elsewhere.example/v1/other")
    file.write_text(json.dumps({"log": {"entries": [elsewhere, wrong]}}), "utf-8")
    verdict = judge_har(file, provider=PROVIDER)
    assert verdict.requests == 1
    assert {"calls.create.message", "calls.create.members", "answers.schema"} <= {
        name for name, each in verdict.rules.items() if each.state == "fail"
    }
    assert verdict.rules["access.token-needed"].state == "vacuous"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"log": {"entries": [1]}}', '{"log": {"entries": []}}', "\x00"])
def test_a_file_that_is_no_har_is_told_so(text: str, tmp_path: Path) -> None:
    file = tmp_path / "no.har"
    file.write_text(text, "utf-8")
    with pytest.raises(HarError):
        judge_har(file, provider=PROVIDER)


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\r\nBROKEN: forged\n::error::forged | x | \\|"
    " ![i](http://evil.test/p) <img src=x> @all \ud800 \u202e"
)


@pytest.fixture(scope="module")
def hostile(verdict: Verdict) -> Verdict:
    """Return a verdict on a deployment that sends what is meant for whoever reads of it."""
    name = next(name for name, each in verdict.rules.items() if each.state == "fail")
    result = verdict.rules[name]
    assert result.first is not None
    first = replace(result.first, message=HOSTILE)
    untested = {other: replace(each, reason=HOSTILE) for other, each in verdict.rules.items() if each.first is None}
    rules = {**verdict.rules, **untested, name: replace(result, first=first)}
    return replace(verdict, rules=rules, error=HOSTILE, notes=(HOSTILE,))


def test_nothing_a_deployment_sent_moves_the_cursor_or_forges_a_line(hostile: Verdict) -> None:
    told = summary(hostile)
    assert "\\x1b[2J" in told
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", told)
    assert not re.search("^(BROKEN: forged|::error)", told, re.MULTILINE)


def test_nothing_a_deployment_sent_is_markup_of_a_summary(hostile: Verdict) -> None:
    told = markdown(hostile)
    assert "owned" in told
    assert "Could not test" in told
    for mark in ("<img", "![", "](http", "@all", "http://evil", "\x1b", "\r", "::error", "\u202e"):
        assert mark not in told
    told.encode()
    for row in (line for line in told.splitlines() if line.startswith("| ") and "owned" in line):
        assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_the_files_hold_what_a_deployment_sent_and_can_be_read(hostile: Verdict, tmp_path: Path) -> None:
    write_reports(hostile, tmp_path)
    suite = ElementTree.fromstring((tmp_path / "junit.xml").read_text("utf-8"))
    texts = [*suite.itertext(), *(value for each in suite.iter() for value in each.attrib.values())]
    assert any("forged" in text for text in texts)
    assert not any(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", text) for text in texts)
    raw = (tmp_path / "conformance.json").read_text("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", raw)
    assert json.loads(raw)["error"] == HOSTILE


@pytest.mark.parametrize(
    ("auth", "headers", "sent"),
    [
        ("good", {}, ["Authorization: Bearer aB1"]),
        ("good", {"authorization": "bearer $CONTRATEMPO_TOKEN"}, ["authorization: bearer aB1"]),
        ("malformed", {"authorization": "Bearer $CONTRATEMPO_TOKENx"}, ["authorization: Bearer aB1x"]),
        ("malformed", {"authorization": "Bearer {TOKEN}"}, ["authorization: Bearer Ab1"]),
        ("malformed", {"authorization": 'a"`$HOME\\ $CONTRATEMPO_TOKEN'}, ['authorization: a"`$HOME\\ aB1']),
        ("unknown", {"x-a": "it's"}, ["Authorization: Bearer not-a-key-of-this-deployment", "x-a: it's"]),
        ("none", {}, []),
    ],
)
def test_the_curl_of_a_request_sends_what_was_sent(auth: Any, headers: dict[str, str], sent: list[str]) -> None:
    curl = Exchange("temphone", "GET", "/x", status=200, auth=auth, headers=headers, url="http://mock").curl()
    told = subprocess.run(
        ["sh", "-c", f"set -- {curl}; printf '%s\\n' \"$@\""],
        env={"PATH": os.environ["PATH"], "CONTRATEMPO_TOKEN": "aB1"}, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert told == ["curl", "-i", *(word for header in sent for word in ("-H", header)), "http://mock/x"]
