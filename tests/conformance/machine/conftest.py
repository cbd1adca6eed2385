"""A visit to the target: a world of one's own (or but a name), watched from outside while a history is played.

The suites here keep a ledger of what they did and predict from it, from the documents and from the lifecycles and rules
that are data beside them; the simulation itself is not asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from contratempo.client import Advance, Control, Transition
from contratempo.data import data_root

BEGINNING = "2026-03-15T09:00:00Z"
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
FIELDS = {"status": "status", "call": "call_status"}


@dataclass
class Visit:
    """What a history does to the target, and what must hold whatever it does."""

    http: httpx2.Client
    urls: dict[str, str]
    token: str
    control: Control | None
    rules: dict[str, dict[str, Any]]
    name: str = field(default_factory=lambda: f"conformance-{uuid4().hex[:12]}")
    leave: Callable[[], None] | None = None
    seen: datetime = LONG_AGO

    def close(self) -> None:
        """Leave nothing behind."""
        if self.leave is not None:
            self.leave()

    def call(self, provider: str, method: str, path: str, *, token: bool = True, **more: Any) -> httpx2.Response:
        """Send a request; no answer is a server's error, and every refusal has a body."""
        headers = {"Authorization": f"Bearer {self.token}"} if token else {}
        headers |= more.pop("headers", {})
        response = self.http.request(method, self.urls[provider] + path, headers=headers, **more)
        assert response.status_code < 500, f"{method} {path} answered {response.status_code}: {response.text}"
        assert response.is_success or response.json(), f"{method} {path} was refused without a word"
        return response

    def now(self) -> datetime:
        """Return the target's time, which never goes back."""
        now = datetime.now(UTC) if self.control is None else self.control.clock.now()
        assert now >= self.seen, f"the clock went back from {self.seen} to {now}"
        self.seen = now
        return now

    def head(self) -> int | None:
        """Return the number of the latest change, None where nobody counts."""
        return None if self.control is None else self.control.clock.get().head

    def reach(self, moment: datetime) -> bool:
        """Advance to an instant; say whether it was still to come."""
        ahead = moment > self.now()
        if ahead:
            assert self.advance(moment).now == moment
        return ahead

    def advance(self, span: str | datetime) -> Advance:
        """Let time pass; what happens does so on the way, in order, and no earlier than the time before."""
        assert self.control is not None
        before, last = self.now(), len(self.transitions())
        advance = self.control.clock.advance(span)
        instants = [transition.at for transition in advance.fired]
        assert instants == sorted(instants)
        assert all(before <= at <= advance.now for at in instants), f"{before} to {advance.now}: {instants}"
        assert advance.fired == self.transitions()[last:]
        assert advance.now == self.now()
        return advance

    def transitions(self, resource: str | None = None) -> tuple[Transition, ...]:
        assert self.control is not None
        return self.control.timeline(resource=resource)

    def resources(self) -> dict[str, tuple[str | None, Any]]:
        """Return the status and the record of everything there is."""
        assert self.control is not None
        return {found.id: (found.status, found.record) for found in self.control.resources.list(limit=1000)}

    def dispatches(self, resource: str) -> int:
        """Return how often a record was dispatched so far."""
        return sum(move.cause == "dispatch" and move.kind == "status" for move in self.transitions(resource))

    def check_lifecycles(self) -> None:
        """Every record's statuses are a walk through its lifecycle: none skipped, none left that is an end."""
        if self.control is None:
            return
        moves = sorted(self.transitions(), key=lambda move: (move.provider, move.resource, move.kind))
        for (provider, resource, kind), walk in groupby(moves, lambda move: (move.provider, move.resource, move.kind)):
            (lifecycle,) = self.rules[provider]["lifecycles"].values()
            check_walk(f"{kind} of {resource}", list(walk), lifecycle[FIELDS[kind]], self.seen)

    def seconds(self, rule: str) -> timedelta:
        """Return the default of a rule that is a number of seconds."""
        provider, _, name = rule.partition(".")
        return timedelta(seconds=self.rules[provider]["rules"][name]["default"])


def check_walk(of: str, walk: list[Transition], lifecycle: dict[str, Any], now: datetime) -> None:
    instants = [move.at for move in walk]
    assert instants == sorted(instants), f"{of} is out of order: {walk}"
    assert instants[-1] <= now, f"{of} has happened too early: {walk[-1]}"
    status = None
    for move in walk:
        assert move.was == status, f"{of} was {status}, not {move.was}: {walk}"
        if move.was is None:
            assert move.to == lifecycle["initial"], f"{of} begins as {move.to}"
        elif move.to is None:
            assert move is walk[-1], f"{of} went on after it was gone: {walk}"
        else:
            assert lifecycle["transitions"][move.was].get(move.cause) == move.to, f"{of}: no such step: {move}"
        status = move.to


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(moment: datetime, hours: float = 0) -> str:
    """Return an instant as text with the offset of that many hours."""
    text = moment.astimezone(timezone(timedelta(hours=hours))).isoformat()
    return text if hours else text.replace("+00:00", "Z")


@pytest.fixture(scope="session")
def instant() -> Callable[[str], datetime]:
    """Return a reader of date-times."""
    return _instant


@pytest.fixture(scope="session")
def written() -> Callable[..., str]:
    """Return a writer of date-times."""
    return _written


@pytest.fixture(scope="session")
def rules() -> dict[str, dict[str, Any]]:
    """Return the files of rules, by provider."""
    paths = sorted((data_root("specs") / "rules").glob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in paths}


Visiting = Callable[..., Callable[[], Visit]]


@pytest.fixture
def visiting(writable: Any, http: httpx2.Client, rules: dict[str, dict[str, Any]]) -> Iterator[Visiting]:
    """Return a maker of visits, each in a fresh world where there are worlds; `blind` ones look away from its clock."""
    controls: list[Control] = []

    def choose(*providers: str, blind: bool = False, clock: bool = False) -> Callable[[], Visit]:
        urls = {provider: writable.url(provider) for provider in providers}
        control = writable.control()
        if control is None and clock:
            pytest.skip(f"{writable.origin} has no control plane, and these histories turn its clock")
        if control is None:
            return lambda: Visit(http, urls, writable.token, None, rules)
        controls.append(control)

        def move_in() -> Visit:
            world = control.worlds.create(profile="spec", clock=None if blind else BEGINNING)
            seen = None if blind else control.for_world(world.id)
            return Visit(http, urls, world.api_key, seen, rules, leave=lambda: control.worlds.delete(world.id))

        return move_in

    yield choose
    for control in controls:
        control.close()


@pytest.fixture
def play(full: bool) -> Callable[..., None]:
    """Return a player of histories: as many as the tier says, the same ones in every moderate run.

    A history is twenty steps, readable as it is; shrinking one takes minutes, so that is left to the full tier.
    """

    def run(machine: Callable[[], RuleBasedStateMachine], *, histories: int, steps: int) -> None:
        counts = settings(
            max_examples=histories * (20 if full else 1), stateful_step_count=steps, deadline=None, database=None,
            derandomize=not full, print_blob=True, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, *([Phase.shrink] if full else [])),
        )  # fmt: skip
        run_state_machine_as_test(machine, settings=counts)

    return run
