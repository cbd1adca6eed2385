"""The delivery policy: which webhook URLs are delivered to, and at which addresses; the others are captured."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import quote

from contratempo.server.addresses import (
    LINK_LOCAL,
    LOOPBACK,
    Address,
    Network,
    embedded,
    nowhere,
    numeric,
    parse_ipv4,
    parse_plain,
    within,
)
from contratempo.server.allowance import HOST, parse_allow

LONGEST: Final = 2_000
"""Characters of the longest URL delivered to."""
_URL: Final = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.ASCII)  # else ſ were an s
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f\\]")
_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([0-9]{1,5}))?")
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
_SINK: Final = re.compile(r"/_mock/sink/[a-z0-9][a-z0-9._-]{0,63}")
_PORTS: Final = {"http": 80, "https": 443}
_LOCALHOST: Final = ("127.0.0.1", "::1")
_FOREIGN: Final = (
    "neither loopback nor in --webhook-allow",
    "link-local, which only a --webhook-allow of link-local addresses allows",
)
_OWN: Final = "the mock's own port takes webhooks at http:// and /_mock/sink/NAME only"


@dataclass(frozen=True)
class Destination:
    """Where a webhook goes: the parts of its URL, parsed once; a request is made of these and never of the URL again.

    `host` is in lower case, an address in its canonical form. `target` is path and query as sent, `authority` what
    the Host header says. `addresses` are those to connect to, None where they must be looked up first. `own` ones
    go to this server's sink.
    """

    scheme: str
    host: str
    port: int
    target: str
    authority: str
    addresses: tuple[str, ...] | None
    own: bool = False


class DeliveryPolicy:
    """Loopback, and what `allow` names (`parse_allow`; ValueError for a bad entry); `own_port()` is the server's."""

    loopback: tuple[Network, ...] = LOOPBACK

    def __init__(self, allow: Sequence[str], own_port: Callable[[], int]) -> None:
        self._entries = tuple(parse_allow(text) for text in allow)
        self._own_port = own_port

    def judge(self, url: str) -> Destination | str:
        """Return where a webhook goes, or why it is captured instead; looks nothing up.

        Only names that an entry names, or any name where a network is allowed, are left to be looked up: a fuzzer's
        invented names reach no name server.
        """
        try:
            scheme, host, port, target = _parse(url)
            literal = _literal(host)
        except ValueError as error:
            return str(error)
        if literal is not None:
            return self._at(scheme, str(literal), port, target, (str(literal),))
        if host == "localhost" or host.endswith(".localhost"):
            return self._at(scheme, host, port, target, _LOCALHOST)
        if self._names(host, port) or any(entry.wide for entry in self._entries):
            return Destination(scheme, host, port, target, _authority(scheme, host, port), None)
        return f"{host} was not looked up: it is no loopback and --webhook-allow does not name it"

    def resolved(self, destination: Destination, addresses: Sequence[str]) -> tuple[str, ...] | str:
        """Return the addresses to connect to, of one lookup of a host, or why it is captured: each must be allowed."""
        named, checked = self._names(destination.host, destination.port), []
        if not addresses:
            return f"{destination.host} has no address"
        for text in addresses:
            try:
                address = parse_plain(text)
            except ValueError:
                return f"{destination.host} resolves to {text!r}, which is no plain address"
            reason = self._refusal(address, destination.port, named=named)
            if reason is None and self._is_own(address, destination.port):
                reason = f"{address} is this machine, and {_OWN}"
            if reason is not None:
                return f"{destination.host} was looked up: {reason}"
            checked.append(str(address))
        return tuple(dict.fromkeys(checked))

    def _at(self, scheme: str, host: str, port: int, target: str, texts: tuple[str, ...]) -> Destination | str:
        addresses = [parse_plain(text) for text in texts]
        refusals = [self._refusal(address, port) for address in addresses]
        allowed = [address for address, refusal in zip(addresses, refusals, strict=True) if refusal is None]
        if not allowed:
            return str(refusals[0])
        own = any(self._is_own(address, port) for address in allowed)
        if own and not (scheme == "http" and _SINK.fullmatch(target)):
            return _OWN
        return Destination(scheme, host, port, target, _authority(scheme, host, port), tuple(map(str, allowed)), own)

    def _refusal(self, address: Address, port: int, *, named: bool = False) -> str | None:
        """Return why an address is not connected to, or None; those inside it are held to the same.

        A `named` host's addresses may be private, never link-local.
        """
        for each in (address, *embedded(address)):
            within_it = "" if each == address else f" ({each} within it)"
            if (kind := nowhere(each)) is not None:
                return f"{address}{within_it} is {kind}: nothing can be delivered there"
            private = named and not within(each, LINK_LOCAL)
            if not (within(each, self.loopback) or private or self._covers(each, port)):
                return f"{address}{within_it} is {_FOREIGN[within(each, LINK_LOCAL)]}"
        return None

    def _is_own(self, address: Address, port: int) -> bool:
        return port == self._own_port() and any(within(each, LOOPBACK) for each in (address, *embedded(address)))

    def _names(self, host: str, port: int) -> bool:
        return any(entry.names(host, port) for entry in self._entries)

    def _covers(self, address: Address, port: int) -> bool:
        return any(entry.covers(address, port) for entry in self._entries)


def _parse(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host in lower case, port and target; ValueError where two readers could read it differently."""
    if len(url) > LONGEST:
        raise ValueError(f"the URL is longer than {LONGEST:,} characters")
    if _FORBIDDEN.search(url):
        raise ValueError("the URL has spaces, control characters or backslashes")
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError("the URL is neither http:// nor https://")
    scheme, authority, target = match[1].lower(), match[2], match[3]
    if not authority.isascii():
        raise ValueError("the host is not ASCII: a name beyond it has an xn-- form")
    if "@" in authority:
        raise ValueError("the URL has user information before its host")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not parts[1]:
        raise ValueError("the URL has no host, or no port after its colon")
    port = _PORTS[scheme] if parts[2] is None else int(parts[2])
    if not 1 <= port <= 65_535:
        raise ValueError(f"port {port} is not one from 1 to 65535")
    return scheme, parts[1].lower().removesuffix("."), port, _target(target)


def _target(text: str) -> str:
    try:
        target = quote(text, safe=_PRINTABLE)
    except UnicodeEncodeError:
        raise ValueError("the URL is not valid text") from None
    return target if target.startswith("/") else f"/{target}"


def _literal(host: str) -> Address | None:
    """Return the address a host spells, None for a name; ValueError for what is neither."""
    if host.startswith("["):
        if "%" in host:
            raise ValueError("the host has a zone, which would choose a network card")
        return _ipv6(host)
    if not HOST.fullmatch(host):
        raise ValueError("the host has characters that are not in a host name, or is too long")
    return parse_ipv4(host) if numeric(host) else None


def _ipv6(host: str) -> Address:
    try:
        return parse_plain(str(IPv6Address(host[1:-1])))
    except ValueError:
        raise ValueError("the host is not an IPv6 address") from None


def _authority(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _PORTS[scheme] else f"{shown}:{port}"
