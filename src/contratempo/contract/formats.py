"""String formats: one strict set of checks for all the judging, the same whatever else happens to be installed."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date

Check = Callable[[str], bool]

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt]"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
).fullmatch


def is_date_time(text: str) -> bool:
    """RFC 3339, with an offset or Z, in either case: what rfc3339-validator accepts, but for a trailing newline.

    No leap second and no year 0. (Written out here because asking that library costs four times as much.)
    """
    return _DATE_TIME(text) is not None and (text[8:10] <= "28" or _accepts(date.fromisoformat, text[:10]))


def is_date_time_or_naive(text: str) -> bool:
    """As `is_date_time`, or the same without its offset: what the vendor's own samples put on the wire."""
    return is_date_time(text) or is_date_time(text + "Z")


def is_date(text: str) -> bool:
    """A full-date of RFC 3339."""
    return bool(_DATE.fullmatch(text)) and _accepts(date.fromisoformat, text)


def is_time(text: str) -> bool:
    """A full-time of RFC 3339: it has an offset."""
    return is_date_time("1970-01-01T" + text)


def is_uuid(text: str) -> bool:
    """Five groups of hexadecimal digits, of any version."""
    return bool(_UUID.fullmatch(text))


def is_byte(text: str) -> bool:
    """Base64 with its padding."""
    return _accepts(lambda value: base64.b64decode(value, validate=True), text)


def _accepts(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (ValueError, binascii.Error):
        return False
    return True


def _anything(text: str) -> bool:
    return True


# What openapi-core does not check is not checked here either: a valid request must not hang on an installed extra.
_UNCHECKED = [
    "binary",
    "password",
    "duration",
    "hostname",
    "idn-hostname",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "url",
]

STRICT: Mapping[str, Check] = {
    **dict.fromkeys(_UNCHECKED, _anything),
    "date-time": is_date_time,
    "date": is_date,
    "time": is_time,
    "uuid": is_uuid,
    "byte": is_byte,
    "email": lambda text: "@" in text,
    "idn-email": lambda text: "@" in text,
    "ipv4": lambda text: _accepts(ipaddress.IPv4Address, text),
    "ipv6": lambda text: "%" not in text and _accepts(ipaddress.IPv6Address, text),
}
NAIVE: Mapping[str, Check] = {**STRICT, "date-time": is_date_time_or_naive}
# jsonschema-rs does not ask a format about numbers, so these become bounds.
INTEGER_BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
