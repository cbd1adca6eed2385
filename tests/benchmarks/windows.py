"""Windows of load, taken of each server in turn, so that a noisy minute strikes all alike."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil
from exchanges import Exchange
from load import UnexpectedAnswer, ask, load
from peers import CONTRATEMPO, Running

GONE = (UnexpectedAnswer, OSError, psutil.Error)
"""What shows that a server crashed, hung up or answered something else."""


@dataclass(frozen=True)
class Effort:
    """How much is measured: windows of each server, their length and the unmeasured load before them, in seconds."""

    windows: int
    seconds: float
    warm_up: float


FULL, QUICK = Effort(5, 1.5, 1.5), Effort(2, 0.3, 0.2)


@dataclass(frozen=True)
class Window:
    """One window: answers per second, the server's CPU per answer, latencies, the generator's share of its core."""

    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    pause_ms: float
    load_busy: float


@dataclass
class Taken:
    """The windows of an exchange, by server, and why some are lacking."""

    windows: dict[str, list[Window]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def of(self, server: str, what: Callable[[Window], float]) -> list[float]:
        return [what(window) for window in self.windows.get(server, ())]


def measure(running: Running, exchange: Exchange, seconds: float, connections: int) -> Window:
    request = exchange.wire(running.peer.base, running.port)
    before = running.cpu()
    seen = load(running.port, request, exchange.status, seconds=seconds, connections=connections)
    used = running.cpu() - before
    p50, p99 = (seen.quantile(share) * 1000 for share in (0.5, 0.99))
    return Window(seen.rate, used / len(seen.latencies) * 1e6, p50, p99, seen.pause * 1000, seen.busy)


def interleaved(servers: Sequence[Running], exchange: Exchange, effort: Effort, connections: int) -> Taken:
    """Warm every server at an exchange, then take its windows in turn; one that fails is left out, but not our own."""
    taken, alive = Taken(), list(servers)
    for turn in range(-1, effort.windows):
        for running in list(alive):
            gc.collect()
            try:
                if turn < 0:
                    ask(running.port, exchange.wire(running.peer.base, running.port), exchange.status)
                    measure(running, exchange, effort.warm_up, connections)
                else:
                    window = measure(running, exchange, effort.seconds, connections)
                    taken.windows.setdefault(running.peer.name, []).append(window)
            except GONE as problem:
                if running.peer is CONTRATEMPO:
                    raise
                alive.remove(running)
                taken.windows.pop(running.peer.name, None)
                taken.notes.append(f"{exchange.name}: {running.peer.name} dropped out: {problem}")
    return taken
