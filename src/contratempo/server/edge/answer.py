"""The head of an answer, as bytes: what no client could read otherwise than it is meant."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

_FIELDS: Final = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9a-z]+: [\t\x20-\x7e]*\r\n)*")
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
    """Return headers as lines, names in lower case; InvalidHeader when one is none, or is more than one."""
    lines = [b"%s: %s\r\n" % (name.lower(), value) for name, value in headers]
    block = b"".join(lines)
    check_fields(block, len(lines))
    return block


def check_fields(block: bytes, count: int) -> None:
    """InvalidHeader unless a block is so many headers, of printable ASCII alone."""
    if not _FIELDS.fullmatch(block) or block.count(b"\n") != count:
        raise InvalidHeader("a header of the answer has characters that a header cannot have")
