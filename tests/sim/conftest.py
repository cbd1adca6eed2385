"""A small provider to try worlds with: alarms that ring when they are due, webhooks, and operations that break."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from contratempo.sim import sending
from contratempo.sim.clock import Clock
from contratempo.sim.faults import Fault
from contratempo.sim.instants import HOUR, SECOND, parse_instant
from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.outcomes import MagicTarget, Script, Subject
from contratempo.sim.records import Kind
from contratempo.sim.rules import Rule, Rules
from contratempo.sim.simulation import Origin, Simulation
from contratempo.sim.timers import Timer
from contratempo.sim.webhooks import Delivery, Policy, Receipt

START = "2026-03-15T14:00:00Z"
URLS = ("http://one.test/hook", "http://two.test/hook")
LIFECYCLES = {
    "status": Lifecycle("alarm.status", "set", {"set": {"again": "set", "rung": "rung"}, "rung": {}}),
    "bell": Lifecycle("alarm.bell", "still", {"still": {"strike": "loud"}, "loud": {}}),
}
RULES = {
    "bell.gap_seconds": Rule("bell.gap_seconds", "between two rings", 10, None, "choice", "low"),
    "bell.tone": Rule("bell.tone", "how it sounds", "ding", ("ding", "dong", 200), "choice", "high"),
}


class Broken(Exception):
    """What a breaking operation raises."""


class Bell:
    """Sets alarms; `on` is called with every timer that fires."""

    name = "bell"

    def __init__(self, on: Callable[[Simulation, Timer], None] = lambda simulation, timer: None) -> None:
        self.kinds = {"alarm": Kind("alarm", "bell", index, represent, LIFECYCLES, frozenset({"completed", "busy"}))}
        self.on = on

    def call(self, simulation: Simulation, operation: str, request: dict[str, Any]) -> Any:
        return getattr(self, operation)(simulation, **request)

    def fire(self, simulation: Simulation, timer: Timer) -> None:
        self.on(simulation, timer)
        record = simulation.records.get("alarm", timer.subject)
        record["rings"] += 1
        subject = Subject(record["id"], record["to"], "bell", "set")
        outcome = simulation.choose_outcome("alarm", subject, record["rings"], "completed").outcome
        again = outcome["status"] == "busy" or record["rings"] < record["times"]
        simulation.move("alarm", record, "again" if again else "rung", attempt=record["rings"])
        if again and record["rings"] < 5:
            simulation.schedule(simulation.rules["bell.gap_seconds"], "bell", "ring", record["id"], {"again": True})
        simulation.records.put("alarm", record)

    def set(self, simulation: Simulation, after: float = 0, to: str = "all", times: int = 1) -> str:
        record = {"id": simulation.uuid("alarm"), "after": int(after), "to": to, "times": times, "rings": 0}
        record |= {"short": simulation.short_id("short"), "luck": simulation.chance("luck")}
        simulation.begin("alarm", record)
        simulation.records.put("alarm", record)
        simulation.schedule(after, "bell", "ring", record["id"])
        simulation.idempotency.keep(to, "print", record["id"], simulation.now)
        return str(record["id"])

    def script(self, simulation: Simulation, outcomes: list[str], then: str = "repeat", **match: str) -> str:
        script = Script(f"script{simulation.mint('script')}", match, [{"status": each} for each in outcomes], then)
        simulation.outcomes.add(script)
        return script.id

    def strike(self, simulation: Simulation) -> None:
        for record in simulation.records.page("alarm", limit=1).records:
            record["bell"] = "still"
            simulation.move("alarm", record, "strike", "bell")
            simulation.records.put("alarm", record)

    def remove(self, simulation: Simulation) -> None:
        found = simulation.records.page("alarm", limit=1_000).records
        if found:  # not the first: they are in the order of their ids, which a branch changes
            simulation.vanish("alarm", min(found, key=lambda record: record.get("luck", 0)), "removed")

    def forget(self, simulation: Simulation) -> None:
        simulation.outcomes.clear()

    def tune(self, simulation: Simulation, tone: str) -> None:
        simulation.set_rules({"bell.tone": tone})

    def emit(
        self,
        simulation: Simulation,
        resource: str = "a",
        event: str = "rung",
        urls: tuple[str, ...] = URLS,
        last: bool = False,
        attempts: int = 3,
    ) -> str | None:
        policy = Policy(attempts=attempts)
        return sending.emit(simulation, "bell", event, resource, urls, lambda id: {"id": id}, policy, last=last)

    def redeliver(self, simulation: Simulation, id: str) -> None:
        sending.redeliver(simulation, id)

    def again(self, simulation: Simulation, place: int) -> None:
        """Redeliver whichever webhook stands at a place, counted from either end, if there is any."""
        if rows := list(simulation.outbox):
            sending.redeliver(simulation, rows[place % len(rows)].id)

    def fault(
        self,
        simulation: Simulation,
        kind: str,
        match: dict[str, Any] | None = None,
        times: int | None = 1,
        probability: float = 1.0,
        **members: Any,
    ) -> str:
        fault = Fault(f"f{simulation.mint('fault')}", match or {}, {"kind": kind, **members}, times, probability)
        simulation.faults.add(fault)
        return fault.id

    def lift(self, simulation: Simulation, id: str) -> None:
        simulation.faults.remove(id)

    def lift_all(self, simulation: Simulation) -> None:
        simulation.faults.clear()

    def many(self, simulation: Simulation, calls: list[tuple[str, dict[str, Any]]], breaks: bool) -> None:
        for operation, request in calls:
            self.call(simulation, operation, request)
        if breaks:
            raise Broken


def index(record: dict[str, Any]) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    return [((), (record["after"],)), ((record["to"],), (record["after"],))]


def represent(simulation: Simulation, record: dict[str, Any]) -> dict[str, Any]:
    return {"id": record["id"], "status": record["status"], "now": simulation.now}


MAGIC = {
    "0120": MagicTarget("0120", ("busy",), "always busy"),
    "0121": MagicTarget("0121", ("busy", "completed"), "busy once"),
    "0130": MagicTarget("0130", ("delivery_failed",), "of messages"),
}


def origin_of(bell: Bell, seed: str = "seed", profile: dict[str, Any] | None = None) -> Origin:
    return Origin("w", seed, "spec", lambda: Rules(RULES, profile), {"bell": bell}, MAGIC)


def make_world(bell: Bell | None = None, seed: str = "seed", mode: str = "frozen") -> Simulation:
    return Simulation(origin_of(bell or Bell(), seed), Clock(parse_instant(START), mode))


def make_call(
    simulation: Simulation, operation: str, judge: Callable[[Any], object] | None = None, **request: Any
) -> Any:
    command = {"kind": "call", "at": simulation.now, "provider": "bell", "operation": operation, "request": request}
    return simulation.apply(command, judge)


def make_run(simulation: Simulation, seconds: float = HOUR / SECOND, limit: int | None = None) -> int:
    until = simulation.now + round(seconds * SECOND)
    return simulation.apply({"kind": "run", "until": until, "limit": limit})


def make_receipt(simulation: Simulation, delivery: Delivery, state: str = "failed", **changed: Any) -> bool:
    receipt = Receipt(state, 200 if state == "delivered" else 500)
    about = {"webhook": delivery.webhook, "attempt": delivery.attempt}
    lived = {"epoch": delivery.epoch, "branch": delivery.branch}
    return simulation.apply({"kind": "receipt", **about, **lived, "receipt": asdict(receipt)} | changed)


def make_advance(
    simulation: Simulation, seconds: float, answer: Callable[[Delivery], str], fed: Callable[[Delivery], None] = id
) -> None:
    command = {"kind": "run", "until": simulation.now + round(seconds * SECOND), "pause": True}
    simulation.apply(command)
    while deliveries := simulation.deliveries():
        for delivery in deliveries:
            fed(delivery)
            make_receipt(simulation, delivery, answer(delivery))
        simulation.apply(command)


@pytest.fixture(scope="session")
def receive() -> Callable[..., bool]:
    """`receive(simulation, delivery, state="failed", **changed)` applies the receipt of an attempt."""
    return make_receipt


@pytest.fixture(scope="session")
def advance() -> Callable[..., None]:
    """`advance(simulation, seconds, answer, fed=)` runs, answering every attempt before time goes on."""
    return make_advance


@pytest.fixture(scope="session")
def bell() -> type[Bell]:
    """The class: `bell(on)` makes a provider."""
    return Bell


@pytest.fixture(scope="session")
def broken() -> type[Broken]:
    return Broken


@pytest.fixture(scope="session")
def origin() -> Callable[..., Origin]:
    """`origin(bell, seed=, profile=)` makes what a world starts from."""
    return origin_of


@pytest.fixture(scope="session")
def world() -> Callable[..., Simulation]:
    """`world(bell=, seed=, mode=)` makes one that stands at 14:00 and is frozen."""
    return make_world


@pytest.fixture(scope="session")
def call() -> Callable[..., Any]:
    """`call(simulation, operation, judge=, **request)` applies a call now."""
    return make_call


@pytest.fixture(scope="session")
def run() -> Callable[..., int]:
    """`run(simulation, seconds=3600, limit=)` advances and returns how many timers fired."""
    return make_run
