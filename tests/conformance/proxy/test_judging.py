"""What goes by is judged: what is wrong is named at once and in the verdict, what is right never is."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from contratempo.conformance import Target, conform
from contratempo.conformance.har import judge_har
from contratempo.conformance.reports.files import write_reports
from contratempo.conformance.reports.terminal import summary

MESSAGE = {"from": "+18445550001", "to": "+18665550001", "text": "Hello"}
TOKEN = {"authorization": "Bearer K"}
HEADER = "x-contract-violations"


def in_an_hour() -> str:
    return (datetime.now(timezone(timedelta(hours=2))) + timedelta(hours=1)).isoformat()


@pytest.fixture
def before_wrong(serving_app: Any, stand: Any, mutant: Any, tmp_path: Path) -> Iterator[Any]:
    """Stand before a deployment whose errors are null where they have to be a list; record what goes by."""
    with (
        serving_app(mutant("ErrorsNull")) as origin,
        stand(origin, "telnyx_messages", har=tmp_path / "t.har") as here,
    ):
        yield here


def test_what_is_wrong_is_named_in_the_answer_in_a_line_and_in_the_verdict(
    before_wrong: Any, client: httpx2.Client
) -> None:
    answer = client.post(f"{before_wrong.url}/messages", json=MESSAGE, headers=TOKEN)
    assert answer.status_code == 200
    assert answer.json()["data"]["errors"] is None, "it is as it was"
    assert answer.headers[HEADER] == ", ".join(
        name for name in before_wrong.verdict().rules if name in answer.headers[HEADER]
    )
    assert "answers.schema" in answer.headers[HEADER].split(", ")
    assert any(
        line.startswith("BROKEN: answers.schema: SendMessage, POST /messages 200: ") for line in before_wrong.said
    )
    verdict = before_wrong.verdict()
    assert verdict.exit_code == 1
    first = verdict.rules["answers.schema"].first
    assert first.probe == "exchange 1"
    assert 'Bearer $CONTRATEMPO_TOKEN"' in first.curl


def test_it_is_said_often_enough_and_counted_always(before_wrong: Any, client: httpx2.Client) -> None:
    for _ in range(9):
        client.post(f"{before_wrong.url}/messages", json=MESSAGE, headers=TOKEN)
    told = [line for line in before_wrong.said if line.startswith("BROKEN: answers.schema: ")]
    assert len(told) == 5
    assert "answers.schema is only counted from here on" in before_wrong.said
    assert before_wrong.verdict().rules["answers.schema"].failures == 9


def test_what_was_recorded_breaks_the_same_rules(before_wrong: Any, client: httpx2.Client, tmp_path: Path) -> None:
    client.post(f"{before_wrong.url}/messages", json=MESSAGE, headers=TOKEN)
    client.get(f"{before_wrong.url}/elsewhere", headers=TOKEN)
    entries = json.loads((tmp_path / "t.har").read_text())["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [200, 404], "it is whole at any time"
    again = judge_har(tmp_path / "t.har", provider="telnyx_messages")
    assert {name for name, each in again.rules.items() if each.state == "fail"} == before_wrong.broken()


def test_a_correct_deployment_breaks_nothing(references: ModuleType, serving_app: Any, stand: Any, full: bool) -> None:
    """Of the three plans the shortest one, at the acceptance counts all of them and whole."""
    for provider in references.REFERENCES if full else ["temphone"]:
        with serving_app(references.reference(provider)) as origin, stand(origin, provider) as here:
            through = conform(Target(here.url, token="K"), provider=provider, quick=not full)
            assert (through.exit_code, here.verdict().exit_code) == (0, 0), here.said
            assert here.verdict().requests > 180
            assert {each.rule.need for each in here.verdict().rules.values() if each.state == "not_testable"} - {""}


def test_dates_are_judged_by_the_clock_of_the_world(contratempo: Any, stand: Any, client: httpx2.Client) -> None:
    origin = contratempo.url("telnyx_messages").removesuffix("/v2")
    contratempo.clock.advance("10000h")
    token = {"authorization": f"Bearer {contratempo.api_key}"}
    with stand(origin, "telnyx_messages") as here:
        for hours, status in ((1, 200), (-1, 400)):
            send_at = (contratempo.clock.now() + timedelta(hours=hours)).isoformat()
            sent = client.post(f"{here.url}/messages/schedule", json=MESSAGE | {"send_at": send_at}, headers=token)
            assert (sent.status_code, HEADER in sent.headers) == (status, False)
        assert here.verdict().rules["requests.valid-accepted"].state == "pass"


def test_what_a_rewind_has_undone_is_not_missed(contratempo: Any, stand: Any, client: httpx2.Client) -> None:
    origin = contratempo.url("telnyx_messages").removesuffix("/v2")
    token = {"authorization": f"Bearer {contratempo.api_key}"}
    with stand(origin, "telnyx_messages") as here:
        before = contratempo.checkpoint()
        made = client.post(f"{here.url}/messages", json=MESSAGE, headers=token).json()["data"]["id"]
        contratempo.rewind(before)
        assert client.get(f"{here.url}/messages/{made}", headers=token).status_code == 404
        assert here.broken() == set()


@pytest.mark.parametrize("provider", ["telnyx_messages", "telnyx_assistants"])
def test_what_was_made_before_is_no_surprise(
    provider: str, references: ModuleType, serving_app: Any, stand: Any, client: httpx2.Client
) -> None:
    event = {"telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550001"}
    event |= {"telnyx_agent_target": "+13125550002", "scheduled_at_fixed_datetime": in_an_hour()}
    path, body = {
        "telnyx_messages": ("messages", MESSAGE),
        "telnyx_assistants": ("ai/assistants/a/scheduled_events", event),
    }[provider]
    with serving_app(references.reference(provider)) as origin, stand(origin, provider) as here:
        made = client.post(f"{origin}/v2/{path}", json=body, headers=TOKEN).json()
        identifier = made["data"]["id"] if "data" in made else made["scheduled_event_id"]
        for place in (f"{path}/{identifier}", path):
            client.get(f"{here.url}/{place}", headers=TOKEN)
        client.delete(f"{here.url}/{path}/{identifier}", headers=TOKEN)
        client.get(f"{here.url}/{path}/{identifier}", headers=TOKEN)
        assert here.verdict().requests == 4
        assert here.broken() == set()


def test_customers_are_kept_apart(
    references: ModuleType, serving_app: Any, stand: Any, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contratempo.conformance.proxy.watch._MOMENT", 0.0)  # what is lost counts at once
    with serving_app(references.reference("telnyx_messages")) as origin, stand(origin, "telnyx_messages") as here:
        other = client.post(f"{origin}/_mock/worlds", json={}).json()["api_key"]
        made = client.post(f"{here.url}/messages", json=MESSAGE, headers=TOKEN).json()["data"]["id"]
        for token, status in (("K", 200), (other, 404)):
            answer = client.get(f"{here.url}/messages/{made}", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == status
        assert here.broken() == set()


def test_a_recording_has_an_end(before_wrong: Any, client: httpx2.Client, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("contratempo.conformance.proxy.recording._LARGEST", 4_000)
    for _ in range(5):
        client.post(f"{before_wrong.url}/messages", json=MESSAGE, headers=TOKEN)
    text = (tmp_path / "t.har").read_text()
    assert len(text) <= 4_000
    recorded = len(json.loads(text)["log"]["entries"])
    assert 0 < recorded < 5
    assert before_wrong.verdict().notes == (f"{5 - recorded} not recorded: the HAR is as large as may be",)


@pytest.mark.parametrize("wrong", ["MessagesPostNeedsNoToken", "RefusalsNotAList", "ScheduledIs201", "SendAtShifted"])
def test_mutants_are_found_by_an_application_that_does_its_work(
    wrong: str, mutant: Any, serving_app: Any, stand: Any, client: httpx2.Client
) -> None:
    with serving_app(mutant(wrong)) as origin, stand(origin, "telnyx_messages") as here:
        client.post(f"{here.url}/messages/schedule", json=MESSAGE | {"send_at": in_an_hour()}, headers=TOKEN)
        client.post(f"{here.url}/messages/schedule", json={"to": 1}, headers=TOKEN)
        client.post(f"{here.url}/messages", json=MESSAGE)
        assert here.broken() != set()


def test_a_fault_of_ours_keeps_no_answer_back(
    monkeypatch: pytest.MonkeyPatch, before_wrong: Any, client: httpx2.Client
) -> None:
    monkeypatch.setattr("contratempo.conformance.proxy.proxy.read_exchange", lambda *_, **__: 1 / 0)
    assert client.post(f"{before_wrong.url}/messages", json=MESSAGE, headers=TOKEN).status_code == 200
    assert "by a fault of contratempo: ZeroDivisionError" in before_wrong.verdict().notes[0]


CANARIES = (
    "canary-in-authorization",
    "canary-in-the-query",
    "canary-in-a-cookie",
    "canary-in-a-header",
    "canary-in-json",
)


def test_no_secret_is_written_down(
    serving_app: Any, stand: Any, mutant: Any, client: httpx2.Client, tmp_path: Path
) -> None:
    """The deployment shows another text than was sent, so that what is said of it repeats the text."""
    token, query, cookie, header, member = CANARIES
    headers = {"cookie": f"session={cookie}", "x-api-key": header, "authorization": f"Bearer {token}"}
    body = MESSAGE | {"text": f" {token}  {token} ", "api_key": member}
    wrong, har = mutant("MessageTextTrimmed"), tmp_path / "t.har"
    with serving_app(wrong) as origin, stand(origin, "telnyx_messages", har=har) as here:
        for path, sent in (("messages", headers), (f"messages/{token}", headers), ("messages", headers | TOKEN)):
            client.post(f"{here.url}/{path}?token={query}&again={token}", json=body, headers=sent)
        for odd in (f"Basic {token}", token, f"Bearer {token}x"):
            client.get(f"{here.url}/messages/{token}", headers={"authorization": odd})
        files = [*write_reports(here.verdict(), tmp_path / "out"), har]
        texts = [*here.said, summary(here.verdict()), *(file.read_text() for file in files)]
    assert [each for each in CANARIES if any(each in text for text in texts)] == []
    assert any("[REDACTED]" in line for line in here.said)
    assert "[REDACTED]" in har.read_text()
