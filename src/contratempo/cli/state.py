"""`contratempo state`: a world as a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.errors import BAD_DOCUMENT, COULD_NOT, Failure, sentence
from contratempo.cli.output import counted, plain, print_json, strong
from contratempo.cli.positions import position, position_options
from contratempo.client import ClockState, Control, ControlError

if TYPE_CHECKING:
    from contratempo.contract.body import BodyError

_SAVE: Final = "`contratempo state save FILE` makes one"
_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_NOT_TAKEN: Final = {
    "fingerprint": "Load it by --anyway, or start the server with what it was saved under",
    "no-saved-world": "",
    "invalid": _SAVE,
    "too-large": "",
}
"""Refusals that are about the file, and what to do next where the server's hint speaks of requests."""


@click.group()
def state() -> None:
    """Save a world as a file, and load one."""


@state.command()
@connected
@click.argument("file", type=_FILE)
@click.option("--checkpoint", help="As it was at a checkpoint, rather than as it is.")
@position_options
def save(
    connection: Connection, as_json: bool, file: Path, checkpoint: str | None, head: int | None, to: str | None
) -> None:
    """Save a world as FILE, whole or not at all.

    With --checkpoint, --head or --to it is the world as it was there.
    """
    from contratempo.server.statefile import is_kept, write_whole  # it brings the documents' libraries

    if is_kept(file):
        hint = "That server saves it by itself; name another file"
        raise Failure(f"{file} is the file that a server keeps its world in. {hint}", COULD_NOT)
    with connection.open() as control:
        saved = control.state(position(checkpoint, head, to))
    try:
        write_whole(file, json.dumps(saved, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}. Name another place", COULD_NOT) from None
    world = saved["world"]
    told = {"file": str(file), "now": world["clock"]["now"], "head": world["head"]}
    if as_json:
        print_json(told)
    else:
        records = counted(sum(map(len, world["records"].values())), "record")
        click.echo(f"{strong(str(file))}  {told['now']}, {records} (head {told['head']})")


@state.command()
@connected
@click.argument("file", type=_FILE)
@click.option("--anyway", is_flag=True, help="Load it although documents or rules have changed since.")
@click.option("--deliver", is_flag=True, help="Let it send its webhooks although the saved world captured them.")
def load(connection: Connection, as_json: bool, file: Path, anyway: bool, deliver: bool) -> None:
    """Load FILE in place of a world.

    Everything is taken over, seed and profile too; the world keeps its id and its key, and its history begins there.
    What was saved from a fork goes on capturing its webhooks, unless --deliver says otherwise.
    """
    saved = read_world(file)
    with connection.open() as control:
        clock = _loaded(control, file, saved, anyway, deliver)
    if as_json:
        print_json(plain(clock))
    else:
        click.echo(f"{strong(plain(clock.now))}  {clock.mode}, as saved in {file} (head {clock.head})")
        if saved["contratempo"].get("captures") and not deliver:
            click.echo("it captures its webhooks, as the world did that was saved; --deliver lets it send them")


def _loaded(control: Control, file: Path, saved: dict[str, Any], anyway: bool, deliver: bool) -> ClockState:
    try:
        return control.load(saved, anyway=anyway, deliver=deliver)
    except ControlError as error:
        elsewhere = any(found.get("location") != "body" for found in error.violations)
        if error.kind not in _NOT_TAKEN or elsewhere:
            raise
        said = f"{error.detail.rstrip('.')}. {_NOT_TAKEN[error.kind] or sentence(error.hint)}"
        raise Failure(f"{file}: {said}", BAD_DOCUMENT) from None


def read_world(file: Path) -> dict[str, Any]:
    """Return the saved world in a file; Failure names the place where it is none."""
    from contratempo.contract.body import BodyError, decode_body  # it brings the documents' libraries

    try:
        raw = file.read_bytes()
        saved = decode_body(raw)
        kind = saved["contratempo"]["kind"]
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}. {_SAVE}", COULD_NOT) from None
    except BodyError as error:
        raise Failure(f"{file}{_wrong_with(error, raw)}. {_SAVE}", BAD_DOCUMENT) from None
    except (KeyError, TypeError):
        kind = None
    if kind != "world" or not isinstance(saved.get("world"), dict):
        raise Failure(f"{file}: this is no saved world. {_SAVE}", BAD_DOCUMENT)
    found: dict[str, Any] = saved
    return found


def _wrong_with(error: "BodyError", raw: bytes) -> str:
    """Return where the bytes of a file are no strict JSON, and what that makes of it."""
    if not raw.strip():
        return ": it is empty"
    said = error.message.replace("the body", "it")
    if error.offset is None:
        return f": {said}: this is no saved world"
    text = raw.decode(errors="replace")
    line = text.count("\n", 0, error.offset) + 1
    if error.offset >= len(text.rstrip()) or said.startswith("Unterminated string"):
        return f":{line}: it ends in the middle, so it is torn"
    return f":{line}: {said}: this is no saved world"
