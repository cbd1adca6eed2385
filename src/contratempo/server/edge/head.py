"""The head of a request: what it must be, beyond what the parser sees to, before anybody acts on it."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from contratempo.provider import Problem
from contratempo.server.edge.breaches import malformed

_WATCHED: Final = frozenset((b"host", b"transfer-encoding", b"expect", b"upgrade", b"connection"))
_TARGET: Final = re.compile(rb"[\x21\x22\x24-\x7e]+")
_ABSOLUTE: Final = re.compile(rb"http://([^/?]+)([^?]*)(.*)", re.IGNORECASE)
_NONE: Final[tuple[bytes, ...]] = ()

Headers = list[tuple[bytes, bytes]]


class Head(NamedTuple):
    """Method, target and version, and the fields that are looked at here: their values by name."""

    method: bytes
    target: bytes
    version: str
    fields: Mapping[bytes, list[bytes]]

    def tokens(self, name: bytes) -> list[bytes]:
        """Return the members of a list field, in lower case."""
        return [each.strip().lower() for value in self.fields.get(name, _NONE) for each in value.split(b",")]


def read_head(method: bytes, target: bytes, version: str, headers: Headers) -> Head:
    """Return a head of headers whose names are in lower case."""
    fields: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _WATCHED:
            fields.setdefault(name, []).append(value)
    return Head(method, target, version, fields)


def breach(head: Head) -> Problem | None:
    """Return why a head is refused, or None."""
    for needs, check in CHECKS:
        if (needs is None or needs in head.fields) and (problem := check(head)) is not None:
            return problem
    return None


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """Return the path and the query of a target, of an absolute one those after its authority."""
    if not target.startswith(b"/") and (found := _ABSOLUTE.fullmatch(target)):
        return found[2] or b"/", found[3][1:]
    path, _, query = target.partition(b"?")
    return path, query


def without_upgrade(headers: Headers) -> bytes:
    """Return headers as lines, without those that offer another protocol (RFC 9110, section 7.8)."""
    kept = [field for field in headers if field[0] not in (b"upgrade", b"http2-settings", b"connection")]
    tokens = [each.strip() for name, value in headers if name == b"connection" for each in value.lower().split(b",")]
    kept.append((b"connection", b", ".join(each for each in tokens if each not in (b"upgrade", b"http2-settings"))))
    return b"".join(b"%s: %s\r\n" % field for field in kept)


def check_version(head: Head) -> Problem | None:
    """HTTP/0.9 has no answers with a status, HTTP/2 another form."""
    if head.version in ("1.1", "1.0"):
        return None
    return malformed(f"HTTP/{head.version} is not spoken here.", "use HTTP/1.1")


def check_method(head: Head) -> Problem | None:
    """A tunnel would carry anything."""
    if head.method != b"CONNECT":
        return None
    return malformed("This is no proxy: it opens no tunnels.", "send the request itself", status=405)


def check_target(head: Head) -> Problem | None:
    """Two readers of a target could differ over a fragment, or over which of two hosts is meant."""
    target = head.target
    if not _TARGET.fullmatch(target):
        return malformed("The request target has a fragment, or characters that are not in a URL.", "percent-encode it")
    if target.startswith(b"/"):
        return None
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        return malformed("The request target is no path.", "let it begin with /")
    if [absolute[1].lower()] != [host.lower() for host in head.fields.get(b"host", _NONE)]:
        return malformed("The request target names another host than the Host header.", "let it begin with /")
    return None


def check_host(head: Head) -> Problem | None:
    """Who takes the first of two and who takes the last would differ (RFC 9112, section 3.2)."""
    hosts = len(head.fields.get(b"host", _NONE))
    if hosts == 1 or (hosts == 0 and head.version == "1.0"):
        return None
    return malformed(f"The request has {hosts or 'no'} Host headers.", "send exactly one")


def check_coding(head: Head) -> Problem | None:
    """A body in a coding that is not undone here would be taken for another (RFC 9112, section 6.1)."""
    codings = head.tokens(b"transfer-encoding")
    if codings == [b"chunked"] and head.version == "1.1":
        return None
    return malformed("The only transfer coding taken here is chunked, in HTTP/1.1.", "send the body as it is")


def check_expectation(head: Head) -> Problem | None:
    """An expectation that nobody meets must not look met."""
    if all(each == b"100-continue" for each in head.tokens(b"expect")):
        return None
    return malformed("The only expectation met here is 100-continue.", "leave Expect out", status=417)


def check_upgrade(head: Head) -> Problem | None:
    """No other protocol is spoken here; the offer of h2c, which some clients always make, is passed over."""
    if b"upgrade" not in head.tokens(b"connection") or all(each == b"h2c" for each in head.tokens(b"upgrade")):
        return None
    return malformed("There is nothing to upgrade to here.", "leave Upgrade out; /_mock/stream sends events")


CHECKS: tuple[tuple[bytes | None, Callable[[Head], Problem | None]], ...] = (
    (None, check_version),
    (None, check_method),
    (None, check_host),
    (None, check_target),
    (b"transfer-encoding", check_coding),
    (b"expect", check_expectation),
    (b"connection", check_upgrade),
)
"""What is looked at, in this order, and the header without which there is nothing to see."""
