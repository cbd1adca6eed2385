"""What the end-to-end tests share: a server in this process, one of its own process, and the vendor's SDK."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from selenium.webdriver import Chrome
from telnyx import Telnyx

from contratempo.testing import MockServer, World

sys.path.insert(0, str(Path(__file__).parent))
import chromium
from receiver import Receiver, receiving

START = "2026-03-15T09:00:00Z"
COMMAND = Path(sys.executable).with_name("contratempo")
NODE = Path(__file__).parents[1] / "node"
_VARIABLES = ("CONTRATEMPO_", "TELNYX_", "TEMPHONE_", "PYTHON")


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    with MockServer(clock=START, validation="both") as server:
        yield server


@pytest.fixture
def world(server: MockServer, request: pytest.FixtureRequest) -> Iterator[World]:
    world = server.world(clock=START, seed=request.node.nodeid)
    yield world
    world.delete()


@pytest.fixture
def telnyx(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telnyx]:
    """The SDK as an application would make it, but strict about answers and never trying again."""
    monkeypatch.setenv("TELNYX_BASE_URL", world.url("telnyx_assistants"))
    monkeypatch.setenv("TELNYX_API_KEY", world.api_key)
    with Telnyx(_strict_response_validation=True, max_retries=0) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks on this machine."""
    with receiving(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def temphone(world: World) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=world.url("temphone"), headers={"authorization": f"Bearer {world.api_key}"}) as client:
        yield client


@pytest.fixture(scope="session")
def clean_environment() -> Callable[..., dict[str, str]]:
    """Return the environment without what steers Python, a server or an SDK, and with what is given."""

    def make(given: Mapping[str, str] | None = None) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith(_VARIABLES)} | dict(
            given or {}
        )

    return make


@dataclass
class Served:
    """A server in a process of its own; `banner` is what it printed until it was ready."""

    process: "subprocess.Popen[str]"
    banner: str
    log: Path

    @property
    def url(self) -> str:
        return self.banner.partition("is ready at ")[2].split()[0]

    def end(self, with_signal: int = signal.SIGTERM) -> int:
        """Ask it to end and return its exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(20)


@dataclass
class Starter:
    """Starts `contratempo serve` on a free port, in an empty directory, and ends what is left in the end."""

    directory: Path
    environment: Callable[..., dict[str, str]]
    started: list[Served] = field(default_factory=list)

    def __call__(self, *flags: str, env: Mapping[str, str] | None = None) -> Served:
        log = self.directory / f"stderr-{len(self.started)}.txt"
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [COMMAND, "serve", "--port", "0", "--validation", "both", *flags],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                cwd=self.directory,
                env=self.environment(env),
            )
        served = Served(process, _read_banner(process), log)
        self.started.append(served)
        assert "is ready at " in served.banner, f"{served.banner}{log.read_text()}"
        return served

    def end(self) -> None:
        for served in self.started:
            if served.process.poll() is None:
                served.process.kill()
            served.process.wait()
            assert served.process.stdout is not None
            served.process.stdout.close()


@pytest.fixture
def serve(tmp_path: Path, clean_environment: Callable[..., dict[str, str]]) -> Iterator[Starter]:
    starter = Starter(tmp_path, clean_environment)
    yield starter
    starter.end()


@pytest.fixture(scope="session")
def serve_for_all(
    tmp_path_factory: pytest.TempPathFactory, clean_environment: Callable[..., dict[str, str]]
) -> Iterator[Starter]:
    """As `serve`, for servers that several tests use."""
    starter = Starter(tmp_path_factory.mktemp("served"), clean_environment)
    yield starter
    starter.end()


@pytest.fixture(scope="session")
def demo(serve_for_all: Starter) -> Served:
    """The demonstration, which every test that uses it adds to."""
    return serve_for_all("--demo")


@pytest.fixture(scope="session")
def frozen(serve_for_all: Starter) -> Served:
    """A server of no special kind, frozen at its start."""
    return serve_for_all("--clock", START, "--seed", "mine")


def _read_banner(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.strip().startswith("stop "):
            break
    return "".join(lines)


@pytest.fixture(scope="session")
def node() -> Path:
    """Return the directory where the vendor's Node SDK is installed, as tests/node/package-lock.json has it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    with (NODE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes would install into one directory
        if not _is_installed():
            done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, capture_output=True, text=True)
            if done.returncode != 0:
                pytest.skip(f"npm cannot install the SDK: {done.stderr[-500:]}")
    return NODE


def _is_installed() -> bool:
    installed, wanted = NODE / "node_modules/telnyx/package.json", NODE / "package.json"
    if not installed.is_file():
        return False
    return bool(
        json.loads(installed.read_text())["version"] == json.loads(wanted.read_text())["dependencies"]["telnyx"]
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """One browser for every test of the page."""
    if missing := chromium.missing():
        pytest.skip(f"not installed: {', '.join(missing)} (apt-get install chromium chromium-driver)")
    with chromium.started() as browser:
        yield browser
