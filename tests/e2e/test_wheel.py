import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TIMES = 200 if os.environ.get("CONTRATEMPO_TEST_TIER") == "full" else 20
WHERE = "import contratempo, pathlib; print(pathlib.Path(contratempo.__file__).parent)"


@pytest.fixture
def wheel(tmp_path):
    """Return a directory of what the wheel of this tree holds, to be found before what is installed."""
    uv = shutil.which("uv", path=f"{os.environ['PATH']}{os.pathsep}{ROOT / '.uv/bin'}")
    if uv is None:
        pytest.skip("uv is not installed: scripts/check installs it")
    done = subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", tmp_path / "dist", ROOT], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (built,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def test_the_pytest_example_passes_again_and_again_in_an_empty_directory(wheel, tmp_path, clean_environment):
    """With the wheel's own documents and fixtures, spread over two processes and in random order."""
    empty = tmp_path / "project"
    empty.mkdir()
    for number in range(TIMES):
        shutil.copy(ROOT / "tests/examples/test_reminder_calls.py", empty / f"test_{number}.py")
    environment = clean_environment({"PYTHONPATH": str(wheel)})
    where = subprocess.run([sys.executable, "-c", WHERE], env=environment, cwd=empty, capture_output=True, text=True)
    assert Path(where.stdout.strip()) == wheel / "contratempo"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-n", "2"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{TIMES} passed" in done.stdout
