"""How answers are printed: tables for people, JSON for programs."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import click

from contratempo.plaintext import plain_text
from contratempo.sim.instants import format_instant, instant_of

if TYPE_CHECKING:
    from contratempo.client import Transition

_WIRE_NAMES: Final = {"was": "from"}  # `from` is no name in Python


def print_json(value: Any) -> None:
    """Print a value as JSON, indented, keys in the order given."""
    has_all_letters = "utf" in (sys.stdout.encoding or "").lower()
    click.echo(json.dumps(value, indent=2, ensure_ascii=not has_all_letters))


def plain(value: Any) -> Any:
    """Return an answer of a server as JSON values again, named as on the wire; instants are texts."""
    if isinstance(value, datetime):
        return format_instant(instant_of(value))
    if isinstance(value, float) and value.is_integer():
        return int(value)  # JSON has one kind of number, and people write 600
    if is_dataclass(value):
        members = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {_WIRE_NAMES.get(name, name): member for name, member in members.items()}
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    return [plain(member) for member in value] if isinstance(value, list | tuple) else value


def strong(text: str) -> str:
    """Return the text in bold where that is wanted: on a terminal, without NO_COLOR."""
    return click.style(text, bold=True) if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], width: int | None = None) -> str:
    """Return rows under heads, columns as wide as they need, two blanks apart.

    The last column wraps at `width`: by default the terminal's, and never where the output is piped.
    """
    texts = [["" if cell is None else plain_text(str(cell)) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in [list(heads), *texts]) for column in range(len(heads))]
    if width is None and sys.stdout.isatty():
        width = get_terminal_size().columns
    left = sum(widths[:-1]) + 2 * (len(heads) - 1)
    if width is not None:
        widths[-1] = max(min(widths[-1], width - left), 24)
    body = [line for row in texts for line in _lines(row, widths)]
    return "\n".join([strong(next(_lines(heads, widths))), *body])


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    last = wrap(row[-1], widths[-1]) or [""]
    cells = [cell.ljust(width) for cell, width in zip([*row[:-1], last[0]], widths, strict=True)]
    yield "  ".join(cells).rstrip()
    indent = sum(widths[:-1]) + 2 * (len(widths) - 1)
    yield from (" " * indent + more for more in last[1:])


def counted(number: int, thing: str) -> str:
    """Return a number of things as people say it."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def print_transitions(rows: Sequence["Transition"], count: int) -> None:
    """Print transitions as a table, and how many there are beside them of `count`."""
    if rows:
        click.echo(table(["AT", "PROVIDER", "RESOURCE", "ATTEMPT", "FROM", "TO", "CAUSE"], list(map(_cells, rows))))
    if count > len(rows):
        click.echo(f"... and {count - len(rows)} more")


def _cells(row: "Transition") -> list[object]:
    to = f"{row.to or '-'}{' (call)' if row.kind == 'call' else ''}"
    return [plain(row.at), row.provider, row.resource, row.attempt, row.was or "-", to, row.cause]
