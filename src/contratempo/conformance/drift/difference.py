"""How two answers to one request differ: in status, type, shape, words, codes and headers, never in mere values."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from contratempo.conformance.drift.place import Place
from contratempo.conformance.exchange import ABSENT, BROKEN, Exchange

Json: TypeAlias = Any
Kind: TypeAlias = Literal["status", "media type", "member", "type", "word", "code", "header", "rule"]

_CODES: Final = ("code", "type")
_PRESENT: Final = ("location", "retry-after", "www-authenticate")
"""Headers that mean something by being there; what they say is each deployment's own."""
_NONE: Final = "absent"


@dataclass(frozen=True)
class Difference:
    """One way in which two answers differ; `allowed` when the document leaves it open."""

    kind: Kind
    place: str
    mock: str
    real: str
    allowed: bool = False


def differences(mock: Exchange, real: Exchange, place: Place, identity: str) -> Iterator[Difference]:
    """Yield how two answers differ; of two with different statuses that alone is told.

    `identity` is the member that records are told apart by: in lists of them words differ by nature.
    """
    if mock.status != real.status:
        yield Difference("status", "status", _status(mock), _status(real))
        return
    if mock.media_type != real.media_type:
        yield Difference("media type", "content-type", mock.media_type or _NONE, real.media_type or _NONE)
    yield from _headers(mock.answer_headers, real.answer_headers)
    if mock.method == "HEAD" or BROKEN in (mock.json, real.json):
        return
    yield from _bodies("", mock.json, real.json, place, identity)
    if mock.status >= 400:
        yield from _codes(mock.json, real.json)


def _status(x: Exchange) -> str:
    return str(x.status) if x.status else "no answer"


def _headers(mock: Mapping[str, str], real: Mapping[str, str]) -> Iterator[Difference]:
    ours, theirs = (_words(each["allow"]) if "allow" in each else _NONE for each in (mock, real))
    if ours != theirs:
        yield Difference("header", "allow", ours, theirs)
    for name in _PRESENT:
        ours, theirs = ("present" if name in each else _NONE for each in (mock, real))
        if ours != theirs:
            yield Difference("header", name, ours, theirs)


def _words(value: str) -> str:
    return ", ".join(sorted({word.strip().upper() for word in value.split(",")} - {""}))


def _bodies(at: str, mock: Json, real: Json, place: Place, identity: str) -> Iterator[Difference]:
    ours, theirs = _kind(mock), _kind(real)
    if ours != theirs:
        kind: Kind = "member" if _NONE in (ours, theirs) else "type"
        yield Difference(kind, at or "body", ours, theirs, place.may_be(ours) and place.may_be(theirs))
    elif isinstance(mock, dict):
        yield from () if place.free else _members(at, mock, real, place, identity)
    elif isinstance(mock, list):
        yield from _lists(f"{at}[]", mock, real, place.item(), identity)
    elif place.words and mock != real:
        yield Difference("word", at, json.dumps(mock), json.dumps(real))


def _members(at: str, mock: Json, real: Json, place: Place, identity: str) -> Iterator[Difference]:
    for name in dict.fromkeys((*mock, *real)):
        where = f"{at}.{name}" if at else name
        if name in mock and name in real:
            yield from _bodies(where, mock[name], real[name], place.member(name), identity)
        else:
            ours, theirs = _kind(mock.get(name, ABSENT)), _kind(real.get(name, ABSENT))
            shown = theirs if ours == _NONE else ours
            allowed = place.may_lack(name) and place.member(name).may_be(shown)
            yield Difference("member", where, ours, theirs, allowed)


def _lists(at: str, mock: list[Json], real: list[Json], place: Place, identity: str) -> Iterator[Difference]:
    """Two items that are alone are compared; of several, and of records, those whose words are the same."""
    if len(mock) == len(real) == 1 and not _is_record(mock[0], identity):
        yield from _bodies(at, mock[0], real[0], place, identity)
        return
    ours, theirs = _by_words(mock, place), _by_words(real, place)
    for words in ours:
        if words in theirs:
            yield from _bodies(at, ours[words], theirs[words], place, identity)


def _is_record(item: Json, identity: str) -> bool:
    return isinstance(item, dict) and identity in item


def _by_words(items: list[Json], place: Place) -> dict[str, Json]:
    """Return what stands for the items that have the same words: of objects, one with the members of them all."""
    found: dict[str, Json] = {}
    for item in items:
        if isinstance(item, dict):
            words = json.dumps({name: item[name] for name in sorted(item) if place.member(name).words})
            known = found.setdefault(words, {})
            known |= {name: value for name, value in item.items() if known.get(name) is None}
        else:
            found.setdefault(_kind(item), item)
    return found


def _codes(mock: Json, real: Json) -> Iterator[Difference]:
    """Some name the first thing that is wrong, others all: what matters is that they agree as far as both go."""
    told = [dict[str, set[str]](), dict[str, set[str]]()]
    for codes, body in zip(told, (mock, real), strict=True):
        for at, code in _coded("", body):
            codes.setdefault(at, set()).add(code)
    for at in told[0].keys() & told[1].keys():
        ours, theirs = told[0][at], told[1][at]
        if not (ours <= theirs or theirs <= ours):
            yield Difference("code", at, ", ".join(sorted(ours)), ", ".join(sorted(theirs)))


def _coded(at: str, body: Json) -> Iterator[tuple[str, str]]:
    if isinstance(body, list):
        for each in body:
            yield from _coded(f"{at}[]", each)
    elif isinstance(body, dict):
        for name, value in body.items():
            where = f"{at}.{name}" if at else name
            if name in _CODES and isinstance(value, str | int):
                yield where, str(value)
            else:
                yield from _coded(where, value)


_KINDS: Final[Mapping[type[Any], str]] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), _NONE)
