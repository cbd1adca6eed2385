"""What a body would do if it were accepted, whatever the document says of it: reach whom, and how soon."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from contratempo.conformance.exchange import ABSENT, BROKEN
from contratempo.conformance.guard.permit import REACHES, Permit, Reach
from contratempo.conformance.instants import instant_of, is_naive

Json: TypeAlias = Any

_FEW: Final = 3
_FARTHEST_ZONE: Final = timedelta(hours=14)
_YEAR: Final = re.compile(r"\d{4}(?=-)")
_NUMBER: Final = re.compile(r"\+[0-9]{7,15}")
_DIGIT: Final = re.compile(r"\d")
_RESERVED: Final = (".example", ".invalid", ".test", "example.com", "example.net", "example.org")
_DEEPEST: Final = 50


def harm(body: Json, raw: bytes, permit: Permit, reach: Reach, breached: frozenset[str], now: datetime) -> str:
    """Return why a body may do harm if it is accepted, "" when it can do none.

    `breached` are its members that break the document; only such a one may say a time that is no instant.
    """
    if body is ABSENT or body is BROKEN:
        return "" if _mute(raw.decode("latin-1")) else "body: it is no JSON, and may reach somebody all the same"
    if not isinstance(body, dict):
        return "" if all(map(_mute, _leaves(body))) else "body: it is no object, and may reach somebody all the same"
    reasons = (*_whom(body, permit, reach), *_addresses(body, reach), *_others(body, permit, reach))
    if reasons:
        return reasons[0]
    reaching = any(not _empty(body.get(name)) for name, kind in reach.members.items() if kind == "targets")
    return _when(body.get(reach.when), reach.when in breached, now + permit.lead, reach) if reaching else ""


def _whom(body: Mapping[str, Json], permit: Permit, reach: Reach) -> Iterator[str]:
    for name, kind in reach.members.items():
        allowed = permit.lists(kind)
        for leaf in _leaves(body.get(name)):
            if not _is_allowed(leaf, allowed):
                yield f"{kind}: {name} is not one of those allowed (--allow-{kind[:-1]})"


def _is_allowed(leaf: Json, allowed: tuple[str, ...]) -> bool:
    if isinstance(leaf, str):
        return not leaf.strip() or leaf in allowed
    digits = "".join(_DIGIT.findall(str(leaf)))
    return len(digits) < _FEW or digits in {"".join(_DIGIT.findall(each)) for each in allowed}


def _empty(value: Json) -> bool:
    """Say whether a member names nobody."""
    return all(isinstance(leaf, str) and not leaf.strip() for leaf in _leaves(value))


def _addresses(body: Mapping[str, Json], reach: Reach) -> Iterator[str]:
    for name in reach.addresses:
        if not all(is_nowhere(leaf) for leaf in _leaves(body.get(name)) if isinstance(leaf, str)):
            yield f"addresses: {name} names a host that may be somebody's; example.com is nobody's"


def is_nowhere(text: str) -> bool:
    """Say whether a text, as a URL, leads to nobody: it is none, or its host is one of those kept for examples."""
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        host = ""
    if not host:
        return "/" not in text and "." not in text and ":" not in text
    return any(host == name.lstrip(".") or host.endswith("." + name.lstrip(".")) for name in _RESERVED)


def _others(body: Mapping[str, Json], permit: Permit, reach: Reach) -> Iterator[str]:
    """A sloppy reader may take TO for `to`, and a number for what it is wherever it stands."""
    own = {*reach.members, *reach.addresses, reach.when}
    allowed = (*permit.targets, *permit.senders)
    for name, value in body.items():
        if name not in own and _plain(name) in _SAID:
            yield f"members: {name!r} may be read as a member that reaches somebody"
        if name not in own and any(_NUMBER.fullmatch(str(leaf)) and leaf not in allowed for leaf in _leaves(value)):
            yield f"members: {name!r} holds a number that is not one of those allowed"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


_SAID: Final = frozenset(
    _plain(name) for each in REACHES.values() for name in (*each.members, *each.addresses, each.when)
)


def _when(value: Json, breached: bool, earliest: datetime, reach: Reach) -> str:
    moment = instant_of(value)
    if moment is not None:
        soon = moment - (_FARTHEST_ZONE if is_naive(value) else timedelta()) < earliest
        return f"lead: {reach.when} is too soon (--lead)" if soon else ""
    if not breached:
        return f"lead: without a {reach.when} it may happen at once"
    return "" if all(_is_far(leaf, earliest) for leaf in _leaves(value)) else f"lead: {reach.when} may be read as soon"


def _is_far(leaf: Json, earliest: datetime) -> bool:
    """What is no instant may be read as one by a sloppy reader: no digits, or a year far ahead, are harmless."""
    if isinstance(leaf, bool) or leaf is None:
        return True
    if isinstance(leaf, int | float):
        return earliest.timestamp() <= leaf < 10**11
    year = _YEAR.match(leaf)
    return not _DIGIT.search(leaf) or (year is not None and int(year[0]) > earliest.year)


def _mute(leaf: Json) -> bool:
    text = str(leaf)
    return len(_DIGIT.findall(text)) < _FEW and "@" not in text and "sip" not in text.lower()


def _leaves(value: Json, depth: int = 0) -> Iterator[Json]:
    """Yield texts and numbers, names of members too; what lies very deep counts as a text of digits."""
    if depth > _DEEPEST:
        yield "0000"
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _leaves(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, depth + 1)
    elif value is not None and not isinstance(value, bool):
        yield value
