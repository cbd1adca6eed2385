"""`contratempo outcomes`: what the far end does."""

from typing import Any

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.output import plain, print_json, table
from contratempo.client import ControlUnreachable, MagicTarget, Script


@click.group(invoke_without_command=True)
@connected
@click.pass_context
def outcomes(context: click.Context, connection: Connection, as_json: bool) -> None:
    """Script what the far end does.

    Alone it lists the scripts of a world, and the magic targets, which decide where no script does. Without a server it
    lists the magic targets.
    """
    if context.invoked_subcommand is not None:
        return
    scripts, magic = _listed(connection)
    if as_json:
        print_json({"scripts": plain(scripts), "magic": plain(magic)})
        return
    if scripts:
        click.echo(table(["SCRIPT", "MATCH", "USED", "OUTCOMES"], [_row(script) for script in scripts]) + "\n")
    rows = [[target.target, ", ".join(target.outcomes), target.summary] for target in magic]
    click.echo(table(["MAGIC TARGET", "OUTCOMES", "WHAT HAPPENS"], rows))


@outcomes.command()
@connected
@click.argument("statuses", nargs=-1, required=True, metavar="OUTCOME...")
@click.option("--to", help="Only attempts that go to this number or address.")
@click.option("--from", "sender", help="Only attempts that come from this number.")
@click.option("--resource", help="Only attempts of the record with this id.")
@click.option("--operation", help="Only attempts of records that this operationId created.")
@click.option(
    "--then",
    type=click.Choice(["repeat", "default"]),
    default="repeat",
    show_default=True,
    help="What follows the last.",
)
def script(connection: Connection, as_json: bool, statuses: tuple[str, ...], **match: Any) -> None:
    """Script one OUTCOME an attempt, such as: busy busy completed."""
    with connection.open() as control:
        made = control.outcomes.script(*statuses, **match)
    if as_json:
        print_json(plain(made))
    else:
        click.echo(f"{made.id}: {_outcomes(made)}; matches {_match(made)}")


@outcomes.command()
@connected
def clear(connection: Connection, as_json: bool) -> None:
    """Remove every script."""
    with connection.open() as control:
        control.outcomes.clear()
    if as_json:
        print_json({"scripts": []})
    else:
        click.echo("no script is left")


def _listed(connection: Connection) -> tuple[tuple[Script, ...], tuple[MagicTarget, ...]]:
    try:
        with connection.open() as control:
            return control.outcomes.list(), control.outcomes.magic()
    except ControlUnreachable:
        if connection.named:
            raise
    click.echo(f"contratempo: no server at {connection.url}: these are the magic targets of every one", err=True)
    return (), _shipped_magic()


def _shipped_magic() -> tuple[MagicTarget, ...]:
    from contratempo.provider import magic_targets  # it brings the documents' libraries, which a server spares us

    return tuple(
        MagicTarget(f"+1 xxx 555 {digits}", target.outcomes, target.summary)
        for digits, target in magic_targets().items()
    )


def _row(script: Script) -> list[str]:
    return [script.id, _match(script), f"{script.used} of {len(script.outcomes)}", _outcomes(script)]


def _match(script: Script) -> str:
    return ", ".join(f"{name} {value}" for name, value in script.match.items()) or "everything"


def _outcomes(script: Script) -> str:
    named = ", ".join(str(outcome["status"]) for outcome in script.outcomes)
    return f"{named}, then {'the last again' if script.then == 'repeat' else 'as if unscripted'}"
