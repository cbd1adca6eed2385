"""What the suites may do to a target: reading sends only GET, writing stays on this machine unless it is allowed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

HERE = Path(__file__).parent


class Recorder(BaseHTTPRequestHandler):
    """Answers everything alike, and notes what it was asked and how much came with it."""

    seen: list[tuple[str, str, str | None]]

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.seen.append((self.command, self.path, self.headers.get("Content-Length")))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture
def recorder() -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    """Run a deployment that records; give its base URL and its record."""
    seen: list[tuple[str, str, str | None]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Recording", (Recorder,), {"seen": seen}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v2", seen
    server.shutdown()
    thread.join()
    server.server_close()


def run_suite(*arguments: str) -> "subprocess.CompletedProcess[str]":
    ours = ("CONTRATEMPO_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", *arguments]
    return subprocess.run(
        command, cwd=HERE.parents[1], env=environment | {"CI": ""}, capture_output=True, text=True, timeout=250
    )


def test_reading_sends_nothing_but_get(recorder: tuple[str, list[tuple[str, str, str | None]]]) -> None:
    url, seen = recorder
    result = run_suite(str(HERE / "test_read_only.py"), "--target", url)
    assert "passed" in result.stdout or "failed" in result.stdout, result.stdout + result.stderr
    assert len(seen) >= 20
    assert {(method, length) for method, _, length in seen} == {("GET", None)}
    assert all(path.startswith("/v2/") for _, path, _ in seen)


def test_no_suite_that_writes_leaves_this_machine() -> None:
    of_their_own = f"--ignore={HERE / 'fuzz' / 'test_corpus.py'}"  # documents that are served for the test alone
    folders = (str(HERE / "fuzz"), str(HERE / "machine"))
    result = run_suite(*folders, of_their_own, "--target", "https://contratempo.invalid/v2")
    assert result.returncode == 0, result.stdout
    assert "CONTRATEMPO_ALLOW_WRITES=1" in result.stdout
    ran = ("test_every_vendored_document_is_listed", "test_every_difference_says_why")
    assert f"{len(ran)} passed" in result.stdout, result.stdout


@pytest.mark.parametrize(
    ("url", "origin", "base"),
    [
        ("https://api.telnyx.com/v2/", "https://api.telnyx.com", "/v2"),
        ("http://127.0.0.1:4010", "http://127.0.0.1:4010", None),
        ("http://gateway.example/telnyx/v2", "http://gateway.example/telnyx", "/v2"),
        ("https://api.example-ai.com/v1", "https://api.example-ai.com", "/v1"),
    ],
)
def test_a_target_is_found_by_its_url(url: str, origin: str, base: str | None, target_at: Any) -> None:
    target = target_at(url)
    assert (target.origin, target.base) == (origin, base)


def test_a_base_path_says_which_provider_is_there(target_at: Any) -> None:
    providers = ("telnyx_assistants", "telnyx_messages", "temphone")
    served = {path: [p for p in providers if target_at(f"http://h{path}").serves(p)] for path in ("/v1", "/v2", "")}
    assert served == {"/v1": ["temphone"], "/v2": list(providers[:2]), "": list(providers)}


@pytest.mark.parametrize("host", ["127.0.0.1:4010", "localhost:4010", "[::1]:4010"])
def test_a_target_on_this_machine_may_be_written_to(host: str, reason: Any, target_at: Any) -> None:
    assert reason(target_at(f"http://{host}/v2"), {}) is None


@pytest.mark.parametrize("environment", [{}, {"CONTRATEMPO_ALLOW_WRITES": "0"}])
def test_another_machine_may_not(environment: dict[str, str], reason: Any, target_at: Any) -> None:
    why = reason(target_at("https://api.telnyx.com/v2"), environment)
    assert "https://api.telnyx.com is not on this machine" in why


def test_another_machine_may_when_it_is_allowed(reason: Any, target_at: Any) -> None:
    assert reason(target_at("https://api.telnyx.com/v2"), {"CONTRATEMPO_ALLOW_WRITES": "1"}) is None
