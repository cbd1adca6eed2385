"""Measure each peer at each exchange in interleaved windows, and print the table."""

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from exchanges import EXCHANGES, Exchange
from load import UnexpectedAnswer, ask, load
from peers import (
    FLOOR,
    LOAD_CORE,
    PEERS,
    PRISM_SHIPPED,
    PRISM_SILENT,
    TWIN,
    PeerUnavailable,
    Running,
    install_prism,
    started,
)


@dataclass(frozen=True)
class Window:
    """One window: answers per second, the server's CPU per answer, latencies, the generator's share of its core."""

    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    load_busy: float


@dataclass(frozen=True)
class Row:
    """What a peer did at an exchange: medians over its windows, the rate's quartiles, ratios to the yardsticks."""

    exchange: str
    peer: str
    rate: float
    low: float
    high: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    load_busy: float
    ratios: dict[str, float]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a window (default 2)")
    parser.add_argument(
        "--warm-up", type=float, default=3.0, help="unmeasured load before each exchange, s (default 3)"
    )
    parser.add_argument("--reps", type=int, default=5, help="windows of each peer at each exchange (default 5)")
    parser.add_argument("--connections", type=int, default=16, help="kept-alive connections (default 16)")
    parser.add_argument("--peer", action="append", help="only this peer, repeatable (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    return parser.parse_args()


def measure(running: Running, exchange: Exchange, seconds: float, connections: int) -> Window:
    request = exchange.wire(running.peer.base, running.port)
    before = running.cpu()
    seen = load(running.port, request, exchange.status, seconds=seconds, connections=connections)
    used = running.cpu() - before
    p50, p99 = (seen.quantile(share) * 1000 for share in (0.5, 0.99))
    return Window(seen.rate, used / len(seen.latencies) * 1e6, p50, p99, seen.busy)


def measure_all(servers: list[Running], asked: argparse.Namespace) -> list[Row]:
    """Warm every server at every exchange, then take the windows in turn, so that a noisy minute strikes all alike."""
    rows = []
    for exchange in EXCHANGES:
        windows: dict[str, list[Window]] = {running.peer.name: [] for running in servers}
        for running in servers:
            ask(running.port, exchange.wire(running.peer.base, running.port), exchange.status)
            measure(running, exchange, asked.warm_up, asked.connections)
        for _ in range(asked.reps):
            for running in servers:
                gc.collect()
                windows[running.peer.name].append(measure(running, exchange, asked.seconds, asked.connections))
        rows += compare(exchange, windows)
        print_rows(rows[-len(servers) :])
    return rows


def compare(exchange: Exchange, windows: dict[str, list[Window]]) -> list[Row]:
    rows = [summary(exchange, name, taken) for name, taken in windows.items()]
    yardsticks = {row.peer: row.rate for row in rows if row.peer in (PRISM_SHIPPED.name, PRISM_SILENT.name, TWIN.name)}
    return [replace(row, ratios={name: row.rate / rate for name, rate in yardsticks.items()}) for row in rows]


def summary(exchange: Exchange, peer: str, windows: list[Window]) -> Row:
    rates = sorted(window.rate for window in windows)
    low, _, high = statistics.quantiles(rates, n=4, method="inclusive") if len(rates) > 1 else [rates[0]] * 3
    middle = {name: statistics.median(getattr(window, name) for window in windows) for name in Window.__annotations__}
    return Row(exchange=exchange.name, peer=peer, low=low, high=high, ratios={}, **middle)


HEAD = f"{'exchange':<10}{'server':<18}{'req/s':>8}{'quartiles':>17}{'CPU µs':>8}{'p50 ms':>8}{'p99 ms':>8}"
YARDSTICKS = {PRISM_SHIPPED.name: "× prism", PRISM_SILENT.name: "× silent", TWIN.name: "× fastapi"}


def print_rows(rows: list[Row]) -> None:
    for row in rows:
        spread = f"{row.low:,.0f}-{row.high:,.0f}"
        ratios = "".join(f"{row.ratios[name]:>10.2f}" if name in row.ratios else f"{'-':>10}" for name in YARDSTICKS)
        figures = f"{row.rate:>8,.0f}{spread:>17}{row.cpu_us:>8.0f}{row.p50_ms:>8.1f}{row.p99_ms:>8.1f}"
        print(f"{row.exchange:<10}{row.peer:<18}{figures}{ratios}", flush=True)
    print(flush=True)


def main() -> int:
    asked = options()
    names = asked.peer or [peer.name for peer in PEERS]
    if unknown := set(names) - {peer.name for peer in PEERS}:
        print(f"scripts/bench: no such peer: {', '.join(unknown)}; there are {', '.join(p.name for p in PEERS)}")
        return 2
    if {PRISM_SHIPPED.name, PRISM_SILENT.name} & set(names):
        install_prism()
    cores = os.cpu_count() or 1
    print(f"{asked.connections} connections, {asked.reps} windows of {asked.seconds:g} s each, interleaved; ", end="")
    print(f"servers on one core, load on another of {cores}; '{FLOOR.name}' shows what the load can ask\n")
    print(HEAD + "".join(f"{title:>10}" for title in YARDSTICKS.values()))
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        chosen = [peer for peer in PEERS if peer.name in names]
        servers = [stack.enter_context(started(peer, scratch)) for peer in chosen]
        os.sched_setaffinity(0, {LOAD_CORE % cores})
        rows = measure_all(servers, asked)
    print(f"the load generator used at most {max(row.load_busy for row in rows):.0%} of its core")
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (PeerUnavailable, UnexpectedAnswer) as problem:
        print(f"scripts/bench: {problem}", file=sys.stderr)
        sys.exit(5)
