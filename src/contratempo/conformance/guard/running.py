"""A guarded run: the guard stands before the deployment while it lasts, and what was created is removed at its end."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from contratempo.conformance.book import open_book
from contratempo.conformance.door import Refused
from contratempo.conformance.guard.adapt import Adaptation
from contratempo.conformance.guard.clean import Cleaned, Cleaner
from contratempo.conformance.guard.gate import Gate
from contratempo.conformance.guard.pace import Pace
from contratempo.conformance.guard.permit import Permit
from contratempo.conformance.guard.proxy import Door, Guard
from contratempo.conformance.guard.record import NAME, Record, RecordError, read_record
from contratempo.conformance.surroundings import pause, stopwatch, wall
from contratempo.conformance.target import Target
from contratempo.conformance.wire import Unreachable


@dataclass(frozen=True)
class Protection:
    """What may be done to a real deployment, and the file that says what was."""

    permit: Permit
    file: Path = Path(NAME)


@dataclass
class Guarded:
    """A target that is spoken to through the guard; `notes` say at the end how that went."""

    target: Target
    adapt: Adaptation
    guard: Guard
    withheld: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


@contextmanager
def guarded(target: Target, provider: str, protection: Protection) -> Iterator[Guarded]:
    """Put the guard before a target. What was created is removed at the end, whatever ends it."""
    book, upstream = open_book(provider, "effective"), target.wire(again=False)
    prefix, run = target.prefix(book.contract.base), f"conform-{int(wall().timestamp() * 1000):x}"
    record = Record(protection.file)
    pace = Pace(protection.permit.rate, stopwatch, pause, wall)
    guard = Guard(Gate(protection.permit, book, prefix, target.token, wall), record, upstream, pace, wall)
    record.begin(provider, target.url, run)
    door = Door(guard)
    adapt = Adaptation(protection.permit, book, wall, run)
    going = Guarded(replace(target, through=door.origin, real=True), adapt, guard)
    try:
        yield going
    finally:
        door.close()
        record.close()
        upstream.close()
        going.notes += _told(going, protection.file, target)


def _told(going: Guarded, file: Path, target: Target) -> Iterator[str]:
    gate = going.guard.gate
    kept = sum(going.withheld.values())
    yield f"the guard sent on {gate.sent} requests and kept back {kept}, {len(gate.ours)} records were created"
    yield from (f"kept back {number} times: {reason}" for reason, number in going.withheld.most_common())
    if going.guard.gate.created:
        done = clean_up(file, target.token, only=target.url, rate=gate.permit.rate)
        yield f"{len(done.removed)} of what was created is removed"
        yield from (f"LEFT: {each}" for each in done.left)


def clean_up(file: Path, token: str, *, only: str = "", rate: float = 2.0) -> Cleaned:
    """Remove what a record lists; RecordError for a file that is none. `only` names one of its deployments."""
    everything = Cleaned()
    for left in read_record(file):
        if (left.made or left.open) and only in ("", left.url):
            target, record = Target(left.url, token), Record(file)
            wire = target.wire()
            cleaner = Cleaner(
                wire, urlsplit(left.url).path.rstrip("/"), token, Pace(rate, stopwatch, pause, wall), record
            )
            try:
                cleaner.clean(left, everything)
            except (Refused, Unreachable) as error:
                everything.left.append(f"{left.url}: {error}; run `contratempo conform-clean` again")
            finally:
                record.close()
                wire.close()
    return everything


__all__ = ["Cleaned", "Guarded", "Protection", "RecordError", "clean_up", "guarded"]
