"""`contratempo checkpoint`, `rewind` and `fork`: going back in a world's history, and going on beside it."""

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.output import counted, plain, print_json, print_transitions, strong, table
from contratempo.cli.positions import position, position_options
from contratempo.client import Checkpoint, Control, ControlError, MintedWorld, Rewound


@click.command()
@connected
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="List the checkpoints instead.")
@click.option("--replace", is_flag=True, help="Move the checkpoint NAME here if there is one.")
@click.option("--delete", is_flag=True, help="Remove the checkpoint NAME instead.")
def checkpoint(
    connection: Connection, as_json: bool, name: str | None, listed: bool, replace: bool, delete: bool
) -> None:
    """Mark where a world is, to come back to.

    NAME begins with a letter; without one it is made from the head. Checkpoints change nothing in the world and last
    until it is reset or loaded.
    """
    if listed + delete + replace > 1 or (listed and name is not None):
        raise click.UsageError("Choose one: NAME, NAME --replace, NAME --delete or --list.")
    with connection.open() as control:
        if listed:
            _print_checkpoints(control.checkpoints.list(), as_json)
        elif delete:
            _delete(control, name, as_json)
        else:
            _print_checkpoint(_made(control, name, replace), as_json)


@click.command()
@connected
@click.argument("checkpoint", required=False)
@position_options
@click.option("--dry-run", is_flag=True, help="Only say what would be taken back.")
def rewind(
    connection: Connection, as_json: bool, checkpoint: str | None, head: int | None, to: str | None, dry_run: bool
) -> None:
    """Take a world back: to a CHECKPOINT, a head or an instant.

    Everything is as it was there, the clock too. What is taken back stays in history: a later rewind or fork can go to
    its heads. Webhooks that were delivered cannot be unsent; they are counted.
    """
    where = position(checkpoint, head, to)
    if where is None:
        raise click.UsageError("Say where to: CHECKPOINT, --head N or --to INSTANT. `checkpoint --list` lists them.")
    with connection.open() as control:
        _print_rewound(control.rewind(where, dry_run=dry_run), as_json, dry_run)


@click.command()
@connected
@click.option("--id", help="What the new world is called.")
@click.option("--checkpoint", help="A checkpoint to fork from, rather than from the present.")
@position_options
@click.option("--deliver", is_flag=True, help="Let it send its webhooks; otherwise it captures them.")
def fork(
    connection: Connection,
    as_json: bool,
    id: str | None,
    checkpoint: str | None,
    head: int | None,
    to: str | None,
    deliver: bool,
) -> None:
    """Make a world that goes on from here by itself.

    With --checkpoint, --head or --to it goes on from there. Requests with its API key live in it.
    """
    where = position(checkpoint, head, to)
    with connection.open() as control:
        _print_fork(control.fork(where, id=id, deliver=deliver), as_json, deliver)


def _made(control: Control, name: str | None, replace: bool) -> Checkpoint:
    try:
        return control.checkpoints.create(name, replace=replace)
    except ControlError as error:
        if error.kind == "checkpoint-taken":
            error.hint = f"Choose another name, or move it here: contratempo checkpoint {name} --replace"
        raise


def _delete(control: Control, name: str | None, as_json: bool) -> None:
    if name is None:
        raise click.UsageError("Say which to delete: NAME --delete. --list lists them.")
    control.checkpoints.delete(name)
    if as_json:
        print_json({"deleted": name})
    else:
        click.echo(f"the checkpoint {name} is gone; its head is still there")


def _print_checkpoints(found: tuple[Checkpoint, ...], as_json: bool) -> None:
    if as_json:
        print_json({"checkpoints": plain(found)})
    elif found:
        rows = [[each.name, each.head, plain(each.now), each.branch] for each in found]
        click.echo(table(["CHECKPOINT", "HEAD", "AT", "BRANCH"], rows))
    else:
        click.echo("there is no checkpoint; `contratempo checkpoint NAME` makes one")


def _print_checkpoint(made: Checkpoint, as_json: bool) -> None:
    if as_json:
        print_json(plain(made))
    else:
        click.echo(f"{strong(made.name)}  {plain(made.now)} (head {made.head})")


def _print_rewound(rewound: Rewound, as_json: bool, dry_run: bool) -> None:
    if as_json:
        print_json(plain(rewound))
        return
    where = f"{strong(plain(rewound.now))}  {'would be ' if dry_run else ''}back at {rewound.position}"
    undone = f"{counted(rewound.undone_count, 'transition')} and {counted(rewound.undone_commands, 'command')}"
    taken = f"{undone} {'would be ' if dry_run else ''}taken back"
    click.echo(f"{where}, {taken} (head {rewound.head})")
    if rewound.unsent_impossible:
        click.echo(_unsent(rewound.unsent_impossible))
    print_transitions(rewound.undone, rewound.undone_count)


def _unsent(attempts: int) -> str:
    """Return that attempts, of which a webhook may have several, cannot be unsent, whatever came of them."""
    if attempts == 1:
        return "1 attempt at a webhook cannot be unsent: its receiver may have had it"
    return f"{attempts} attempts at webhooks cannot be unsent: their receivers may have had them"


def _print_fork(made: MintedWorld, as_json: bool, deliver: bool) -> None:
    if as_json:
        print_json(plain(made))
        return
    webhooks = "sends its webhooks" if deliver else "captures its webhooks"
    click.echo(f"{strong(made.id)}  forked at {plain(made.now)} (head {made.head}), {webhooks}")
    click.echo(f"API key {made.api_key}; for other commands --world {made.id}")
