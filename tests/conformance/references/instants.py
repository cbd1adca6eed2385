"""Instants and spans as text: RFC 3339 in and out, and the spans that a clock is advanced by."""

import re
from datetime import UTC, datetime, timedelta, timezone

_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_SHORT = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def read_instant(text: str, naive: timezone | None = UTC) -> datetime:
    """Return the instant in UTC; a time without an offset is one of `naive`, or refused when that is None."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(f"not an instant: {text}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    micro = int((match[7] or ".0")[1:7].ljust(6, "0"))
    zone = _zone(match[8], naive)
    local = datetime(year, month, day, hour, minute, second, micro, zone)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        return local.replace(tzinfo=UTC)


def _zone(text: str | None, naive: timezone | None) -> timezone:
    if text is None:
        if naive is None:
            raise ValueError("an offset is missing")
        return naive
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(f"no such offset: {text}")
    return timezone((timedelta(hours=hours, minutes=minutes)) * (-1 if text[0] == "-" else 1))


def has_offset(text: str) -> bool:
    """Say whether an instant's text names its offset."""
    match = _INSTANT.fullmatch(text)
    return match is not None and match[8] is not None


def write_instant(instant: datetime) -> str:
    """Return the instant in UTC, with milliseconds when it has any."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds") + "Z"


def read_span(span: float | str) -> timedelta:
    """Return what `90`, `1h30m` or `PT1H30M` say."""
    if not isinstance(span, str):
        return timedelta(seconds=span)
    if re.fullmatch(r"\d+(\.\d+)?", span):
        return timedelta(seconds=float(span))
    match = _ISO.fullmatch(span) or _SHORT.fullmatch(span)
    if match is None or not any(match.groups()):
        raise ValueError(f"not a span: {span}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
