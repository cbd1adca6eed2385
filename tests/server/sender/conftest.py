"""What the sender's tests share: worlds that send by a vendor of their own, and a courier that waits to be told."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from contratempo.contract.violation import Violation
from contratempo.provider import Hooks, Provider, Response
from contratempo.server.policy import DeliveryPolicy
from contratempo.server.sender import Sender
from contratempo.server.signing import Signer
from contratempo.server.worlds import World
from contratempo.sim import sending
from contratempo.sim.clock import Clock
from contratempo.sim.instants import SECOND
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation
from contratempo.sim.webhooks import Policy, Receipt

GOOD = Receipt("delivered", 200)


def _headers(sign, timestamp, body):
    return {"User-Agent": "post", "Signature": sign(body).hex(), "Stamp": str(timestamp)}


HOOKS = Hooks(lambda delivery: {"resource": delivery.resource, "attempt": delivery.attempt}, _headers)


def _send(simulation, request):
    for url, resource in request.body:
        sending.emit(simulation, "post", "thing.sent", resource, [url], lambda identifier: {}, Policy())
    return Response(204)


def post(hooks):
    return Provider("post", "Post", (), {"send": _send}, lambda problem: Response(500), "", webhooks=hooks)


@dataclass
class Documents:
    """A catalog whose contracts find `violations` in every webhook."""

    violations: tuple[Violation, ...] = ()

    def contract(self, provider, profile):
        return self

    def check_webhook(self, event, body):
        return self.violations


@dataclass
class HeldCourier:
    """A courier whose attempts end when a test says so; `out` are those under way, by their order."""

    sent: list[Any] = field(default_factory=list)
    out: dict[int, "asyncio.Future[Receipt]"] = field(default_factory=dict)
    ended: int = 0

    async def carry(self, destination, headers, body, seconds):
        number = len(self.sent)
        self.sent.append((destination, headers, body))
        self.out[number] = asyncio.get_running_loop().create_future()
        try:
            return await self.out[number]
        finally:
            del self.out[number]
            self.ended += 1

    async def land(self, number, receipt=GOOD):
        if isinstance(receipt, Exception):
            self.out[number].set_exception(receipt)
        else:
            self.out[number].set_result(receipt)
        await turn()


async def turn():
    """Let everybody go on until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


class Stage:
    """A sender with worlds that send by a provider of their own, and everything it told."""

    def __init__(self, real, hooks=None, violations=(), courier=None, **more):
        self.provider = post(replace(HOOKS, **hooks or {}))
        self.courier = courier or HeldCourier()
        self.changes = []
        policy = DeliveryPolicy((), lambda: 4010)
        documents = Documents(violations)
        self.sender = Sender(
            policy,
            Signer(bytes(32)),
            {"post": self.provider},
            documents,
            real,
            self.courier,
            self.changes.append,
            **more,
        )

    def world(self, identifier="w"):
        origin = Origin(identifier, "s", "spec", lambda: Rules({}), {"post": self.provider}, {})
        return World(Simulation(origin, Clock(1_000 * SECOND)), "KEY")

    def emit(self, world, *sent):
        """Have a world send to `(url or port, resource)` each, and the sender know of it."""
        body = [(url if isinstance(url, str) else f"http://127.0.0.1:{url}/", resource) for url, resource in sent]
        request = {"operation": "send", "body": body}
        call = {"kind": "call", "at": world.simulation.now, "provider": "post", "operation": "send", "request": request}
        world.simulation.apply(call)
        self.sender.dispatch(world)


@pytest.fixture
def stage(real):
    return lambda **more: Stage(real, **more)
