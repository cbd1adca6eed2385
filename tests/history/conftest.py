"""Lives of worlds: every provider and the control plane, lived through by deeds that hypothesis makes up."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import strategies as st

from contratempo.provider import Refusal
from contratempo.server.service import Service, make_service
from contratempo.server.settings import Settings
from contratempo.sim.clock import Clock
from contratempo.sim.history import Place
from contratempo.sim.instants import SECOND, format_instant, parse_instant
from contratempo.sim.rewinding import Rebuild, rewind_to
from contratempo.sim.saved import dump, load
from contratempo.sim.simulation import Simulation
from contratempo.sim.webhooks import Delivery, Receipt

START = "2026-03-15T14:00:00Z"
HOOKS = ["http://one.test/hook", "http://two.test/hook"]
NUMBERS = ["+12125550101", "+12125550120", "+12125550121", "+12125550130", "+12125550125"]
CONTACTS = ["ctc_12kd88", "ctc_busy00", "ctc_noansw", "ctc_nobody"]
FATES = ["delivered", "failed", "captured"]
FAULTS: list[dict[str, Any]] = [
    {"kind": "duplicate"}, {"kind": "reorder"}, {"kind": "delay", "seconds": 30}, {"kind": "drop"},
    {"kind": "bad_signature"}, {"kind": "status", "status": 500}, {"kind": "drop_after_commit"},
]  # fmt: skip
AHEAD = st.sampled_from([0, 1, 299, 301, 400, 3_600, 90_000])
PLACE = st.integers(0, 20)


def deed(name: str, **members: Any) -> Any:
    return st.tuples(st.just(name), st.fixed_dictionaries(members))


MAKING = [
    deed("message", after=AHEAD, to=st.sampled_from(NUMBERS), now=st.booleans(), key=st.sampled_from(["", "a", "b"])),
    deed("call", after=AHEAD, contact=st.sampled_from(CONTACTS), zone=st.sampled_from([None, "Asia/Kathmandu"])),
    deed("event", after=AHEAD, to=st.sampled_from(NUMBERS), retries=st.integers(0, 2), sms=st.booleans()),
]
CONTROL = [
    deed("cancel", place=PLACE), deed("remove", place=PLACE), deed("redeliver", place=PLACE),
    deed("script", outcomes=st.lists(st.sampled_from(["busy", "completed", "delivered", "expired"]), min_size=1,
         max_size=2), then=st.sampled_from(["repeat", "default"]), to=st.none() | st.sampled_from(NUMBERS)),
    deed("unscript", place=PLACE),
    deed("fault", fault=st.sampled_from(FAULTS), times=st.sampled_from([None, 1, 2]),
         probability=st.sampled_from([0.3, 1.0])),
    deed("heal", place=PLACE),
    deed("strike", operation=st.sampled_from(["ScheduleMessage", "scheduleCall"])),
    deed("rules", backoff=st.sampled_from([None, 5, 60])),
]  # fmt: skip
TIME = [
    deed("run", seconds=st.sampled_from([0, 1, 3, 60, 4_000]), limit=st.none() | st.integers(1, 3)),
    deed("advance", seconds=st.sampled_from([1, 3, 301, 90_000])),
    deed("answer", fate=st.sampled_from(FATES), count=st.integers(1, 3)),
    deed("clock", mode=st.sampled_from(["frozen", "running"])),
    deed("tick", seconds=st.sampled_from([1, 60])),
]
BACK = [
    deed("rewind", place=st.integers(0, 1_000)), deed("travel", part=st.floats(0, 1)), deed("belated", place=PLACE),
    deed("save"), deed("reset"),
]  # fmt: skip
NOTHING = deed("nothing")
FORWARDS = st.one_of(NOTHING, *MAKING, *MAKING, *CONTROL, *TIME, *TIME)
DEEDS = st.one_of(NOTHING, *MAKING, *MAKING, *MAKING, *CONTROL, *TIME, *TIME, *TIME, *BACK)
"""Those that have a `place` mean what stands there in the order in which it came to be, whatever its id."""


class Life:
    """A world that deeds are done to, what it was at its positions, and every receipt that ever was to be brought."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.was: dict[int, dict[str, Any]] = {simulation.head: dump(simulation)}
        self.open: list[Delivery] = []
        self.late: list[Delivery] = []

    def see(self) -> None:
        if self.simulation.head % 4 == 0:  # each costs as much as ten deeds
            self.was.setdefault(self.simulation.head, dump(self.simulation))

    def lead(self, deeds: Iterable[tuple[str, dict[str, Any]]]) -> "Life":
        for name, members in deeds:
            head = self.simulation.head
            getattr(self, name)(**members)
            if self.simulation.head != head:
                self.see()
        return self

    # what vendors are asked

    def ask(self, provider: str, operation: str, body: Any = None, headers: Any = None, **path: str) -> None:
        request = {"operation": operation, "path": path, "query": {}, "headers": headers or {}, "body": body}
        command = {"kind": "call", "at": self.simulation.now, "provider": provider, "operation": operation}
        with suppress(Refusal):
            self.simulation.apply({**command, "request": {**request, "caller": "c"}})

    def ahead(self, seconds: int) -> str:
        return format_instant(self.simulation.now + seconds * SECOND)

    def message(self, after: int, to: str, now: bool, key: str) -> None:
        body = {"from": "+12125550100", "to": to, "text": "Hi", "webhook_url": HOOKS[0]}
        body |= {"webhook_failover_url": HOOKS[1]} if after == 301 else {}
        operation = "SendMessage" if now else "ScheduleMessage"
        body |= {} if now else {"send_at": self.ahead(after)}
        self.ask("telnyx_messages", operation, body, {"idempotency-key": key} if key else None)

    def call(self, after: int, contact: str, zone: str | None) -> None:
        at = self.ahead(after) if zone is None else "2026-03-16T09:00:00"
        body = {"contact_id": contact, "scheduled_at": at, "initial_message": "Hi", "webhook_url": HOOKS[1]}
        self.ask("temphone", "scheduleCall", body | ({"timezone": zone} if zone else {}))

    def event(self, after: int, to: str, retries: int, sms: bool) -> None:
        body = {
            "telnyx_end_user_target": to,
            "telnyx_agent_target": "+12125550100",
            "conversation_metadata": {"n": 1.5},
        }
        sort = {"telnyx_conversation_channel": "sms_chat", "text": "Hi"}
        phone = {"telnyx_conversation_channel": "phone_call", "max_retries_client_errors": retries}
        body |= {"scheduled_at_fixed_datetime": self.ahead(after)}
        body |= sort if sms else phone | {"retry_interval_secs": 60}
        self.ask("telnyx_assistants", "create_scheduled_event", body, assistant_id="assistant_1")

    # what the control plane is asked

    def resources(self) -> list[str]:
        known = dict.fromkeys(row.resource for row in self.simulation.journal.transitions)
        return [each for each in known if self.simulation.records.find(each) is not None]

    def control(self, operation: str, known: list[str], place: int) -> None:
        if known:
            self.ask("control", operation, id=known[place % len(known)])

    def cancel(self, place: int) -> None:
        self.control("cancelResource", self.resources(), place)

    def remove(self, place: int) -> None:
        events = [each for each in self.resources() if self.simulation.records.get("scheduled_event", each)]
        if events:
            event = events[place % len(events)]
            self.ask("telnyx_assistants", "delete_scheduled_event", assistant_id="assistant_1", event_id=event)

    def redeliver(self, place: int) -> None:
        self.control("redeliverWebhook", [each.id for each in self.simulation.outbox], place)

    def script(self, outcomes: list[str], then: str, to: str | None) -> None:
        match = {"to": to} if to else {}
        listed = [{"status": each, "talk": 12.5} for each in outcomes]
        self.ask("control", "scriptOutcomes", {"outcomes": listed, "then": then, "match": match})

    def unscript(self, place: int) -> None:
        self.control("deleteOutcome", list(self.simulation.outcomes.scripts), place)

    def fault(self, fault: dict[str, Any], times: int | None, probability: float) -> None:
        self.ask("control", "addFault", {"fault": fault, "times": times, "probability": probability})

    def heal(self, place: int) -> None:
        self.control("deleteFault", [each.id for each in self.simulation.faults], place)

    def strike(self, operation: str) -> None:
        victim = {"provider": "temphone" if operation == "scheduleCall" else "telnyx_messages", "operation": operation}
        self.simulation.apply({"kind": "strike", "victim": victim})

    def rules(self, backoff: int | None) -> None:
        self.ask("control", "setRules", {"telnyx_messages.webhook_backoff_seconds": backoff, "temphone.webhook": "x"})
        self.ask("control", "setRules", {"telnyx_messages.webhook_backoff_seconds": backoff})

    # time, and receivers

    def run(self, seconds: int, limit: int | None) -> None:
        self.simulation.apply({"kind": "run", "until": self.simulation.now + seconds * SECOND, "limit": limit})

    def advance(self, seconds: int) -> None:
        command = {"kind": "run", "until": self.simulation.now + seconds * SECOND, "pause": True}
        self.simulation.apply(command)
        while self.take():
            while self.open:
                self.bring(self.open.pop(0), None)
            self.simulation.apply(command)

    def take(self) -> bool:
        self.open += self.simulation.deliveries()
        return bool(self.open)

    def answer(self, fate: str, count: int) -> None:
        self.take()
        for delivery in self.open[:count]:
            self.open.remove(delivery)
            self.bring(delivery, fate)

    def bring(self, delivery: Delivery, fate: str | None) -> bool:
        state = fate or FATES[(delivery.attempt + len(delivery.event)) % 2]
        receipt = asdict(Receipt(state, 200 if state == "delivered" else 500, seconds=0.25))
        self.late.append(delivery)
        about = {"webhook": delivery.webhook, "attempt": delivery.attempt, "receipt": receipt}
        lived = {"epoch": delivery.epoch, "branch": delivery.branch}
        return bool(self.simulation.apply({"kind": "receipt", **about, **lived}))

    def late_changes(self) -> list[Delivery]:
        """Bring every receipt that is of another time or was brought before, and return what was taken in."""
        before = dump(self.simulation)
        changing = [delivery for delivery in list(self.late) if self.bring(delivery, "failed")]
        assert dump(self.simulation) == before
        return changing

    def belated(self, place: int) -> None:
        """Bring a receipt that is of another time, or was brought before."""
        if self.late:
            delivery = self.late[place % len(self.late)]
            head = self.simulation.head
            assert not self.bring(delivery, "failed")
            assert self.simulation.head == head

    def clock(self, mode: str) -> None:
        self.simulation.apply({"kind": "clock", "mode": mode, "rate": 60.0, "real": 5.0})

    def tick(self, seconds: int) -> None:
        if self.simulation.clock.mode == "running":
            self.simulation.apply({"kind": "tick", "until": self.simulation.now + seconds * SECOND})

    def nothing(self) -> None:
        """Do nothing."""

    # back

    def rewind(self, place: int) -> None:
        self.take()
        places = list(self.was)
        rewind_to(self.simulation, Place(places[place % len(places)]))
        self.over()

    def travel(self, part: float) -> None:
        self.take()
        began, now = self.simulation.history.began, self.simulation.now
        instant = began + round((now - began) * part)
        rewind_to(self.simulation, self.simulation.history.at(instant, now))
        assert self.simulation.now == instant
        self.over()

    def over(self) -> None:
        self.late += self.open
        self.open = []

    def save(self) -> None:
        epoch = self.simulation.epoch
        self.take()
        self.simulation = load(json.loads(json.dumps(dump(self.simulation))), self.simulation.origin)
        self.simulation.epoch = epoch + 1
        self.was = {self.simulation.head: dump(self.simulation)}
        self.over()

    def reset(self) -> None:
        self.take()
        self.simulation.apply({"kind": "reset"})
        self.was = {self.simulation.head: dump(self.simulation)}
        self.over()

    def at(self, position: int) -> dict[str, Any]:
        """Return what the world was at a position, made anew."""
        return dump(Rebuild(self.simulation, Place(position)).finished().world)


@pytest.fixture(scope="session")
def service() -> Service:
    return make_service(Settings(clock=START, profile="lenient", validation="both"))


@pytest.fixture(scope="session")
def life(service: Service) -> Callable[..., Life]:
    """`life(deeds, simulation=)` lives through deeds, in a new world unless one is given."""
    origin = service._origin("w", "seed", "lenient")

    def lead(deeds: list[tuple[str, dict[str, Any]]], simulation: Simulation | None = None) -> Life:
        return Life(simulation or Simulation(origin, Clock(parse_instant(START)))).lead(deeds)

    return lead
