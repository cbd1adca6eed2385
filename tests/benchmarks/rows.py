"""A row of the report: one figure, whom it stands beside, what is wanted of it, and whether that is met."""

import operator
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure: `measured` is a median, `low` and `high` its quartiles; `ratio` is ours to the peer's.

    `wanted` is ">= 3x" or "<= 0.5x" of the ratio, ">= 3" or "<= 20" of what was measured, or "" where nothing is
    promised. A row of another `server` has no goal: it is a yardstick.
    """

    goal: (
        str  # "1" to "13" of the performance goals, "history", "test" for what a user's test feels, "" for a yardstick
    )
    name: str  # "create, 16 connections"
    measured: float
    unit: str  # "req/s", "µs CPU", "ms", "MiB", "B"
    peer: str = ""  # "Prism, logging off"
    ratio: float | None = None
    wanted: str = ""
    met: bool | None = None
    low: float | None = None
    high: float | None = None
    server: str = "Contratempo"  # whose figure it is


def row(
    goal: str,
    name: str,
    ours: Sequence[float],
    unit: str,
    *,
    peer: str = "",
    theirs: Sequence[float] = (),
    wanted: str = "",
    server: str = "Contratempo",
) -> Row:
    """Make a row of repetitions; `theirs` are the peer's, taken in turn with ours, so that each pair gives a ratio."""
    low, middle, high = quartiles(ours)
    ratio = compared(ours, theirs) if theirs else None
    return Row(goal, name, middle, unit, peer, ratio, wanted, met(wanted, middle, ratio), low, high, server)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def compared(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Give the median of the pairs' ratios, as a noisy minute strikes both alike; without pairs that of the medians."""
    if len(ours) != len(theirs):
        return statistics.median(ours) / statistics.median(theirs)
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def met(wanted: str, measured: float, ratio: float | None) -> bool | None:
    """Say whether what is wanted is met; None where nothing is, or where the ratio it speaks of is lacking."""
    if not wanted:
        return None
    sign, figure = wanted.split()
    value = ratio if figure.endswith("x") else measured
    if value is None:
        return None
    return {">=": operator.ge, "<=": operator.le}[sign](value, float(figure.removesuffix("x")))
