"""Recorded traffic of odd shapes: what was not recorded is nobody's fault, and what is no HAR is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from contratempo.conformance.har import HarError, judge_har

URL = "https://api.telnyx.com/v2/messages/schedule"
JSON = [{"name": ":status", "value": "200"}, {"name": "Content-Type", "value": "application/json"}]
SENT = {"to": "+18665550001", "from": "+18445550001", "text": "Hi", "send_at": "2026-03-15T15:00:00Z"}
GONE = {"method": "GET", "url": "https://example.com/page.js", "headers": []}


def entry(status: Any = 200, content: Any = None, **more: Any) -> dict[str, Any]:
    request = {"method": "POST", "url": URL, "httpVersion": "h2", "headers": [], "postData": {"text": json.dumps(SENT)}}
    answer = {"status": status, "headers": JSON, "content": content or {}}
    return {"startedDateTime": "2026-03-15T14:00:00Z", "time": 1, "request": request | more, "response": answer}


def judged(folder: Path, *entries: Any) -> Any:
    (folder / "t.har").write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
    return judge_har(folder / "t.har", provider="telnyx_messages")


@pytest.mark.parametrize(
    "left_out", [entry(0), entry(content={"size": 900}), entry(postData=None, bodySize=80), entry(429, {"size": 3})]
)
def test_what_was_not_recorded_is_passed_over_and_told(tmp_path: Path, left_out: dict[str, Any]) -> None:
    whole = entry(401, {"text": '{"errors": [{"code": "10009", "title": "Authentication failed"}]}'})
    verdict = judged(tmp_path, left_out, whole, entry() | {"request": GONE})
    assert verdict.notes[0].startswith("passed over 1")
    assert verdict.exit_code == 0
    with pytest.raises(HarError, match="passed over 1"):
        judged(tmp_path, left_out)


@pytest.mark.parametrize("status", ["200", 200])
def test_a_body_may_be_base64_and_a_status_a_text(tmp_path: Path, status: Any) -> None:
    verdict = judged(tmp_path, entry(status, {"encoding": "base64", "text": "eyJkYXRhIjoxfQ=="}))
    assert verdict.rules["messages.create.status"].first.message == "there is no data"


@pytest.mark.parametrize("wrong", [entry("soon"), 5, {"request": GONE}, entry(headers=None)])
def test_an_entry_that_is_none_is_told(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(HarError, match="it is no HAR"):
        judged(tmp_path, wrong)


def test_what_was_made_before_the_recording_is_nobodys_fault(tmp_path: Path) -> None:
    bearer = [{"name": "Authorization", "value": "Bearer KEY"}]
    read = {"method": "GET", "url": "https://api.telnyx.com/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6"}
    verdict = judged(tmp_path, entry(200, {"text": '{"data": {}}'}, **read, headers=bearer, postData=None))
    assert verdict.rules["messages.retrieve.unknown"].state == "not_testable"
    assert verdict.rules["answers.json"].state == "pass"


def test_a_header_that_comes_twice_is_one_with_commas(tmp_path: Path) -> None:
    refused = entry(405, {"text": '{"errors": [{"code": "10030", "title": "Method not allowed"}]}'}, method="PUT")
    allow = [{"name": name, "value": value} for name, value in (("Allow", "POST"), ("allow", "GET"))]
    answer = refused["response"] | {"headers": [*JSON, *allow]}
    found = judged(tmp_path, refused | {"response": answer}).rules["methods.allow"]
    assert found.state == "pass"
