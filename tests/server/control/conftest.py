"""A control plane without a socket: its own document and endpoint, a toy vendor, and real time that stands still."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.data import data_root
from contratempo.provider import Problem, Provider, Refusal, Request, Response
from contratempo.server.control import control
from contratempo.server.endpoint import Endpoint
from contratempo.server.guard import Guard
from contratempo.server.pump import Pump
from contratempo.server.readers import Readers
from contratempo.server.settings import Settings
from contratempo.server.signing import Signer
from contratempo.server.wire import Incoming
from contratempo.server.worlds import World, Worlds
from contratempo.sim.clock import Clock
from contratempo.sim.exchanges import Exchange
from contratempo.sim.instants import parse_instant
from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.outcomes import MagicTarget, Subject
from contratempo.sim.records import Kind, Record
from contratempo.sim.rules import Rule, Rules
from contratempo.sim.simulation import Origin, Simulation
from contratempo.sim.timers import Timer

START = "2026-03-15T09:00:00Z"

LIFECYCLE = Lifecycle.load(
    "job.status",
    {
        "initial": "pending",
        "transitions": {
            "pending": {"completed": "done", "busy": "failed", "cancel": "canceled"},
            "done": {},
            "failed": {},
            "canceled": {},
        },
    },
)


def create_job(simulation: Simulation, request: Request) -> Response:
    job = {"id": simulation.uuid("job"), "to": request.body.get("to", "nobody"), "place": simulation.mint("place")}
    simulation.begin("job", job)
    simulation.records.put("job", job)
    simulation.schedule(request.body["after"], "toy", "run", job["id"])
    return Response(201, job, resource=job["id"])


def run_job(simulation: Simulation, timer: Timer) -> None:
    job = simulation.records.get("job", timer.subject)
    chosen = simulation.choose_outcome("job", Subject(job["id"], job["to"], "me", "create_job"), 1, "completed")
    simulation.move("job", job, chosen.outcome["status"], attempt=1)
    simulation.records.put("job", job)


def cancel_job(simulation: Simulation, job: Record) -> Record | None:
    if job["status"] != "pending":
        raise Refusal(Problem("rule", f"The job is {job['status']}.", status=400, code="10015", rule="toy.late_cancel"))
    if job["to"] == "vanish":
        simulation.vanish("job", job, "cancel")
        return None
    simulation.move("job", job, "cancel")
    simulation.timers.cancel(job["id"])
    simulation.records.put("job", job)
    return job


JOB = Kind(
    "job",
    "toy",
    index=lambda record: [((), (record["place"],))],
    represent=lambda simulation, record: {"job": record["id"], "to": record["to"]},
    lifecycles={"status": LIFECYCLE},
    outcomes=frozenset({"completed", "busy"}),
    cancel=cancel_job,
)
STONE = Kind("stone", "toy", index=lambda record: [((), (0,))], represent=lambda simulation, record: record)
TOY = Provider(
    name="toy",
    title="A toy",
    documents=(),
    operations={"create_job": create_job},
    refuse=lambda problem: Response(problem.status or 400),
    error_schema="",
    timers={"run": run_job},
    kinds={"job": JOB, "stone": STONE},
    rules={
        "toy.past": Rule("toy.past", "What becomes of the past", "reject", ("reject", "run_now"), "docs", "high"),
        "toy.seconds": Rule("toy.seconds", "How long", 5, None, "choice", "low"),
    },
    environment="TOY_BASE_URL",
)
_ANSWERS = {"responses": {"201": {}, "422": {}}}
TOY_CONTRACT = SimpleNamespace(
    base="/toy",
    document=SimpleNamespace(
        tree={
            "openapi": "3.1.0",
            "info": {"title": "Toy", "version": "1.2"},
            "servers": [{"url": "https://toy.example/toy"}],
            "paths": {"/jobs": {"post": _ANSWERS}},
        },
        node=lambda operation: _ANSWERS,
        operations={"create_job": SimpleNamespace(id="create_job", method="post", path="/jobs", base="/toy")},
    ),
)


@dataclass
class StillTime:
    """Real time that passes only when told, or by `step` at every look."""

    now: float = 100.0
    step: float = 0.0

    def seconds(self) -> float:
        self.now += self.step
        return self.now

    def instant(self) -> int:
        return parse_instant(START)


class Nobody:
    """A sender that there is nothing for."""

    def __init__(self) -> None:
        self.abandoned: list[str] = []

    def dispatch(self, world: World) -> None:
        world.simulation.deliveries()

    def outstanding(self, world: World) -> int:
        return 0

    async def settle(self, world: World, seconds: float) -> bool:
        return True

    def abandon(self, world: World) -> None:
        self.abandoned.append(world.id)


@dataclass
class StubService:
    """What the control plane uses of a service."""

    contract: Contract
    real: StillTime
    settings: Settings = field(default_factory=Settings)
    base_url: str = "http://127.0.0.1:4010"
    ready: bool = True
    closing: bool = False

    def __post_init__(self) -> None:
        self.providers = {"toy": TOY, "control": control}
        self.vendors = {"toy": TOY}
        self.signer = Signer.derived("a seed")
        self.sender = Nobody()
        self.pump = Pump(self.real, self.sender)
        self.readers = Readers("a")
        self.catalog = SimpleNamespace(
            profiles={"spec": None, "lenient": None},
            contract=lambda name, profile: self.contract if name == "control" else TOY_CONTRACT,
        )
        self.worlds = Worlds(self._make, lambda: Clock(parse_instant(START)), "seed", "spec", ("spec", "lenient"))

    def realtime(self) -> float:
        return self.real.seconds()

    def _make(self, identifier: str, seed: str, profile: str, clock: Clock) -> Simulation:
        magic = {"0120": MagicTarget("0120", ("busy",), "always busy")}
        return Simulation(Origin(identifier, seed, profile, lambda: Rules(TOY.rules), self.providers, magic), clock)


class Plane:
    """Calls of the control plane by operationId, through its own endpoint; each answer is held to its document."""

    def __init__(self, service: StubService) -> None:
        self.service = service
        self.real = service.real
        self._endpoint = Endpoint(service, Guard((), None), [service.contract.document])

    @property
    def world(self) -> World:
        return self.service.worlds.default

    @property
    def simulation(self) -> Simulation:
        return self.world.simulation

    def __call__(self, operation: str, body: Any = None, /, **parts: Any) -> Response:
        return asyncio.run(self.answer(operation, body, **parts))

    async def answer(
        self, operation: str, body: Any = None, /, *, world: str | None = None, path: Any = None, **query: Any
    ) -> Response:
        described = self.service.contract.document.operations[operation]
        headers = [("host", "localhost:4010")]
        if body is not None:
            headers.append(("content-type", "application/json"))
        if world is not None:
            headers.append(("x-mock-world", world))
        incoming = Incoming(
            "control",
            operation,
            described.method.upper(),
            described.base + described.path,
            urlencode(query).encode(),
            headers,
            b"" if body is None else msgspec.json.encode(body),
            path or {},
        )
        response, _, _ = await self._endpoint.answer(incoming)
        return response

    def together(self, *calls: Awaitable[Response]) -> list[Response]:
        async def gather() -> list[Response]:
            return await asyncio.gather(*calls)

        return asyncio.run(gather())

    def job(self, after: float = 60, **more: Any) -> str:
        """Schedule a job in the default world and return its id."""
        request = {"operation": "create_job", "body": {"after": after, **more}}
        command = {"kind": "call", "provider": "toy", "operation": "create_job", "request": request}
        answer: Response = self.simulation.apply({**command, "at": self.simulation.now})
        return str(answer.resource)

    def note(self, operation: str = "create_job", status: int = 201, at: str = START, **more: Any) -> None:
        """Add a row to the journal of the default world."""
        requests, instant = self.simulation.journal.requests, parse_instant(at)
        row = {"provider": "toy", "operation": operation, "method": "POST", "path": "/toy/jobs", "query": ""}
        row |= {
            "number": requests.total + 1,
            "world": "default",
            "at": instant,
            "received_at": instant,
            "seconds": 0.001,
        }
        row |= {"seconds": 0.001, "status": status, "request": b"{}", "sent": 2, "response": b"{}"}
        requests.add(Exchange(**row | more))


@pytest.fixture(scope="session")
def control_contract() -> Contract:
    return Contract(read_document("control", [data_root("specs") / "control.yaml"]))


@pytest.fixture
def plane(control_contract: Contract) -> Plane:
    return Plane(StubService(control_contract, StillTime()))


@pytest.fixture
def make_plane(control_contract: Contract) -> Callable[..., Plane]:
    def make(**settings: Any) -> Plane:
        return Plane(StubService(control_contract, StillTime(**settings)))

    return make
