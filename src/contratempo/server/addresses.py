"""Addresses: every spelling of an IPv4 address, and those that IPv6 ones carry inside."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
LINK_LOCAL: Final[tuple[Network, ...]] = (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10"))
# Where no receiver can be; on Linux a connection to 0.0.0.0 or :: ends at this very machine.
_NOWHERE: Final[dict[Network, str]] = {
    IPv4Network("0.0.0.0/8"): "unspecified",
    IPv6Network("::/128"): "unspecified",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv6Network("ff00::/8"): "multicast",
    IPv4Network("255.255.255.255/32"): "broadcast",
}
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)")
_V4_PREFIXES: Final = (IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"), IPv6Network("64:ff9b::/96"))
MAPPED, _SIX_TO_FOUR, _TEREDO, _LOCAL_NAT64 = (
    IPv6Network(text) for text in ("::ffff:0:0/96", "2002::/16", "2001::/32", "64:ff9b:1::/48")
)
_NOWHERE_OR_HERE: Final = (IPv6Address("::"), IPv6Address("::1"))
_ISATAP: Final = 0x0000_5EFE
_UNIVERSAL_AND_GROUP: Final = 0x0300_0000


def numeric(host: str) -> bool:
    """Say whether a host is meant as an IPv4 address: its last part is a number."""
    return _NUMERIC.fullmatch(host) is not None


def parse_ipv4(host: str) -> IPv4Address:
    """Return the address of any spelling that inet_aton takes (127.1, 0x7f000001, 017700000001); else ValueError."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError(f"{host} is not an IPv4 address")
    *leading, last = (_number(part) for part in parts)
    if any(number > 255 for number in leading) or last >= 256 ** (4 - len(leading)):
        raise ValueError(f"{host} is not an IPv4 address")
    return IPv4Address(sum(number << 8 * (3 - place) for place, number in enumerate(leading)) + last)


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text[2:], 16)
    return int(text, 8 if text.startswith("0") else 10)


def parse_plain(text: str) -> Address:
    """Return the address of a canonical spelling, an IPv4 one for its IPv6-mapped form; ValueError for any other.

    A zone (`fe80::1%eth0`) is refused: it would choose a network card.
    """
    if "%" in text:
        raise ValueError(f"{text} has a zone")
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address in MAPPED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def embedded(address: Address) -> Iterator[IPv4Address]:
    """Yield every IPv4 address to which a network could pass on what is sent to an IPv6 one."""
    if isinstance(address, IPv4Address) or address in _NOWHERE_OR_HERE:
        return
    bits = int(address)
    if any(address in prefix for prefix in (MAPPED, *_V4_PREFIXES)):
        yield IPv4Address(bits & 0xFFFF_FFFF)
    if address in _SIX_TO_FOUR:
        yield IPv4Address(bits >> 80 & 0xFFFF_FFFF)
    if address in _TEREDO:  # its server, and the client with every bit turned over
        yield IPv4Address(bits >> 64 & 0xFFFF_FFFF)
        yield IPv4Address(~bits & 0xFFFF_FFFF)
    if address in _LOCAL_NAT64:
        yield from _translated(bits)
    if bits >> 32 & 0xFFFF_FFFF & ~_UNIVERSAL_AND_GROUP == _ISATAP:
        yield IPv4Address(bits & 0xFFFF_FFFF)


def _translated(bits: int) -> Iterator[IPv4Address]:
    """Yield the address at each place RFC 6052 gives it: after a prefix of 48, 56, 64 or 96 bits, byte 8 left out."""
    raw = bits.to_bytes(16, "big")
    for start in (6, 7, 8):
        around = raw[start:8] + raw[9:]
        yield IPv4Address(around[:4])
    yield IPv4Address(raw[12:])


def nowhere(address: Address) -> str | None:
    """Return what an address is that nothing can be delivered to: unspecified, multicast, broadcast; else None."""
    return next((kind for network, kind in _NOWHERE.items() if address in network), None)


def within(address: Address, networks: tuple[Network, ...]) -> bool:
    """Say whether an address lies in one of the networks."""
    return any(address in network for network in networks)
