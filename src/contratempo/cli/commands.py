"""The commands by name; each one's module is imported when it is run, so that `--help` stays quick."""

import sys
from difflib import get_close_matches
from importlib import import_module
from io import TextIOWrapper
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from contratempo import __version__
from contratempo.cli.errors import explain_failure

COMMANDS: Final = {
    "serve": ("contratempo.cli.serve", "Start the mock server."),
    "ready": ("contratempo.cli.ready", "Say whether a server is ready."),
    "clock": ("contratempo.cli.clock", "Show and move a world's time."),
    "timeline": ("contratempo.cli.timeline", "Draw what happened and what is planned."),
    "checkpoint": ("contratempo.cli.history", "Mark where a world is, to come back to."),
    "rewind": ("contratempo.cli.history", "Take a world back: to a CHECKPOINT, a head or an instant."),
    "fork": ("contratempo.cli.history", "Make a world that goes on from here by itself."),
    "diff": ("contratempo.cli.diff", "Say where two worlds differ."),
    "state": ("contratempo.cli.state", "Save a world as a file, and load one."),
    "outcomes": ("contratempo.cli.outcomes", "Script what the far end does."),
    "rules": ("contratempo.cli.rules", "List and set what the documents leave open."),
    "explain": ("contratempo.cli.explain", "Say what is in force for an operation, and why."),
    "specs": ("contratempo.cli.specs", "List and check documents."),
    "conform": ("contratempo.cli.conform", "Hold a deployment to its contract."),
    "conform-clean": ("contratempo.cli.conform_clean", "Remove what conform created."),
    "proxy": ("contratempo.cli.proxy", "Judge what an application and a deployment say to each other."),
    "drift": ("contratempo.cli.drift", "Say where a real deployment differs from a mock of it."),
    "completion": ("contratempo.cli.completion", "Print the completion script of a shell."),
}
"""Module and summary of each command; the module has a command of that name."""

EPILOG: Final = """\b
Every flag of `serve` is also a variable CONTRATEMPO_<FLAG> and a key of
contratempo.toml (or of [tool.contratempo] in pyproject.toml):
flag > variable > file > default.
\b
Exit codes: 0 fine, 1 not so (not ready, a contract broken, worlds or deployments differ, not saved),
2 wrong usage, 3 bad document, fixture or configuration, 4 cannot listen, 5 could not be done.
"""


class Commands(click.Group):
    """A group whose commands are imported one by one, and whose errors all reach the user as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name.replace("-", "_"))
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or fail naming a near one."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Commands are {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table, importing nothing."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever it raises is told without a traceback, unless one is asked for."""
        if isinstance(sys.stdout, TextIOWrapper):  # letters that it does not have are written as escapes
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click tells the first three, and ends quietly when nobody reads on
        except Exception as error:
            raise explain_failure(error, debug=ctx.params["debug"]) from error


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="contratempo")
@click.option("--debug", is_flag=True, envvar="CONTRATEMPO_DEBUG", help="Print the traceback of a failure.")
def main(debug: bool) -> None:
    """Contratempo: a contract-testing mock server for APIs that schedule future communications."""
