"""What a probe is: a name, what has to be allowed for it, and what it does on a visit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Literal, TypeAlias

from contratempo.conformance.rule import Level, Need
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
Run: TypeAlias = Callable[[Visit], None]


@dataclass(frozen=True)
class Probe:
    """One step of the plan; `contract` and `needs` are as of rules."""

    name: str
    level: Level
    run: Run
    contract: Literal["vendored", "effective"] = "vendored"
    needs: Need = ""


AS_THE_SDK: Final = {"content-type": "application/json"}
"""What the vendor's SDK for Python sends with a DELETE, whose body is empty."""

LEFT_OUT: Final = object()
"""As a member's value: leave the member out."""


def changed(body: Mapping[str, Json], change: Mapping[str, Json]) -> dict[str, Json]:
    """Return a body with members changed or left out."""
    return {name: value for name, value in {**body, **change}.items() if value is not LEFT_OUT}


BROKEN_BODIES: Final[Mapping[str, bytes]] = {
    "empty": b"",
    "blank": b"   ",
    "cut off": b'{"to": "+1',
    "brace": b"{",
    "trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "two values": b"{} {}",
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "bare word": b"hello",
    "NUL": b"\x00",
    "unclosed text": b'{"text": "',
    "a name twice": b'{"to": "+18665550001", "to": "+18665550002"}',
    "deep": b"[" * 5_000,
    "deep objects": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
}
"""Bodies that no JSON parser takes, or none should."""

NO_OBJECTS: Final[tuple[Json, ...]] = (None, [], "text", 1, True, [{}])

ODD_TEXTS: Final = (
    "Grüße, 世界",
    "👩‍👩‍👧 family",
    "a\nb\tc\n",
    "a\r\nb",
    '"quoted" \\ back',
    "{{first_name}}",
    "<b>&amp;</b>",
    "' OR 1=1 --",
    "\u202eright to left",
    "e\u0301",
    "%s %d %n",
    "${x} #{y}",
    " padded ",
    "null",
    "0",
    "\ufeffmark",
    "x" * 1_500,
)

OFFSETS: Final = ("+05:00", "+05:30", "-03:30", "-11:00", "+13:45")
"""Offsets that a due instant is written in, halves and quarters of an hour and other days among them."""


def local(moment: datetime, offset: str) -> str:
    """Return an instant as written with an offset."""
    hours, minutes = int(offset[1:3]), int(offset[4:])
    ahead = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    return moment.astimezone(timezone(ahead)).isoformat()


MEDIA_TYPES: Final = ("text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data")
