"""The guard's limits on the command line, in the environment and in the file; and what conform-clean refuses."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contratempo.cli import main

URL = ("conform", "https://real.example/v2", "--real", "real.example", "--provider", "telnyx_messages", "--dry-run")


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in filter(lambda each: each.startswith("CONTRATEMPO_"), [*os.environ]):
        monkeypatch.delenv(name)


def told(*arguments: str, **environment: str) -> str:
    result: Result = CliRunner().invoke(main, [*URL, *arguments], env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_dry_run_tells_the_limits_and_sends_nothing() -> None:
    said = told()
    assert "targets none; senders none; assistants none; what is scheduled lies 1 day, 0:00:00 ahead;" in said
    assert "at most 500 requests, 50 creates, 2 a second" in said
    assert said.endswith("nothing was sent\n")


def test_a_flag_goes_before_the_environment_and_that_before_the_file() -> None:
    Path("contratempo.toml").write_text('[conform]\nallow-target = ["+1"]\nrate = 5\nmax-creates = 7\nlead = "3d"\n')
    said = told("--rate", "9", CONTRATEMPO_ALLOW_TARGET="+2, +3", CONTRATEMPO_RATE="8")
    assert "targets +2, +3;" in said
    assert "3 days, 0:00:00 ahead" in said
    assert "7 creates, 9 a second" in said


def test_a_project_may_say_it_too_and_the_server_does_not_mind() -> None:
    Path("pyproject.toml").write_text('[tool.contratempo.conform]\nallow-sender = ["+1"]\n')
    assert "senders +1;" in told()
    assert CliRunner().invoke(main, ["ready"]).exit_code == 1  # no server, but a good file


def test_a_setting_that_is_none_is_refused() -> None:
    Path("contratempo.toml").write_text("[conform]\nallow-all = true\n")
    result = CliRunner().invoke(main, URL)
    assert result.exit_code == 2
    assert "knows no 'allow_all'" in result.output


def test_conform_clean_without_a_record_says_where_it_looked() -> None:
    result = CliRunner().invoke(main, ["conform-clean"])
    assert result.exit_code == 5
    assert "conform-created.jsonl" in result.output


def test_conform_clean_asks_for_the_host_again() -> None:
    lines = (
        {"run": "r", "provider": "telnyx_messages", "url": "https://real.example/v2"},
        {"intent": 1, "path": "/messages/schedule", "mark": None},
        {"made": 1, "id": "m1"},
    )
    Path("conform-created.jsonl").write_text("\n".join(map(json.dumps, lines)))
    result = CliRunner().invoke(main, ["conform-clean"])
    assert result.exit_code == 2
    assert "--real real.example" in result.output


@pytest.mark.parametrize("level", [(), ("--level", "read"), ("--level", "full", "--allow-writes")])
def test_conform_asks_for_the_host_again_whatever_the_level(level: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["conform", "https://real.example/v2", "--provider", "telnyx_messages", *level])
    assert result.exit_code == 2
    assert "--real real.example" in result.output
