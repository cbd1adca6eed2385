"""The Dockerfile's own steps, run without an engine: its files are built in a temporary directory and started."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Steps that would change this machine rather than a directory: the base image's part, held by the assertions below.
ENGINE_ONLY = ("pip install --no-cache-dir uv==", "useradd ")


@dataclass
class Stage:
    """One FROM of a Dockerfile and the instructions under it."""

    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [rest for name, rest in self.steps if name == instruction]

    def command(self, instruction: str) -> list[str]:
        return json.loads(self.all(instruction)[-1].partition("CMD ")[2] or self.all(instruction)[-1])

    def environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for rest in self.all("ENV") for word in shlex.split(rest))


def read_dockerfile() -> tuple[Stage, Stage]:
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
    stages: list[Stage] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.startswith("#"):
            continue
        name, rest = line.split(maxsplit=1)
        if name == "FROM":
            stages.append(Stage())
        stages[-1].steps.append((name, rest))
    build, final = stages
    return build, final


BUILD, FINAL = read_dockerfile()


def build_image(root: Path) -> None:
    """Do the build stage with `/build` and `/opt` moved under `root`."""

    def moved(text: str) -> str:
        return re.sub(r"(?<![\w.])/(build|opt)\b", rf"{root}/\1", text)

    environment = {name: moved(value) for name, value in BUILD.environment().items()}
    work = root / "build"
    work.mkdir(parents=True)
    for name, rest in BUILD.steps:
        if name == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                copy(ROOT / source, work / target / (source if target == "./" else ""))
        elif name == "RUN" and not rest.startswith(ENGINE_ONLY):
            done = subprocess.run(
                moved(rest), shell=True, cwd=work, env=host() | environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"RUN {rest}\n{done.stdout}{done.stderr}"


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def host() -> dict[str, str]:
    """This machine's environment without this run's interpreter and settings, and with a uv of the image's release."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRATEMPO_", "VIRTUAL_ENV"))}
    path = f"{ROOT / '.uv' / 'bin'}{os.pathsep}{kept['PATH']}"
    return kept | {"PATH": path, "UV_PYTHON": str(Path(sys.executable).resolve())}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("image")
    build_image(root)
    return root


@pytest.fixture
def container(image: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of the image's running entry command, started in an empty directory."""
    command = [*FINAL.command("ENTRYPOINT"), *FINAL.command("CMD")]
    environment = FINAL.environment() | {"CONTRATEMPO_PORT": str(free_port()), "HOME": str(tmp_path)}
    environment["PATH"] = environment["PATH"].replace("/opt", f"{image}/opt").replace("$PATH", os.defpath)
    command[0] = shutil.which(command[0], path=environment["PATH"]) or command[0]
    log = tmp_path.with_suffix(".log")
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=output, stderr=output)
    yield environment
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0, log.read_text("utf-8")


def healthy(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = FINAL.command("HEALTHCHECK")
    command[0] = shutil.which(command[0], path=environment["PATH"]) or command[0]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)


def test_the_image_starts_and_its_health_check_passes(container: dict[str, str]):
    give_up = time.monotonic() + 30
    while (result := healthy(container)).returncode and time.monotonic() < give_up:
        time.sleep(0.1)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_health_check_fails_when_nothing_listens(image: Path):
    path = FINAL.environment()["PATH"].replace("/opt", f"{image}/opt").replace("$PATH", os.defpath)
    result = healthy({"PATH": path, "CONTRATEMPO_PORT": str(free_port())})
    assert result.returncode not in {0, 2, 70}, result.stderr  # neither well, nor misused, nor a fault of ours


def test_the_image_holds_the_locked_versions_and_no_test_tools(image: Path):
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    locked = {package["name"]: package["version"] for package in lock["package"]}
    metadata = (image / "opt").rglob("*.dist-info/METADATA")
    fields = [dict(re.findall(r"^(Name|Version): (.+)$", file.read_text("utf-8"), re.MULTILINE)) for file in metadata]
    installed = {re.sub(r"[-_.]+", "-", found["Name"]).lower(): found["Version"] for found in fields}
    assert "contratempo" in installed
    assert installed.items() <= locked.items()
    assert {"pytest", "hypothesis", "ruff", "telnyx", "fastapi"}.isdisjoint(installed)


def test_the_image_runs_as_nobody_in_particular_and_says_what_it_is():
    assert FINAL.all("USER") == ["10001"]
    assert FINAL.all("EXPOSE") == ["4010"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f'org.opencontainers.image.version="{project["version"]}"' in FINAL.all("LABEL")[0]


def test_the_image_uses_the_uv_release_of_the_scripts():
    release = re.search(r"^uv_release=(\S+)$", (ROOT / "scripts" / "environment").read_text("utf-8"), re.MULTILINE)
    assert release
    assert f"pip install --no-cache-dir uv=={release[1]}" in BUILD.all("RUN")
