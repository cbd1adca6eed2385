"""Shelves: a mapping that is kept as it is at once, since what changes later is copied a small part at a time."""

from collections.abc import Iterator, MutableMapping
from typing import Final, TypeAlias, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
Kept: TypeAlias = tuple[dict[Key, Value], ...]
"""Shelves as a snapshot keeps them; nobody changes one of these."""
SHELF: Final = 512
"""Rows on a shelf, on the average, before there is another: to copy so many takes some ten microseconds."""


class Shelves(MutableMapping[Key, Value]):
    """Rows on numbered shelves, by the hash of their keys; the order of rows means nothing.

    There is one shelf more whenever they are full, which takes its rows from one other (linear hashing), so that no
    row put is much slower than another. Each shelf is a dictionary: with values that hold nothing in turn, no
    collection of garbage looks at it.
    """

    __slots__ = ("_count", "_mask", "_shared", "_shelves")

    def __init__(self, kept: "Kept[Key, Value]" = ()) -> None:
        self._shelves: list[dict[Key, Value]] = list(kept) or [{}]
        self._shared = bytearray(b"\1") * len(self._shelves)  # by number, 1 for those that a snapshot has, too
        self._mask = (1 << (len(self._shelves) - 1).bit_length()) - 1
        self._count = sum(map(len, self._shelves))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Key]:
        for shelf in self._shelves:
            yield from shelf

    def __contains__(self, key: object) -> bool:
        return key in self._shelves[self._place(key)]

    def __getitem__(self, key: Key) -> Value:
        return self._shelves[self._place(key)][key]

    def get(self, key: Key, default: Value | None = None) -> Value | None:  # type: ignore[override]
        """Return the value of a key, or the default."""
        return self._shelves[self._place(key)].get(key, default)

    def __setitem__(self, key: Key, value: Value) -> None:
        shelf = self._own(key)
        before = len(shelf)
        shelf[key] = value
        if len(shelf) > before:
            self._count += 1
            if self._count > SHELF * len(self._shelves):
                self._add()

    def __delitem__(self, key: Key) -> None:
        del self._own(key)[key]
        self._count -= 1

    def snapshot(self) -> "Kept[Key, Value]":
        """Return the rows as they are now."""
        self._shared = bytearray(b"\1") * len(self._shelves)
        return tuple(self._shelves)

    def _place(self, key: object) -> int:
        place = hash(key) & self._mask
        return place if place < len(self._shelves) else place & (self._mask >> 1)

    def _own(self, key: Key) -> dict[Key, Value]:
        """Return the shelf of a key, which is no snapshot's from now on."""
        place = self._place(key)
        if self._shared[place]:
            self._shelves[place] = self._shelves[place].copy()
            self._shared[place] = 0
        return self._shelves[place]

    def _add(self) -> None:
        """Add a shelf, and put there what now belongs there of the one whose turn it is."""
        new = len(self._shelves)
        self._mask |= new
        old = new & (self._mask >> 1)
        stays: dict[Key, Value] = {}
        goes: dict[Key, Value] = {}
        for key, value in self._shelves[old].items():
            (goes if hash(key) & self._mask == new else stays)[key] = value
        self._shelves[old] = stays
        self._shelves.append(goes)
        self._shared[old] = 0
        self._shared.append(0)
