"""The allowance: what `--webhook-allow` names, entry by entry."""

import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from contratempo.server.addresses import LINK_LOCAL, MAPPED, Address, Network, nowhere, numeric, parse_plain, within

HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
"""A host name in lower case, without the dot that may end it."""
_PORT: Final = re.compile(r"0*[1-9][0-9]{0,4}")
_FORMS: Final = "write a host, host:port, an address, address:port, [IPv6]:port or a network such as 10.0.0.0/8"


@dataclass(frozen=True)
class Entry:
    """One entry: a host `name` or a `network` (an address is one of a single address), at one `port` or any.

    `wide` ones were written as networks: they allow looking up names.
    """

    name: str | None = None
    network: Network | None = None
    port: int | None = None
    wide: bool = False

    def names(self, host: str, port: int) -> bool:
        """Say whether this names a host."""
        return self.name == host and self.port in (None, port)

    def covers(self, address: Address, port: int) -> bool:
        """Say whether this allows an address; link-local ones only where the entry itself is such.

        Cloud machines keep their secrets at 169.254.169.254: 0.0.0.0/0 is not meant to name that.
        """
        if self.network is None or address not in self.network or self.port not in (None, port):
            return False
        return _link_local(self.network) or not within(address, LINK_LOCAL)


def parse_allow(text: str) -> Entry:
    """Return the entry a text says; ValueError says what is wrong with it and what would be right."""
    if "://" in text:
        raise ValueError(f"{text!r} is a URL: leave out the scheme and the path, as in receiver.test:8080")
    if "*" in text:
        raise ValueError(f"{text!r} has a wildcard: name each host, or a network such as 10.0.0.0/8")
    if "/" in text:
        return Entry(network=_network(text), wide=True)
    host, port = _split(text)
    if ":" in host or numeric(host):
        return Entry(network=_single(host, text), port=port)
    if not HOST.fullmatch(host):
        raise ValueError(f"{text!r} names no host: {_FORMS}; a name beyond ASCII in its xn-- form")
    return Entry(name=host, port=port)


def _network(text: str) -> Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a network: {_instead(text)}") from None
    if network[0] in MAPPED:
        raise ValueError(f"{text!r} is a network of IPv4 addresses in IPv6 form: write it as 10.0.0.0/8")
    if (kind := nowhere(network[0])) is not None and kind == nowhere(network[-1]):
        raise ValueError(f"{text!r} is {kind}: nothing can be delivered there")
    return network


def _instead(text: str) -> str:
    try:
        return f"it is within {ip_network(text, strict=False)}; write that, or the address alone"
    except ValueError:
        return "write it as 10.0.0.0/8 or fd00::/8, without a port"


def _split(text: str) -> tuple[str, int | None]:
    """Return the host in lower case, without brackets and final dot, and the port if there is one."""
    if text.startswith("["):
        host, bracket, after = text[1:].partition("]")
        if not bracket or ":" not in host or not (after == "" or after.startswith(":")):
            raise ValueError(f"{text!r} is not [IPv6]:port: {_FORMS}")
        colon, port = after[:1], after[1:]
    elif text.count(":") == 1:
        host, colon, port = text.partition(":")
    else:  # none, or a bare IPv6 address
        host, colon, port = text, "", ""
    if colon and not (_PORT.fullmatch(port) and int(port) <= 65_535):
        raise ValueError(f"{text!r} has no port after its colon: one from 1 to 65535")
    return host.lower().removesuffix("."), int(port) if colon else None


def _single(host: str, text: str) -> Network:
    try:
        address = parse_plain(host)
    except ValueError:
        raise ValueError(f"{text!r} is not an address: write it as 10.1.2.3 or fd00::1, without a zone") from None
    if (kind := nowhere(address)) is not None:
        raise ValueError(f"{text!r} is {kind}: nothing can be delivered there")
    return ip_network(address)


def _link_local(network: Network) -> bool:
    return within(network[0], LINK_LOCAL) and within(network[-1], LINK_LOCAL)
