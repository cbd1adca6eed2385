"""The servers that are compared: how each is started on one core, and found ready."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cores
import psutil
import yaml
from exchanges import NOW, SEEDS, merged_document
from load import ask

HERE = Path(__file__).resolve().parent
PRISM = HERE / "node_modules" / ".bin" / "prism"
PAGE = "page.json"
_PATIENCE = 60


@dataclass(frozen=True)
class Peer:
    """A server of the comparison; `command` makes its command line for a port, in a scratch directory.

    `base` is the path its operations are under; one that is `seeded` is given the stored set that the list shows.
    """

    name: str
    command: Callable[[int, Path], list[str]]
    base: str = "/v2"
    seeded: bool = True


def serving(*flags: str) -> Callable[[int, Path], list[str]]:
    """Command lines of `contratempo serve`, as shipped but for a frozen clock and `flags`."""
    script = str(Path(sys.executable).parent / "contratempo")
    return lambda port, _: [script, "serve", "--port", str(port), "--clock", NOW, *flags]


def _unjudged(port: int, scratch: Path) -> list[str]:
    return [sys.executable, str(HERE / "unjudged.py"), *serving()(port, scratch)[1:]]


def _prism(*flags: str) -> Callable[[int, Path], list[str]]:
    def command(port: int, scratch: Path) -> list[str]:
        document, page = scratch / "merged.yaml", scratch / PAGE
        example = json.loads(page.read_text("utf-8")) if page.exists() else None
        document.write_text(yaml.safe_dump(merged_document(example), sort_keys=False), "utf-8")
        return [str(PRISM), "mock", "--host", "127.0.0.1", "--port", str(port), *flags, str(document)]

    return command


def _uvicorn(application: str) -> Callable[[int, Path], list[str]]:
    options = ["--app-dir", str(HERE), "--no-access-log", "--log-level", "warning"]
    return lambda port, _: [sys.executable, "-m", "uvicorn", application, "--port", str(port), *options]


CONTRATEMPO = Peer("Contratempo", serving())
UNJUDGED = Peer("Contratempo, judging off", _unjudged)
PRISM_SILENT = Peer("Prism, logging off", _prism("-v", "silent"), base="", seeded=False)
PRISM_SHIPPED = Peer("Prism as shipped", _prism(), base="", seeded=False)
TWIN = Peer("FastAPI by hand", _uvicorn("twin:app"))
FLOOR = Peer("Starlette, no validation", _uvicorn("floor:app"))
CEILING = Peer("a bare socket", lambda port, _: [sys.executable, str(HERE / "ceiling.py"), str(port)], seeded=False)


@dataclass(frozen=True)
class Running:
    """A peer that answers on `port`."""

    peer: Peer
    port: int
    process: psutil.Process
    log: Path

    def cpu(self) -> float:
        """Give the processor seconds used so far by the server and its children."""
        return sum(member.cpu_times().user + member.cpu_times().system for member in self._family())

    def rss(self) -> int:
        """Give the resident bytes of the server and its children."""
        return sum(member.memory_info().rss for member in self._family())

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


class PeerUnavailable(Exception):
    """A peer did not start; the message says which, and the end of its log."""


def install_prism() -> None:
    """Install the Prism that package.json pins, beside it, unless it is there; PeerUnavailable when npm cannot."""
    if PRISM.exists():
        return
    print("installing Prism by npm ...", file=sys.stderr, flush=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
    try:
        subprocess.run(command, cwd=HERE, check=True, stdout=2, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerUnavailable(f"Prism could not be installed by npm: {error}") from None


@contextmanager
def launched(peer: Peer, scratch: Path) -> Iterator[Running]:
    """Run a peer pinned to the servers' core; it need not answer yet. What it logs is in `scratch`."""
    if peer in (PRISM_SILENT, PRISM_SHIPPED):
        install_prism()
    port = _free_port()
    log = scratch / f"{peer.name.replace(' ', '-')}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTRATEMPO_")}
    command = peer.command(port, scratch)
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=scratch, env=environment, stdout=output, stderr=output,
            preexec_fn=lambda: cores.pin(cores.SERVERS),
        )  # fmt: skip
    try:
        yield Running(peer, port, psutil.Process(process.pid), log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def started(peer: Peer, scratch: Path) -> Iterator[Running]:
    """Run a peer until it answers, seeded with the stored set of which the list shows a page."""
    with launched(peer, scratch) as running:
        await_ready(running)
        if peer.seeded:
            for seed in SEEDS:
                ask(running.port, seed.wire(peer.base, running.port), seed.status)
        yield running


def await_ready(running: Running) -> None:
    """Return once it takes connections; PeerUnavailable when it ends before, or takes more than a minute."""
    give_up = time.monotonic() + _PATIENCE
    while running.process.is_running() and running.process.status() != psutil.STATUS_ZOMBIE:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        if time.monotonic() > give_up:
            break
        time.sleep(0.002)
    raise PeerUnavailable(f"{running.peer.name} did not start; its log ends:\n{running.log.read_text()[-1500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
