"""The suite as a whole: quiet where nothing is broken, loud where something is, honest where it could not look."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contratempo.conformance import Target, conform
from contratempo.conformance.wire import AsgiWire

UNAUTHORISED = {
    "startedDateTime": "2026-03-15T14:00:00Z",
    "time": 1,
    "request": {"method": "POST", "url": "https://api.telnyx.com/v2/messages", "headers": []},
    "response": {
        "status": 401,
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": {"text": '{"errors": [{"code": "10009", "title": "Authentication failed"}]}'},
    },
}
BASES = {"telnyx_assistants": "/v2", "telnyx_messages": "/v2", "temphone": "/v1"}


def run_command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRATEMPO_", "GITHUB_"))}
    command = [str(Path(sys.executable).with_name("contratempo")), "conform", *arguments]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=250)


@pytest.mark.parametrize("provider", sorted(BASES))
def test_our_mock_keeps_its_vendored_document_and_every_rule_looked(provider: str, tmp_path: Path, serve: Any) -> None:
    with serve(tmp_path) as origin:
        verdict = conform(Target(origin + BASES[provider], "K"), provider=provider, contract="vendored", quick=True)
    assert {name: each.first for name, each in verdict.rules.items() if each.state not in ("pass", "off")} == {}
    assert verdict.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["https://api.telnyx.com/v2"], "--real api.telnyx.com"),
        (["https://api.telnyx.com/v2", "--real", "api.telnyx.org"], "--real api.telnyx.com"),
        (["https://api.telnyx.com/v2", "--real", "api.telnyx.com", "--level", "full"], "--allow-writes"),
        (
            ["https://api.telnyx.com/v2", "--real", "api.telnyx.com", "--level", "full", "--allow-writes"],
            "--allow-target and --allow-sender and --allow-assistant",
        ),
        (["http://127.0.0.1:1/v2", "--real", "localhost"], "--real 127.0.0.1"),
        (["http://127.0.0.1:1/v2", "--lead", "1s"], "10m"),
        (["http://127.0.0.1:1/v2", "--lead", "soon"], "24h, 90m or 2d"),
        (["ftp://127.0.0.1/v2"], "http or https"),
        (["http://[::1/v2"], "http or https"),
        (["http://127.0.0.1:99999/v2"], "http or https"),
        (["http://me:secret@127.0.0.1/v2"], "CONTRATEMPO_TOKEN"),
        (["http://127.0.0.1/v2?limit=1"], "no base URL"),
        (["http://127.0.0.1/v2/ü"], "beyond ASCII"),
        (["http://127.0.0.1/v 2"], "spaces"),
        (["http://127.0.0.1:1/v2", "--control", "127.0.0.1:4010"], "'127.0.0.1:4010' is not an http or https"),
        (["http://127.0.0.1:1/v2", "--control", "http://127.0.0.1/ü"], "beyond ASCII"),
        ([], "--har FILE"),
    ],
)
def test_nothing_goes_where_it_may_not(arguments: list[str], says: str) -> None:
    result = run_command(*arguments, "--provider", "telnyx_assistants")
    assert result.returncode == 2
    assert says in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize("token", ["secret\n", "s€cret", "sec ret", "secret\x07"])
def test_a_token_that_no_header_carries_is_told_so_and_not_held_against_the_deployment(token: str) -> None:
    arguments = ("http://127.0.0.1:1/v2", "--provider", "telnyx_messages", "--allow-writes")
    for variable in ("CONTRATEMPO_TOKEN", "CONTRATEMPO_CONTROL_TOKEN"):
        result = run_command(*arguments, **{variable: token})
        assert (result.returncode, token in result.stderr) == (2, False)
        assert f"{variable} holds spaces, a line end or letters beyond ASCII" in result.stderr


def test_the_assistant_that_is_named_may_have_any_letters(references: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    send = AsgiWire.send
    monkeypatch.setattr(AsgiWire, "send", lambda *of: (asked.append(of[2]), send(*of))[1])
    app = references.reference("telnyx_assistants")
    conform(Target(app=app, token="K", assistant="a b/ü"), provider="telnyx_assistants", level="read")
    assert "/v2/ai/assistants/a%20b%2F%C3%BC/scheduled_events" in asked
    assert all(target.isascii() for target in asked)


def test_a_target_that_nobody_answers_at_could_not_be_tested() -> None:
    result = run_command("http://127.0.0.1:1/v2", "--provider", "telnyx_assistants", "--allow-writes")
    assert result.returncode == 5
    assert "could not test: http://127.0.0.1:1" in result.stdout
    assert "kept" not in result.stdout


def test_a_dry_run_names_what_would_be_sent() -> None:
    result = run_command("http://127.0.0.1:1/v2", "--provider", "telnyx_assistants", "--dry-run", "--level", "read")
    assert result.returncode == 0
    assert "list: HEAD" in result.stdout
    assert "create:" not in result.stdout


def test_reports_that_cannot_be_written_are_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = str(tmp_path / "file" / "reports")
    result = run_command("http://127.0.0.1:1/v2", "--provider", "temphone", "--allow-writes", "--report", place)
    assert (result.returncode, result.stdout) == (5, "")
    assert f"--report {place}: Not a directory; nothing was sent" in result.stderr


def test_a_step_summary_that_cannot_be_written_takes_nothing_from_the_verdict(tmp_path: Path) -> None:
    recorded = tmp_path / "t.har"
    recorded.write_text(json.dumps({"log": {"entries": [UNAUTHORISED]}}), "utf-8")
    step = str(tmp_path / "nowhere" / "summary.md")
    result = run_command("--har", str(recorded), "--provider", "telnyx_messages", GITHUB_STEP_SUMMARY=step)
    assert result.returncode == 0
    assert f"no step summary was written to {step}: No such file" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_stopped_says_so_and_leaves_no_world(number: signal.Signals, tmp_path: Path, serve: Any) -> None:
    with serve(tmp_path) as origin:
        command = [str(Path(sys.executable).with_name("contratempo")), "conform", f"{origin}/v2"]
        said = subprocess.PIPE
        with subprocess.Popen([*command, "--provider", "telnyx_assistants"], stdout=said, stderr=said) as run:
            until = time.monotonic() + 60
            while len(worlds(origin)) < 2 and time.monotonic() < until:
                time.sleep(0.05)
            run.send_signal(number)
            told = run.communicate(timeout=60)
        assert (run.returncode, told[0]) == (5, b"")
        assert b"stopped before it had finished" in told[1]
        assert worlds(origin) == ["default"]


def worlds(origin: str) -> list[str]:
    return [str(world["id"]) for world in httpx2.get(f"{origin}/_mock/worlds", trust_env=False).json()["worlds"]]
