"""The README shows files that run, as they are."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SHOWN = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(("path", "shown"), SHOWN, ids=[path for path, _ in SHOWN])
def test_a_shown_file_is_the_file(path: str, shown: str) -> None:
    assert shown == (ROOT / path).read_text()


def test_the_readme_shows_the_samples_and_the_pytest_test() -> None:
    assert {path for path, _ in SHOWN} >= {
        "tests/examples/schedule_event.py",
        "tests/examples/schedule_call.sh",
        "tests/examples/test_reminder_calls.py",
        "tests/examples/test_what_if.py",
    }


def test_every_call_that_the_readme_names_is_in_the_control_planes_document() -> None:
    paths = yaml.safe_load((ROOT / "specs/control.yaml").read_text())["paths"]
    calls = re.findall(r"`([A-Z]+(?:, [A-Z]+)*) /_mock(/[^`? ]*)", (ROOT / "README.md").read_text())
    named = {(method.lower(), path) for methods, path in calls for method in methods.split(", ")}
    assert len(named) > 30
    assert [call for call in sorted(named) if call[0] not in paths.get(call[1], ())] == []
