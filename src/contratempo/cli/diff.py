"""`contratempo diff`: where two worlds differ."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.differences import told
from contratempo.cli.errors import BAD_DOCUMENT, NOT_SO, Failure
from contratempo.cli.output import print_json
from contratempo.cli.positions import written_position
from contratempo.cli.state import read_world
from contratempo.client import Control
from contratempo.sim.comparison import compare
from contratempo.sim.projection import Projection, ProjectionError, project


@click.command(
    epilog="""\b
contratempo diff default what-if              two worlds, a world and its fork
contratempo diff default@calm default         a world since a checkpoint
contratempo diff before.json after.json       two saved files; no server is asked
"""
)
@connected
@click.argument("a")
@click.argument("b")
@click.pass_context
def diff(context: click.Context, connection: Connection, as_json: bool, a: str, b: str) -> None:
    """Say where two worlds differ.

    A and B are saved files, ids of worlds, or worlds as they were: WORLD@CHECKPOINT, WORLD@HEAD or WORLD@INSTANT. It
    compares what happened in them, not what tells one run from another: ids are renamed by kind and order, real times,
    signatures and ports of this machine left out. Ends with 0 when they are the same, with 1 when they differ.

    A fork captures its webhooks, so those differ from what its world delivered: that is told, too. Fork with --deliver,
    or compare two forks, where it should not be.
    """
    with connection.open() as control:
        result = compare(_projected(control, a), _projected(control, b))
    if as_json:
        print_json(result)
    else:
        for line in told(result, a, b):
            click.echo(line)
    context.exit(0 if result["same"] else NOT_SO)


def _projected(control: Control, named: str) -> Projection:
    saved = read_world(Path(named)) if _is_file(named) else _asked(control, named)
    try:
        return project(saved["world"])
    except ProjectionError as error:
        raise Failure(f"{named}: {error}. `contratempo state save FILE` makes one", BAD_DOCUMENT) from None


def _is_file(named: str) -> bool:
    return os.sep in named or named.endswith(".json") or Path(named).is_file()


def _asked(control: Control, named: str) -> Mapping[str, Any]:
    """Return a world as the server saves it; without an id before the `@` it is the one that --world says."""
    world, at, where = named.partition("@")
    if not (where if at else world):
        raise click.UsageError(
            f"{named!r} names no world: write a file, WORLD, WORLD@CHECKPOINT, WORLD@HEAD or WORLD@INSTANT."
        )
    return control.for_world(world or control.world).state(written_position(where) if where else None)
