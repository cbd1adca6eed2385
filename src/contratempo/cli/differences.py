"""What differs between two worlds, told in lines."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from contratempo.cli.output import counted, strong
from contratempo.plaintext import plain_text
from contratempo.sim.instants import format_instant

_SHOWN: Final = 20
"""Lines of one kind that are told; a program asks for --json."""
_VALUE: Final = 60
"""Letters of a value that are told."""
_INSTANTS: Final = range(10**14, 10**17)
"""Microseconds that are an instant of this century or so, as records keep them."""
_ONE: Final = {"resources": "resource", "webhooks": "webhook", "scripts": "script", "faults": "fault"}


def told(result: dict[str, Any], a: str, b: str) -> Iterator[str]:
    """Yield the lines that tell a comparison of two worlds, which are called `a` and `b`."""
    if result["same"]:
        yield f"{a} and {b} are the same: {counted(result['resources']['same'], 'resource')}, " + (
            f"{counted(result['transitions']['same'], 'transition')}, {counted(result['webhooks']['same'], 'webhook')}"
        )
        return
    yield f"A is {a}"
    yield f"B is {b}"
    for name in ("clock", "profile", "rules"):
        yield from _fields(name, result[name])
    for name in _ONE:
        yield from _named(name, result[name])
    for name, what in (("transitions", "happened"), ("timers", "due")):
        yield from _listed(name, what, result[name])
    yield from _fields("other", result["other"])


def _fields(name: str, fields: Sequence[dict[str, Any]]) -> Iterator[str]:
    if fields:
        yield strong(name)
        yield from _some([f"  {_field(each)}" for each in fields])


def _named(name: str, found: dict[str, Any]) -> Iterator[str]:
    differ, only = found["differ"], [(side, each) for side in "ab" for each in found[f"only_{side}"]]
    if not differ and not only:
        return
    yield strong(name) + f"  {found['same']} the same, {len(differ)} differ, {len(only)} in one alone"
    for each in differ[:_SHOWN]:
        yield plain_text(f"  {each['name']}  {_ids(each['ids'])}")
        yield from _some([f"    {_field(field)}" for field in each["fields"]])
    yield from _left(len(differ))
    rows = [f"  {side.upper()} alone: {each['name']}  {each['id']}  {_status(each['content'])}" for side, each in only]
    yield from _some([row.rstrip() for row in rows])


def _listed(name: str, what: str, found: dict[str, Any]) -> Iterator[str]:
    if found["reordered"]:
        yield strong(name) + f"  the same {found['same']}, in another order"
    rows = [
        (row["at" if name == "transitions" else "due"], side, row) for side in "ab" for row in found[f"only_{side}"]
    ]
    if rows:
        yield strong(name) + f"  {found['same']} the same, {len(rows)} {what} in one alone"
        rows.sort(key=lambda row: row[:2])
        yield from _some([f"  {side.upper()} {at}  {_row(row)}" for at, side, row in rows])


def _row(row: dict[str, Any]) -> str:
    if "subject" in row:
        return f"{row['subject']} {row['kind']}"
    moved = f"{row['from'] or 'new'} -> {row['to'] or 'gone'}"
    return f"{row['resource']} {moved} ({row['cause']})" + (" call" if row["kind"] == "call" else "")


def _status(content: dict[str, Any]) -> str:
    fault = content.get("fault")
    return str(content.get("status") or (fault.get("kind", "") if isinstance(fault, dict) else ""))


def _ids(ids: dict[str, str]) -> str:
    return ids["a"] if ids["a"] == ids["b"] else f"{ids['a']} | {ids['b']}"


def _field(each: dict[str, Any]) -> str:
    both = f"{_value(each, 'a')} | {_value(each, 'b')}"
    return f"{each['field']}: {both}" if each["field"] else both


def _value(each: dict[str, Any], side: str) -> str:
    if side not in each:
        return "(none)"
    value = each[side]
    if isinstance(value, int) and value in _INSTANTS:
        return format_instant(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 1]}…"


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from map(plain_text, lines[:_SHOWN])  # texts are whatever applications sent
    yield from _left(len(lines))


def _left(count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield f"  ... and {count - _SHOWN} more"
