"""A simulation: one isolated world, changed by commands only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from contratempo.sim import sending
from contratempo.sim.clock import Clock
from contratempo.sim.commands import UNBOUNDED, Bounds, Command
from contratempo.sim.faults import Fault, Victim
from contratempo.sim.history import History
from contratempo.sim.instants import LATEST, Instant
from contratempo.sim.minting import Family
from contratempo.sim.parts import Origin, Parts
from contratempo.sim.snapshot import Churn, Snapshot, put_back, take
from contratempo.sim.timers import Timer
from contratempo.sim.webhooks import Delivery, Receipt

__all__ = ["SCHEMA", "Origin", "Simulation"]

_PARTS: Final = (
    "origin", "clock", "start", "head", "minting", "timers", "records", "outcomes", "faults", "outbox", "idempotency",
    "journal", "rules", "_kinds", "_undo",
)  # fmt: skip
SCHEMA: Final = 1
"""Version of the saved form."""


class Simulation(Parts):
    """One world: its parts, changed by commands that its history numbers.

    `head` is the number of the latest command that changed it. Nothing here reads real time; with the same origin
    and the same commands two simulations are equal. One that does not remember its commands cannot be taken back.
    """

    def __init__(self, origin: Origin, clock: Clock, *, remembers: bool = True) -> None:
        super().__init__(origin, clock)
        self.epoch = 0
        self.head = 0
        self.start = clock.dump()
        self._remembers = remembers
        self._rehearsing = False
        self._fired = 0
        self._churned = Churn()
        self.family = Family()
        self.history = History(0, clock.now)

    @property
    def work(self) -> int:
        """How much has been done, in commands and timers."""
        return self.head + self._fired

    @property
    def churned(self) -> Churn:
        """How much has been replaced and copied, on whatever branch."""
        records, timers = self.records, self.timers
        return self._churned.plus(Churn(records.replaced, records.copied, timers.copied))

    # commands

    def apply(self, command: Command, judge: Callable[[Any], object] | None = None) -> Any:
        """Do a command and return its answer; on any exception, the judge's too, the world is as it was.

        `judge` is called with the answer before the command counts. A call at an instant first runs what is due by
        then, which counts as a command of its own and stays, and in the end, when it has counted, what it has made
        due at once. A timer that fails is taken back and dropped; what was fired before it stays.
        """
        before = self.head
        try:
            return self._apply(command, judge)
        finally:  # when the clock alone went on, that made no position: a snapshot would be later than the latest one
            if self._remembers and self.head > before:
                self._keep()

    def _keep(self) -> None:
        if self.history.wants_snapshot(self.work):
            self.history.keep(take(self), self.work)
        else:
            self.history.trim()

    def _apply(self, command: Command, judge: Callable[[Any], object] | None) -> Any:
        match command["kind"]:
            case "call":
                self._tick(max(self.now, command["at"]))
                answer = self._call(command, judge)
                self._fire(self.now)
                return answer
            case "run":
                return self._run(command)
            case "tick":
                return self._tick(command["until"], Bounds.of(command))
            case "strike":
                return self._strike(command)
            case "receipt":
                return self._receive(command) and self._fire(self.now) >= 0
            case "clock":
                return self._set_clock(command)
            case "stand":
                return self._stand()
            case "reset":
                return self._reset()
            case unknown:
                raise ValueError(
                    f"{unknown!r} is not a kind of command: call, run, tick, strike, receipt, clock, stand, reset are"
                )

    def redo(self, command: Command) -> None:
        """Do again what the history has of a command, at the instant it was done; a timer fails as it did then."""
        match command["kind"]:
            case "strike":
                self._strike(command)
            case "clock":
                self._set_clock(command)
            case "call":
                self._call(command, None)
                self._fire_anyway()
            case _:
                self._receive({**command, "epoch": self.epoch, "branch": self.branch})
                self._fire_anyway()

    def _fire_anyway(self) -> None:
        with suppress(Exception):
            self._fire(self.now)

    def _call(self, command: Command, judge: Callable[[Any], object] | None) -> Any:
        try:
            answer = self.origin.actors[command["provider"]].call(self, command["operation"], command["request"])
            if judge is not None:
                judge(answer)
        except BaseException:
            self._undo.roll_back()
            raise
        self._commit()
        self._count(command)
        return answer

    def _set_clock(self, command: Command) -> None:
        self.clock.set(command["mode"], command["rate"], command["real"])
        self._count(command)

    def _stand(self) -> int:
        """Return the head of the present, which is a position of its own where a running clock alone has gone on."""
        if self.now > self.history.now:
            self._count({"kind": "ran", "timers": 0})
        return self.head

    def _strike(self, command: Command) -> Fault | None:
        struck = self.faults.choose(Victim(**command["victim"]), self.chance)
        self._commit()
        self._count(command)
        return struck

    def _receive(self, command: Command) -> bool:
        taken = (command["epoch"], command["branch"]) == (self.epoch, self.branch) and sending.receive(
            self, command["webhook"], command["attempt"], Receipt(**command["receipt"])
        )
        if taken:
            self._commit()
            self._count(command)
        return taken

    def _count(self, command: Command) -> None:
        self.head += 1
        if self._remembers:
            self.history.note(command, self.clock.now)

    def _commit(self) -> None:
        if not self._rehearsing:
            self._undo.commit()
            self.outbox.trim()

    def _run(self, command: Command) -> int:
        start, fired = self.now, self._fired
        try:
            return self._fire(command["until"], Bounds.of(command), command.get("pause", False))
        finally:
            if self.now > start or self._fired > fired:
                self._count({"kind": "ran", "timers": self._fired - fired})

    def _tick(self, until: Instant, bounds: Bounds = UNBOUNDED) -> int:
        fired = self._fired
        try:
            return self._fire(until, bounds)
        finally:
            if self._fired > fired:
                self._count({"kind": "ran", "timers": self._fired - fired})

    def _fire(self, until: Instant | None, bounds: Bounds = UNBOUNDED, pause: bool = False) -> int:
        fired, last, outbox = 0, LATEST if until is None else until, self.outbox
        most, next_timer = outbox.opened + bounds.attempts, self.timers.peek
        while (timer := next_timer(last)) is not None:
            if pause and timer.due > self.clock.now and outbox.waiting:
                return fired
            if fired >= bounds.limit or outbox.opened >= most:
                return fired
            self._step(timer)
            fired += 1
        if until is not None and not (pause and self.outbox.waiting):
            self.clock.jump(max(self.now, until))
        return fired

    def step(self) -> Timer:
        """Fire the next timer at its own instant; IndexError when there is none. One that fails is gone."""
        timer = self.timers.peek()
        if timer is None:
            raise IndexError("no timer is left")
        return self._step(timer)

    def _step(self, timer: Timer) -> Timer:
        mark, before = self._undo.mark(), self.clock.now
        self.timers.take(timer)
        if timer.due > before:
            self.clock.jump(timer.due)
        try:
            if timer.provider == sending.NAME:
                sending.attempt(self, timer.subject)
            else:
                self.origin.actors[timer.provider].fire(self, timer)
        except BaseException:
            self._undo.roll_back(mark)
            self.timers.take(timer)  # it would fail again, and whatever is due after it wait for ever
            self.clock.now = before
            raise
        finally:
            self._fired += 1
            self._commit()
        return timer

    def step_anyway(self) -> None:
        """Fire the next timer; one that fails is gone, and nothing is said."""
        with suppress(Exception):
            self.step()

    def _reset(self) -> None:
        """Go back to how the world started, its clock included; numbers of commands go on, and history begins."""
        started, journal = Clock.load(self.start), self.journal
        self.head += 1
        self.clock.now = started.now
        self.clock.mode, self.clock.rate = started.mode, started.rate
        self._clear(self.line)
        self.history = History(self.head, self.now, take(self), work=self.work)
        self.journal.number_on_from(journal)
        self.epoch += 1

    # what is taken back

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Take back, in the end, all that is fired meanwhile: the world is as it was."""
        now, fired, self._rehearsing = self.clock.now, self._fired, True
        try:
            yield
        finally:
            self._undo.roll_back()
            self.clock.now, self._fired, self._rehearsing = now, fired, False

    def as_it_was(self, snapshot: Snapshot | None) -> "Simulation":
        """Return a world, apart from this one, as a snapshot has it, or with None as this one started."""
        world = Simulation(self.origin, Clock.load(self.start), remembers=False)
        if snapshot is not None:
            list(put_back(snapshot, world))
        return world

    def forked(self, rebuilt: "Simulation", origin: Origin) -> "Simulation":
        """Return a world that is what was rebuilt of this one, with a history and work of the same length."""
        world = Simulation(origin, rebuilt.clock)  # which remembers, as what is rebuilt does not
        world.take_over(rebuilt, self.history.copy())
        world.origin, world.family, world._fired, world._churned = origin, self.family, self._fired, self.churned
        return world

    def take_over(self, other: "Simulation", history: History) -> None:
        """Become what another world is, with a history; what was noted about this one stays with it."""
        requests, sink = self.journal.requests, self.journal.sink
        self._churned = self.churned.plus(Churn.between(self, other))
        for name in _PARTS:
            setattr(self, name, getattr(other, name))
        self.journal.requests, self.journal.sink = requests, sink
        self.history = history
        self.epoch += 1

    def is_due(self, until: Instant | None) -> bool:
        """Say whether a run to an instant would fire anything."""
        return self.timers.peek(LATEST if until is None else until) is not None

    # what the server uses

    def deliveries(self) -> list[Delivery]:
        """Return the attempts that are to be made now, each once; what comes of one is a command of kind receipt."""
        return self.outbox.take(self.epoch, self.branch)

    def threatened(self, victim: Victim) -> bool:
        """Say whether a fault may strike; only then is a command of kind strike worth its number."""
        return self.faults.threatens(victim)
