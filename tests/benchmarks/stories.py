"""A user's pytest story run thousands of times under xdist: is it ever flaky, and how long does one run take?"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

STORY = Path(__file__).resolve().parents[1] / "examples" / "test_reminder_calls.py"
HANGING = 120
"""Seconds after which a run counts as failed."""
REPEATS = """
def pytest_generate_tests(metafunc):
    metafunc.fixturenames.append("run_of_the_story")
    metafunc.parametrize("run_of_the_story", range({runs}), ids=str)
"""


@dataclass(frozen=True)
class Outcome:
    """How the runs went: how many there were, the failed ones by name with their reason, and the seconds each took."""

    runs: int
    failures: tuple[tuple[str, str], ...]
    seconds: tuple[float, ...]


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench stories", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="how often (default 10000)")
    parser.add_argument("--workers", type=int, default=2, help="xdist workers, each with its own server (default 2)")
    parser.add_argument("--story", type=Path, default=STORY, metavar="FILE", help=f"the test (default {STORY.name})")
    return parser.parse_args(arguments)


def read(report: Path) -> Outcome:
    """Read a JUnit report."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    failures = tuple(
        (case.get("name", ""), (found.get("message") or "")[:300])
        for case in cases
        for found in (*case.iter("failure"), *case.iter("error"))
    )
    return Outcome(len(cases), failures, tuple(sorted(float(case.get("time", 0)) for case in cases)))


def run(story: Path, runs: int, workers: int, directory: Path) -> Outcome:
    """Run a story in a directory of its own, as a user would, with nothing of this repository's set-up."""
    shutil.copy(story, directory / story.name)
    (directory / "conftest.py").write_text(REPEATS.format(runs=runs), "utf-8")
    (directory / "pytest.ini").write_text("[pytest]\n", "utf-8")
    report = directory / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-n", str(workers), f"--junitxml={report}"]
    command += [f"--timeout={HANGING}"]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CONTRATEMPO_", "PYTEST_"))
    }
    ended = subprocess.run(
        [*command, "--tb=short", "--no-header", str(directory)],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
    )
    if not report.exists():
        said = f"{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
        sys.exit(f"scripts/bench stories: pytest ended with {ended.returncode} and no report:\n{said}")
    return read(report)


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        outcome = run(asked.story, asked.runs, asked.workers, Path(directory))
    elapsed = time.monotonic() - began
    times = outcome.seconds or (0.0,)
    middle, tail = (times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.99))
    each = f"{elapsed / max(1, outcome.runs) * 1000:.1f} ms a run"
    print(f"{outcome.runs:,} runs of {asked.story.name} in {elapsed:,.0f} s on {asked.workers} workers: {each}")
    print(f"one run with its world: median {middle:.1f} ms, p99 {tail:.1f} ms, slowest {times[-1] * 1000:.1f} ms")
    print(f"{len(outcome.failures)} flaky" + "".join(f"\n  {name}: {why}" for name, why in outcome.failures[:20]))
    return int(outcome.runs != asked.runs or bool(outcome.failures))
