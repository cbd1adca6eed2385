"""The servers that are compared: how each is started on one core, and found ready."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml
from exchanges import NOW, SEED, SEEDED, merged_document
from load import ask

HERE = Path(__file__).resolve().parent
PRISM = HERE / "node_modules" / ".bin" / "prism"
SERVER_CORE, LOAD_CORE = 0, 1


@dataclass(frozen=True)
class Peer:
    """A server of the comparison; `command` makes its command line for a port, in a scratch directory."""

    name: str
    command: Callable[[int, Path], list[str]]
    base: str = "/v2"
    keeps_state: bool = True


def _contratempo(port: int, _: Path) -> list[str]:
    return [str(Path(sys.executable).parent / "contratempo"), "serve", "--port", str(port), "--clock", NOW]


def _prism(*flags: str) -> Callable[[int, Path], list[str]]:
    def command(port: int, scratch: Path) -> list[str]:
        document = scratch / "merged.yaml"
        document.write_text(yaml.safe_dump(merged_document(), sort_keys=False), "utf-8")
        return [str(PRISM), "mock", "--host", "127.0.0.1", "--port", str(port), *flags, str(document)]

    return command


def _uvicorn(application: str) -> Callable[[int, Path], list[str]]:
    options = ["--app-dir", str(HERE), "--no-access-log", "--log-level", "warning"]
    return lambda port, _: [sys.executable, "-m", "uvicorn", application, "--port", str(port), *options]


FLOOR = Peer("bare ASGI floor", _uvicorn("floor:app"), keeps_state=False)
CONTRATEMPO = Peer("contratempo", _contratempo)
PRISM_SHIPPED = Peer("prism as shipped", _prism(), base="", keeps_state=False)
PRISM_SILENT = Peer("prism -v silent", _prism("-v", "silent"), base="", keeps_state=False)
TWIN = Peer("fastapi by hand", _uvicorn("twin:app"))
PEERS = (CONTRATEMPO, PRISM_SHIPPED, PRISM_SILENT, TWIN, FLOOR)


@dataclass(frozen=True)
class Running:
    """A peer that answers on `port`."""

    peer: Peer
    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Give the processor seconds used so far by the server and its children."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(member.cpu_times().user + member.cpu_times().system for member in family)


class PeerUnavailable(Exception):
    """A peer did not start; the message says which, and the end of its log."""


def install_prism() -> None:
    """Install the Prism that package.json pins, beside it, unless it is there."""
    if not PRISM.exists():
        print("installing Prism by npm ...", file=sys.stderr)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=HERE, check=True, stdout=2
        )


@contextmanager
def started(peer: Peer, scratch: Path) -> Iterator[Running]:
    """Run a peer pinned to the servers' core, seeded with the events that the list shows."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = scratch / f"{peer.name}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTRATEMPO_")}
    with log.open("w") as output:
        process = subprocess.Popen(
            peer.command(port, scratch),
            cwd=scratch,
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        )
    try:
        running = Running(peer, port, psutil.Process(process.pid))
        _await_ready(running, process, log)
        if peer.keeps_state:
            for _ in range(SEEDED):
                ask(port, SEED.wire(peer.base, port), SEED.status)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_ready(running: Running, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        time.sleep(0.05)
    raise PeerUnavailable(f"{running.peer.name} did not start; its log ends:\n{log.read_text()[-1500:]}")
