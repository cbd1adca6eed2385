"""The parts of a world, and what providers do with them inside a command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contratempo.sim.actor import Actor
from contratempo.sim.clock import Clock
from contratempo.sim.faults import Faults
from contratempo.sim.idempotency import Idempotency
from contratempo.sim.instants import SECOND, Instant
from contratempo.sim.journal import Journal, Transition
from contratempo.sim.minting import Minting
from contratempo.sim.outbox import Outbox
from contratempo.sim.outcomes import Chosen, MagicTarget, Outcomes, Subject
from contratempo.sim.records import Record, Records
from contratempo.sim.rules import Rules
from contratempo.sim.timers import Timer, Timers
from contratempo.sim.undo import UndoLog


@dataclass(frozen=True)
class Origin:
    """What a world starts from: `seed` decides every id and all chance, `rules` is a fresh set each time."""

    id: str
    seed: str
    profile: str
    rules: Callable[[], Rules]
    actors: Mapping[str, Actor]
    magic: Mapping[str, MagicTarget]


class Parts:
    """Clock, timers, records, outcomes, faults, outbox, rules and journal of all providers, with one undo log."""

    def __init__(self, origin: Origin, clock: Clock) -> None:
        self.origin = origin
        self.clock = clock
        self._kinds = {name: kind for actor in origin.actors.values() for name, kind in actor.kinds.items()}
        self._clear()

    def _clear(self, line: str = "") -> None:
        """Make every part anew."""
        self._undo = UndoLog()
        self.timers = Timers(self._undo)
        self.records = Records(self._kinds, self._undo)
        self.outcomes = Outcomes(self.origin.magic, self._undo)
        self.faults = Faults(self._undo)
        self.outbox = Outbox(self._undo)
        self.idempotency = Idempotency(self._undo)
        self.journal = Journal(self._undo)
        self.minting = Minting(self.origin.seed, self._undo, line)
        self.rules = self.origin.rules()

    @property
    def now(self) -> Instant:
        """The instant of the latest change."""
        return self.clock.now

    @property
    def line(self) -> str:
        """What tells the ids of a fork from those of the world it comes from."""
        return self.minting.line

    @property
    def branch(self) -> int:
        """The number of the stretch of history that ids are minted in."""
        return self.minting.branch

    @property
    def ordinals(self) -> Mapping[str, int]:
        """How many were minted of each kind."""
        return self.minting.ordinals

    def mint(self, kind: str) -> int:
        """Return the next ordinal of a kind, from 1."""
        return self.minting.ordinal(kind)

    def uuid(self, kind: str) -> str:
        """Return a new UUID, the digest of seed, branch, kind and ordinal."""
        return self.minting.uuid(kind)

    def short_id(self, kind: str) -> str:
        """Return a new id of six letters and digits, which no other of its kind has."""
        return self.minting.short(kind)

    def chance(self, purpose: str) -> float:
        """Return a number from 0 up to 1; each purpose has a stream of its own, so that none shifts another."""
        return self.minting.fraction(purpose)

    def set_rules(self, values: Mapping[str, Any]) -> None:
        """Override rules of this world; RuleError changes nothing."""
        before = self.rules.overrides
        self.rules.set(values)
        self._undo.note((setattr, self.rules, "overrides", before))

    def schedule(
        self, after: float, provider: str, kind: str, subject: str, data: dict[str, Any] | None = None
    ) -> Timer:
        """Schedule a timer `after` seconds from now."""
        return self.timers.add(self.now + round(after * SECOND), provider, kind, subject, data)

    def begin(
        self, kind: str, record: Record, field: str = "status", *, cause: str = "create", attempt: int | None = None
    ) -> None:
        """Give a new record the first status of its lifecycle and note that it came to be."""
        described = self._kinds[kind]
        record[field] = to = described.lifecycles[field].initial
        named, at = "status" if field == "status" else "call", self.clock.now
        self.journal.note(Transition(at, described.provider, record["id"], None, to, cause, attempt, named))

    def move(self, kind: str, record: Record, cause: str, field: str = "status", *, attempt: int | None = None) -> str:
        """Move a record's status along its lifecycle, note it and return it; the caller stores the record."""
        described, was = self._kinds[kind], record[field]
        record[field] = to = described.lifecycles[field].after(was, cause)
        named, at = "status" if field == "status" else "call", self.clock.now
        self.journal.note(Transition(at, described.provider, record["id"], was, to, cause, attempt, named))
        return to

    def vanish(self, kind: str, record: Record, cause: str) -> None:
        """Delete a record with its timers and note that it is gone."""
        provider, was = self._kinds[kind].provider, record["status"]
        self.timers.cancel(record["id"])
        self.records.delete(kind, record["id"])
        self.journal.note(Transition(self.clock.now, provider, record["id"], was, None, cause))

    def choose_outcome(self, kind: str, subject: Subject, attempt: int, success: str) -> Chosen:
        """Return what an attempt meets, using up what scripts it."""
        return self.outcomes.choose(subject, attempt, self.records.kind(kind).outcomes, success)
