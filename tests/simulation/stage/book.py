"""The book: every command of every world with who gave it, and whatever is found wrong."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from stage.client import Exchange

from contratempo.sim import saved
from contratempo.sim.history import History
from contratempo.sim.instants import Instant, format_instant, parse_instant
from contratempo.sim.simulation import Command, Origin, Simulation
from contratempo.sim.timers import Timer
from contratempo.sim.webhooks import Delivery

KEPT: Final = 25
"""Lines of what went before, shown with a finding."""
_ADVANCING: Final = ("run", "reset", "clock")


@dataclass(eq=False)
class Entry:
    """A command: when, whose (a request's or nobody's), in which epoch, and the instants and heads around it."""

    number: int
    time: float
    exchange: Exchange | None
    world: "Observed"
    kind: str
    epoch: int
    instants: tuple[Instant, Instant]
    heads: tuple[int, int]
    error: BaseException | None = None
    pause: bool = False
    sending: frozenset[tuple[str, int]] = frozenset()
    transitions: int = 0
    steps: int = 0
    opened: int = 0
    cut: bool = False
    answer: Any = None

    def __str__(self) -> str:
        whose = "-" if self.exchange is None else f"#{self.exchange.number}"
        return (
            f"{self.time:9.4f} {self.world.origin.id}/{self.epoch} {self.kind} by {whose} "
            f"{format_instant(self.instants[0])} to {format_instant(self.instants[1])} {self.error or ''}"
        )


@dataclass
class Account:
    """What is known of one epoch of a world: everything in it begins anew with a reset."""

    epoch: int
    start: Instant
    moved: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    last_fired: tuple[Instant, int] = (0, 0)
    transitions: int = 0
    changes: int = 0
    statuses: dict[tuple[str, str], str | None] = field(default_factory=dict)
    attempted: set[tuple[str, int]] = field(default_factory=set)
    handed: set[tuple[str, int]] = field(default_factory=set)
    opened: dict[tuple[str, int], Entry | None] = field(default_factory=dict)
    closed: dict[tuple[str, int], Instant | None] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    inherited: set[tuple[str, int]] = field(default_factory=set)
    sending: set[tuple[str, int]] = field(default_factory=set)
    late: list[Delivery] = field(default_factory=list)

    @classmethod
    def of(cls, world: Simulation, keys: dict[str, str]) -> "Account":
        """Return what is known of a world that has been taken over as it stands."""
        start = parse_instant(world.start["now"])
        account = cls(world.epoch, start, world.now - start, last_fired=(world.now, 0))
        account.keys = {key: made for key, made in keys.items() if world.records.find(made) is not None}
        account.known = {webhook.id: webhook.number for webhook in world.outbox}
        account.transitions, account.changes = world.journal.transitions.total, world.outbox.changes.total
        for row in world.journal.transitions:
            account.statuses[row.resource, row.kind] = row.to
            if row.cause == "dispatch" and row.kind == "status":
                account.attempted.add((row.resource, row.attempt or 0))
        for identifier, attempt in world.outbox.attempts():
            place = (identifier, attempt.number)
            account.opened[place] = None
            if attempt.state == "sending":
                account.sending.add(place)
            else:
                account.closed[place] = None
                account.handed.add(place)
                account.inherited.add(place)
        return account


class Observed(Simulation):
    """A world that keeps its books while it works as ever."""

    def __init__(self, book: "Book", *arguments: Any) -> None:
        super().__init__(*arguments)
        self.book, self.account = book, Account(0, self.now)
        self.entry: Entry | None = None
        self.late: list[Delivery] = []
        self.minted, self.marked = set[str](), dict[int, Any]()
        book.worlds.append(self)

    @classmethod
    def of(cls, book: "Book", world: Simulation, before: "Observed") -> "Observed":
        """Return a world that is what another was, and came out of it: a fork, or what was loaded in its place."""
        observed = cls(book, world.origin, world.clock)
        vars(observed).update(vars(world))
        observed.account = Account.of(world, before.account.keys)
        return observed

    def take_over(self, other: Simulation, history: History) -> None:
        known = hasattr(self, "account")
        self.book.taken(self)
        super().take_over(other, history)
        if known:
            self.late += self.account.late
            self.account = Account.of(self, self.account.keys)
        self.book.moved(self, self)

    def forked(self, rebuilt: Simulation, origin: Origin) -> Simulation:
        self.book.taken(self, forking=True)
        forked = Observed.of(self.book, super().forked(rebuilt, origin), self)
        forked.minted = self.minted  # of the whole family
        return forked

    @contextlib.contextmanager
    def rehearsal(self) -> Iterator[None]:
        before = saved.dump(self)
        with super().rehearsal():
            yield
        self.book.counts["rehearsed"] += 1
        if saved.dump(self) != before:
            self.book.fail(f"{self.origin.id} is another after a rehearsal")

    def apply(self, command: Command, judge: Callable[[Any], object] | None = None) -> Any:
        before, entry = None, self.book.begin(self, command)
        self.entry = entry
        if command["kind"] == "call":
            before = saved.dump(self)
        try:
            entry.answer = super().apply(command, judge)
        except BaseException as error:
            entry.error = error
            if before is not None and not entry.steps and saved.dump(self) != before:
                self.book.fail(f"a command that failed has left its traces: {entry}")
            raise
        finally:
            self.book.end(self, entry, command)
        return entry.answer

    def step(self) -> Timer:
        timer = super().step()
        if not self._rehearsing:
            self.book.fired(self, timer)
        return timer

    def deliveries(self) -> list[Delivery]:
        taken = super().deliveries()
        for delivery in taken:
            place = (delivery.webhook, delivery.attempt)
            if place in self.account.handed or delivery.epoch != self.epoch:
                self.book.fail(f"handed out twice, or of another epoch: {delivery}")
            self.account.handed.add(place)
            self.account.late.append(delivery)
        return taken


def opened_by(world: Observed, place: tuple[str, int], first: Entry) -> bool:
    """Say whether an attempt was begun by the run that began with an entry, not by a request beside it."""
    opener = world.account.opened.get(place)
    return opener is not None and opener.number >= first.number and opener.kind in ("run", "receipt")


@dataclass(eq=False)
class Book:
    """What is written down; `watch(world, entry, command)` looks closer at each command once it is done.

    `alive(world)` says whether the server still has it, `budget` how long an advance waits for receivers, `lagged()`
    how much time has passed for no reason. `holders` have the turn of a world; since `quiet` nothing was under way.
    """

    watch: Callable[[Observed, Entry, Command], None]
    rehome: Callable[[Observed, Observed], None] = lambda before, after: None
    alive: Callable[[Observed], bool] = lambda world: True
    closing: Callable[[], bool] = lambda: False
    lagged: Callable[[], float] = lambda: 0.0
    budget: float = 10.0
    findings: list[str] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    worlds: list[Observed] = field(default_factory=list)
    exchanges: dict[Any, Exchange] = field(default_factory=dict)
    holders: dict[Observed, Exchange] = field(default_factory=dict)
    quiet: dict[Observed, tuple[float, float]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def taken(self, world: Observed, *, forking: bool = False) -> None:
        """Judge whether a world may be taken over, or forked, just now."""
        exchange = self._who()
        if self.holders.get(world) not in (None, exchange):
            self.fail(f"{exchange} takes over {world.origin.id} while {self.holders[world]} has the turn")
        if exchange is not None and not forking:
            exchange.notes["taken"] = True
        self.counts["forked" if forking else "taken over"] += 1

    def moved(self, before: Observed, after: Observed) -> None:
        """Note that a world is what it was at another time."""
        if not after.account.sending:
            self.quiet[after] = (asyncio.get_running_loop().time(), self.lagged())
        self.rehome(before, after)

    def fail(self, finding: str) -> None:
        """Note what is wrong, with what went before."""
        self.findings.append(finding)
        self.tell(f"!! {finding}")

    def tell(self, line: str) -> None:
        """Add a line to the story."""
        self.story.append(line)

    def begin(self, world: Observed, command: Command) -> Entry:
        """Open an entry and judge whether the command may be given at all."""
        exchange, kind = self._who(), command["kind"]
        time = asyncio.get_running_loop().time()
        entry = Entry(len(self.log) + 1, time, exchange, world, kind, world.epoch, (world.now,) * 2, (world.head,) * 2)
        entry.pause, entry.sending = bool(command.get("pause")), frozenset(world.account.sending)
        entry.transitions, entry.opened = world.journal.transitions.total, world.outbox.opened
        if not self.alive(world):
            self.fail(f"a command to a world that is deleted: {entry}")
        if kind in _ADVANCING:
            holder = self.holders.get(world)
            if holder not in (None, exchange):
                self.fail(f"{entry} while {holder} has the turn")
        if kind == "run" and exchange is not None:
            self.holders[world] = exchange
            exchange.notes.setdefault("runs", []).append(entry)
        return entry

    def end(self, world: Observed, entry: Entry, command: Command) -> None:
        """Close an entry and look at what the command has done."""
        entry.instants, entry.heads = (entry.instants[0], world.now), (entry.heads[0], world.head)
        self.log.append(entry)
        self.counts[entry.kind] += 1
        self.tell(str(entry))
        if entry.exchange is not None:
            entry.exchange.notes.setdefault("entries", []).append(entry)
        self.watch(world, entry, command)

    def fired(self, world: Observed, timer: Timer) -> None:
        """Judge a timer that has fired: at its instant, in order of (due, number), once."""
        place = (timer.due, timer.number)
        self.counts["timers"] += 1
        if world.now != timer.due:
            self.fail(f"{timer} fired at {format_instant(world.now)}")
        if place <= world.account.last_fired:
            self.fail(f"{timer} fired after {world.account.last_fired}")
        world.account.last_fired = place
        if world.entry is not None:
            world.entry.steps += 1

    def _who(self) -> Exchange | None:
        return self.exchanges.get(asyncio.current_task())

    def report(self) -> str:
        """Return the findings, and the story before the first."""
        first = next((place for place, line in enumerate(self.story) if line.startswith("!!")), 0)
        before = self.story[max(0, first - KEPT) : first + 1]
        return "\n".join([*self.findings[:10], "", "what went before:", *before])
