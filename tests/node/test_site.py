"""The page's pure modules, tested by Node's own runner; nothing needs to be installed for it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).with_name("site")


def test_the_pages_pure_modules():
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    files = sorted(str(file) for file in TESTS.glob("*.test.mjs"))
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", *files], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"^# pass (\d+)", done.stdout, re.M)[0]) >= 16
