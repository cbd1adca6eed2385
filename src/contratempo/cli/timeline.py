"""`contratempo timeline`: what happened and what is planned, drawn."""

import os
import sys
from shutil import get_terminal_size

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.lanes import ASCII, LANES, Pen, draw
from contratempo.cli.output import plain, print_json, strong
from contratempo.cli.watching import Screen, watch
from contratempo.client import Control, Timeline

_WIDTH = 100
"""Columns where there is no terminal to fill."""


@click.command()
@connected
@click.option("--watch", "watched", is_flag=True, help="Follow the world and draw it anew, until interrupted.")
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
        if as_json:
            print_json(plain(look(control)))
        elif watched:
            watch(control, lambda: _lines(look(control), lanes), Screen(sys.stdout))
        else:
            click.echo("\n".join(_lines(look(control), lanes)))


def _lines(shown: Timeline, lanes: int) -> list[str]:
    planned = "" if shown.planned_to is None else f", planned up to {plain(shown.planned_to)}"
    head = f"{strong(plain(shown.now))}  head {shown.head}{planned}"
    return [head, *draw(shown, width=get_terminal_size((_WIDTH, 24)).columns, lanes=lanes, pen=_pen())]


def _pen() -> Pen:
    if "utf" not in (sys.stdout.encoding or "").lower():
        return ASCII
    return Pen(coloured=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
