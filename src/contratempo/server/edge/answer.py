"""The head of an answer, as bytes: what no client could read otherwise than it is meant."""

import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Final

_FIELD: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+: [\t\x20-\x7e]*\r\n")
_BODILESS: Final = (204, 304)
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


class InvalidHeader(ValueError):
    """A header of an answer that would break it, or bring in another."""


def status_line(status: int) -> bytes:
    """Return the first line; a status that is none of HTTP's has no phrase."""
    return _LINES.get(status) or f"HTTP/1.1 {status} \r\n".encode()


_LINES: Final = {status: f"HTTP/1.1 {status} {phrase}\r\n".encode() for status, phrase in _PHRASES.items()}


def has_body(method: str, status: int) -> bool:
    """Say whether an answer may have a body (RFC 9110, section 6.4.1)."""
    return method != "HEAD" and status >= 200 and status not in _BODILESS


def field_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return headers whose names are in lower case as lines; InvalidHeader as `field_line`."""
    return b"".join([field_line(name, value) for name, value in headers])


@lru_cache(512)
def field_line(name: bytes, value: bytes) -> bytes:
    """Return a header as a line, mostly one that other answers had; InvalidHeader unless it is printable ASCII."""
    line = b"%s: %s\r\n" % (name, value)
    if not _FIELD.fullmatch(line):
        raise InvalidHeader("a header of the answer has characters that a header cannot have")
    return line
