"""Listings: which records stand under a key, sorted, as entries of bytes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from sortedcontainers import SortedList

from contratempo.sim import runs
from contratempo.sim.form import Key, Listed, entries

Place: TypeAlias = tuple[str, Key]
"""A kind of record, and a key that some of it stand under."""
Entries: TypeAlias = tuple[tuple[Key, bytes], ...]

LISTED_AT_ONCE: Final = 10_000
"""Entries of a restored listing that are sorted, or laid, between two looks at the rest of the server."""
MOVED_KEPT: Final = 256
"""Records that are listed where they were until somebody looks: made up for together, at the cost of a few alone."""
_MADE_ANEW: Final = 12
"""How many entries for each one that changes a listing has at most to be made anew, and not entry by entry."""
_NOTHING: Final = SortedList()


class Listings:
    """The sorted entries of each kind and key that has any."""

    def __init__(self) -> None:
        self._of: dict[Place, SortedList] = {}
        self._moved: dict[tuple[str, str], tuple[Listed, Entries]] = {}  # where each is listed and where it stands

    def find(self, kind: str, key: Key) -> SortedList:
        """Return what is listed under a key, only to be read."""
        if self._moved:
            self._make_up()
        return self._of.get((kind, key), _NOTHING)

    def move(self, kind: str, identifier: str, was: Listed, listed: Listed) -> None:
        """List a record in other places than before: a new one at once, one that moves when somebody looks."""
        if was == listed:
            return
        record, stands = (kind, identifier), entries(listed, identifier)
        if record in self._moved:
            self._moved[record] = self._moved[record][0], tuple(stands)
        elif was:
            self._moved[record] = was, tuple(stands)
            if len(self._moved) > MOVED_KEPT:
                self._make_up()
        else:
            for key, entry in stands:
                self._add((kind, key), entry)

    def fill(self, kind: str, listed: Mapping[Key, list[bytes]]) -> Iterator[None]:
        """List entries under keys that have none yet, pausing now and then."""
        for key, listing in listed.items():
            yield from runs.sort(listing, LISTED_AT_ONCE)
            found = SortedList(listing[:LISTED_AT_ONCE])
            for start in range(LISTED_AT_ONCE, len(listing), LISTED_AT_ONCE):
                yield
                _append(found, listing[start : start + LISTED_AT_ONCE])
            self._of[kind, key] = found

    def _add(self, place: Place, entry: bytes) -> None:
        listing = self._of.get(place)
        if listing is None:
            listing = self._of[place] = SortedList()
        listing.add(entry)

    def _make_up(self) -> None:
        """List every record where it stands."""
        gone, come = defaultdict[Place, list[bytes]](list), defaultdict[Place, list[bytes]](list)
        for (kind, identifier), (was, stands) in self._moved.items():
            for key, entry in entries(was, identifier):
                gone[kind, key].append(entry)
            for key, entry in stands:
                come[kind, key].append(entry)
        self._moved.clear()
        for place in gone | come:
            listing = _changed(self._of.pop(place, _NOTHING), gone[place], come[place])
            if listing:
                self._of[place] = listing


def _changed(listing: SortedList, gone: list[bytes], come: list[bytes]) -> SortedList:
    """Return a listing without some of its entries and with others."""
    if len(listing) <= _MADE_ANEW * (len(gone) + len(come)):
        dropped = set(gone)
        return SortedList([entry for entry in listing if entry not in dropped] + come)
    for entry in gone:
        listing.remove(entry)
    for entry in come:
        listing.add(entry)
    return listing


def _append(listing: SortedList, later: list[bytes]) -> None:
    """Add sorted entries after all there are, which nobody has looked up; `update` would sort everything once more."""
    size = listing._load
    parts = [later[start : start + size] for start in range(0, len(later), size)]
    listing._lists += parts
    listing._maxes += [part[-1] for part in parts]
    listing._len += len(later)
