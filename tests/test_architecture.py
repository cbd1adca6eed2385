"""The floors, the bans and the sizes hold, and each of them would be seen if it were broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "contratempo"
COMMANDS = Path(sys.executable).parent

FLOORS = "Floors"
# The rule, the module that breaks it, and the line that does.
BREACHES = [
    (FLOORS, "sim.clock", "import contratempo.contract"),
    (FLOORS, "contract.body", "import contratempo.sim"),
    (FLOORS, "sim.clock", "import contratempo.provider"),
    (FLOORS, "provider", "import contratempo.providers.temphone"),
    (FLOORS, "provider", "import contratempo.client"),
    (FLOORS, "providers.temphone", "import contratempo.server"),
    (FLOORS, "conformance", "import contratempo.server"),
    (FLOORS, "server.settings", "import contratempo.conformance"),
    (FLOORS, "server.settings", "import contratempo.cli"),
    (FLOORS, "data", "import contratempo.provider"),
    (
        "Providers do not know each other",
        "providers.temphone",
        "import contratempo.providers.telnyx_messages",
    ),
    ("The world is pure", "sim.clock", "import contratempo.data"),
    ("The world is pure", "sim.clock", "import starlette"),
    ("The world is pure", "sim.clock", "import threading"),
    ("The contract does no I/O but reading files", "contract.body", "import httpx2"),
    ("openapi-core and jsonschema-rs live in the contract", "server.settings", "import openapi_core"),
    ("openapi-core and jsonschema-rs live in the contract", "provider", "import jsonschema_rs"),
    ("connexion lives in the server", "contract.body", "import connexion"),
    ("Conformance is a client: it knows no world", "conformance", "import contratempo.sim"),
]

BANNED = [
    "import time\ntime.time()",
    "import time\ntime.monotonic()",
    "from time import sleep\nsleep(1)",
    "import datetime\ndatetime.datetime.now()",
    "from datetime import datetime\ndatetime.now()",
    "from datetime import datetime\ndatetime.utcnow()",
    "import os\nos.environ['X']",
    "from os import getenv\ngetenv('X')",
    "import random\nrandom.random()",
    "import uuid\nuuid.uuid4()",
    "import secrets\nsecrets.token_hex()",
]


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [COMMANDS / "lint-imports", "--no-cache", "--no-logo"]
    environment = {"PYTHONPATH": str(tree / "src"), "PATH": "", "COLUMNS": "200"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)


def lint_bans(snippet: str, as_file: str) -> subprocess.CompletedProcess[str]:
    command = [COMMANDS / "ruff", "check", "--no-cache", "--select", "TID251", "--stdin-filename", as_file, "-"]
    return subprocess.run(command, cwd=ROOT, input=snippet, capture_output=True, text=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_floors_are_kept():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("rule", "module", "line"), BREACHES)
def test_a_breach_of_a_floor_is_caught(tree: Path, rule: str, module: str, line: str):
    place = tree / "src" / "contratempo" / module.replace(".", "/")
    broken = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    broken.write_text(f"{broken.read_text('utf-8')}\n{line}\n", "utf-8")
    result = lint_imports(tree)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{rule} BROKEN" in result.stdout


def test_a_module_on_no_floor_is_caught(tree: Path):
    (tree / "src" / "contratempo" / "attic.py").touch()
    result = lint_imports(tree)
    assert result.returncode == 1
    assert "attic" in result.stdout


@pytest.mark.parametrize("snippet", BANNED)
@pytest.mark.parametrize("file", ["sim/clock.py", "contract/body.py", "server/endpoint.py", "client.py"])
def test_time_chance_and_environment_are_banned(snippet: str, file: str):
    result = lint_bans(snippet, f"src/contratempo/{file}")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "TID251" in result.stdout


def test_the_named_doors_may_read_the_real_world():
    for file in ["server/settings.py", "server/realtime.py", "testing.py"]:
        assert lint_bans("import os\nos.environ['X']", f"src/contratempo/{file}").returncode == 0


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_file_is_one_room(file: Path):
    assert len(file.read_text("utf-8").splitlines()) <= 300
    assert {"utils", "util", "helpers", "helper", "manager", "base"}.isdisjoint(
        file.relative_to(SOURCE).with_suffix("").parts
    )
