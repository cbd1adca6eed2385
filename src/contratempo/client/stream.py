"""The stream of a control plane: what happens in a world, as it comes about."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contratempo.client.answers import Json


@dataclass(frozen=True)
class Event:
    """Something that happened: `event` is transition, request, delivery, clock or resync.

    `id` is where to go on from.
    """

    id: str
    event: str
    data: Json


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events of a stream of server-sent events; comments are passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
