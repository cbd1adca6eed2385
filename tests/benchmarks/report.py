"""The report: rows as a table for the terminal, as JSON, and as the block of the README."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rows import Row

BEGIN, END = "<!-- benchmarks: written by scripts/bench --markdown README.md -->", "<!-- /benchmarks -->"
_UNPROMISED = ("10", "history", "test")
"""Goals shown in the README with figures of which nothing is promised, too."""
_HEADS = ("goal", "what", "measured", "quartiles", "unit", "beside", "ratio", "wanted", "met")
_WIDTHS = (4, 58, 9, 17, 12, 26, 7, 8, 3)


def order(row: Row) -> tuple[int, int]:
    """Goals by number, then what history and tests feel like, then yardsticks."""
    if row.goal.isdigit():
        return 0, int(row.goal)
    return (1, 0) if row.goal else (2, 0)


def head() -> str:
    return _line(_HEADS)


def line(row: Row) -> str:
    spread = "" if row.low is None or row.low == row.high else f"{figure(row.low)}-{figure(row.high)}"
    return _line(
        (row.goal, row.name, figure(row.measured), spread, row.unit, _beside(row), _times(row), row.wanted, _met(row))
    )


def beside(rows: Iterable[Row]) -> list[str]:
    """Write the yardsticks, a line for each server: all its figures of one name together."""
    lines: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if not row.goal:
            lines.setdefault((row.name, row.server), []).append(f"{figure(row.measured)} {row.unit}")
    return [f"      {name:<58}  {server:<26}  {' · '.join(figures)}" for (name, server), figures in lines.items()]


def figure(value: float) -> str:
    """Write a figure with three digits that count, whole ones whole: 12,821 · 122 · 4.05 · 0.0045."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or not value else f"{value:.2g}"


def _line(cells: Sequence[str]) -> str:
    left = {1, 4, 5, 7, 8}
    return "  ".join(
        cell.ljust(width) if place in left else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    ).rstrip()


def _beside(row: Row) -> str:
    return row.peer if row.goal else row.server


def _times(row: Row) -> str:
    return "" if row.ratio is None else f"{figure(row.ratio)}x"


def _met(row: Row) -> str:
    if not row.wanted:
        return ""
    return "not measured" if row.met is None else "yes" if row.met else "NO"


def verdict(rows: Iterable[Row]) -> str:
    """Say how many of the goals are met, and which are not."""
    wanted = [row for row in rows if row.wanted]
    met = sum(row.met is True for row in wanted)
    lacking = [f"{row.goal} {row.name} ({row.wanted})" for row in wanted if row.met is not True]
    return "\n".join([f"{met} of {len(wanted)} met", *(f"  not: {each}" for each in lacking)])


def as_json(rows: Sequence[Row], notes: Sequence[str], machine: str) -> str:
    shown = {"machine": machine, "notes": list(notes), "rows": [asdict(row) for row in rows]}
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def as_markdown(rows: Sequence[Row], machine: str) -> str:
    """Write the README's block: requests per second beside each peer, then every goal with its ratio."""
    parts = [BEGIN, f"Medians of interleaved windows, quartiles in brackets; {machine}."]
    parts += [each for each in (_matrix(rows), _goals(rows)) if each]
    return "\n\n".join(parts) + f"\n{END}\n"


def _matrix(rows: Sequence[Row]) -> str:
    rates = [row for row in rows if not row.goal and row.unit == "req/s" and row.peer == ""]
    cpu = {(row.name, row.server): row.measured for row in rows if not row.goal and row.unit == "µs CPU"}
    exchanges = [name for name in dict.fromkeys(row.name for row in rates) if (name, "Contratempo") in cpu]
    servers = [
        name for name in dict.fromkeys(row.server for row in rates) if any((each, name) in cpu for each in exchanges)
    ]
    if not exchanges:
        return ""
    by = {(row.name, row.server): row for row in rates}
    lines = [
        _cells("Requests per second at 16 connections (µs of CPU each)", *servers),
        _cells("---", *["---:"] * len(servers)),
    ]
    for name in exchanges:
        lines.append(_cells(name, *[_rate(by.get((name, server)), cpu.get((name, server))) for server in servers]))
    return "\n".join(lines)


def _rate(row: Row | None, cpu: float | None) -> str:
    return "not measured" if row is None or cpu is None else f"{figure(row.measured)} ({figure(cpu)})"


def _goals(rows: Sequence[Row]) -> str:
    shown = [row for row in sorted(rows, key=order) if row.wanted or row.goal in _UNPROMISED]
    if not shown:
        return ""
    lines = [
        _cells("", "measured", "beside", "ratio", "wanted", "met"),
        _cells("---", "---:", "---", "---:", "---", "---"),
    ]
    lines += [_cells(row.name, _measured(row), row.peer, _times(row), row.wanted, _met(row)) for row in shown]
    return "\n".join(lines)


def _measured(row: Row) -> str:
    spread = "" if row.low is None or row.low == row.high else f" ({figure(row.low)}-{figure(row.high)})"
    return f"{figure(row.measured)} {row.unit}{spread}"


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def put(block: str, file: Path) -> None:
    """Write the block to a file, in place of the block that it has, or as all of it; ValueError if it has no place."""
    text = file.read_text("utf-8") if file.exists() else ""
    if not text or text.startswith(BEGIN):
        file.write_text(block, "utf-8")
        return
    within = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END) + "\n?", re.DOTALL)
    if not within.search(text):
        raise ValueError(f"{file} has no place for the figures: put the lines {BEGIN} and {END} where they belong")
    file.write_text(within.sub(lambda _: block, text, count=1), "utf-8")
