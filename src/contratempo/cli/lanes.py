"""A timeline drawn in letters: a lane for each resource, what happened and what is planned, and the present between."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeAlias

import click

from contratempo.cli.scale import TICK, Scale
from contratempo.client import Timeline, Transition
from contratempo.plaintext import plain_text

LANES: Final = 20
"""Lanes that are drawn unless more are asked for."""
NARROWEST: Final = 60
_TAIL: Final = 18
"""Columns after the last instant at most, for what a lane ends as."""
_SHORT: Final = 14
"""Letters of an id that are shown whole."""
_LEGIBLE: Final = 4
"""Letters that a word has to keep to be worth showing."""

Key: TypeAlias = tuple[str, str]
"""A provider and the id of a resource."""
Cell: TypeAlias = tuple[str, bool]
"""A letter, and whether it is of what has not happened."""


@dataclass(frozen=True)
class Pen:
    """What is drawn with: marks and lines of the past and of what is planned, the present, and whether in colours."""

    happened: str = "●"
    planned: str = "○"
    line: str = "─"
    dots: str = "┄"
    present: str = "┃"
    more: str = "…"
    coloured: bool = False

    def ghost(self, text: str) -> str:
        """Return a text as what has not happened looks."""
        return click.style(text, dim=True) if self.coloured else text

    def strong(self, text: str) -> str:
        """Return a text in bold."""
        return click.style(text, bold=True) if self.coloured else text


ASCII: Final = Pen("*", "+", "-", ".", "|", "~")
"""For terminals that know no other letters; no mark is a letter, since labels follow the marks at once."""


def draw(timeline: Timeline, *, width: int = 100, lanes: int = LANES, pen: Pen | None = None) -> list[str]:
    """Return the lines of a timeline, at most `width` columns wide; of many lanes those that matter most now."""
    pen, width = pen or Pen(), max(width, NARROWEST)
    found = _lanes(timeline.transitions)
    chosen = _foremost(found, lanes)
    if not chosen:
        return ["nothing has happened, and nothing is planned"]
    margin = max(len(_label(key, pen)) for key in chosen) + 3
    tail = min(_TAIL, max(TICK, *(len(_led_to(found[key], last=True)) + 1 for key in chosen)))
    scale = Scale([timeline.now, *(row.at for key in chosen for row in found[key])], width - margin - tail)
    lines = [" " * margin + line for line in scale.axis(timeline.now, width - margin)]
    for provider, keys in groupby(chosen, key=lambda key: key[0]):
        lines.append(pen.strong(provider))
        for key in keys:
            cells = _cells(found[key], scale, scale.column(timeline.now), width - margin, pen)
            lines.append(f"  {_label(key, pen):<{margin - 2}}{_joined(cells, pen)}")
    lines.append(pen.ghost(f"{pen.happened} happened  {pen.planned} planned  {pen.present} now; gaps are compressed"))
    if (left := len(found) - len(chosen)) > 0:
        lines.append(f"{pen.more} and {left} more: --lanes {len(found)} draws all, --resource ID one")
    return lines


def _lanes(transitions: Iterable[Transition]) -> dict[Key, list[Transition]]:
    lanes: dict[Key, list[Transition]] = {}
    for row in map(_plain, transitions):
        lanes.setdefault((row.provider, row.resource), []).append(row)
    return lanes


def _plain(row: Transition) -> Transition:
    """Return a transition whose words are fit to be printed: a world that was loaded may bring others along."""
    was, to = (None if word is None else plain_text(word) for word in (row.was, row.to))
    return replace(row, provider=plain_text(row.provider), resource=plain_text(row.resource), was=was, to=to)


def _foremost(found: dict[Key, list[Transition]], lanes: int) -> list[Key]:
    """Return the lanes to draw, by provider and in the order they began: first those with most to come soonest."""

    def weight(key: Key) -> tuple[bool, float]:
        due = next((row.at for row in found[key] if row.state == "planned"), None)
        return due is None, -found[key][-1].at.timestamp() if due is None else due.timestamp()

    chosen = sorted(found, key=weight)[:lanes]
    return sorted(chosen, key=lambda key: (key[0], found[key][0].at))


def _label(key: Key, pen: Pen) -> str:
    name = key[1]
    return name if len(name) <= _SHORT else name[: _SHORT - 1] + pen.more


def _cells(rows: Sequence[Transition], scale: Scale, present: int, width: int, pen: Pen) -> list[Cell]:
    """Return a lane: at each transition a mark, and after it what it led to, as far as there is room."""
    at = {column: list(met) for column, met in groupby(rows, key=lambda row: scale.column(row.at))}
    columns = [*at, width]
    before = rows[0].was  # of one that began before what is shown
    cells = [(" ", False)] * columns[0] if before is None else _stretch(0, columns[0], present, before, False, pen)
    for (column, met), end in zip(at.items(), columns[1:], strict=True):
        planned = met[-1].state == "planned"
        cells.append((pen.planned if planned else pen.happened, planned))
        last = end == width
        cells += _stretch(column + 1, end, present, _led_to(met, last=last), planned, pen, last=last)
    if cells[present][0] in (" ", pen.line, pen.dots):
        cells[present] = (pen.present, False)
    return cells


def _stretch(
    start: int, end: int, present: int, text: str, planned: bool, pen: Pen, *, last: bool = False
) -> list[Cell]:
    """Return the cells from a mark to the next: a text, if enough of it has room, and a line."""
    room = end - start
    shown = text if len(text) <= room else text[:room] if room >= _LEGIBLE else ""
    cells = [(letter, planned) for letter in shown]
    for column in range(start + len(shown), end):
        line = " " if last else pen.line if column < present else pen.dots
        cells.append((line, column >= present))
    return cells


def _led_to(met: Sequence[Transition], *, last: bool) -> str:
    """Return what a resource is after what happened to it in one column: what its call came to tells more than its
    status, unless that is final."""
    met = [row for row in met if row.at == met[-1].at]
    told = [row for row in met if row.kind == "call"] or met
    names = [row.to or "gone" for row in (met if last else told[-1:])]
    return "/".join(dict.fromkeys(names))


def _joined(cells: Sequence[Cell], pen: Pen) -> str:
    shown = list(cells)
    while shown[-1][0] == " ":
        del shown[-1]
    stretches = ((ghost, "".join(map(itemgetter(0), some))) for ghost, some in groupby(shown, key=itemgetter(1)))
    return "".join(pen.ghost(text) if ghost else text for ghost, text in stretches)
