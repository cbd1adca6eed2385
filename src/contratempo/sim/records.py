"""Records: the resources of a world, kept as compact bytes and found through sorted indexes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

import msgspec
from sortedcontainers import SortedList

from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.undo import UndoLog

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

Record: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, ...]
Sort: TypeAlias = tuple[int, ...]
Listed = TypeVar("Listed", bound=list[Any])
_Place: TypeAlias = tuple[Key, tuple[Any, ...]]
_RECORDS: Final = msgspec.json.Decoder(list[Record])
_RECORD: Final = msgspec.json.Decoder(Record)
_JSON: Final = msgspec.json.Encoder()


@dataclass(frozen=True)
class Kind:
    """What a provider says of one kind of record.

    `index(record)` yields (key, sort) pairs: under which keys the record is listed and at which place; `sort` is a
    tuple of integers. `represent(simulation, record)` is the record as the vendor shows it. `outcomes` are the
    outcome names its attempts understand. `cancel(simulation, record)` is what the control plane's cancel does
    and returns the record afterwards, or None when it is gone.
    """

    name: str
    provider: str
    index: Callable[[Record], Iterable[tuple[Key, Sort]]]
    represent: Callable[["Simulation", Record], Any]
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    outcomes: frozenset[str] = frozenset()
    cancel: Callable[["Simulation", Record], Record | None] | None = None


class Page(NamedTuple):
    """A slice of a listing, as JSON, and how many records the whole listing has."""

    total: int
    raws: list[bytes]

    @property
    def records(self) -> list[Record]:
        """Return the records."""
        return self.read(_RECORDS)

    def read(self, decoder: msgspec.json.Decoder[Listed]) -> Listed:
        """Return the records as a decoder of lists of them has it: one that asks for less takes less."""
        return decoder.decode(b"[%b]" % b",".join(self.raws))


class _Seen(NamedTuple):
    """A record read last: its bytes, and where it is listed."""

    raw: bytes
    places: list["_Place"]


class Records:
    """Every record of a world by kind and id; each record carries its own `id`."""

    def __init__(self, kinds: Mapping[str, Kind], undo: UndoLog) -> None:
        self._kinds = kinds
        self._undo = undo
        self._of: dict[str, dict[str, bytes]] = {name: {} for name in kinds}
        self._indexes: dict[tuple[str, Key], SortedList] = {}
        self._count = 0
        self._seen: _Seen | None = None

    def __len__(self) -> int:
        return self._count

    def kind(self, name: str) -> Kind:
        """Return what the provider says of a kind."""
        return self._kinds[name]

    def get(self, kind: str, identifier: str) -> Record | None:
        """Return a copy of a record, or None."""
        raw = self._of[kind].get(identifier)
        if raw is None:
            return None
        record = _RECORD.decode(raw)
        self._seen = _Seen(raw, self._places(kind, record))  # most who read one store it next
        return record

    def find(self, identifier: str) -> tuple[Kind, Record] | None:
        """Return the record with this id, of whatever kind, or None."""
        for name, records in self._of.items():
            if identifier in records:
                return self._kinds[name], _RECORD.decode(records[identifier])
        return None

    def put(self, kind: str, record: Record) -> None:
        """Store a record, new or changed, under its `id`."""
        identifier = record["id"]
        before = self._swap(kind, identifier, _JSON.encode(record), self._places(kind, record))
        self._undo.note(lambda: self._put_back(kind, identifier, before))

    def delete(self, kind: str, identifier: str) -> None:
        """Remove a record; KeyError when there is none."""
        if identifier not in self._of[kind]:
            raise KeyError(identifier)
        before = self._swap(kind, identifier, None, [])
        self._undo.note(lambda: self._put_back(kind, identifier, before))

    def page(
        self,
        kind: str,
        key: Key = (),
        *,
        first: int | None = None,
        last: int | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> Page:
        """Return records listed under a key, in the order of their sort.

        `first` and `last` bound the sort's first number, both inclusive.
        """
        index = self._indexes.get((kind, key))
        if index is None:
            return Page(0, [])
        start = 0 if first is None else index.bisect_left((first,))
        end = len(index) if last is None else index.bisect_left((last + 1,))
        total = max(0, end - start)
        stop = end if limit is None else min(end, start + offset + limit)
        records = self._of[kind]
        return Page(total, [records[entry[-1]] for entry in index.islice(start + offset, stop)] if total else [])

    def __iter__(self) -> Iterator[tuple[Kind, Record]]:
        for name, kind in self._kinds.items():
            for identifier in sorted(self._of[name]):
                yield kind, _RECORD.decode(self._of[name][identifier])

    def dump(self) -> dict[str, list[Record]]:
        """Return every record as JSON, by kind, in order of id."""
        saved: dict[str, list[Record]] = {name: [] for name in self._kinds}
        for kind, record in self:
            saved[kind.name].append(record)
        return saved

    def load(self, saved: dict[str, list[Record]]) -> None:
        """Take over saved records."""
        for kind, records in saved.items():
            for record in records:
                self._swap(kind, record["id"], _JSON.encode(record), self._places(kind, record))

    def _swap(self, kind: str, identifier: str, raw: bytes | None, places: list[_Place]) -> bytes | None:
        """Store a record at its places, or with None remove it; return what was there."""
        records = self._of[kind]
        before = records.get(identifier)
        was = [] if before is None else self._places_of(kind, before)
        if raw is None:
            del records[identifier]
        else:
            records[identifier] = raw
        self._count += (raw is not None) - (before is not None)
        if places != was:
            for key, entry in was:
                self._unlist((kind, key), entry)
            for key, entry in places:
                index = self._indexes.get((kind, key))
                if index is None:
                    index = self._indexes[kind, key] = SortedList()
                index.add(entry)
        return before

    def _put_back(self, kind: str, identifier: str, raw: bytes | None) -> None:
        self._swap(kind, identifier, raw, [] if raw is None else self._places_of(kind, raw))

    def _places_of(self, kind: str, raw: bytes) -> list[_Place]:
        if self._seen is not None and self._seen.raw is raw:
            return self._seen.places
        return self._places(kind, _RECORD.decode(raw))

    def _places(self, kind: str, record: Record) -> list[_Place]:
        """Return under which keys a record is listed and as which entry; of those that are alike there is one."""
        places, last, entry, identifier = list[_Place](), None, (), record["id"]
        for key, sort in self._kinds[kind].index(record):
            if sort is not last:
                last, entry = sort, (*sort, identifier)
            places.append((key, entry))
        return places

    def _unlist(self, at: tuple[str, Key], entry: tuple[Any, ...]) -> None:
        index = self._indexes[at]
        index.remove(entry)
        if not index:
            del self._indexes[at]
