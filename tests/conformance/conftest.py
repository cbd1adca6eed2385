"""The target of the suites: our mock as a process of its own, or what `--target URL` names; and who may write to it.

`--target` is a base URL (https://api.telnyx.com/v2), or scheme, host and port of a mock (http://127.0.0.1:4010).
Its token is CONTRATEMPO_TOKEN. Suites that write refuse a target off loopback unless CONTRATEMPO_ALLOW_WRITES is 1.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import uvicorn
import yaml

from contratempo.client import Control
from contratempo.data import data_root
from contratempo.server.settings import is_loopback

KEY = "K"
CONFORMANCE = Path(__file__).resolve().parent
VENDORED = {
    "telnyx_assistants": (
        "telnyx/assistants-create_scheduled_event.yaml",
        "telnyx/assistants-get_scheduled_events.yaml",
    ),
    "telnyx_messages": ("telnyx/messages-ScheduleMessage.yaml",),
    "temphone": ("temphone/calls.yaml",),
}


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def base_of(provider: str) -> str:
    """Return the path of a document's own server, such as /v2."""
    return urlsplit(read_yaml(data_root("specs") / VENDORED[provider][0])["servers"][0]["url"]).path


@dataclass(frozen=True)
class Target:
    """A deployment: `origin` is its URL without any provider's base path, `base` the base path if it was given one."""

    origin: str
    token: str
    base: str | None = None
    ours: bool = False

    @classmethod
    def at(cls, url: str, token: str) -> "Target":
        url = url.rstrip("/")
        for base in sorted({base_of(provider) for provider in VENDORED}):
            if url.endswith(base):
                return cls(url.removesuffix(base), token, base)
        return cls(url, token)

    def serves(self, provider: str) -> bool:
        return self.base in (None, base_of(provider))

    def url(self, provider: str) -> str:
        if not self.serves(provider):
            pytest.skip(f"{self.origin}{self.base} is not where {provider} is; it is at {base_of(provider)}")
        return self.origin + base_of(provider)

    def control(self) -> Control | None:
        """Return the target's control plane, None when it has none."""
        control = Control(self.origin, token=os.environ.get("CONTRATEMPO_CONTROL_TOKEN"))
        return control if control.ready() else None


def reason_not_to_write(target: Target, environment: Mapping[str, str]) -> str | None:
    """Say why the suites that write keep away from a target; None when they may go ahead."""
    if is_loopback(urlsplit(target.origin).hostname or "") or environment.get("CONTRATEMPO_ALLOW_WRITES") == "1":
        return None
    return f"{target.origin} is not on this machine and this suite writes: CONTRATEMPO_ALLOW_WRITES=1 lets it"


@contextmanager
def serving(place: Path, *arguments: str) -> Iterator[str]:
    """Run `contratempo serve` on a free port until the block is left; give its origin."""
    contratempo = Path(sys.executable).with_name("contratempo")
    command = [contratempo, "serve", "--port", "0", "--known-key", KEY, "--validation", "both", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTRATEMPO_")}
    with (
        (place / "server.log").open("w+", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield _origin(process, place / "server.log")
        finally:
            process.terminate()
            process.communicate(timeout=30)
    said = (place / "server.log").read_text("utf-8")
    assert process.returncode == 0, f"serve ended with {process.returncode}: {said}"


def _origin(process: "subprocess.Popen[str]", log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if " is ready at " in line:
            return line.split()[-1]
    raise AssertionError(f"the server ended before it was ready: {log.read_text('utf-8')}")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Return what is tested; by default our mock, started for the session, lenient."""
    url = request.config.getoption("--target")
    if url is not None:
        yield Target.at(url, os.environ.get("CONTRATEMPO_TOKEN", KEY))
        return
    with serving(tmp_path_factory.mktemp("lenient"), "--profile", "lenient") as origin:
        yield Target(origin, KEY, ours=True)


@pytest.fixture(scope="module")
def http(target: Target) -> Iterator[httpx2.Client]:
    """Return connections that carry no token; the environment's proxies are for targets elsewhere."""
    with httpx2.Client(timeout=30, follow_redirects=False, trust_env=not target.ours) as client:
        yield client


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    """Return the application's connections."""
    with httpx2.Client(trust_env=False, timeout=30) as http:
        yield http


@pytest.fixture(scope="session")
def target_at() -> Callable[[str], Target]:
    """Return a reader of `--target`."""
    return lambda url: Target.at(url, KEY)


@pytest.fixture(scope="session")
def reason() -> Callable[[Target, Mapping[str, str]], str | None]:
    """Return `reason_not_to_write`."""
    return reason_not_to_write


@pytest.fixture(scope="session")
def serve() -> Callable[..., AbstractContextManager[str]]:
    """Return `serving`: a server of one's own."""
    return serving


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an ASGI app on a free port; give its origin."""
    config = uvicorn.Config(app, port=0, log_level="critical", ws="none", lifespan="off", timeout_keep_alive=30)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def serving_app() -> Callable[[Any], AbstractContextManager[str]]:
    """Return `served`."""
    return served


@pytest.fixture(scope="session")
def references() -> ModuleType:
    """Return the package of reference servers, mutants and variants."""
    if str(CONFORMANCE) not in sys.path:
        sys.path.insert(0, str(CONFORMANCE))
    import references

    return references


@pytest.fixture(scope="session")
def mutant(references: ModuleType) -> Callable[[str], Any]:
    """Return a finder of mutants that the rules were written with, never of those held out."""
    develop = {each.name: each.app for each in references.MUTANTS if each.half == "develop"}
    return lambda name: develop[name]()


@pytest.fixture(scope="session")
def writable(target: Target) -> Target:
    """Return the target of a suite that writes."""
    if reason := reason_not_to_write(target, os.environ):
        pytest.skip(reason)
    return target


@pytest.fixture(scope="session")
def full() -> bool:
    """Say whether the acceptance counts are asked for."""
    return os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
