"""Listings: which records stand under a key, sorted, as entries of bytes."""

from collections.abc import Iterator, Mapping
from typing import Final

from sortedcontainers import SortedList

from contratempo.sim import runs
from contratempo.sim.form import Key, Listed, entries

LISTED_AT_ONCE: Final = 10_000
"""Entries of a restored listing that are sorted, or laid, between two looks at the rest of the server."""
_NOTHING: Final = SortedList()


class Listings:
    """The sorted entries of each kind and key that has any."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, Key], SortedList] = {}

    def find(self, kind: str, key: Key) -> SortedList:
        """Return what is listed under a key, only to be read."""
        return self._of.get((kind, key), _NOTHING)

    def move(self, kind: str, identifier: str, was: Listed, listed: Listed) -> None:
        """List a record in other places than before."""
        if was == listed:
            return
        for key, entry in entries(was, identifier):
            index = self._of[kind, key]
            index.remove(entry)
            if not index:
                del self._of[kind, key]
        for key, entry in entries(listed, identifier):
            found = self._of.get((kind, key))
            if found is None:
                found = self._of[kind, key] = SortedList()
            found.add(entry)

    def fill(self, kind: str, listed: Mapping[Key, list[bytes]]) -> Iterator[None]:
        """List entries under keys that have none yet, pausing now and then."""
        for key, listing in listed.items():
            yield from runs.sort(listing, LISTED_AT_ONCE)
            found = SortedList(listing[:LISTED_AT_ONCE])
            for start in range(LISTED_AT_ONCE, len(listing), LISTED_AT_ONCE):
                yield
                _append(found, listing[start : start + LISTED_AT_ONCE])
            self._of[kind, key] = found


def _append(listing: SortedList, later: list[bytes]) -> None:
    """Add sorted entries after all there are, which nobody has looked up; `update` would sort everything once more."""
    size = listing._load
    parts = [later[start : start + size] for start in range(0, len(later), size)]
    listing._lists += parts
    listing._maxes += [part[-1] for part in parts]
    listing._len += len(later)
