"""Time zones, from the tz database that is installed with us, so that every machine has the same ones."""

from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from contratempo.sim.instants import LATEST, Instant, instant_of

_DATABASE: Final = files("tzdata")
NAMES: Final = frozenset(_DATABASE.joinpath("zones").read_text("utf-8").split())
_FIRST: Final = instant_of(datetime.min.replace(tzinfo=UTC))


@lru_cache(maxsize=len(NAMES))
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of a name in NAMES."""
    with _DATABASE.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def is_naive(text: str) -> bool:
    """Say whether a date-time has no offset; ValueError when it is none."""
    return datetime.fromisoformat(text.upper()).tzinfo is None


def instant_in(text: str, zone: str) -> Instant:
    """Return the instant a date-time names; without an offset it is local to the zone.

    A local time that the clocks skip is moved on by what they skip; of one that they show twice the first is meant.
    Raises ValueError for what is no date-time and for a local one that leaves the calendar in UTC.
    """
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is not None:
        return instant_of(moment)
    instant = instant_of(moment.replace(tzinfo=zone_of(zone)))
    if not _FIRST <= instant <= LATEST:
        raise ValueError(f"{text} in {zone} lies outside the calendar")
    return instant
