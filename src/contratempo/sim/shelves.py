"""Shelves: a mapping that is kept as it is at once, since what changes later is copied a small part at a time."""

from collections.abc import Iterator, MutableMapping
from typing import Final, TypeAlias, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
Kept: TypeAlias = tuple[dict[Key, Value], ...]
"""Shelves as a snapshot keeps them; nobody changes one of these."""
SHELF: Final = 512
"""Rows on a shelf, at most: each that is changed after a snapshot is copied whole."""
SPARSE: Final = 8
"""What part of a shelf is so little that it is moved to another."""


class Shelves(MutableMapping[Key, Value]):
    """Rows on shelves, filled one after the other, so that what came together is changed and copied together.

    Each shelf is a dictionary: with values that hold nothing in turn, no collection of garbage looks at it. `copied`
    counts how many rows were copied so far.
    """

    __slots__ = ("_empty", "_last", "_shared", "_shelves", "_where", "copied")

    def __init__(self) -> None:
        self._shelves: list[dict[Key, Value]] = [{}]
        self._shared = bytearray(1)  # by number, 1 for those that a snapshot has, too
        self._last = 0
        self._empty: list[int] = []
        self._where: dict[Key, int] = {}
        self.copied = 0

    def __len__(self) -> int:
        return len(self._where)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._where)

    def __contains__(self, key: object) -> bool:
        return key in self._where

    def __getitem__(self, key: Key) -> Value:
        return self._shelves[self._where[key]][key]

    def get(self, key: Key, default: Value | None = None) -> Value | None:  # type: ignore[override]
        """Return the value of a key, or the default."""
        place = self._where.get(key)
        return default if place is None else self._shelves[place][key]

    def __setitem__(self, key: Key, value: Value) -> None:
        place = self._where.get(key)
        if place is None:
            place = self._where[key] = self._room()
        if self._shared[place]:
            self._copy(place)
        self._shelves[place][key] = value

    def __delitem__(self, key: Key) -> None:
        place = self._where.pop(key)
        if self._shared[place]:
            self._copy(place)
        shelf = self._shelves[place]
        del shelf[key]
        if len(shelf) <= SHELF // SPARSE and place != self._last:
            self._clear(place)

    def lay(self, shelf: dict[Key, Value]) -> None:
        """Take over a shelf of a snapshot, of rows that are not here; one by one, as many are a pause."""
        if shelf:
            self._where.update(dict.fromkeys(shelf, len(self._shelves)))
            self._shelves.append(shelf)
            self._shared.append(1)

    def snapshot(self) -> "Kept[Key, Value]":
        """Return the rows as they are now."""
        self._shared = bytearray(b"\1") * len(self._shelves)
        return tuple(self._shelves)

    def _copy(self, place: int) -> None:
        """Make a shelf the world's own."""
        self._shelves[place] = self._shelves[place].copy()
        self._shared[place] = 0
        self.copied += len(self._shelves[place])

    def _clear(self, place: int) -> None:
        """Move what is left on a shelf: a dictionary is as large as when it had most."""
        left, self._shelves[place] = self._shelves[place], {}
        self._empty.append(place)
        for key, value in left.items():
            self._where[key] = self._room()
            self[key] = value

    def _room(self) -> int:
        """Return the number of a shelf that has room: one that is empty, if there is such, when the last is full."""
        if len(self._shelves[self._last]) >= SHELF:
            if self._empty:
                self._last = self._empty.pop()
            else:
                self._last = len(self._shelves)
                self._shelves.append({})
                self._shared.append(0)
        return self._last
