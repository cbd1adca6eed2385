"""Runs: a long list is sorted a part at a time, so that others are looked after meanwhile."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import TypeVar

Row = TypeVar("Row", int, bytes)


def sort(rows: list[Row], part: int) -> Iterator[None]:
    """Sort a list, pausing whenever about `part` rows more are in order."""
    runs: list[list[Row]] = []
    for start in range(0, len(rows), part):
        runs.append(sorted(rows[start : start + part]))
        yield
    if all(one[-1] <= other[0] for one, other in pairwise(runs)):
        rows[:] = chain.from_iterable(runs)
    else:
        rows.clear()
        for piece in _pieces(runs, part):
            rows += piece
            yield


def _pieces(runs: list[list[Row]], part: int) -> Iterator[list[Row]]:
    """Yield what sorted lists have together in pieces, in order; none is longer than twice `part`."""
    sample: list[Row] = sorted(chain.from_iterable(run[:: max(1, part // len(runs))] for run in runs))
    taken = [0] * len(runs)
    for pivot in [*sample[len(runs) :: len(runs)], None]:
        piece: list[Row] = []
        for number, run in enumerate(runs):
            end = len(run) if pivot is None else bisect_left(run, pivot, taken[number])
            piece += run[taken[number] : end]
            taken[number] = end
        piece.sort()
        yield piece
