"""The actors: what clients do to a server, all at once and by chance."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

from stage import travels
from stage.book import Observed
from stage.client import CLOCK, Client, Exchange, Manners
from stage.receivers import OWN, PORTS, Arrival

from contratempo.server.service import Service
from contratempo.sim.instants import SECOND, format_instant

AHEAD: Final = (300, 300, 301, 302, 600, 3_600, 90_000)
PAUSES: Final = (0.0, 0.0, 0.0, 0.01, 0.3, 0.9, 2.0)
NUMBERS: Final = ("+12125550101", "+12125550120", "+12125550121", "+12125550122", "+12125550123", "+12125550130")
CONTACTS: Final = ("ctc_12kd88", "ctc_busy00", "ctc_noansw", "ctc_failed", "ctc_cancel")
EVENTS: Final = "/v2/ai/assistants/assistant_1/scheduled_events"
READS: Final = (
    CLOCK, EVENTS, "/_mock/webhooks", "/_mock/timeline", "/_mock/requests", "/_mock/faults", "/_mock/worlds",
    "/_mock/resources", "/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6", "/_mock/outcomes", "/_mock/sink/t1",
    "/_mock/readyz", "/_mock/nothing", "/_mock/checkpoints",
)  # fmt: skip
REQUEST_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "status", "status": 500}, {"kind": "status", "status": 429, "retry_after": 2}, {"kind": "reset"},
    {"kind": "latency", "seconds": 0.4}, {"kind": "empty"}, {"kind": "truncated"}, {"kind": "malformed"},
    {"kind": "breaks_contract"}, {"kind": "drop_after_commit"}, {"kind": "drop_after_commit", "seconds": 0.2},
)  # fmt: skip
WEBHOOK_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "duplicate"}, {"kind": "reorder"}, {"kind": "delay", "seconds": 3}, {"kind": "drop"},
    {"kind": "bad_signature"},
)  # fmt: skip


@dataclass(eq=False)
class Cast:
    """What the actors know: the keys of worlds by id, and how to say what they want."""

    client: Client
    chance: Random
    service: Service
    keys: dict[str, str] = field(default_factory=lambda: {"default": "key"})
    tags: int = 0
    streams: list[Exchange] = field(default_factory=list)
    names: tuple[str, ...] = (
        "hooks.test",
        "two.test",
        "gone.test",
        "inside.test",
        "localhost",
        "example.com",
        "slow.test",
    )
    crowd: bool = False
    resting: bool = False
    saved: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.crowd = self.chance.random() < 0.3  # everything at once and to one port
        self.deeds: dict[Callable[[], Awaitable[Any]], int] = {
            self.create: 9, self.advance: 8, self.read: 5, self.reset: 1, self.make_world: 1, self.delete_world: 1,
            self.redeliver: 2, self.fault: 2, self.set_clock: 1, self.script: 1, self.cancel: 1, self.wait: 1,
            self.post_late: 2, self.follow: 2,
        }  # fmt: skip
        wanderings = {travels.mark: 2, travels.go_back: 4, travels.fork: 1, travels.save: 1, travels.load: 1}
        for travel, weight in {**wanderings, travels.foresee: 2}.items():
            self.deeds[partial(travel, self)] = weight

    async def begin(self) -> None:
        """Make the worlds that are there from the beginning."""
        for _ in range(self.chance.choice([0, 1, 2, 3])):
            await self.make_world()

    async def act(self, deeds: int) -> None:
        """Do some things one after the other, with pauses."""
        for _ in range(deeds):
            await asyncio.sleep(self.chance.choice(PAUSES))
            deed = self.chance.choices(list(self.deeds), list(self.deeds.values()))[0]
            try:
                await deed()
            except ConnectionRefusedError:  # the server is gone
                return

    async def send(self, method: str, target: str, body: Any = None, **more: Any) -> Exchange:
        """Make a request to some world."""
        world = self.chance.choice(sorted(self.keys))
        more = {"key": self.keys[world], "manners": self.manners(), **more}
        if target.startswith("/_mock") and "x_mock_world" not in more and self.chance.random() < 0.3:
            more |= {"key": "key", "x_mock_world": world}
        return await self.client.call(method, target, body, **more)

    def manners(self) -> Manners:
        die = self.chance.random()
        if die < 0.04:
            return Manners(leave=self.chance.choice([0.0, 0.001, 0.5, 1.0]))
        if die < 0.08:
            return Manners(cancel=self.chance.choice([0.0, 0.001, 0.5, 1.0]))
        return Manners(pieces=self.chance.choice([1, 1, 3]))

    def worlds(self) -> list[Observed]:
        found = (self.service.worlds.get(identifier) for identifier in sorted(self.keys))
        return [world.simulation for world in found if world is not None and isinstance(world.simulation, Observed)]

    def soon(self) -> str:
        """Return an instant that lies ahead in some world, unless that goes on meanwhile."""
        ahead = 300 if self.crowd else self.chance.choice(AHEAD)
        return format_instant(self.chance.choice(self.worlds()).now + ahead * SECOND)

    def url(self, tag: str) -> str:
        if self.crowd:
            return f"http://127.0.0.1:{PORTS[0]}/{tag}"
        port = self.chance.choice(PORTS)
        die = self.chance.randrange(10)
        if die < 7:
            return f"http://127.0.0.1:{port}/{tag}"
        return (
            f"http://127.0.0.1:{OWN}/_mock/sink/{tag}"
            if die == 7
            else f"http://{self.chance.choice(self.names)}:{port}/{tag}"
        )

    def creation(self) -> tuple[str, dict[str, Any]]:
        """Return a request that makes something."""
        self.tags += 1
        tag, at, to = f"t{self.tags}", self.soon(), self.chance.choice(NUMBERS)
        match self.chance.randrange(3):
            case 0:
                message = {"from": "+12125550100", "to": to, "text": "Hi", "send_at": at, "webhook_url": self.url(tag)}
                if self.chance.random() < 0.5:
                    message["webhook_failover_url"] = self.url(tag) + "/f"
                return "/v2/messages/schedule", message
            case 1:
                contact = self.chance.choice(CONTACTS)
                call = {
                    "contact_id": contact,
                    "scheduled_at": at,
                    "initial_message": "Hi",
                    "webhook_url": self.url(tag),
                }
                return "/v1/calls/scheduled", call
            case _:
                event = {
                    "telnyx_end_user_target": to,
                    "telnyx_agent_target": f"+1{self.tags}",
                    "scheduled_at_fixed_datetime": at,
                }
                sms = {"telnyx_conversation_channel": "sms_chat", "text": "Hi"}
                phone = {
                    "telnyx_conversation_channel": "phone_call",
                    "max_retries_client_errors": 2,
                    "retry_interval_secs": 60,
                }
                return EVENTS, event | self.chance.choice([sms, phone, phone])

    # deeds

    async def create(self) -> None:
        for _ in range(self.chance.choice([1, 1, 6] if self.crowd else [1, 1, 2])):
            target, body = self.creation()
            key = f"k{self.tags}"
            made = await self.send("POST", target, body, idempotency_key=key)
            if made.ended in ("close", "reset") and target == EVENTS:  # done or not? the key makes sure it is once
                await self.send("POST", target, body, key=made.headers["authorization"][7:], idempotency_key=key)

    async def advance(self) -> None:
        wish: dict[str, Any] = self.chance.choice(
            [{"by": 1}, {"by": 60}, {"by": 301}, {"by": 3_600}, {"to": "next"}, {"to": "idle"}, {"to": self.soon()}]
        )
        wish |= self.chance.choice([{}, {}, {"wait": "webhooks"}, {"wait": "none"}])
        if self.chance.random() < 0.3:
            wish = wish | {"wait_turn": True}
        manners = self.manners()
        if self.chance.random() < 0.1:
            manners = Manners(cancel=self.chance.choice([0.0, 0.3, 1.0, 2.0]))
        await self.send("POST", f"{CLOCK}/advance", dict(wish), manners=manners)

    async def read(self) -> None:
        for _ in range(3):
            await self.send("GET", self.chance.choice(READS))

    async def reset(self) -> None:
        await self.send("POST", "/_mock/reset")

    async def make_world(self) -> None:
        wish: dict[str, Any] = {"id": self.chance.choice(["a", "b"]), "clock": "2026-03-15T09:00:00Z"}
        made = await self.send("POST", "/_mock/worlds", wish, key="key", x_mock_world="default")
        if made.ended == "answered" and made.status == 201:
            self.keys[wish["id"]] = made.json["api_key"]

    async def delete_world(self) -> None:
        identifier = self.chance.choice(["a", "b"])
        gone = await self.send("DELETE", f"/_mock/worlds/{identifier}", key="key", x_mock_world="default")
        if gone.status == 204 and self.chance.random() < 0.8:
            self.keys.pop(identifier, None)

    async def redeliver(self) -> None:
        for identifier in self.webhooks()[:1]:
            await self.send("POST", f"/_mock/webhooks/{identifier}/redeliver")

    async def fault(self) -> None:
        if self.chance.random() < 0.3:
            await self.send("DELETE", "/_mock/faults")
            return
        if self.chance.random() < 0.5:
            await self.webhook_fault()
        else:
            await self.add_fault(self.chance.choice(REQUEST_FAULTS))

    async def webhook_fault(self) -> None:
        await self.add_fault(self.chance.choice(WEBHOOK_FAULTS))

    async def add_fault(self, fault: dict[str, Any]) -> None:
        often: dict[str, Any] = self.chance.choice([{}, {"times": 3}, {"times": None, "probability": 0.5}])
        await self.send("POST", "/_mock/faults", {"fault": fault, **often})

    async def set_clock(self) -> None:
        running = {"mode": "running", "rate": self.chance.choice([1, 60, 3_600])}
        frozen = {"mode": "frozen"}
        await self.send(
            "PUT", CLOCK, self.chance.choice([{"now": self.soon()}, running, frozen, {"now": self.soon(), **frozen}])
        )

    async def script(self) -> None:
        outcomes = self.chance.sample(["busy", "no-answer", "completed", "failed"], 2)
        await self.send("POST", "/_mock/outcomes", {"match": {"to": NUMBERS[0]}, "outcomes": outcomes})

    async def cancel(self) -> None:
        known = [record["id"] for world in self.worlds() for _, record in world.records]
        if known:
            await self.send("POST", f"/_mock/resources/{self.chance.choice(known)}/cancel")

    async def wait(self) -> None:
        wish = {"match": {"status": 200}, "count": 3, "timeout_seconds": self.chance.choice([0, 1, 5])}
        await self.send("POST", "/_mock/requests/wait", wish)

    async def follow(self) -> None:
        stall, leave = self.chance.choice([(False, 1.0), (False, 5.0), (False, None), (False, None), (True, None)])
        world, more = self.chance.choice(sorted(self.keys)), {"accept": "text/event-stream"}
        before = [exchange.notes["place"] for exchange in self.streams if "place" in exchange.notes]
        if before and self.chance.random() < 0.5:
            more["last_event_id"] = self.chance.choice(before)
        manners = Manners(leave=leave, stall=stall)
        exchange, _ = self.client.begin("GET", "/_mock/stream", key=self.keys[world], manners=manners, **more)
        self.streams.append(exchange)

    async def post_late(self) -> None:
        """Bring receipts that nobody waits for: they are of epochs that are over, or were brought before."""
        world = self.chance.choice(self.worlds())  # whose webhooks have the same ids in every epoch
        account = world.account
        late = [each for each in account.late if (each.webhook, each.attempt) in account.closed] + world.late
        alike = [each for each in world.late if (each.webhook, each.attempt) in account.sending]  # but for the epoch
        if late:
            delivery = self.chance.choice(alike or late)
            receipt = {"state": self.chance.choice(["delivered", "failed"])}
            command = {"webhook": delivery.webhook, "attempt": delivery.attempt, "receipt": receipt, "late": True}
            world.apply({"kind": "receipt", "epoch": delivery.epoch, "branch": delivery.branch, **command})

    async def call_back(self, arrival: Arrival, world: str) -> None:
        """Do what a curious receiver does before it answers: look, make something, meddle with time."""
        await self.post_late()
        if self.resting:
            return
        target, body = self.creation()
        asked: list[tuple[str, str, Any]] = [("GET", CLOCK, None), ("GET", EVENTS, None), ("POST", target, body)]
        asked += [("POST", f"{CLOCK}/advance", {"by": 60}), ("POST", "/_mock/reset", None)]
        asked += [("POST", f"/_mock/webhooks/{each}/redeliver", None) for each in self.webhooks()[:2]]
        asked += [("DELETE", f"/_mock/worlds/{world}", None), ("POST", "/_mock/checkpoints", {"name": "x"})]
        asked += [("POST", "/_mock/rewind", travels.place(self, world)), ("GET", "/_mock/timeline?horizon=10m", None)]
        for method, path, wish in self.chance.sample(asked, 2):
            await self.client.call(method, path, wish, key=self.keys.get(world, "key"))

    def webhooks(self) -> list[str]:
        """Return the ids of the webhooks that there are, in no order that matters."""
        known = [webhook.id for world in self.worlds() for webhook in world.outbox]
        return self.chance.sample(known, len(known))
