"""The command as users and CI run it: against our mock, whatever its profile, nothing is broken and every rule looked.

At moderate counts `--quick`, within the time it promises; at the acceptance counts also all that it does without.
"""

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BASES = {"telnyx_assistants": "v2", "telnyx_messages": "v2", "temphone": "v1"}
QUICK_SECONDS, WHOLE_SECONDS = 5.0, 60.0


@pytest.fixture(scope="module", params=["spec", "observed"])
def served(request: pytest.FixtureRequest, serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve our mock as users do, with one key that it knows; give its origin."""
    place = tmp_path_factory.mktemp(request.param)
    with serve(place, "--profile", request.param, "--validation", "plan") as origin:
        yield origin


def conform(url: str, provider: str, *flags: str) -> tuple[str, float]:
    """Run the command; return what it said and the seconds of processor that it took: the machine may be busy."""
    command = [str(Path(sys.executable).with_name("contratempo")), "conform", url, "--provider", provider, *flags]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env={"CONTRATEMPO_TOKEN": "K"}, capture_output=True, text=True, timeout=250)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("provider", sorted(BASES))
def test_our_mock_is_clean_and_quick(provider: str, served: str, full: bool) -> None:
    runs = [("--quick", QUICK_SECONDS)] + ([("--level=full", WHOLE_SECONDS)] if full else [])
    for flag, limit in runs:
        said, seconds = conform(f"{served}/{BASES[provider]}", provider, flag)
        assert re.search(r"of (\d+) rules \1 kept$", said, re.MULTILINE), said
        assert seconds < limit
