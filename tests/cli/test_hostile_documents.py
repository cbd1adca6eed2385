"""Hostile documents: each ends `serve --spec` and `specs check` in exit code 3, soon, with nothing read or fetched."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.hostile import DOCUMENTS, write

from contratempo.data import data_root

Run = Callable[..., Result]
SECONDS = 2.0 if sys.gettrace() is None else 10.0  # traced for coverage: tests/e2e measures it as users have it
SEEN: list[tuple[str, Any]] = []
WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system")


@pytest.fixture(scope="module", autouse=True)
def _watching() -> Iterator[None]:
    """Note what is opened, connected to and started; a hook of Python's own cannot be taken away again."""
    watching = True
    sys.addaudithook(lambda event, told: SEEN.append((event, told)) if watching and event in WATCHED else None)
    yield
    watching = False


@pytest.mark.parametrize("command", [("specs", "check"), ("serve", "--port", "0", "--spec")], ids=["check", "serve"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_refused_soon_with_what_and_where(run: Run, tmp_path: Path, name: str, command: tuple[str, ...]) -> None:
    file, what, where = write(name, tmp_path)
    SEEN.clear()
    result, took = timed(run, *command, str(file))
    if took >= SECONDS:  # a core that is shared counts more than is done
        took = timed(run, *command, str(file))[1]
    assert result.exit_code == 3, result.output
    assert what in result.output
    assert where in result.output
    assert str(file)[:40] in result.output
    assert "Traceback" not in result.output
    assert "SECRET" not in result.output
    assert took < SECONDS
    assert strange(tmp_path / "root", file) == []


def timed(run: Run, *command: str) -> tuple[Result, float]:
    began = time.process_time()
    return run(*command), time.process_time() - began


def strange(root: Path, file: Path) -> list[Any]:
    """What was opened outside the document's folder and what is installed, and everything else that was watched."""
    installed = (sys.prefix, sys.base_prefix, str(data_root("specs")), str(Path(__file__).parents[2]), str(Path.cwd()))
    allowed = (str(root), str(file), *installed, *"/usr/share/zoneinfo", "/dev/null", "/etc/mime.types")
    return [
        (event, told)
        for event, told in list(SEEN)
        if event != "open" or not (isinstance(told[0], int) or str(told[0]).startswith(allowed))
    ]
