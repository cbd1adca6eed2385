"""Records: the resources of a world, kept as compact bytes and found through sorted indexes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from sortedcontainers import SortedList

from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.undo import UndoLog

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

Record: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, ...]
Sort: TypeAlias = tuple[int, ...]


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


@dataclass(frozen=True)
class Page:
    """A slice of a listing, and how many records the whole listing has."""

    total: int
    records: list[Record]


class Records:
    """Every record of a world by kind and id; each record carries its own `id`."""

    def __init__(self, kinds: Mapping[str, Kind], undo: UndoLog) -> None:
        self._kinds = kinds
        self._undo = undo
        self._of: dict[str, dict[str, bytes]] = {name: {} for name in kinds}
        self._indexes: dict[tuple[str, Key], SortedList] = {}

    def __len__(self) -> int:
        return sum(len(records) for records in self._of.values())

    def kind(self, name: str) -> Kind:
        """Return what the provider says of a kind."""
        return self._kinds[name]

    def get(self, kind: str, identifier: str) -> Record | None:
        """Return a copy of a record, or None."""
        raw = self._of[kind].get(identifier)
        return None if raw is None else msgspec.json.decode(raw)

    def find(self, identifier: str) -> tuple[Kind, Record] | None:
        """Return the record with this id, of whatever kind, or None."""
        for name, records in self._of.items():
            if identifier in records:
                return self._kinds[name], msgspec.json.decode(records[identifier])
        return None

    def put(self, kind: str, record: Record) -> None:
        """Store a record, new or changed, under its `id`."""
        before = self._swap(kind, record["id"], msgspec.json.encode(record))
        self._undo.note(lambda: self._swap(kind, record["id"], before))

    def delete(self, kind: str, identifier: str) -> None:
        """Remove a record; KeyError when there is none."""
        if identifier not in self._of[kind]:
            raise KeyError(identifier)
        before = self._swap(kind, identifier, None)
        self._undo.note(lambda: self._swap(kind, identifier, before))

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
        found = (
            [msgspec.json.decode(records[entry[-1]]) for entry in index.islice(start + offset, stop)] if total else []
        )
        return Page(total, found)

    def __iter__(self) -> Iterator[tuple[Kind, Record]]:
        for name, kind in self._kinds.items():
            for identifier in sorted(self._of[name]):
                yield kind, msgspec.json.decode(self._of[name][identifier])

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
                self._swap(kind, record["id"], msgspec.json.encode(record))

    def _swap(self, kind: str, identifier: str, raw: bytes | None) -> bytes | None:
        records = self._of[kind]
        entries = [] if raw is None else list(self._kinds[kind].index(msgspec.json.decode(raw)))
        before = records.pop(identifier, None)
        if before is not None:
            for key, sort in self._kinds[kind].index(msgspec.json.decode(before)):
                self._unlist((kind, key), (*sort, identifier))
        if raw is not None:
            records[identifier] = raw
            for key, sort in entries:
                self._indexes.setdefault((kind, key), SortedList()).add((*sort, identifier))
        return before

    def _unlist(self, at: tuple[str, Key], entry: tuple[Any, ...]) -> None:
        index = self._indexes[at]
        index.remove(entry)
        if not index:
            del self._indexes[at]
