"""The journal: transitions that happened and requests that came, for people; bounded, oldest first to go."""

from operator import attrgetter
from typing import Any, Final

import msgspec

from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import Instant, format_instant, parse_instant
from contratempo.sim.rings import Ring, Weighed
from contratempo.sim.undo import UndoLog

TRANSITIONS_KEPT: Final = 100_000
REQUESTS_KEPT: Final = 10_000
SINK_KEPT: Final = 1_000
SINK_BYTES_KEPT: Final = 16 * 1_024 * 1_024


class Transition(msgspec.Struct, frozen=True, gc=False):
    """A change of a resource's `status`, or with kind `call` of its call status; `attempt` counts from 1."""

    at: Instant
    provider: str
    resource: str
    was: str | None
    to: str | None
    cause: str
    attempt: int | None = None
    kind: str = "status"

    def describe(self, state: str = "fired") -> dict[str, Any]:
        """Return the transition as the control plane shows it; one that is to come has the state "planned"."""
        shown: dict[str, Any] = {"at": format_instant(self.at), "provider": self.provider, "resource": self.resource}
        if self.attempt is not None:
            shown["attempt"] = self.attempt
        return shown | {"from": self.was, "to": self.to, "cause": self.cause, "kind": self.kind, "state": state}

    @classmethod
    def load(cls, shown: dict[str, Any]) -> "Transition":
        """Return the transition that was described."""
        at, attempt = parse_instant(shown["at"]), shown.get("attempt")
        named = {name: shown[name] for name in ("provider", "resource", "to", "cause", "kind")}
        return cls(at=at, was=shown["from"], attempt=attempt, **named)


def _sunk(row: dict[str, Any]) -> int:
    """Return about how many bytes a row of the sink takes."""
    return len(row["body"]) + sum(len(name) + len(value) + 200 for name, value in row["headers"])


class Journal:
    """What happened in a world: `transitions` are part of it.

    About it are `requests`, and as plain JSON the `sink`, what was sent to the built-in receivers.
    """

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self.transitions: Ring[Transition] = Ring(TRANSITIONS_KEPT)
        self.requests: Weighed[Exchange] = Weighed(REQUESTS_KEPT, attrgetter("weight"))
        self.sink: Weighed[dict[str, Any]] = Weighed(SINK_KEPT, _sunk, SINK_BYTES_KEPT)

    def number_on_from(self, other: "Journal") -> None:
        """Number requests and what sinks receive on from another journal, whose place this one takes."""
        self.requests.total, self.sink.total = other.requests.total, other.sink.total

    def note(self, transition: Transition) -> None:
        """Add a transition that is happening now."""
        transitions = self.transitions
        self._undo.note((transitions.take_back, transitions.add(transition)))
