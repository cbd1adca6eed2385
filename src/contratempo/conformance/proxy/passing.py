"""What of a message a proxy passes on, and what it reads of an answer that is passed on as it came."""

import re
import zlib
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from contratempo.conformance.door import Asked, Refused
from contratempo.conformance.proxy.upstream import LARGEST, Fields

VIOLATIONS: Final = "x-contract-violations"
"""The header of an answer that names the rules it breaks."""
PROXY: Final = "x-contract-proxy"
"""The header of an answer that is the proxy's own, with its reason."""
_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
_REWRITTEN: Final = frozenset({"host", "content-length", "expect", "accept-encoding"})
_OURS: Final = frozenset({VIOLATIONS, PROXY})
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_HOST: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::[0-9]{0,5})?", re.ASCII)
_CODINGS: Final = ("gzip", "x-gzip", "deflate")
_NOTHING: Final = re.compile(r"0(\.0*)?")
_LONGEST: Final = 16_000


def check_host(asked: Asked, hosts: tuple[str, ...]) -> None:
    """Refuse a Host that is not ours: a page may have had its own name lead here."""
    told = dict(asked.headers).get("host", "")
    found = _HOST.fullmatch(told)
    name = (found[1] or found[2]).lower() if found else ""
    if name not in _LOOPBACK and name not in hosts:
        raise Refused(f"host: it does not answer to the host {told[:80]!r}: start it with --allowed-host", 403)


def below(target: str, prefix: str) -> tuple[str, str]:
    """Return the path below a prefix, and the query; Refused for what is not there. It names no other origin."""
    path, _, query = target.partition("?")
    if not path.startswith("/") or len(target) > _LONGEST or "#" in target:
        raise Refused("target: give a path, as to a server", 400)
    if prefix and any(part in (".", "..") for part in unquote(path).replace("\\", "/").split("/")):
        raise Refused(f"target: its path has dots that may lead out of {prefix}", 400)
    if path != prefix and not path.startswith(f"{prefix}/"):
        raise Refused(f"target: it passes on what is below {prefix} and nothing else", 404)
    return path[len(prefix) :], query


def passed_on(asked: Asked) -> list[tuple[str, str]]:
    """Return the headers that go on: not those of this connection, and only codings that can be read."""
    fields = [each for each in _without_hop(asked.headers) if each[0] not in _REWRITTEN]
    codings = ",".join(value for name, value in asked.headers if name == "accept-encoding")
    if codings:
        fields.append(("accept-encoding", "gzip" if _takes_gzip(codings) else "identity"))
    return fields


def _takes_gzip(codings: str) -> bool:
    """Say whether gzip is among codings that are taken: what weighs nothing is refused."""
    weights = dict[str, str]()
    for each in codings.lower().split(","):
        name, _, weight = each.replace(" ", "").replace("\t", "").partition(";q=")
        weights[name] = weight
    weight = next((weights[name] for name in ("gzip", "x-gzip", "*") if name in weights), "0")
    return _NOTHING.fullmatch(weight) is None


def passed_back(headers: Fields, broken: list[str]) -> list[tuple[str, str]]:
    """Return the headers that go back, and one that names the rules which are broken."""
    fields = [each for each in _without_hop(headers) if each[0] not in _OURS]
    return [*fields, (VIOLATIONS, ", ".join(broken))] if broken else fields


def _without_hop(headers: Fields) -> Iterator[tuple[str, str]]:
    named = {word.strip().lower() for name, value in headers if name == "connection" for word in value.split(",")}
    return (each for each in headers if each[0] not in _HOP and each[0] not in named)


def joined(headers: Fields) -> dict[str, str]:
    """Return headers by name; one that comes several times is one with commas."""
    fields: dict[str, str] = {}
    for name, value in headers:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def readable(content: bytes, headers: Fields) -> bytes | None:
    """Return a body without its coding; None when it has one that is not read, or comes to too much."""
    coding = joined(headers).get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not content:
        return content
    if coding not in _CODINGS:
        return None
    reader = zlib.decompressobj(wbits=47)
    try:
        plain = reader.decompress(content, LARGEST)
    except zlib.error:
        return None
    return plain if reader.eof else None
