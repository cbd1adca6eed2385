"""A world in this process, without a server, and events put straight into its store."""

import random
from collections.abc import Iterator
from typing import Any

from exchanges import EVENT, NOW

from contratempo.provider import Request
from contratempo.server.service import make_service
from contratempo.server.settings import Settings
from contratempo.sim.records import Kind, Record
from contratempo.sim.simulation import Simulation

ASSISTANT = "assistant-1"
SPREAD = 90 * 24 * 3600 * 1_000_000
"""Microseconds over which the events' instants are spread."""


def simulation() -> Simulation:
    """Return the default world of a service as shipped, frozen."""
    return make_service(Settings(clock=NOW)).worlds.default.simulation


def create(world: Simulation, body: dict[str, Any] = EVENT) -> str:
    """Do what a create does behind the judging, and return the event's id."""
    request = Request("create_scheduled_event", {"assistant_id": ASSISTANT}, body=body)
    call = {"operation": request.operation, "request": dict(vars(request))}
    return str(world.apply({"kind": "call", "at": world.now, "provider": "telnyx_assistants", **call}).resource)


def sample(world: Simulation) -> tuple[Kind, Record]:
    """Create an event and return its record as the store has it."""
    found = world.records.find(create(world))
    assert found is not None
    return found


def alike(record: Record, count: int, first: int = 0) -> Iterator[Record]:
    """Make records like one, each with an id and an instant of its own, a quarter of them on the other channel."""
    chance = random.Random(first)
    for number in range(first, first + count):
        identifier = f"00000000-0000-4000-8000-{number:012x}"
        channel = "sms_chat" if number % 4 == 3 else "phone_call"
        yield record | {
            "id": identifier,
            "scheduled_event_id": identifier,
            "telnyx_conversation_channel": channel,
            "due": record["due"] + chance.randrange(SPREAD),
            "ordinal": number + 2,
        }
