"""The laws of streams: a reader misses nothing and has nothing twice, wherever it began."""

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from stage.client import Exchange

if TYPE_CHECKING:
    from stage.witness import Witness

Place: TypeAlias = tuple[str, int, int, int]
_EVENT: Final = re.compile(r"id: (\S+)\nevent: (\S+)\ndata: .*\n\n")
_COUNTED: Final = {"transition": (1, 0, 0), "request": (0, 1, 0), "delivery": (0, 0, 1)}


def read_place(text: str) -> Place:
    """Return era and counts of an event's id."""
    era, *counts = text.split(".")
    transitions, requests, deliveries = map(int, counts)
    return era, transitions, requests, deliveries


def check_stream(witness: "Witness", exchange: Exchange) -> Place | None:
    """Follow the ids of a stream from where its reader was, and return where it is now."""
    if exchange.status != 200:
        return None
    resumed = exchange.headers.get("last-event-id")
    place = None if resumed is None else read_place(resumed)
    for identifier, name in _EVENT.findall(b"".join(exchange.chunks).decode()):
        following = read_place(identifier)
        witness.book.counts[f"streamed {name}"] += 1
        if place is not None and name != "resync" and not _follows(place, following, name):
            witness.book.fail(f"{name} {following} follows {place}: {exchange}")
        place = following
    if place is not None:
        exchange.notes["place"] = ".".join(map(str, place))
    return place


def _follows(before: Place, after: Place, name: str) -> bool:
    steps = tuple(new - old for old, new in zip(before[1:], after[1:], strict=True))
    if name == "delivery":  # webhooks that were dropped since are passed over
        return after[0] == before[0] and steps[:2] == (0, 0) and steps[2] >= 1
    return after[0] == before[0] and steps == _COUNTED.get(name, (0, 0, 0))


def check_readers(witness: "Witness", streams: list[Exchange]) -> None:
    """When nothing is ready a reader that reads has everything that there is."""
    for exchange in streams:
        world = witness.world_of(exchange)
        if exchange.manners.stall or world is None or exchange.status != 200:
            continue
        place, journal = _last(exchange), world.journal
        present = (journal.transitions.total, journal.requests.total, world.outbox.changes.total)
        if place is None or place[1:] != present:
            witness.book.fail(f"a reader is at {place}, its world at {present}: {exchange}")


def _last(exchange: Exchange) -> Place | None:
    for chunk in reversed(exchange.chunks):
        if found := _EVENT.findall(chunk.decode()):
            return read_place(found[-1][0])
    return None
