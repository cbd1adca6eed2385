"""The suite as a whole: quiet where nothing is broken, loud where something is, honest where it could not look."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contratempo.conformance import Target, conform

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
        ([], "--har FILE"),
    ],
)
def test_nothing_goes_where_it_may_not(arguments: list[str], says: str) -> None:
    result = run_command(*arguments, "--provider", "telnyx_assistants")
    assert result.returncode == 2
    assert says in result.stderr


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
