"""Goal 13: what finding the operation costs in a document of a thousand paths, beside one of two."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml
from exchanges import Exchange
from peers import CONTRATEMPO, Peer, Running, serving, started
from rows import Row, row
from windows import FULL, QUICK, measure

from contratempo.contract.document import read_document
from contratempo.server.routing import Routing

MANY, FEW = 1_000, 2
ASKED = 300


def rows(quick: bool) -> Iterable[Row | str]:
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        files = {count: written(count, scratch) for count in (FEW, MANY)}
        yield from _in_process(files, 3 if quick else 9)
        if "--spec" in _help():
            yield from _served(files, scratch, quick)
        else:
            yield "goal 13: over HTTP not measured, this version has no `serve --spec`"


def document(paths: int) -> dict[str, Any]:
    """Make a document of so many paths with an id in each, and one answer."""
    answer = {"description": "fine", "content": {"application/json": {"schema": {"type": "object"}, "example": {}}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Many paths", "version": "1"},
        "servers": [{"url": "https://api.example.com/many"}],
        "paths": {
            f"/group{number % 10}/things{number}/{{id}}": {
                "get": {"operationId": f"get_thing_{number}", "parameters": [parameter], "responses": {"200": answer}}
            }
            for number in range(paths)
        },
    }


def written(paths: int, scratch: Path) -> Path:
    file = scratch / f"{paths}-paths.yaml"
    file.write_text(yaml.safe_dump(document(paths), sort_keys=False), "utf-8")
    return file


def asked(paths: int) -> list[str]:
    """Paths from the beginning, the middle and the end of the document."""
    return [f"/many/group{number % 10}/things{number}/7" for number in sorted({0, paths // 2, paths - 1})]


def _in_process(files: dict[int, Path], turns: int) -> Iterator[Row]:
    calls = {count: _calls(file, count) for count, file in files.items()}
    taken: dict[int, list[float]] = {count: [] for count in files}
    for call in calls.values():
        call()
    for _ in range(turns):
        for count, call in calls.items():
            taken[count].append(call())
    yield _row(f"routing among {MANY:,} paths", taken[MANY], "µs CPU", taken[FEW])


def _row(name: str, many: list[float], unit: str, few: list[float]) -> Row:
    return row("13", name, many, unit, peer=f"among {FEW} paths", theirs=few, wanted="<= 1.2x")


def _calls(file: Path, count: int) -> Callable[[], float]:
    """Return what routes a few hundred requests and gives the microseconds of one."""
    found: list[str] = []

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope["extensions"]["connexion_routing"]["operation_id"])

    routing = Routing(endpoint, [read_document("many", [file], [])])

    async def nothing(*_: Any) -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def route() -> float:
        paths = asked(count)
        began = time.process_time()
        for number in range(ASKED):
            path = paths[number % len(paths)]
            scope = {
                "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                "headers": [], "extensions": {}, "root_path": "", "scheme": "http", "http_version": "1.1",
                "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
            }  # fmt: skip
            await routing(scope, nothing, nothing)
        return (time.process_time() - began) / ASKED * 1e6

    def run() -> float:
        found.clear()
        taken = asyncio.run(route())
        assert None not in found, f"not every path of {file.name} was found"
        assert len(found) == ASKED, f"{len(found)} of {ASKED} requests came through"
        return taken

    return run


def _served(files: dict[int, Path], scratch: Path, quick: bool) -> Iterator[Row | str]:
    effort = QUICK if quick else FULL
    with ExitStack() as stack:
        servers: dict[int, Running] = {}
        for count, file in files.items():
            peer = Peer(f"{CONTRATEMPO.name}, {count} paths", serving("--spec", str(file)), base="", seeded=False)
            servers[count] = stack.enter_context(started(peer, scratch))
        taken: dict[int, list[float]] = {count: [] for count in files}
        for turn in range(-1, effort.windows):
            for count, running in servers.items():
                exchange = Exchange("a thing", "GET", asked(count)[-1], None, 200)
                window = measure(running, exchange, effort.seconds, 16)
                taken[count] += [window.cpu_us] if turn >= 0 else []
    yield _row(f"a request to the last of {MANY:,} paths", taken[MANY], "µs CPU", taken[FEW])


def _help() -> str:
    script = Path(sys.executable).parent / "contratempo"
    return subprocess.run([script, "serve", "--help"], capture_output=True, text=True, check=False).stdout
