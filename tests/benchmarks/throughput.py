"""Goals 1 to 5: requests per second and CPU per request of four exchanges, beside every peer."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from exchanges import CREATE, EXCHANGES, LIST, UNCHECKED, Exchange
from load import UnexpectedAnswer, ask, load
from peers import (
    CEILING,
    CONTRATEMPO,
    FLOOR,
    PAGE,
    PRISM_SHIPPED,
    PRISM_SILENT,
    TWIN,
    UNJUDGED,
    Peer,
    PeerUnavailable,
    Running,
    started,
)
from rows import Row, row
from windows import FULL, GONE, QUICK, Effort, Taken, interleaved

CONNECTIONS = 16
PEERS = (PRISM_SILENT, PRISM_SHIPPED, TWIN, FLOOR)
WANTED = {
    "create": ("1", {PRISM_SILENT: ">= 3x", PRISM_SHIPPED: ">= 5x", TWIN: ">= 1.5x"}),
    "list 20": ("2", {PRISM_SILENT: ">= 2.5x", TWIN: ">= 2x"}),
    "refused": ("3", {PRISM_SILENT: ">= 1.6x", TWIN: ">= 1.2x"}),
    "schedule": ("4", {PRISM_SILENT: ">= 2.8x"}),
}


def rows(quick: bool) -> Iterable[Row | str]:
    effort = QUICK if quick else FULL
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield from _ceiling(scratch, effort)
        ours = stack.enter_context(started(CONTRATEMPO, scratch))
        page = ask(ours.port, LIST.wire(CONTRATEMPO.base, ours.port), LIST.status)
        (scratch / PAGE).write_bytes(page)  # Prism answers the very same page
        servers = [ours]
        for peer in PEERS:
            try:
                servers.append(stack.enter_context(started(peer, scratch)))
            except (PeerUnavailable, *GONE) as problem:
                yield f"{peer.name} left out: {problem}"
        for exchange in EXCHANGES:
            yield from _exchange(servers, exchange, effort)
        yield from _alone([running for running in servers if running.peer in (CONTRATEMPO, PRISM_SILENT)], effort)
        yield from _judging(ours, scratch, effort)


def _ceiling(scratch: Path, effort: Effort) -> Iterator[Row]:
    with started(CEILING, scratch) as running:
        request = CREATE.wire("/v2", running.port)
        seen = [
            load(running.port, request, CREATE.status, seconds=effort.seconds / 2, connections=CONNECTIONS)
            for _ in range(effort.windows)
        ]
    yield row("", "what the load can ask", [each.rate for each in seen], "req/s", server=CEILING.name)
    able = [each.rate / each.busy for each in seen]
    yield row("", "what the load's core could ask", able, "req/s", server=CEILING.name)


def _exchange(servers: Sequence[Running], exchange: Exchange, effort: Effort) -> Iterator[Row | str]:
    taken = interleaved(servers, exchange, effort, CONNECTIONS)
    goal, wanted = WANTED[exchange.name]
    yield from _compared(taken, goal, exchange.name, wanted)
    for name in taken.windows:
        yield row("", exchange.name, taken.of(name, lambda window: window.rate), "req/s", server=name)
        yield row("", exchange.name, taken.of(name, lambda window: window.cpu_us), "µs CPU", server=name)
        yield row("", exchange.name, taken.of(name, lambda window: window.p99_ms), "ms p99", server=name)
    busiest = max(taken.of(CONTRATEMPO.name, lambda window: window.load_busy))
    yield row("", exchange.name, [busiest * 100], "% busy load", server=CONTRATEMPO.name)


def _compared(
    taken: Taken, goal: str, name: str, wanted: dict[Peer, str], peers: Sequence[Peer] = PEERS
) -> Iterator[Row | str]:
    yield from taken.notes
    ours = taken.of(CONTRATEMPO.name, lambda window: window.rate)
    for peer in peers:
        theirs = taken.of(peer.name, lambda window: window.rate)
        if theirs or peer in wanted:
            yield row(goal, name, ours, "req/s", peer=peer.name, theirs=theirs, wanted=wanted.get(peer, ""))


def _alone(servers: Sequence[Running], effort: Effort) -> Iterator[Row | str]:
    taken = interleaved(servers, CREATE, effort, 1)
    yield from _compared(taken, "1", "create, 1 connection", {PRISM_SILENT: ">= 2x"}, [PRISM_SILENT])


def _judging(ours: Running, scratch: Path, effort: Effort) -> Iterator[Row | str]:
    """Goal 5: the same create with judging and without, by CPU."""
    try:
        with started(UNJUDGED, scratch) as unjudged:
            ask(unjudged.port, UNCHECKED.wire(UNJUDGED.base, unjudged.port), UNCHECKED.status)
            taken = interleaved([ours, unjudged], CREATE, effort, CONNECTIONS)
    except (PeerUnavailable, UnexpectedAnswer) as problem:
        yield f"goal 5 not measured: judging could not be taken out, see unjudged.py: {problem}"
        return
    judged, bare = (taken.of(peer.name, lambda window: window.cpu_us) for peer in (CONTRATEMPO, UNJUDGED))
    yield from taken.notes
    yield row("5", "create, judged", judged, "µs CPU", peer=UNJUDGED.name, theirs=bare, wanted="<= 1.5x")
