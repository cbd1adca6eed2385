"""Date-times as they stand in requests and answers."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_FIRST: Final = 1900
_LAST: Final = 9000


def instant_of(text: Any) -> datetime | None:
    """Return a written instant, one without an offset as UTC.

    None for what is no moment of the calendar, and for what lies so far out that no sum can be done with it.
    """
    if not isinstance(text, str) or len(text) < 19:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        instant = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if _FIRST <= instant.year <= _LAST else None


def is_naive(text: Any) -> bool:
    """Say whether a date-time has no offset."""
    try:
        return isinstance(text, str) and datetime.fromisoformat(text.upper()).tzinfo is None
    except ValueError:
        return False


def written(moment: datetime, *, spec: str = "auto") -> str:
    """Return an instant as text, in UTC with a Z."""
    return moment.astimezone(UTC).isoformat(timespec=spec).replace("+00:00", "Z")


def alike(one: Any, other: Any, within: timedelta = timedelta(milliseconds=1)) -> bool:
    """Say whether two written instants are less than that apart."""
    first, second = instant_of(one), instant_of(other)
    return first is not None and second is not None and abs(first - second) < within
