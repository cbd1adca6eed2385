"""Hostile documents, each to a process with 512 MB of memory and a listener that nobody may connect to."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.hostile import DOCUMENTS, write

LIMITED = """
import io, json, resource, sys, time
from contextlib import redirect_stderr, redirect_stdout
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
from contratempo.cli import main
told = []
for file in sys.argv[1:]:
    began, said = time.process_time(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            code = main(["serve", "--port", "0", "--validation", "both", "--spec", file], standalone_mode=True)
        except SystemExit as ended:
            code = ended.code
    told.append([code, time.process_time() - began, said.getvalue()])
print(json.dumps(told))
"""


SECONDS = 2


def tried(files: dict[str, str]) -> dict[str, Any]:
    """Return the exit code, the seconds of the processor and the words for each document."""
    command = [sys.executable, "-c", LIMITED, *files.values()]
    done = subprocess.run(
        command, cwd=Path(next(iter(files.values()), ".")).parent, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(files, json.loads(done.stdout), strict=True))


@pytest.mark.timeout(300)
def test_memory_is_bounded_and_nothing_is_fetched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        address = f"127.0.0.1:{canary.getsockname()[1]}"
        files = {}
        for number, name in enumerate(DOCUMENTS):
            (folder := tmp_path / str(number)).mkdir()
            files[name] = str(write(name, folder, address)[0])
        served = tried(files)
        slow = [name for name, (_, seconds, _) in served.items() if seconds >= SECONDS]
        again = (
            tried({name: files[name] for name in slow}) if slow else {}
        )  # a core that is shared counts more than is done
        canary.setblocking(False)
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert len(slow) < len(files) / 10, slow
    for name, (code, _, said) in served.items():
        assert (name, code) == (name, 3), said
        assert name not in again or again[name][1] < SECONDS, name
        assert DOCUMENTS[name][1] in said
        assert "Traceback" not in said
        assert "SECRET" not in said
