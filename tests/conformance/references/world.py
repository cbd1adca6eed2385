"""A world: one clock and the records, timers, scripted outcomes and remembered answers that live by it."""

import heapq
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(order=True)
class Timer:
    """What is to happen, when, and to which record."""

    due: datetime
    number: int
    kind: str = field(compare=False)
    subject: str = field(compare=False)
    data: Any = field(compare=False, default=None)


@dataclass
class Script:
    """Outcomes for the attempts that a match covers, one for each."""

    match: dict[str, str]
    outcomes: list[dict[str, Any]]
    then: str
    used: int = 0

    def covers(self, attempt: dict[str, str]) -> bool:
        return all(attempt.get(name) == value for name, value in self.match.items())

    def spent(self) -> bool:
        return self.then == "default" and self.used >= len(self.outcomes)

    def take(self) -> dict[str, Any]:
        self.used += 1
        return self.outcomes[min(self.used, len(self.outcomes)) - 1]


@dataclass
class World:
    """`frozen` is where its clock stands; a world without it lives in real time."""

    id: str
    api_key: str
    frozen: datetime | None = None
    started: datetime | None = None
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    answers: dict[Any, Any] = field(default_factory=dict)
    fired: list[dict[str, Any]] = field(default_factory=list)
    minted: int = 0
    numbered: int = 0

    def now(self) -> datetime:
        return self.frozen or datetime.now(UTC)

    def plan(self, due: datetime, kind: str, subject: str, data: Any = None) -> None:
        self.numbered += 1
        heapq.heappush(self.timers, Timer(due, self.numbered, kind, subject, data))

    def take_due(self, until: datetime) -> Timer | None:
        return heapq.heappop(self.timers) if self.timers and self.timers[0].due <= until else None

    def next_due(self) -> datetime | None:
        return self.timers[0].due if self.timers else None

    def mint(self, kind: str) -> str:
        self.minted += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.id}/{kind}/{self.minted}"))

    def outcome(self, attempt: dict[str, str], default: str) -> dict[str, Any]:
        """Return what an attempt meets: the narrowest script's next outcome, among equals the newest one's."""
        order = ("resource", "to", "from", "operation")
        fitting = [script for script in self.scripts if script.covers(attempt) and not script.spent()]
        for name in order:
            if narrow := [script for script in fitting if name in script.match]:
                return narrow[-1].take()
        return fitting[-1].take() if fitting else {"status": default}
