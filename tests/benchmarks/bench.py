"""Measures Contratempo against its goals, beside Prism, FastAPI, Starlette and SimPy in the same run."""

import argparse
import json
import os
import platform
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import cores
import report
import soak
import stories
from rows import Row

HERE = Path(__file__).resolve().parent
SECONDS, QUICK_SECONDS = 720.0, 150.0
"""What everything may take together; quick runs take about a minute on a machine with nothing else to do."""
TOOLS = {"soak": soak.main, "stories": stories.main}


@dataclass(frozen=True)
class Room:
    """A part of the benchmark, in the module of its name, and the seconds it may take, in full and quickly."""

    name: str
    about: str
    full: float
    quick: float


ROOMS = (
    Room("throughput", "requests per second and CPU beside every peer (goals 1-5)", 300, 60),
    Room("judged", "judging in process beside stock openapi-core (goal 6)", 60, 15),
    Room("tail", "p99 and pauses with 100,000 events stored (goal 7)", 140, 30),
    Room("startup", "start-up and memory at the first answer (goal 8)", 80, 40),
    Room("memory", "bytes of a stored event, memory after resets (goal 9)", 80, 30),
    Room("clock", "lifecycles beside SimPy", 70, 20),
    Room("history", "what history costs; going back, forking, planning, saving (goal 11)", 200, 60),
    Room("queries", "list queries at a million events (goal 12)", 120, 30),
    Room("routing", "routing among a thousand paths (goal 13)", 60, 30),
    Room("felt", "what a test feels: advances, fresh worlds, memory of worlds", 110, 30),
)


def options(arguments: list[str]) -> argparse.Namespace:
    names = "\n".join(f"  {room.name:<12}{room.about}" for room in ROOMS)
    tools = "\n".join(
        ("  soak        hours of hostile load: `scripts/bench soak --help`",
         "  stories     a user's test ten thousand times: `scripts/bench stories --help`")
    )  # fmt: skip
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__, epilog=f"names:\n{names}\n{tools}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure (default: everything)")
    parser.add_argument("--quick", action="store_true", help="about a minute in all; the figures are rough")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there, too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the README's block there, too")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - {room.name for room in ROOMS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(room.name for room in ROOMS)}")
    return asked


def measured(room: Room, quick: bool, left: float = float("inf")) -> Iterator[Row | str]:
    """Run a room in its own process group, so that it ends with every server it started, in its time or cut off."""
    if not (HERE / f"{room.name}.py").exists():
        yield f"{room.name}: not measured, there is no {room.name}.py"
        return
    limit = min(room.quick if quick else room.full, left)
    if limit <= 0:
        yield f"{room.name}: not measured, the time is up"
        return
    command = [sys.executable, str(HERE / "room.py"), room.name, *(["--quick"] if quick else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True)
    came: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, came), daemon=True)
    reader.start()
    try:
        if not (yield from _until(time.monotonic() + limit, came)):
            yield f"{room.name}: cut off after {limit:.3g} s"
        elif process.wait(timeout=30):
            yield f"{room.name}: FAILED with exit {process.returncode}, see above"
    except subprocess.TimeoutExpired:
        yield f"{room.name}: did not end"
    finally:
        _end(process)
        reader.join(timeout=10)


def _read(process: "subprocess.Popen[str]", came: "queue.Queue[str | None]") -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for said in lines:
            came.put(said)
    came.put(None)


def _until(give_up: float, came: "queue.Queue[str | None]") -> Generator[Row | str, None, bool]:
    """Hand on what came; returns whether it came to its end in time."""
    while True:
        try:
            said = came.get(timeout=max(0.0, give_up - time.monotonic()))
        except queue.Empty:
            return False
        if said is None:
            return True
        row = json.loads(said)
        yield row if isinstance(row, str) else Row(**row)


def _end(process: "subprocess.Popen[str]") -> None:
    """End the group: its servers, too, were the room cut off before it could."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def machine() -> str:
    other = "another" if cores.SERVERS != cores.LOAD else "the same"
    return f"Python {platform.python_version()} on {platform.machine()}, servers on one core, load on {other}"


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in TOOLS:
        return TOOLS[arguments[0]](arguments[1:])
    asked = options(arguments)
    chosen = [room for room in ROOMS if room.name in asked.names or not asked.names]
    print(f"{machine()}\n\n{report.head()}", flush=True)
    rows: list[Row] = []
    notes: list[str] = []
    give_up = time.monotonic() + (QUICK_SECONDS if asked.quick else SECONDS)
    for room in chosen:
        held: list[Row] = []
        for said in measured(room, asked.quick, give_up - time.monotonic()):
            if isinstance(said, str):
                notes.append(said)
                print(f"      ({said})", flush=True)
                continue
            held.append(said)
            if said.goal:
                print(report.line(said), flush=True)
        rows += held
        print("".join(f"{each}\n" for each in report.beside(held)), end="", flush=True)
    print(f"\n{report.verdict(rows)}")
    if asked.json:
        asked.json.write_text(report.as_json(rows, notes, machine()), "utf-8")
    if asked.markdown:
        report.put(report.as_markdown(rows, machine()), asked.markdown)
    return int(any(": FAILED" in note or "cut off" in note or "did not end" in note for note in notes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
