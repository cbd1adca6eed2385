"""A soak: a third of the peak load for long, hostile requests, advances and resets mixed in; memory must not grow."""

import argparse
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import cores
import hostile
from exchanges import CREATE, RESET
from hostile import Call
from load import is_complete, load
from peers import CONTRATEMPO, Running, started

WORKERS = 4
SHARE = 1 / 3
PATIENCE = 20.0
SLOPE_MB = 1.0
PER = 100_000
SHOWN = 20
FEWEST = 8
"""Samples after the warm-up that tell growth from chance."""


@dataclass
class Tally:
    """What came of everything sent so far, by any worker."""

    done: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: int = 0
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    tenths: Counter[int] = field(default_factory=Counter)  # of a millisecond, of ordinary calls
    samples: list[tuple[int, int]] = field(default_factory=list)  # operations, bytes resident after a reset
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def answered(self, call: Call, status: int, seconds: float) -> None:
        with self.lock:
            self.done += 1
            self.statuses[call.kind, status] += 1
            if call.kind == "call":
                self.tenths[int(seconds * 10_000)] += 1
        if status >= 500:
            self.failed(call, f"answered {status}")

    def failed(self, call: Call, why: str) -> None:
        with self.lock:
            self.wrong += 1
            if len(self.errors) < SHOWN:
                self.errors.append(f"{call.kind}: {call.about}: {why}")


class Hung(Exception):
    """No whole answer in time."""


class Worker(threading.Thread):
    """Sends calls at a steady rate over a connection that it keeps as long as the server lets it."""

    def __init__(self, port: int, rate: float, seed: str, tally: Tally) -> None:
        super().__init__(daemon=True)
        self._port, self._period, self._chance, self._tally = port, 1 / rate, Random(seed), tally
        self._open: socket.socket | None = None

    def run(self) -> None:
        slot = time.perf_counter()
        while not self._tally.ended.is_set():
            self.send(hostile.chosen(self._chance))
            slot = max(slot + self._period, time.perf_counter() - 1)  # a pause is made up for one second, no longer
            if (ahead := slot - time.perf_counter()) > 0:
                time.sleep(ahead)

    def send(self, call: Call) -> None:
        """Send a call and hold its answer to what may be."""
        began = time.perf_counter()
        try:
            status = self._unheard(call) if call.kind == "no HTTP" else self._exchanged(call)
        except (TimeoutError, Hung):
            self.drop()
            self._tally.failed(call, f"no answer within {PATIENCE:g} s")
        except OSError as problem:
            self.drop()
            if not self._tally.ended.is_set():
                self._tally.failed(call, f"the connection was closed: {problem or type(problem).__name__}")
        else:
            self._tally.answered(call, status, time.perf_counter() - began)

    def _unheard(self, call: Call) -> int:
        """Send what is no HTTP on a connection of its own; being hung up on is a good answer."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE) as connection:
            try:
                connection.sendall(call.data)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(65536)
            except ConnectionError:
                return 0
        return _status(answer) if answer else 0

    def _exchanged(self, call: Call) -> int:
        if self._open is None:
            self._open = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
            self._open.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer = self._sent(self._open, call.data)
        if b"\r\nconnection: close" in answer.partition(b"\r\n\r\n")[0].lower():
            self.drop()
        return _status(answer)

    @staticmethod
    def _sent(connection: socket.socket, data: bytes) -> bytes:
        try:
            connection.sendall(data)
        except ConnectionError:  # it may have answered and hung up before it had all of a body that is too large
            if len(data) < 1_000_000:
                raise
        answer, give_up = b"", time.perf_counter() + PATIENCE
        while not is_complete(answer):
            came = connection.recv(262_144)
            if not came:
                raise ConnectionResetError(f"after {answer[:100]!r}")
            answer += came
            if time.perf_counter() > give_up:
                raise Hung
        return answer

    def drop(self) -> None:
        """Close the connection; the next call opens another."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _status(answer: bytes) -> int:
    word = answer[9:12]
    return int(word) if answer.startswith(b"HTTP/1.") and word.isdigit() else 599


def slope(samples: Sequence[tuple[int, int]]) -> float:
    """Give the growth by least squares, in MB for 100,000 operations."""
    if len(samples) < 2:
        return 0.0
    middle_x, middle_y = (sum(sample[which] for sample in samples) / len(samples) for which in (0, 1))
    spread = sum((x - middle_x) ** 2 for x, _ in samples)
    return sum((x - middle_x) * (y - middle_y) for x, y in samples) / spread * PER / 1e6 if spread else 0.0


def quantile(tenths: Counter[int], share: float) -> float:
    """Give a quantile of a histogram of tenths of a millisecond, in milliseconds."""
    left = share * sum(tenths.values())
    for tenth, count in sorted(tenths.items()):
        left -= count
        if left <= 0:
            return tenth / 10
    return 0.0


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default 30)")
    parser.add_argument("--seed", default="soak", help="what chooses the calls (default 'soak')")
    parser.add_argument("--reset-every", type=int, default=5_000, metavar="N", help="operations (default 5000)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    with tempfile.TemporaryDirectory() as scratch, started(CONTRATEMPO, Path(scratch)) as running:
        cores.pin(cores.LOAD)
        create = CREATE.wire(CONTRATEMPO.base, running.port)
        peak = load(running.port, create, CREATE.status, seconds=3, connections=16).rate
        print(
            f"peak {peak:,.0f} creates/s; soaking at {peak * SHARE:,.0f} operations/s for {asked.minutes:g} min",
            flush=True,
        )
        tally = Tally()
        workers = [
            Worker(running.port, peak * SHARE / WORKERS, f"{asked.seed}{number}", tally) for number in range(WORKERS)
        ]
        warm = _soak(running, workers, tally, asked.minutes * 60, asked.reset_every)
        alive = running.process.is_running() and running.process.status() != "zombie"
        if not alive:
            tally.failed(Call("server", b"", "the process"), f"ended; its log ends:\n{running.log.read_text()[-1500:]}")
    return _verdict(tally, warm)


def _soak(running: Running, workers: list[Worker], tally: Tally, seconds: float, reset_every: int) -> int:
    """Let the workers work, resetting in between; returns how many operations were the warm-up."""
    for worker in workers:
        worker.start()
    began, due, warm, said = time.monotonic(), reset_every, 0, 0.0
    resetter = Worker(running.port, 1, "reset", tally)
    while (elapsed := time.monotonic() - began) < seconds and running.process.status() != "zombie":
        time.sleep(0.2)
        if elapsed < seconds / 5:
            warm = tally.done
        if tally.done >= due:
            due = tally.done + reset_every
            resetter.send(hostile.request("control", "POST", RESET.path))
            resetter.drop()  # the next one is so far off that the server would hang up on an idle connection
            tally.samples.append((tally.done, running.rss()))
        if elapsed - said > 60:
            said = elapsed
            so_far = f"{tally.done:>10,} operations  {running.rss() / 1e6:6.1f} MB  {tally.wrong} errors"
            print(f"{elapsed / 60:5.1f} min  {so_far}", flush=True)
    tally.ended.set()
    for worker in workers:
        worker.join(timeout=2 * PATIENCE)
    return warm


def _verdict(tally: Tally, warm: int) -> int:
    kept = [sample for sample in tally.samples if sample[0] > warm]
    growth = slope(kept)
    print(f"{tally.done:,} operations, by what was sent and what was answered (0: hung up):")
    for kind in sorted({kind for kind, _ in tally.statuses}):
        print(
            f"  {kind:<8}",
            *(f"{status}: {count:,}" for (of, status), count in sorted(tally.statuses.items()) if of == kind),
        )
    print(f"p50 {quantile(tally.tenths, 0.5):.1f} ms, p99 {quantile(tally.tenths, 0.99):.1f} ms of ordinary calls")
    print(f"memory after resets grew by {growth:.2f} MB for 100,000 operations ({len(kept)} samples after the warm-up)")
    print(f"{tally.wrong} errors" + "".join(f"\n  {error}" for error in tally.errors))
    if len(kept) < FEWEST:
        print("too few samples to tell whether memory grows: soak longer, or --reset-every fewer operations")
    return int(growth >= SLOPE_MB or tally.wrong > 0 or len(kept) < FEWEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
