"""A timeline that is watched in a process of its own: drawn anew when something happens, ended by Ctrl-C with 0."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from contratempo.testing import MockServer, World

COMMAND = [sys.executable, "-c", "from contratempo.cli import main; main()", "timeline", "--watch"]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with MockServer(clock="2026-03-11T09:00:00Z", validation="both") as server:
        yield server.world(fixtures="retry-storm")


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal elsewhere too, and not one of these")
def test_a_watched_timeline_follows_the_world_until_it_is_interrupted(world: World) -> None:
    place = ["--url", world.server.origin, "--world", world.id]
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
    with subprocess.Popen([*COMMAND, *place], stdout=subprocess.PIPE, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        before = _picture(process.stdout)
        world.clock.advance("10m")
        after = _picture(process.stdout)
        while not after[0].startswith("2026-03-11T09:42:00Z"):  # one may be of the way there
            after = _picture(process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert before[0].startswith("2026-03-11T09:32:00Z  head ")
    assert all(len(line) <= 100 for line in [*before, *after])
    assert any("○" in line for line in before)


def test_a_server_that_is_started_again_is_gone_on_with(serve) -> None:
    first = serve("--clock", "2026-03-11T09:00:00Z")
    place, environment = ["--url", first.url], {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
    with subprocess.Popen([*COMMAND, *place], stdout=subprocess.PIPE, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        assert _picture(process.stdout)[0].startswith("2026-03-11T09:00:00Z")
        first.end(signal.SIGTERM)
        assert _picture(process.stdout)[0].startswith("the server does not answer any more")
        serve("--clock", "2026-03-12T09:00:00Z", "--port", first.url.rpartition(":")[2])
        assert _picture(process.stdout)[0].startswith("2026-03-12T09:00:00Z")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def _picture(lines: Iterator[str]) -> list[str]:
    """Return the next picture, which ends with an empty line."""
    return [line.rstrip("\n") for line in iter(lambda: next(lines), "\n")]
