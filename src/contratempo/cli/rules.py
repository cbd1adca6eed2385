"""`contratempo rules`: what the documents leave open and a world decides."""

from textwrap import fill
from typing import Any, Final

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.output import plain, print_json, table
from contratempo.client import ControlUnreachable
from contratempo.server.configuration import rule_value

WIDTH: Final = 100
"""Columns that a rule needs, on a terminal of whatever width."""
_INDENT: Final = "    "


@click.group(invoke_without_command=True)
@connected
@click.option("--profile", help="List what a profile has, asking no server.")
@click.option("--provider", help="List this provider's alone.")
@click.pass_context
def rules(
    context: click.Context, connection: Connection, as_json: bool, profile: str | None, provider: str | None
) -> None:
    """List and set what the documents leave open.

    Alone it lists the rules of a world: value, who set it, where the default comes from and how sure that is. Without a
    server it lists what the profile `spec` has.
    """
    if context.invoked_subcommand is not None:
        return
    rows = _listed(connection) if profile is None else _shipped(profile)
    known = dict.fromkeys(row["name"].partition(".")[0] for row in rows)
    if provider is not None and provider not in known:
        raise click.UsageError(
            f"No rule is of a provider {provider!r}. There are rules of {', '.join(known) or 'none'}."
        )
    _print([row for row in rows if provider is None or row["name"].startswith(f"{provider}.")], as_json)


@rules.command("set")
@connected
@click.argument("name")
@click.argument("value")
def set_(connection: Connection, as_json: bool, name: str, value: str) -> None:
    """Give the rule NAME a VALUE in this world."""
    with connection.open() as control:
        states = control.rules.set({name: rule_value(value)})
    _print([plain(state) for state in states if state.name == name], as_json)


@rules.command()
@connected
@click.argument("name")
def unset(connection: Connection, as_json: bool, name: str) -> None:
    """Take back what `set` gave the rule NAME in this world."""
    with connection.open() as control:
        states = control.rules.set({name: None})
    _print([plain(state) for state in states if state.name == name], as_json)


def _listed(connection: Connection) -> list[dict[str, Any]]:
    try:
        with connection.open() as control:
            return [plain(state) for state in control.rules.list()]
    except ControlUnreachable:
        if connection.named:
            raise
    click.echo(f"contratempo: no server at {connection.url}: this is what the profile spec has", err=True)
    return _shipped("spec")


def _shipped(profile: str) -> list[dict[str, Any]]:
    from contratempo.cli.library import open_library, rule_rows  # they bring the documents' libraries

    return rule_rows(open_library(profile))


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json({"rules": rows})
        return
    cells = [[row["name"], row["value"], row["origin"], f"{row['source']}, {row['confidence']}"] for row in rows]
    heads, *lines = table(["RULE", "VALUE", "SET BY", "SOURCE"], cells).splitlines()
    click.echo(heads)
    for line, row in zip(lines, rows, strict=True):
        click.echo(line)
        click.echo(fill(_what(row), WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT))


def _what(row: dict[str, Any]) -> str:
    if row["values"] is not None:
        return f"{row['summary']} ({' | '.join(map(str, row['values']))})"
    most = row.get("maximum")
    return row["summary"] if most is None else f"{row['summary']} (0 to {most:,.12g})"
