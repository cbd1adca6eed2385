"""The form in which a world keeps its records, and where they stand in listings, as bytes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import msgspec

Record: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, ...]
Sort: TypeAlias = tuple[int, ...]
Listed: TypeAlias = tuple[tuple[Key, Sort], ...]
"""The keys that a record is listed under, and its place there."""
_BIAS: Final = 1 << 63
_RECORD: Final = msgspec.json.Decoder(Record)
_JSON: Final = msgspec.json.Encoder()


class Form:
    """How the records of a kind are kept: as JSON in which bytes that JSON never has stand for names of members."""

    def __init__(self, members: Sequence[str] = ()) -> None:
        self._names = [(bytes((number,)), b"%b:" % _JSON.encode(name)) for number, name in enumerate(members[:31], 1)]

    def encode(self, record: Record) -> bytes:
        """Return a record as it is kept."""
        raw = _JSON.encode(record)
        for short, name in self._names:
            raw = raw.replace(name, short)
        return raw

    def decode(self, raw: bytes) -> Record:
        """Return a record that was kept."""
        return _RECORD.decode(self.written_out(raw))

    def written_out(self, raw: bytes) -> bytes:
        """Return the JSON of one record or of several."""
        for short, name in self._names:
            raw = raw.replace(short, name)
        return raw


def entries(listed: Iterable[tuple[Key, Sort]], identifier: str) -> Iterator[tuple[Key, bytes]]:
    """Yield the entries of a record by the keys it is listed under; of those that are alike there is one.

    An entry is what it is sorted by, the id, and how many numbers it is sorted by: as bytes it is half as large as a
    tuple, quicker to compare, and nothing that a collection of garbage looks at.
    """
    last: Sort | None = None
    entry = b""
    for key, sort in listed:
        if sort is not last:
            last, entry = sort, b"%b%b%c" % (b"".join(map(packed, sort)), identifier.encode(), len(sort))
        yield key, entry


def packed(number: int) -> bytes:
    """Return a number as bytes that are sorted as it is."""
    return (number + _BIAS).to_bytes(8, "big")


def identifier_of(entry: bytes) -> str:
    """Return the id in an entry."""
    return entry[8 * entry[-1] : -1].decode()
