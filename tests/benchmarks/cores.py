"""Which core serves and which one asks: read once, before anything is pinned."""

import os

_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVERS, LOAD = {_CORES[0]}, {_CORES[-1]}


def pin(cores: set[int], process: int = 0) -> None:
    """Keep a process (0 is this one) on cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process, cores)
