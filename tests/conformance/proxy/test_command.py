"""`contratempo proxy` as users and CI run it: what it says, what it writes, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest
from click.testing import CliRunner

from contratempo.cli import main

CONTRATEMPO = Path(sys.executable).with_name("contratempo")
TOKEN = {"authorization": "Bearer K"}


@contextmanager
def running(place: Path, *arguments: str) -> Iterator[tuple[str, Any]]:
    """Run the command until the block is left; give the address that it says and the process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTRATEMPO_")}
    command = [CONTRATEMPO, "proxy", *arguments, "--port", "0"]
    with subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1], process
        finally:
            process.kill()


def ended(process: Any, number: int) -> tuple[int, str]:
    process.send_signal(number)
    said = process.stdout.read()
    return process.wait(timeout=60), said


def test_what_is_wrong_fails_the_run_and_is_reported(
    mutant: Any, serving_app: Any, client: httpx2.Client, tmp_path: Path
) -> None:
    files = ("--report", "out", "--har", "deep/t.har")
    with (
        serving_app(mutant("IdIsNumber")) as origin,
        running(tmp_path, f"{origin}/v2", "--provider", "telnyx_assistants", *files) as (url, process),
    ):
        body = {"telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550001"}
        body |= {"telnyx_agent_target": "+13125550002", "scheduled_at_fixed_datetime": "2099-01-01T00:00:00Z"}
        answer = client.post(f"{url}/ai/assistants/a/scheduled_events", json=body, headers=TOKEN)
        assert "answers.schema" in answer.headers["x-contract-violations"]
        code, said = ended(process, signal.SIGINT)
    assert code == 1
    assert f"export TELNYX_BASE_URL={url}" in said
    assert "BROKEN: answers.schema: create_scheduled_event, POST /ai/assistants/a/scheduled_events 201: " in said
    assert "1 requests in " in said
    assert "never exercised: " not in said
    suite = ElementTree.parse(tmp_path / "out" / "junit.xml").getroot()
    assert int(suite.get("failures", "0")) >= 1
    assert json.loads((tmp_path / "out" / "conformance.json").read_text())["level"] == "proxied"
    assert (tmp_path / "out" / "corpus" / "telnyx_assistants-answers.schema.json").is_file()
    assert len(json.loads((tmp_path / "deep" / "t.har").read_text())["log"]["entries"]) == 1


def test_our_mock_is_clean_behind_it(contratempo: Any, client: httpx2.Client, tmp_path: Path) -> None:
    token = {"authorization": f"Bearer {contratempo.api_key}"}
    call = {"contact_id": "ctc_12kd88", "scheduled_at": "2099-01-01T00:00:00Z", "initial_message": "Hello"}
    with running(tmp_path, contratempo.url("temphone"), "--provider", "temphone") as (url, process):
        assert client.post(f"{url}/calls/scheduled", json=call, headers=token).status_code in (200, 201)
        assert client.post(f"{url}/calls/scheduled", json={}, headers=token).status_code == 400
        code, said = ended(process, signal.SIGTERM)
    assert (code, "BROKEN" in said, "warning" in said) == (0, False, False)
    assert [*tmp_path.iterdir()] == []


def test_where_nothing_came_by_nothing_was_tested(tmp_path: Path) -> None:
    with running(tmp_path, "http://127.0.0.1:9/v2", "--provider", "telnyx_messages") as (_, process):
        code, said = ended(process, signal.SIGINT)
    assert code == 5
    assert "could not test: nothing was sent to a path of telnyx_messages below /v2" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ftp://127.0.0.1/v2"], 2, "is not an http or https address"),
        (["http://user:secret@127.0.0.1/v2"], 2, "The URL holds credentials"),
        (["https://api.telnyx.com/v2"], 2, "name it again by --real api.telnyx.com"),
        (["https://api.telnyx.com/v2", "--real", "api.telnyx.co"], 2, "name it again by --real api.telnyx.com"),
        (["http://127.0.0.1:9/v2", "--profile", "none-such"], 2, "there is no profile 'none-such'"),
        (["http://127.0.0.1:9/v2", "--har", "/dev/null/t.har"], 2, "cannot be written"),
        (["http://127.0.0.1:9/v2", "--host", "192.0.2.1"], 4, "192.0.2.1:4020: Cannot assign requested address"),
    ],
)  # fmt: skip
def test_what_it_does_not_do(arguments: list[str], code: int, said: str) -> None:
    result = CliRunner().invoke(main, ["proxy", "--provider", "telnyx_messages", *arguments])
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = ["proxy", "http://127.0.0.1:9/v2", "--provider", "temphone", "--port", port]
        result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 4
    assert f"127.0.0.1:{port}: Address already in use. Stop what uses it, or choose another by --port" in result.output
