"""A simulation: one isolated world, changed by commands only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contratempo.sim import ids, sending
from contratempo.sim.actor import Actor
from contratempo.sim.clock import Clock
from contratempo.sim.commands import UNBOUNDED, Bounds, Command
from contratempo.sim.faults import Fault, Faults, Victim
from contratempo.sim.idempotency import Idempotency
from contratempo.sim.instants import LATEST, SECOND, Instant
from contratempo.sim.journal import Journal, Transition
from contratempo.sim.outbox import Outbox
from contratempo.sim.outcomes import Chosen, MagicTarget, Outcomes, Subject
from contratempo.sim.records import Kind, Record, Records
from contratempo.sim.rules import Rules
from contratempo.sim.timers import Timer, Timers
from contratempo.sim.undo import UndoLog
from contratempo.sim.webhooks import Delivery, Receipt

SCHEMA: Final = 1
"""Version of the saved form."""


@dataclass(frozen=True)
class Origin:
    """What a world starts from: `seed` decides every id and all chance, `rules` is a fresh set each time."""

    id: str
    seed: str
    profile: str
    rules: Callable[[], Rules]
    actors: Mapping[str, Actor]
    magic: Mapping[str, MagicTarget]


class Simulation:
    """One world: clock, timers, records, outcomes, rules and journal of all providers.

    `head` is the number of the latest command that changed it. Nothing here reads real time; with the same origin
    and the same commands two simulations are equal.
    """

    def __init__(self, origin: Origin, clock: Clock) -> None:
        self.origin = origin
        self.clock = clock
        self.branch = 0
        self.epoch = 0
        self.head = 0
        self._fired = 0
        self._kinds = {name: kind for actor in origin.actors.values() for name, kind in actor.kinds.items()}
        self.start = clock.dump()
        self._clear()

    def _clear(self) -> None:
        self._undo = UndoLog()
        self.timers = Timers(self._undo)
        self.records = Records(self._kinds, self._undo)
        self.outcomes = Outcomes(self.origin.magic, self._undo)
        self.faults = Faults(self._undo)
        self.outbox = Outbox(self._undo)
        self.idempotency = Idempotency(self._undo)
        self.journal = Journal(self._undo)
        self.rules = self.origin.rules()
        self.ordinals: dict[str, int] = {}

    @property
    def now(self) -> Instant:
        """The instant of the latest change."""
        return self.clock.now

    # commands

    def apply(self, command: Command, judge: Callable[[Any], object] | None = None) -> Any:
        """Do a command and return its answer; on any exception, the judge's too, the world is as it was.

        `judge` is called with the answer before the command counts. A call at an instant first runs what is due by
        then, which counts as a command of its own and stays, and in the end, when it has counted, what it has made
        due at once. A timer that fails is taken back and dropped; what was fired before it stays.
        """
        match command["kind"]:
            case "call":
                return self._call(command, judge)
            case "run":
                return self._run(command)
            case "tick":
                return self._tick(command["until"], Bounds.of(command))
            case "strike":
                return self._strike(command["victim"])
            case "receipt":
                return self._receive(command)
            case "clock":
                return self._set_clock(command)
            case "reset":
                return self._reset()
            case unknown:
                raise ValueError(
                    f"{unknown!r} is not a kind of command: call, run, tick, strike, receipt, clock, reset are"
                )

    def _call(self, command: Command, judge: Callable[[Any], object] | None) -> Any:
        self._tick(max(self.now, command["at"]))
        try:
            answer = self.origin.actors[command["provider"]].call(self, command["operation"], command["request"])
            if judge is not None:
                judge(answer)
        except BaseException:
            self._undo.roll_back()
            raise
        self._commit()
        self.head += 1
        self._fire(self.now)
        return answer

    def _set_clock(self, command: Command) -> None:
        self.clock.set(command["mode"], command["rate"], command["real"])
        self.head += 1

    def _strike(self, victim: dict[str, Any]) -> Fault | None:
        struck = self.faults.choose(Victim(**victim), self.chance)
        self._commit()
        self.head += 1
        return struck

    def _receive(self, command: Command) -> bool:
        taken = (command["epoch"], command["branch"]) == (self.epoch, self.branch) and sending.receive(
            self, command["webhook"], command["attempt"], Receipt(**command["receipt"])
        )
        if taken:
            self._commit()
            self.head += 1
            self._fire(self.now)
        return taken

    def _commit(self) -> None:
        self._undo.commit()
        self.outbox.trim()

    def _run(self, command: Command) -> int:
        start, fired = self.now, self._fired
        try:
            return self._fire(command["until"], Bounds.of(command), command.get("pause", False))
        finally:
            self.head += self.now > start or self._fired > fired

    def _tick(self, until: Instant, bounds: Bounds = UNBOUNDED) -> int:
        fired = self._fired
        try:
            return self._fire(until, bounds)
        finally:
            self.head += self._fired > fired

    def _fire(self, until: Instant | None, bounds: Bounds = UNBOUNDED, pause: bool = False) -> int:
        fired, last, begun = 0, LATEST if until is None else until, self.outbox.opened
        while (timer := self.timers.peek()) is not None and timer.due <= last:
            if pause and self.outbox.waiting and timer.due > self.now:
                return fired
            if bounds.reached(fired, self.outbox.opened - begun):
                return fired
            self.step()
            fired += 1
        if until is not None and not (pause and self.outbox.waiting):
            self.clock.jump(max(self.now, until))
        return fired

    def step(self) -> Timer:
        """Fire the next timer at its own instant; IndexError when there is none. One that fails is gone."""
        timer, before = self.timers.pop(), self.now
        self.clock.jump(max(before, timer.due))
        try:
            self._actor(timer)
        except BaseException:
            self._undo.roll_back()
            self.timers.drop(timer)  # it would fail again, and whatever is due after it wait for ever
            self.clock.now = before
            raise
        finally:
            self._fired += 1
        self._commit()
        return timer

    def _actor(self, timer: Timer) -> None:
        if timer.provider == sending.NAME:
            sending.attempt(self, timer.subject)
        else:
            self.origin.actors[timer.provider].fire(self, timer)

    def _reset(self) -> None:
        """Go back to how the world started, its clock included; numbers of commands go on."""
        started, noted = Clock.load(self.start), self.journal.requests.total
        self._clear()
        self.journal.requests.total = noted
        self.clock.now = started.now
        self.clock.mode, self.clock.rate = started.mode, started.rate
        self.epoch += 1
        self.head += 1

    def is_due(self, until: Instant | None) -> bool:
        """Say whether a run to an instant would fire anything."""
        timer = self.timers.peek()
        return timer is not None and timer.due <= (LATEST if until is None else until)

    # what the server uses

    def deliveries(self) -> list[Delivery]:
        """Return the attempts that are to be made now, each once; what comes of one is a command of kind receipt."""
        return self.outbox.take(self.epoch, self.branch)

    def threatened(self, victim: Victim) -> bool:
        """Say whether a fault may strike; only then is a command of kind strike worth its number."""
        return self.faults.threatens(victim)

    # what providers use

    def mint(self, kind: str) -> int:
        """Return the next ordinal of a kind, from 1."""
        ordinal = self.ordinals.get(kind, 0) + 1
        self.ordinals[kind] = ordinal
        self._undo.note(lambda: self._unmint(kind))
        return ordinal

    def _unmint(self, kind: str) -> None:
        self.ordinals[kind] -= 1
        if not self.ordinals[kind]:
            del self.ordinals[kind]

    def uuid(self, kind: str) -> str:
        """Return a new UUID, the digest of seed, branch, kind and ordinal."""
        return ids.uuid(self.origin.seed, self.branch, kind, self.mint(kind))

    def short_id(self, kind: str) -> str:
        """Return a new id of six letters and digits, which no other of its kind has."""
        return ids.short(f"{self.origin.seed}/{kind}", self.mint(kind))

    def chance(self, purpose: str) -> float:
        """Return a number from 0 up to 1; each purpose has a stream of its own, so that none shifts another."""
        return ids.fraction(self.origin.seed, self.branch, "chance", purpose, self.mint(f"chance/{purpose}"))

    def forget_chance(self, purpose: str) -> None:
        """Drop the stream of a purpose that is not to come again."""
        name = f"chance/{purpose}"
        if (drawn := self.ordinals.pop(name, None)) is not None:
            self._undo.note(lambda: self.ordinals.__setitem__(name, drawn))

    def set_rules(self, values: Mapping[str, Any]) -> None:
        """Override rules of this world; RuleError changes nothing."""
        before = self.rules.overrides
        self.rules.set(values)
        self._undo.note(lambda: setattr(self.rules, "overrides", before))

    def schedule(
        self, after: float, provider: str, kind: str, subject: str, data: dict[str, Any] | None = None
    ) -> Timer:
        """Schedule a timer `after` seconds from now."""
        return self.timers.add(self.now + round(after * SECOND), provider, kind, subject, data)

    def begin(
        self, kind: str, record: Record, field: str = "status", *, cause: str = "create", attempt: int | None = None
    ) -> None:
        """Give a new record the first status of its lifecycle and note that it came to be."""
        described = self.records.kind(kind)
        record[field] = described.lifecycles[field].initial
        self._note(described, record, None, record[field], cause, attempt, field)

    def move(self, kind: str, record: Record, cause: str, field: str = "status", *, attempt: int | None = None) -> str:
        """Move a record's status along its lifecycle, note it and return it; the caller stores the record."""
        described = self.records.kind(kind)
        was = record[field]
        record[field] = described.lifecycles[field].after(was, cause)
        self._note(described, record, was, record[field], cause, attempt, field)
        return str(record[field])

    def vanish(self, kind: str, record: Record, cause: str) -> None:
        """Delete a record with its timers and note that it is gone."""
        described = self.records.kind(kind)
        self.timers.cancel(record["id"])
        self.records.delete(kind, record["id"])
        self._note(described, record, record["status"], None, cause, None, "status")

    def choose_outcome(self, kind: str, subject: Subject, attempt: int, success: str) -> Chosen:
        """Return what an attempt meets, using up what scripts it."""
        return self.outcomes.choose(subject, attempt, self.records.kind(kind).outcomes, success)

    def _note(
        self, kind: Kind, record: Record, was: str | None, to: str | None, cause: str, attempt: int | None, field: str
    ) -> None:
        named = "status" if field == "status" else "call"
        self.journal.note(Transition(self.now, kind.provider, record["id"], was, to, cause, attempt, named))
