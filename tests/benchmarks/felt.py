"""What a test feels: memory of worlds, advances, a fresh world's whole story, pauses, as worlds.py measures them."""

from collections.abc import Iterable
from typing import Any

from rows import Row, row

WORLDS = 200
"""As many as are measured in full: less would not be held to what is wanted of so many."""
UNITS = {"us": "µs CPU", "ms": "ms", "MB": "MiB"}


def rows(quick: bool) -> Iterable[Row | str]:
    try:
        import worlds  # it may be that this version has none
    except ModuleNotFoundError as lacking:
        if lacking.name != "worlds":
            raise
        yield "what a test feels: not measured, there is no worlds.py"
        return
    yield from _rows([worlds.many_worlds(WORLDS)])  # first, as it takes the memory of the whole process
    turns = 1 if quick else 5
    yield from _rows([worlds.retrying() for _ in range(turns)])
    yield from _rows([worlds.story() for _ in range(turns)])
    if not quick:
        yield from _rows([worlds.stored()])


def _rows(turns: list[list[Any]]) -> Iterable[Row]:
    """Make a row of what has one name in every turn, and one beside each that does the same; a goal is at most."""
    for figures in zip(*turns, strict=True):
        first, values = figures[0], [each.value for each in figures]
        wanted = "" if first.goal is None else f"<= {first.goal:g}"
        for peer in first.beside or ("",):
            theirs = [each.beside[peer] for each in figures] if peer else []
            yield row(
                "test", first.name, values, UNITS.get(first.unit, first.unit), peer=peer, theirs=theirs, wanted=wanted
            )
            wanted = ""
