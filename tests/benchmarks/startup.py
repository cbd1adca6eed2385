"""Goal 8: how soon a started server gives its first good answer, and how much memory it has by then."""

import compileall
import socket
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from exchanges import LIST
from load import UnexpectedAnswer, ask
from peers import CONTRATEMPO, FLOOR, PRISM_SILENT, TWIN, Peer, PeerUnavailable, launched
from rows import Row, row

PEERS = (CONTRATEMPO, PRISM_SILENT, TWIN, FLOOR)
PATIENCE = 30
SOURCES = Path(__file__).parents[2] / "src"


def rows(quick: bool) -> Iterable[Row | str]:
    taken: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    dropped = set()
    compileall.compile_dir(SOURCES, quiet=1)  # as an installer does, and as the peers are
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(0 if quick else -1, 1 if quick else 5):
            for peer in PEERS:
                if peer in dropped:
                    continue
                try:
                    start = first_answer(peer, Path(scratch))
                except PeerUnavailable as problem:
                    dropped.add(peer)
                    yield f"{peer.name} left out: {problem}"
                else:
                    taken[peer.name] += [start] if turn >= 0 else []
    yield from _compared(taken)


def first_answer(peer: Peer, scratch: Path) -> tuple[float, float]:
    """Start a peer and return the milliseconds to its first 2xx, and its MiB at that moment."""
    began = time.perf_counter()
    with launched(peer, scratch) as running:
        request = LIST.wire(peer.base, running.port)
        while time.perf_counter() - began < PATIENCE:
            with socket.socket() as probe:
                listening = probe.connect_ex(("127.0.0.1", running.port)) == 0
            with suppress(UnexpectedAnswer, OSError):
                if listening:
                    ask(running.port, request, LIST.status)
                    return (time.perf_counter() - began) * 1000, running.rss() / 2**20
            time.sleep(0.001)
        raise PeerUnavailable(f"no answer within {PATIENCE} s; its log ends:\n{running.log.read_text()[-500:]}")


def _compared(taken: dict[str, list[tuple[float, float]]]) -> Iterable[Row]:
    wanted = {("start-up to first 2xx", "ms", 0): "<= 0.5x", ("memory at first 2xx", "MiB", 1): "<= 0.6x"}
    for (name, unit, which), goal in wanted.items():
        ours, prism = ([start[which] for start in taken[peer.name]] for peer in (CONTRATEMPO, PRISM_SILENT))
        yield row("8", name, ours, unit, peer=PRISM_SILENT.name, theirs=prism, wanted=goal)
        for peer in PEERS:
            if taken[peer.name]:
                yield row("", name, [start[which] for start in taken[peer.name]], unit, server=peer.name)
