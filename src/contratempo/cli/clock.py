"""`contratempo clock`: a world's time."""

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.output import counted, plain, print_json, print_transitions, strong
from contratempo.client import Advance, ClockState


@click.group()
def clock() -> None:
    """Show and move a world's time."""


@clock.command()
@connected
def show(connection: Connection, as_json: bool) -> None:
    """Show what the clock shows, and when the next thing is due."""
    with connection.open() as control:
        _print(control.clock.get(), as_json)


@clock.command()
@connected
@click.argument("span", required=False)
@click.option("--to", metavar="INSTANT", help="Advance to an instant such as 2026-03-15T15:00:00Z, to next or to idle.")
def advance(connection: Connection, as_json: bool, span: str | None, to: str | None) -> None:
    """Let time pass, and list what happened.

    SPAN is a duration (24h, 1h30m, PT1H, 90 for seconds), an instant, `next` for the next due thing, or `idle` for
    until nothing is due any more. Everything due has happened, in order, when the command ends.
    """
    with connection.open() as control:
        _print_advance(control.clock.advance(_how_far(span, to)), as_json)


@clock.command()
@connected
def freeze(connection: Connection, as_json: bool) -> None:
    """Stop the clock where it is."""
    with connection.open() as control:
        _print(control.clock.freeze(), as_json)


@clock.command()
@connected
@click.option(
    "--rate",
    type=click.FloatRange(min=0.001, max=1_000_000),
    default=1.0,
    help="Seconds of the world for each real one.",
)
def run(connection: Connection, as_json: bool, rate: float) -> None:
    """Let the clock run, at real pace or faster."""
    with connection.open() as control:
        _print(control.clock.run(rate), as_json)


def _how_far(span: str | None, to: str | None) -> str:
    if span is not None and to is None:
        return span
    if to is None or span is not None:
        raise click.UsageError("Say how far: either a duration such as 24h, or --to with an instant, next or idle.")
    if to not in ("next", "idle") and "-" not in to:
        raise click.UsageError(f"--to takes an instant, next or idle. For the duration {to} leave --to out.")
    return to


def _print(state: ClockState, as_json: bool) -> None:
    if as_json:
        print_json(plain(state))
        return
    mode = "frozen" if state.mode == "frozen" else f"running at {state.rate:g}x"
    due = "nothing is due" if state.next_due is None else f"next due {plain(state.next_due)}"
    click.echo(f"{strong(plain(state.now))}  {mode}, {due} (head {state.head})")


def _print_advance(advance: Advance, as_json: bool) -> None:
    if as_json:
        print_json(plain(advance))
        return
    things = counted(advance.fired_count, "transition")
    click.echo(f"{strong(plain(advance.now))}  {things} (head {advance.head})")
    print_transitions(advance.fired, advance.fired_count)
    if advance.undelivered:
        click.echo(f"{advance.undelivered} webhooks have not been answered yet")
