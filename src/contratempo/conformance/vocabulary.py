"""How each provider speaks of its records: which operations make, show and remove them, and where they stand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange

Json: TypeAlias = Any


@dataclass(frozen=True)
class Vocabulary:
    """`names` is the path parameter that holds a record's id, by operation; `removes` the same for what deletes."""

    identity: str
    creates: frozenset[str]
    unwrap: Callable[[Exchange], Iterator[Json]]
    names: Mapping[str, str] = field(default_factory=dict)
    removes: Mapping[str, str] = field(default_factory=dict)
    scoped_by: str = ""

    def shown(self, x: Exchange) -> Iterator[dict[str, Json]]:
        """Yield the records that a successful answer shows."""
        if x.ok and x.operation is not None:
            yield from (each for each in self.unwrap(x) if isinstance(each, dict))

    def made(self, x: Exchange) -> dict[str, Json] | None:
        """Return the record that a create answered with, None for anything else."""
        if x.operation not in self.creates:
            return None
        return next((each for each in self.shown(x) if each.get(self.identity)), None)

    def scope(self, x: Exchange) -> str:
        """Return where a record lives: its assistant, say."""
        return x.params.get(self.scoped_by, "")


def _events(x: Exchange) -> Iterator[Json]:
    if isinstance(x.json, dict):
        listed = x.json.get("data")
        if x.operation == "get_scheduled_events":
            yield from listed if isinstance(listed, list) else ()
        else:
            yield x.json


def _messages(x: Exchange) -> Iterator[Json]:
    if isinstance(x.json, dict):
        yield x.json if x.operation == "CancelMessage" and "data" not in x.json else x.json.get("data")


def _calls(x: Exchange) -> Iterator[Json]:
    if isinstance(x.json, dict):
        yield x.json.get("data")


VOCABULARIES: Final[Mapping[str, Vocabulary]] = {
    "telnyx_assistants": Vocabulary(
        identity="scheduled_event_id",
        creates=frozenset({"create_scheduled_event"}),
        unwrap=_events,
        names={"get_scheduled_event": "event_id", "delete_scheduled_event": "event_id"},
        removes={"delete_scheduled_event": "event_id"},
        scoped_by="assistant_id",
    ),
    "telnyx_messages": Vocabulary(
        identity="id",
        creates=frozenset({"ScheduleMessage", "SendMessage"}),
        unwrap=_messages,
        names={"RetrieveMessage": "id", "CancelMessage": "id"},
    ),
    "temphone": Vocabulary(identity="call_id", creates=frozenset({"scheduleCall"}), unwrap=_calls),
}
