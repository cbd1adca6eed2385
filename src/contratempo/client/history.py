"""The parts of a control plane about history: checkpoints, positions, rewinds, what is planned, and saved worlds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, TypedDict

from contratempo.client.answers import Json, Transition, read, read_all, renamed, text_of
from contratempo.client.transport import Transport, given, known, segment


@dataclass(frozen=True)
class Checkpoint:
    """A named position of a world's history, and the instant it was at; `branch` counts the rewinds before it."""

    name: str
    head: int
    now: datetime
    branch: int = 0


Position: TypeAlias = Checkpoint | str | int | datetime
"""Where in history: a checkpoint or its name, a head, or an instant on the way to the present."""

Duration: TypeAlias = str | float | timedelta
"""How far to look ahead: `24h`, `PT1H`, seconds or a timedelta."""


class Wanted(TypedDict, total=False):
    """What of a timeline: between two instants, of one resource, so many, so far ahead, fired or planned alone."""

    since: datetime | None
    until: datetime | None
    resource: str | None
    limit: int
    horizon: Duration | None
    state: Literal["fired", "planned"] | None


@dataclass(frozen=True)
class Rewound:
    """What a rewind came to: `position` is the head that it went back to, `head` the world's now.

    It took back `undone_commands` commands and `undone_count` transitions, of which the latest 1,000 are in `undone`,
    the latest first; of `unsent_impossible` attempts at webhooks a receiver may have something.
    """

    now: datetime
    head: int
    branch: int
    position: int
    undone_count: int
    undone_commands: int
    unsent_impossible: int
    undone: tuple[Transition, ...]


@dataclass(frozen=True)
class Timeline:
    """What happened and, after that, what is planned; the plan is complete up to `planned_to`, None without one."""

    now: datetime
    transitions: tuple[Transition, ...]
    head: int = 0
    planned_to: datetime | None = None


class Checkpoints:
    """The checkpoints of a world; they last until it is reset or loaded."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, name: str | None = None, *, replace: bool = False) -> Checkpoint:
        """Mark the present; ControlError 409 when the name is taken, unless it is to `replace` that one."""
        wish = given({"name": name, "replace": replace or None})
        return read(Checkpoint, self._transport.call("POST", "/checkpoints", body=wish))

    def list(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints in the order of their heads."""
        return read_all(Checkpoint, self._transport.call("GET", "/checkpoints")["checkpoints"])

    def delete(self, checkpoint: Checkpoint | str) -> None:
        """Remove a checkpoint; ControlError 404 when there is none."""
        name = checkpoint if isinstance(checkpoint, str) else checkpoint.name
        self._transport.call("DELETE", f"/checkpoints/{segment(name)}")


def position_of(position: Position | None) -> Mapping[str, Json]:
    """Return a position as the control plane names it; None is the present, which has no name."""
    _check_kind(position)
    if isinstance(position, Checkpoint):
        return {"head": position.head}  # its name may have been given to another one since
    if isinstance(position, datetime):
        return {"to": text_of(position)}
    if isinstance(position, str):
        return {"checkpoint": position}
    return {} if position is None else {"head": position}


def _check_kind(position: object) -> None:
    if isinstance(position, bool) or not isinstance(position, Checkpoint | str | int | datetime | None):
        kinds = "a checkpoint or its name, a head (int), or an instant (datetime)"
        raise TypeError(f"{position!r:.100} is no position in history: give {kinds}")


def query_of(wanted: Wanted) -> dict[str, Json]:
    """Return what is wanted of a timeline as it is asked for."""
    known(wanted, Wanted)
    since, until = wanted.get("since"), wanted.get("until")
    return {
        "from": None if since is None else text_of(since),
        "to": None if until is None else text_of(until),
        "resource": wanted.get("resource"),
        "limit": wanted.get("limit", 1_000),
        "horizon": _span_text(wanted.get("horizon")),
        "state": wanted.get("state"),
    }


def _span_text(span: Duration | None) -> str | None:
    if span is None or isinstance(span, str):
        return span
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    return f"{seconds:.6f}".rstrip("0").rstrip(".")


def read_rewound(body: Any) -> Rewound:
    """Return what a rewind came to."""
    return read(Rewound, {**body, "undone": renamed(body["undone"])})


def read_timeline(body: Any) -> Timeline:
    """Return a timeline."""
    return read(Timeline, {**body, "transitions": renamed(body["transitions"])})
