"""The whole, over sockets: a run before a reference, killed in the middle; then conform-clean, and nothing is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
import uvicorn

CONFORMANCE = Path(__file__).resolve().parents[1]
ALLOWED = ("--allow-target", "+13125550199", "--allow-sender", "+13125550198", "--allow-assistant", "mine")


@pytest.fixture(scope="session")
def references() -> ModuleType:
    """Return the package of reference servers."""
    if str(CONFORMANCE) not in sys.path:
        sys.path.insert(0, str(CONFORMANCE))
    import references

    return references


@contextmanager
def served(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v2"
    server.should_exit = True
    thread.join()


def command(name: str, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("contratempo")), name, *arguments]


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRATEMPO_", "GITHUB_"))}
    return clean | {"CONTRATEMPO_TOKEN": "K"}


def run(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*words), cwd=place, env=environment(), capture_output=True, text=True, timeout=250)


def living(app: Any) -> list[Any]:
    records = app.worlds["default"].records.values()
    return [each for each in records if each.get("cancelled") is None]


def conforming(url: str, provider: str, *more: str) -> list[str]:
    return ["conform", url, "--real", "127.0.0.1", "--provider", provider, "--quick", "--rate", "1000", *ALLOWED, *more]


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages"])
def test_a_killed_run_is_cleaned_up_after(provider: str, references: ModuleType, tmp_path: Path) -> None:
    app = references.reference(provider)
    with served(app) as url:
        words = conforming(url, provider, "--level", "full", "--allow-writes")
        with subprocess.Popen(command(*words), cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL) as process:
            wait_for(lambda: len(living(app)) >= 12, process)
            process.send_signal(signal.SIGKILL)
        assert living(app)
        first, second = run(tmp_path, "conform-clean"), run(tmp_path, "conform-clean")
        unfound = [line for line in first.stdout.splitlines() if "its answer was lost" in line]
        assert len(living(app)) <= (0 if provider == "telnyx_assistants" else len(unfound)), first.stdout
    assert first.returncode == (5 if unfound else 0), first.stdout + first.stderr
    assert second.stdout.startswith("removed 0,")
    assert "Bearer" not in (tmp_path / "conform-created.jsonl").read_text("utf-8")


def wait_for(happened: Any, process: Any) -> None:
    until = time.monotonic() + 200
    while not happened():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages"])
def test_a_run_that_ends_leaves_nothing_and_finds_nothing(
    provider: str, references: ModuleType, tmp_path: Path
) -> None:
    app = references.reference(provider)
    with served(app) as url:
        words = conforming(url, provider, "--level", "full", "--allow-writes", "--max-creates", "40", "--report", ".")
        result = run(tmp_path, *words)
        again = run(tmp_path, "conform-clean", "--report", ".")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "the guard sent on" in result.stdout
    assert living(app) == []
    assert again.stdout.startswith("removed 0, left 0")
    lines = [json.loads(line) for line in (tmp_path / "conform-created.jsonl").read_text().splitlines() if line]
    assert len({line["id"] for line in lines if "made" in line}) >= 20


def test_less_than_full_creates_nothing(references: ModuleType, tmp_path: Path) -> None:
    app = references.reference("telnyx_assistants")
    with served(app) as url:
        result = run(tmp_path, *conforming(url, "telnyx_assistants", "--level", "reject"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert living(app) == []
