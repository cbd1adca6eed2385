"""`contratempo specs`: the documents that ship, and whether a document can be used."""

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from contratempo.cli.errors import BAD_DOCUMENT, Failure
from contratempo.cli.library import Library, open_library, profile_option, shown, spec_option
from contratempo.cli.lines import line_of, located
from contratempo.cli.output import print_json, strong
from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.overlay import overlay_actions
from contratempo.contract.routing import routing_view
from contratempo.contract.source import DocumentError, load
from contratempo.data import data_root
from contratempo.plaintext import plain_text
from contratempo.server.bare import bare_providers, check_paths
from contratempo.server.catalog import read_profiles
from contratempo.server.deferral import collecting_later
from contratempo.sim.rules import RuleError

SECONDS_OF_ANSWERS: Final = 10.0
"""Real seconds in which it is looked for what nobody can answer; a start takes one."""
_LISTED: Final = re.compile(r"^\| `(?P<file>[^`]+\.yaml)` \|.*\| `(?P<digest>[0-9a-f]{64})` \|$", re.MULTILINE)


@click.group()
def specs() -> None:
    """List and check documents."""


@specs.command("list")
@profile_option
@spec_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(profile: str, specs: tuple[Path, ...], as_json: bool) -> None:
    """List providers, their documents with digests, and their operations: what ships, or what --spec names."""
    library = open_library(profile, specs)
    listed = [_listed(library, name) for name in library.providers]
    if as_json:
        print_json(listed)
    else:
        click.echo("\n\n".join(map(_text, listed)))


@specs.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check documents: those that ship, or FILES of your own.

    What ships: every profile's documents load and are valid OpenAPI, every overlay action has a source, vendored bytes
    are as SOURCES.md says, rule values fit. The exit code is 3 when anything is wrong.
    """
    with collecting_later():
        told: list[str] = []
        problems = list(_of_files(files, told) if files else _of_what_ships())
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise Failure("\n".join([f"{count} found", *problems]), BAD_DOCUMENT)
    verdict = "it can be served, but for that" if told else "nothing is wrong"
    click.echo(f"{', '.join(map(str, files)) or 'everything that ships'}: {verdict}")


def _listed(library: Library, name: str) -> dict[str, Any]:
    provider, document = library.providers[name], library.document(name)
    operations = [
        {"operation": entry.id, "method": entry.method.upper(), "path": entry.base + entry.path}
        for entry in document.operations.values()
    ]
    files = [{"file": shown(file), "sha256": _digest(file)} for file in [*library.files(name), *library.overlays(name)]]
    return {"provider": name, "title": provider.title, "base": document.base, "files": files, "operations": operations}


def _text(listed: dict[str, Any]) -> str:
    width = max((len(entry["operation"]) for entry in listed["operations"]), default=0)
    operations = [
        plain_text(f"  {entry['operation'].ljust(width)}  {entry['method']} {entry['path']}")
        for entry in listed["operations"]
    ]
    files = [f"  {entry['sha256'][:12]}  {entry['file']}" for entry in listed["files"]]
    return "\n".join([strong(f"{listed['provider']}: {listed['title']}, {listed['base']}"), *operations, *files])


def _of_files(files: tuple[Path, ...], told: list[str]) -> Iterator[str]:
    """Yield what is wrong with documents; what they cannot have answered is printed, and added to what is told."""
    for file in files:
        try:
            (provider,) = bare_providers([file])
            document = read_document(provider.name, [file], bare=True)
            check_paths(document)
            routing_view([document], "")
            end = time.monotonic() + SECONDS_OF_ANSWERS
            for operation, said in Contract(document).unanswerable(lambda: time.monotonic() > end):  # noqa: B023
                told.append(plain_text(f"{file}: {operation} {said}"))
                click.echo(told[-1], err=True)
        except DocumentError as error:
            yield located(error)


def _of_what_ships() -> Iterator[str]:
    yield from _digests(data_root("specs"))
    seen: set[tuple[str, ...]] = set()
    for profile in read_profiles():
        library = open_library(profile)
        for name in library.providers:
            laid = (name, *map(str, library.overlays(name)))
            if laid not in seen:
                yield from _of_document(library, name)
            seen.add(laid)
        try:
            library.rules()
        except RuleError as error:
            yield f"specs/profiles.yaml: profile {profile}: {error}. Mend the rule's value"


def _of_document(library: Library, name: str) -> Iterator[str]:
    try:
        Contract(library.document(name))
        for file in library.overlays(name):
            yield from _unsourced(file)
    except DocumentError as error:
        yield located(error)


def _unsourced(file: Path) -> Iterator[str]:
    for number, action in enumerate(overlay_actions(load(file), file=file)):
        if not action["source"]:
            line = line_of(file, f"/actions/{number}")
            yield f"{shown(file)}:{line}: the action on {action['target']} has no source. Give it x-source"


def _digests(root: Path) -> Iterator[str]:
    listed = {row["file"]: row["digest"] for row in _LISTED.finditer((root / "SOURCES.md").read_text("utf-8"))}
    if not listed:
        yield "specs/SOURCES.md: it lists no document. Its table has lost its form"
    for name, digest in listed.items():
        file = root / name
        if not file.is_file():
            yield f"specs/{name}: SOURCES.md lists it and it is not there. Restore it"
        elif _digest(file) != digest:
            yield f"specs/{name}: its sha256 is not the one in SOURCES.md. Vendored bytes are never edited: restore it"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
