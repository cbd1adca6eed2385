"""Goal 7: how long the slowest wait once many events are stored, and the longest pause of the server."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from exchanges import CREATE
from load import load
from peers import CEILING, CONTRATEMPO, PRISM_SILENT, PeerUnavailable, Running, started
from rows import Row, row
from windows import GONE, QUICK, Effort, Taken, interleaved

CONNECTIONS = 16
STORED, FEW = 100_000, 2_000
PATIENCE = 60.0
"""Seconds for storing them; a slower server is measured with what it holds by then, and that is said."""


def rows(quick: bool) -> Iterable[Row | str]:
    effort = QUICK if quick else Effort(5, 3.0, 1.0)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [stack.enter_context(started(CONTRATEMPO, scratch))]
        stored = _store(servers[0], FEW if quick else STORED)
        if stored < STORED:
            yield f"goal 7: {stored:,} events were stored, not {STORED:,}"
        for peer in (PRISM_SILENT, CEILING):
            try:
                servers.append(stack.enter_context(started(peer, scratch)))
            except (PeerUnavailable, *GONE) as problem:
                yield f"{peer.name} left out: {problem}"
        yield from _compared(interleaved(servers, CREATE, effort, CONNECTIONS), servers)


def _store(running: Running, count: int) -> int:
    request = CREATE.wire(running.peer.base, running.port)
    seen = load(running.port, request, CREATE.status, seconds=PATIENCE, connections=CONNECTIONS, answers=count)
    return len(seen.latencies)


def _compared(taken: Taken, servers: Sequence[Running]) -> Iterator[Row | str]:
    yield from taken.notes
    ours, prism = (taken.of(peer.name, lambda window: window.p99_ms) for peer in (CONTRATEMPO, PRISM_SILENT))
    yield row("7", "create over many stored", ours, "ms p99", peer=PRISM_SILENT.name, theirs=prism, wanted="<= 0.5x")
    for running in servers:
        name, own = running.peer.name, running.peer is CONTRATEMPO
        pauses = taken.of(name, lambda window: window.pause_ms)
        if pauses:
            figure = "longest pause of all windows"
            yield row("7" if own else "", figure, [max(pauses)], "ms", wanted="<= 20" if own else "", server=name)
