"""Positions in a world's history as a user names them: a checkpoint, a head, or an instant."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from contratempo.client import Position
from contratempo.sim.instants import parse_instant

F = TypeVar("F", bound=Callable[..., Any])


def instant(text: str) -> datetime:
    """Return the instant that is written; UsageError for anything else."""
    try:
        parse_instant(text)
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def position_options(function: F) -> F:
    """Add `--head` and `--to` to a command."""
    to = click.option("--to", metavar="INSTANT", help="An instant that has been, such as 2026-03-15T15:00:00Z.")
    head = click.option(
        "--head", type=click.IntRange(min=0), metavar="N", help="The number of a command; 0 is the start."
    )
    return head(to(function))


def position(checkpoint: str | None, head: int | None, to: str | None) -> Position | None:
    """Return the position that one of the three names, None when none does; UsageError when more do."""
    given = [each for each in (checkpoint, head, to) if each is not None]
    if len(given) > 1:
        raise click.UsageError("Say where once: a checkpoint, --head or --to.")
    if to is not None:
        return instant(to)
    return checkpoint if checkpoint is not None else head


def written_position(text: str) -> Position:
    """Return the position that a text names; names of checkpoints begin with a letter."""
    if text.isdecimal():
        return int(text)
    return instant(text) if text[:1].isdecimal() else text
