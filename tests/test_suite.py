"""The suite's own promises: CI knows no skip, the tiers differ, the vendored bytes are watched, the scripts parse."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SKIPS = {
    "in a test": "import pytest\ndef test_it(): pytest.skip('no node')\n",
    "of a module": "import pytest\npytest.skip('no node', allow_module_level=True)\n",
    "by a mark": "import pytest\n@pytest.mark.skipif(True, reason='no node')\ndef test_it(): pass\n",
}
TIER = """
import os
from hypothesis import settings
def test_it(): assert settings().max_examples == int(os.environ["EXPECTED"])
"""


def run_suite(place: Path, content: str, **environment: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", place)
    (place / "test_it.py").write_text(content, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:contratempo", "test_it.py"]
    return subprocess.run(command, cwd=place, env={"PATH": "", **environment}, capture_output=True, text=True)


@pytest.mark.parametrize("content", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_fails_in_ci_and_says_what_to_do(tmp_path: Path, content: str):
    result = run_suite(tmp_path, content, CI="true")
    assert result.returncode not in {0, 5}
    assert "no node" in result.stdout
    assert "install what is missing" in result.stdout


@pytest.mark.parametrize("content", [SKIPS["in a test"], SKIPS["by a mark"]])
def test_a_skip_is_a_skip_elsewhere(tmp_path: Path, content: str):
    result = run_suite(tmp_path, content)
    assert result.returncode == 0
    assert "1 skipped" in result.stdout


def test_an_expected_failure_is_not_a_skip(tmp_path: Path):
    content = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_it(): assert False\n"
    assert run_suite(tmp_path, content, CI="true").returncode == 0


@pytest.mark.parametrize(("tier", "expected"), [("moderate", "50"), ("full", "1000")])
def test_a_tier_chooses_how_many_examples_are_tried(tmp_path: Path, tier: str, expected: str):
    result = run_suite(tmp_path, TIER, CONTRATEMPO_TEST_TIER=tier, EXPECTED=expected)
    assert result.returncode == 0, result.stdout


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "specs", tmp_path / "specs")


def check_sources(specs: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / "sources", specs]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_vendored_documents_are_as_listed(specs: Path):
    assert check_sources(specs).returncode == 0


def test_one_changed_byte_of_a_vendored_document_is_seen(specs: Path):
    document = specs / "telnyx" / "messages-ScheduleMessage.yaml"
    document.write_bytes(document.read_bytes() + b"\n")
    result = check_sources(specs)
    assert result.returncode == 1
    assert "vendored bytes are never edited" in result.stdout


def test_an_unlisted_and_a_missing_document_are_seen(specs: Path):
    (specs / "telnyx" / "messages-ScheduleMessage.yaml").rename(specs / "telnyx" / "other.yaml")
    result = check_sources(specs)
    assert result.returncode == 1
    assert "other.yaml: not listed" in result.stdout
    assert "messages-ScheduleMessage.yaml: listed in SOURCES.md, not on disk" in result.stdout


def test_a_table_that_lost_its_form_is_seen(specs: Path):
    (specs / "SOURCES.md").write_text("nothing\n", "utf-8")
    assert check_sources(specs).returncode == 1


@pytest.mark.parametrize("script", ["scripts/serve", "scripts/test", "scripts/check", "scripts/bench", ".ci/run"])
def test_a_script_runs_as_it_lies(script: str):
    assert (ROOT / script).stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", ROOT / script], capture_output=True).returncode == 0


def test_what_covers_nothing_is_not_traced():
    """It would take twice as long; in each of xdist's workers pytest-cov begins to trace twice."""
    assert sys.gettrace() is None
