"""Records: the resources of a world, kept as compact bytes and found through sorted indexes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec

from contratempo.sim.form import Form, Key, Listed, Record, Sort, entries, identifier_of, packed
from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.listings import Listings
from contratempo.sim.shelves import Kept, Shelves
from contratempo.sim.undo import UndoLog

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

__all__ = ["OPEN_KEPT", "KeptRecords", "Key", "Kind", "Page", "Record", "Records", "Sort"]

Rows = TypeVar("Rows", bound=list[Any])
OPEN_KEPT: Final = 1_024
"""Records kept as they are, beside their bytes: a few KiB each."""
_RECORDS: Final = msgspec.json.Decoder(list[Record])


@dataclass(frozen=True)
class Kind:
    """What a provider says of one kind of record.

    `index(record)` yields (key, sort) pairs: under which keys the record is listed and at which place; `sort` is a
    tuple of integers. `represent(simulation, record)` is the record as the vendor shows it, under the schema at the
    pointer `schema` of the vendor's document ("" for none). `outcomes` are the outcome names its attempts understand.
    `cancel(simulation, record)` is what the control plane's cancel does and returns the record afterwards, or None
    when it is gone. `members` are names of members that most records have: each takes
    a byte of a record that is kept, but only the first 31.
    """

    name: str
    provider: str
    index: Callable[[Record], Iterable[tuple[Key, Sort]]]
    represent: Callable[["Simulation", Record], Any]
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    outcomes: frozenset[str] = frozenset()
    cancel: Callable[["Simulation", Record], Record | None] | None = None
    schema: str = ""
    members: tuple[str, ...] = ()


class Page(NamedTuple):
    """A slice of a listing, as it is kept, and how many records the whole listing has."""

    total: int
    raws: list[bytes]
    form: Form

    @property
    def records(self) -> list[Record]:
        """Return the records."""
        return self.read(_RECORDS)

    def read(self, decoder: msgspec.json.Decoder[Rows]) -> Rows:
        """Return the records as a decoder of lists of them has it: one that asks for less takes less."""
        return decoder.decode(self.form.written_out(b"[%b]" % b",".join(self.raws)))


class KeptRecords(NamedTuple):
    """Records as a snapshot keeps them: bytes by kind and id; where they are listed follows from them.

    They weigh `weight` bytes together.
    """

    rows: dict[str, Kept[str, bytes]]
    total: int
    weight: int


@dataclass(slots=True)
class _Open:
    """A record at work: its latest state, and where it is listed."""

    record: Record
    listed: Listed


class Records:
    """Every record of a world by kind and id; each record carries its own `id`.

    They are kept as bytes. The `OPEN_KEPT` that timers were at last are kept as they are too, and made bytes of when
    somebody reads them or others take their place: a timer is seldom the last of its record.
    """

    def __init__(self, kinds: Mapping[str, Kind], undo: UndoLog) -> None:
        self._kinds = kinds
        self._forms = {name: Form(kind.members) for name, kind in kinds.items()}
        self._undo = undo
        self._of: dict[str, Shelves[str, bytes]] = {name: Shelves() for name in kinds}
        self._listings = Listings()
        self._count = 0
        self._weight = self._replaced = 0
        self._open: dict[tuple[str, str], _Open] = {}  # the one that was opened longest ago first
        self._ahead: dict[tuple[str, str], _Open] = {}  # those that their bytes are behind

    def __len__(self) -> int:
        return self._count

    def kind(self, name: str) -> Kind:
        """Return what the provider says of a kind."""
        return self._kinds[name]

    def get(self, kind: str, identifier: str) -> Record | None:
        """Return a copy of a record, or None."""
        if self._ahead:
            self._settle(kind, identifier)
        raw = self._of[kind].get(identifier)
        return None if raw is None else self._forms[kind].decode(raw)

    def edit(self, kind: str, identifier: str) -> Record | None:
        """Return a record that is to be stored again, or None: its members are replaced, never changed in themselves.

        What hands the members out uses `get`.
        """
        opened = self._open.get((kind, identifier))
        if opened is None:
            raw = self._of[kind].get(identifier)
            if raw is None:
                return None
            record = self._forms[kind].decode(raw)
            if len(self._open) >= OPEN_KEPT:
                self._close(next(iter(self._open)))
            opened = self._open[kind, identifier] = _Open(record, self._listed(kind, record))
        return opened.record.copy()

    def find(self, identifier: str) -> tuple[Kind, Record] | None:
        """Return the record with this id, of whatever kind, or None."""
        for name, records in self._of.items():
            if identifier in records:
                self._settle(name, identifier)
                return self._kinds[name], self._forms[name].decode(records[identifier])
        return None

    def put(self, kind: str, record: Record) -> None:
        """Store a record, new or changed, under its `id`."""
        identifier = record["id"]
        opened = self._open.get((kind, identifier))
        if opened is not None:
            self._undo.note((self._rewrite, kind, opened.record))
            self._work(kind, opened, record.copy())
            return
        before = self._swap(kind, identifier, self._forms[kind].encode(record), self._listed(kind, record))
        self._undo.note((self._put_back, kind, identifier, before))

    def delete(self, kind: str, identifier: str) -> None:
        """Remove a record; KeyError when there is none."""
        if identifier not in self._of[kind]:
            raise KeyError(identifier)
        self._close((kind, identifier))
        before = self._swap(kind, identifier, None, ())
        self._undo.note((self._put_back, kind, identifier, before))

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
        index = self._listings.find(kind, key)
        start = 0 if first is None else index.bisect_left(packed(first))
        end = len(index) if last is None else index.bisect_left(packed(last + 1))
        total = max(0, end - start)
        stop = end if limit is None else min(end, start + offset + limit)
        self._settle_all()
        records = self._of[kind]
        found = index.islice(start + offset, stop) if total else ()
        return Page(total, [records[identifier_of(entry)] for entry in found], self._forms[kind])

    def __iter__(self) -> Iterator[tuple[Kind, Record]]:
        self._settle_all()
        for name, kind in self._kinds.items():
            for identifier in sorted(self._of[name]):
                yield kind, self._forms[name].decode(self._of[name][identifier])

    def dump(self) -> dict[str, list[Record]]:
        """Return every record as JSON, by kind, in order of id."""
        saved: dict[str, list[Record]] = {name: [] for name in self._kinds}
        for kind, record in self:
            saved[kind.name].append(record)
        return saved

    @property
    def weight(self) -> int:
        """Return how many bytes they take, but for those at work, which count as they were."""
        return self._weight

    @property
    def replaced(self) -> int:
        """Return how many bytes were replaced since the world was made."""
        return self._replaced

    @property
    def copied(self) -> int:
        """Return how many rows were copied since the world was made, since snapshots have them too."""
        return sum(rows.copied for rows in self._of.values())

    def snapshot(self) -> KeptRecords:
        """Return what is there."""
        self._settle_all()
        rows = {name: rows.snapshot() for name, rows in self._of.items() if rows}
        return KeptRecords(rows, self._count, self._weight)

    def restore(self, kept: KeptRecords) -> Iterator[None]:
        """Take over what was there, pausing now and then."""
        self._count, self._weight = kept.total, kept.weight
        for name, shelves in kept.rows.items():
            index, listed = self._kinds[name].index, defaultdict[Key, list[bytes]](list)
            for shelf in shelves:
                self._of[name].lay(shelf)
                for record in Page(len(shelf), list(shelf.values()), self._forms[name]).records:
                    for key, entry in entries(index(record), record["id"]):
                        listed[key].append(entry)
                yield
            yield from self._listings.fill(name, listed)

    def load(self, saved: dict[str, list[Record]]) -> None:
        """Take over saved records; an exception carries a note of which one it is about."""
        for kind, records in saved.items():
            for place, record in enumerate(records):
                try:
                    self._swap(kind, record["id"], self._forms[kind].encode(record), self._listed(kind, record))
                except Exception as error:
                    error.add_note(f"records.{kind}[{place}]")
                    raise

    def _swap(self, kind: str, identifier: str, raw: bytes | None, listed: Listed) -> bytes | None:
        """Store a record that is not open, and list it, or with None remove it; return what was there."""
        records = self._of[kind]
        before = records.get(identifier)
        was = () if before is None else self._listed(kind, self._forms[kind].decode(before))
        if raw is None:
            del records[identifier]
        else:
            records[identifier] = raw
        self._count += (raw is not None) - (before is not None)
        self._weigh(raw or b"", before or b"")
        self._listings.move(kind, identifier, was, listed)
        return before

    def _put_back(self, kind: str, identifier: str, raw: bytes | None) -> None:
        self._close((kind, identifier))
        self._swap(kind, identifier, raw, () if raw is None else self._listed(kind, self._forms[kind].decode(raw)))

    def _work(self, kind: str, opened: _Open, record: Record) -> None:
        """Make a record at work another one."""
        listed = self._listed(kind, record)
        if listed != opened.listed:
            self._listings.move(kind, record["id"], opened.listed, listed)
            opened.listed = listed
        opened.record = record
        self._ahead[kind, record["id"]] = opened

    def _rewrite(self, kind: str, record: Record) -> None:
        """Take back what was made of a record that was at work, and may be so no longer."""
        opened = self._open.get((kind, record["id"]))
        if opened is None:
            self._swap(kind, record["id"], self._forms[kind].encode(record), self._listed(kind, record))
        else:
            self._work(kind, opened, record)

    def _settle(self, kind: str, identifier: str) -> None:
        """Bring the bytes of a record up to date."""
        opened = self._ahead.pop((kind, identifier), None)
        if opened is not None:
            rows, raw = self._of[kind], self._forms[kind].encode(opened.record)
            self._weigh(raw, rows[identifier])
            rows[identifier] = raw

    def _weigh(self, raw: bytes, before: bytes) -> None:
        self._weight += len(raw) - len(before)
        self._replaced += len(before)

    def _settle_all(self) -> None:
        for kind, identifier in tuple(self._ahead):
            self._settle(kind, identifier)

    def _close(self, key: tuple[str, str]) -> None:
        """Keep a record as bytes alone."""
        self._settle(*key)
        self._open.pop(key, None)

    def _listed(self, kind: str, record: Record) -> Listed:
        return tuple(self._kinds[kind].index(record))
