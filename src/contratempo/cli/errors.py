"""Failures as a user meets them: what, where, why, what next, and an exit code."""

import sys
import traceback
from typing import IO, Any, Final

import click

from contratempo.plaintext import plain_text

NOT_SO: Final = 1
USAGE: Final = 2
BAD_DOCUMENT: Final = 3
CANNOT_LISTEN: Final = 4
COULD_NOT: Final = 5
OUR_FAULT: Final = 70
"""What sysexits calls an internal software error."""


class Failure(click.ClickException):
    """A failure told in sentences; `exit_code` is one of the codes above."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for the class, reads it of the instance

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the sentences to stderr."""
        click.echo(f"contratempo: {plain_text(self.message, keep=chr(10))}", file=file, err=True)


def explain_failure(error: Exception, *, debug: bool) -> Failure:
    """Return the failure that an exception is to a user; with `debug` its traceback is printed first."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ControlError" in names:
        return _refused(error)
    if isinstance(error, OSError):
        return Failure(f"{error}. Look at the path or address it names", COULD_NOT)
    if getattr(error, "where", "").startswith("--"):
        return Failure(f"{error}. See `contratempo serve --help`", USAGE)
    if names & _BAD_DOCUMENT:
        return Failure(_located(error), BAD_DOCUMENT)
    return Failure(
        f"{type(error).__name__}: {error}. This is a fault of contratempo, not of yours: "
        "run it again with `contratempo --debug ...` and report what it prints",
        OUR_FAULT,
    )


def _located(error: Any) -> str:
    """Return what is said of a bad document, with the line where there is one."""
    if not getattr(error, "pointer", None):
        return str(error)
    from contratempo.cli.lines import located  # by now the documents' libraries have been imported

    return located(error)


def _refused(error: Any) -> Failure:
    """Return the failure that a server's refusal is, or its absence (status 0)."""
    hint = _TYPED.get(error.kind, error.hint)
    said = ". ".join(sentence(text) for text in (error.detail or str(error), hint) if text)
    places = [f"  {entry.get('location')} {entry.get('pointer')}: {entry.get('message')}" for entry in error.violations]
    # A single violation is the detail already.
    message = "\n".join([said, *places]) if len(places) > 1 else said
    return Failure(message, USAGE if 400 <= error.status < 500 else COULD_NOT)


def sentence(text: str) -> str:
    """Return a text as it begins a sentence, without the full stop."""
    return text[:1].upper() + text[1:].rstrip(".")


_TYPED: Final = {
    "unknown-checkpoint": "`contratempo checkpoint --list` lists them",
    "unknown-position": "`contratempo clock show` tells the head, `contratempo checkpoint --list` its names",
    "after-now": "`contratempo clock advance` goes forwards",
    "clock-goes-back": "`contratempo rewind` goes backwards",
    "forgotten": "`contratempo checkpoint --list` lists what can be gone back to by name",
    "advance-in-progress": "Wait until it has ended",
    "unauthorized": "Set CONTRATEMPO_CONTROL_TOKEN to the one that it printed at its start",
}
"""What to do next in the words of this program, by the kind of a refusal whose own hint names a request."""
# By name: importing the modules that define them would cost every failure the documents' libraries.
_BAD_DOCUMENT: Final = {"DocumentError", "SettingsError", "RuleError"}
