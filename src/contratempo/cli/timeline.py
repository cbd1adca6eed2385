"""`contratempo timeline`: what happened and what is planned, drawn."""

import os
import sys
from shutil import get_terminal_size
from typing import Final

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.errors import USAGE, Failure
from contratempo.cli.lanes import ASCII, LANES, Pen, draw
from contratempo.cli.output import plain, print_json, strong
from contratempo.cli.watching import Screen, watch
from contratempo.client import Control, ControlError, Timeline

_WIDTH: Final = 100
"""Columns where there is no terminal to fill."""
_NOT_FOUND: Final = 404
_AROUND: Final = 9
"""Lines that are no lanes: the clock, the axis, providers, what the marks mean and what is left."""


@click.command()
@connected
@click.option(
    "--watch", "watched", is_flag=True, help="Follow the world, whatever becomes of its server, until Ctrl-C."
)
@click.option("--horizon", default="24h", show_default=True, help="How far ahead to look: 24h, 90 for seconds, 0.")
@click.option("--resource", help="Draw the record with this id alone.")
@click.option(
    "--lanes", type=click.IntRange(min=1), default=LANES, show_default=True, help="Draw so many records at most."
)
def timeline(
    connection: Connection, as_json: bool, watched: bool, horizon: str, resource: str | None, lanes: int
) -> None:
    """Draw what happened and what is planned.

    A lane for each record, a mark for each change of it, and after the mark what it led to. What is planned would
    happen if nothing else were asked of the world; looking changes nothing. Of many records those are drawn that have
    something to come, then those that changed last.
    """
    if watched and as_json:
        raise click.UsageError("--watch draws; for a program there is GET /_mock/stream.")

    def look(control: Control) -> Timeline:
        return control.outlook(horizon=horizon, resource=resource)

    with connection.open() as control:
        shown = look(control)
        _check_known(control, shown, resource)
        if as_json:
            print_json(plain(shown))
        elif watched:
            watch(control, lambda: _lines(look(control), min(lanes, _room())), Screen(sys.stdout))
        else:
            click.echo("\n".join(_lines(shown, lanes)))


def _check_known(control: Control, shown: Timeline, resource: str | None) -> None:
    """Raise Failure for a record that is not there and of which nothing is told."""
    if resource is None or shown.transitions:
        return
    try:
        control.resources.get(resource)
    except ControlError as error:
        if error.status != _NOT_FOUND:
            raise
        hint = "`contratempo timeline` draws all there are, --world chooses another world"
        raise Failure(f"there is no record {resource!r} in this world. {hint}", USAGE) from None


def _lines(shown: Timeline, lanes: int) -> list[str]:
    planned = "" if shown.planned_to is None else f", planned up to {plain(shown.planned_to)}"
    head = f"{strong(plain(shown.now))}  head {shown.head}{planned}"
    return [head, *draw(shown, width=get_terminal_size((_WIDTH, 24)).columns, lanes=lanes, pen=pen())]


def _room() -> int:
    """Return how many lanes a terminal has room for, so that none scrolls away; elsewhere there is room for any."""
    return max(1, get_terminal_size((_WIDTH, 1_000)).lines - _AROUND)


def pen() -> Pen:
    """Return what the terminal can draw with."""
    if "utf" not in (sys.stdout.encoding or "").lower():
        return ASCII
    return Pen(coloured=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
