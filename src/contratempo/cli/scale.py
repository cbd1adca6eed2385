"""The scale of a drawn timeline: which instant stands in which column, and the axis that says so."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Final

TICK: Final = 7
"""Columns that a tick needs: a time of day or a date, and a blank."""
_DECADE: Final = 2.0
"""What a gap ten times as long takes more, where the shortest takes one."""
_WIDEST: Final = 5.0
"""Columns for the shortest gap: two things a second apart are not at both ends of the screen."""


class Scale:
    """Columns below `width` for `instants`, of which there is one at least.

    A second and a day both have to be seen: a gap between two neighbours takes as much as the logarithm of its length,
    so that order and neighbourhood are true to the eye and distances are not.
    """

    def __init__(self, instants: Iterable[datetime], width: int) -> None:
        self.instants = sorted(set(instants))
        self._columns = dict(zip(self.instants, _spread(self.instants, width), strict=True))

    def column(self, instant: datetime) -> int:
        """Return the column of one of the instants."""
        return self._columns[instant]

    def axis(self, now: datetime, width: int) -> list[str]:
        """Return two lines, dates over times of day, each beginning in the column of its instant; `now` is marked."""
        dates, times, shown = [" "] * width, [" "] * width, None
        for instant in self._ticks(now, width):
            column = self.column(instant)
            day, clock = f"{instant:%b %d}", "now" if instant == now else f"{instant:%H:%M}"
            _write(times, column, clock)
            if day != shown:
                _write(dates, column, day)
                shown = day
        return ["".join(dates).rstrip(), "".join(times).rstrip()]

    def _ticks(self, now: datetime, width: int) -> Iterator[datetime]:
        """Yield instants that have room for a tick: the present always, then the first ones that find room."""
        present, free, minute = self.column(now), 0, ""
        for instant in self.instants:
            column, shown = self.column(instant), f"{instant:%j %H:%M}"
            before = column < free or present - TICK < column < present or column + TICK > width + 2
            if instant == now or not (before or column == present or shown == minute):
                yield instant
                free, minute = column + TICK, shown


def _spread(instants: Sequence[datetime], width: int) -> list[int]:
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(instants)]
    places = list(accumulate((1 + _DECADE * math.log10(1 + gap) for gap in gaps), initial=0.0))
    unit = min((width - 1) / (places[-1] or 1), _WIDEST)
    return [round(place * unit) for place in places]


def _write(line: list[str], column: int, text: str) -> None:
    for offset, letter in enumerate(text):
        if column + offset < len(line):
            line[column + offset] = letter
