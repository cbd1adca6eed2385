"""Instants and durations as whole microseconds, and their ISO 8601 forms."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z."""
Duration: TypeAlias = int
"""Microseconds."""

SECOND: Final[Duration] = 1_000_000
HOUR: Final[Duration] = 3_600 * SECOND
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
LATEST: Final[Instant] = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // _MICROSECOND
"""The furthest instant a clock may reach: a day short of where the calendar ends."""
_EARLIEST: Final[Instant] = (datetime(1, 1, 1, tzinfo=UTC) - EPOCH) // _MICROSECOND

_FIRST_START: Final = (datetime(1000, 1, 1, tzinfo=UTC) - EPOCH) // _MICROSECOND
_END_OF_STARTS: Final = (datetime(9000, 1, 1, tzinfo=UTC) - EPOCH) // _MICROSECOND

_ISO_DURATION = re.compile(
    r"P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d{1,6})?)S)?)?"
)
_SHORT_DURATION = re.compile(
    r"(?:(?P<w>\d+)w)?(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?!s))?(?:(?P<s>\d+(?:\.\d{1,6})?)s)?(?:(?P<ms>\d+)ms)?"
)
_UNITS: Final = {"w": 604_800 * SECOND, "d": 86_400 * SECOND, "h": HOUR, "m": 60 * SECOND, "s": SECOND, "ms": 1_000}


def instant_of(moment: datetime) -> Instant:
    """Return the instant of an aware datetime."""
    return (moment - EPOCH) // _MICROSECOND


def rounded_up(instant: Instant, step: Duration) -> Instant:
    """Return the first multiple of a step that is not before an instant; without a step the instant itself."""
    return -(-instant // step) * step if step else instant


def parse_instant(text: str) -> Instant:
    """Return the instant an ISO 8601 date-time names; one without an offset is taken as UTC.

    Raises ValueError for anything else, a date alone included.
    """
    if len(text) < 16 or text[10] not in "Tt ":
        raise ValueError(f"{text!r} is not a date-time such as 2026-03-15T15:00:00Z")
    moment = datetime.fromisoformat(text.upper())
    return instant_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def parse_start(text: str) -> Instant:
    """Return the instant at which a clock may start; ValueError outside the years 1000 to 8999, which leave it room."""
    instant = parse_instant(text)
    if not _FIRST_START <= instant < _END_OF_STARTS:
        raise ValueError(f"{text!r} is not between the years 1000 and 8999")
    return instant


@lru_cache(maxsize=1_024)  # a clock stands still for many requests
def format_instant(instant: Instant) -> str:
    """Return the instant as RFC 3339 in UTC, with no, three or six digits of fraction, as few as keep it exact.

    An offset can put an instant outside the calendar; it is given as the nearest end.
    """
    moment = EPOCH + timedelta(microseconds=max(_EARLIEST, min(instant, LATEST)))
    microsecond = moment.microsecond
    digits = "seconds" if microsecond == 0 else "microseconds" if microsecond % 1_000 else "milliseconds"
    return f"{moment.isoformat(timespec=digits)[:-6]}Z"


def parse_duration(value: str | float) -> Duration:
    """Return a duration written as seconds, as ISO 8601 (`PT1H`) or in short (`1h30m`).

    Raises ValueError for anything else, for a negative one, and for months and years, whose length varies.
    """
    if isinstance(value, str):
        return _spelled(value.strip())
    if isinstance(value, bool) or not 0 <= value < LATEST / SECOND:
        raise ValueError(f"{value!r} is not a number of seconds from 0 up")
    return round(value * SECOND)


def _spelled(text: str) -> Duration:
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return parse_duration(float(text))
    match = _ISO_DURATION.fullmatch(text) or _SHORT_DURATION.fullmatch(text)
    parts = {unit: number for unit, number in match.groupdict().items() if number} if match else {}
    if not parts:
        raise ValueError(f"{text!r} is not a duration such as 24h, 1h30m, PT1H or 90 (seconds)")
    spans = [float(number) * _UNITS[unit] for unit, number in parts.items()]
    if sum(spans) > LATEST:
        raise ValueError(f"{text:.80} reaches past the end of the calendar")
    return sum(round(span) for span in spans)
