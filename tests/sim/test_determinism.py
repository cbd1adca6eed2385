"""The same seed and the same commands give the same world, to the byte, in any process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, runpy, sys
from contratempo.sim.saved import dump
tools = runpy.run_path(sys.argv[1])
call, run = tools["make_call"], tools["make_run"]
simulation = tools["make_world"](seed=sys.argv[2])
call(simulation, "script", outcomes=["busy", "busy", "completed"], to="one")
call(simulation, "fault", kind="delay", times=None, probability=0.5, seconds=3)
for number in range(20):
    to = ["all", "one", "+12125550121"][number % 3]
    call(simulation, "set", after=number * 3.7 % 11, to=to, times=number % 4 + 1)
    run(simulation, number % 5)
    call(simulation, "emit", resource=to)
call(simulation, "strike")
call(simulation, "remove")
call(simulation, "tune", tone="dong")
run(simulation)
print(json.dumps(dump(simulation)))
"""
CONFTEST = Path(__file__).with_name("conftest.py")


def world_of(seed: str, **environment: str) -> bytes:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "COV_", "TZ"))}
    command = [sys.executable, "-c", SCRIPT, str(CONFTEST), seed]
    return subprocess.run(command, env=kept | environment, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def first() -> bytes:
    return world_of("seed", PYTHONHASHSEED="0")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4294967295", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
    ],
)
def test_the_process_does_not_matter(first: bytes, environment: dict[str, str]):
    assert len(first) > 5_000
    assert world_of("seed", **environment) == first


def test_the_seed_does(first: bytes):
    assert world_of("another", PYTHONHASHSEED="0") != first
