"""A mock without a socket, with something of everything in it: for tests that ask more than connections could take."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from contratempo.server.app import App
from contratempo.server.service import make_service
from contratempo.server.settings import Settings
from contratempo.sim import saved

PORT = 4010
HOST = f"127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Route:
    """An operation of the control plane, with a body that it takes if it takes one."""

    operation: str
    method: str
    path: str
    body: bytes

    @property
    def writes(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Mock:
    """A server without a socket, in one event loop, with something of everything in it."""

    app: App = field(
        default_factory=lambda: App(make_service(Settings(clock="2026-03-15T09:00:00Z", validation="both")))
    )

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str | None) -> Answer:
        return asyncio.run(self.exchange(method, path, body, headers))

    async def exchange(self, method: str, path: str, body: bytes, headers: dict[str, str | None]) -> Answer:
        pairs = [(name.replace("_", "-"), value) for name, value in headers.items() if value is not None]
        scope = {
            "type": "http", "http_version": "1.1", "scheme": "http", "method": method, "root_path": "", "path": path,
            "raw_path": path.encode(), "query_string": b"", "client": ("127.0.0.1", 5), "server": ("127.0.0.1", PORT),
            "headers": [(name.encode(), value.encode()) for name, value in pairs],
        }  # fmt: skip
        sent: list[dict[str, Any]] = []
        told = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            if (message := next(told, None)) is None:
                await asyncio.Event().wait()
            return message

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))

    def routes(self) -> list[Route]:
        document = self.app.service.catalog.contract("control", "spec").document
        routes = [
            _route(each.id, each.method, each.base + each.path, document.tree) for each in document.operations.values()
        ]
        service = self.app.service
        state = msgspec.json.encode(service.savings.document(saved.dump(service.worlds.default.simulation)))
        own = {"putState": state, "rewind": b'{"checkpoint": "known"}'}
        return [replace(route, body=own.get(route.operation, route.body)) for route in routes]

    def state(self) -> bytes:
        """All that a control call could change, as bytes."""
        worlds = [
            (world.id, world.api_key, saved.dump(world.simulation), list(world.simulation.journal.requests),
             list(world.simulation.journal.sink))
            for world in self.app.service.worlds
        ]  # fmt: skip
        return msgspec.json.encode((worlds, len(self.app.service.readers)))

    def fill(self) -> None:
        """Leave a record, a webhook, a script, a fault, a row in a sink and a world; their ids are found by `known`."""
        message = {"to": "+12125550101", "from": "+12125550100", "text": "Hi", "webhook_url": "https://receiver.test/"}
        later = {**message, "send_at": "2026-03-16T09:00:00Z"}
        for wish in (message, later):
            self.made("/v2/messages", wish)
        self.made("/_mock/clock/advance", {"by": 60, "wait": "none"})
        self.made("/_mock/outcomes", {"outcomes": ["busy"]})
        self.made("/_mock/faults", {"fault": {"kind": "reset"}, "match": {"resource": "nobody"}})
        self.made("/_mock/sink/known", {})
        self.made("/_mock/checkpoints", {"name": "known"})
        self.made("/_mock/worlds", {"id": "known"})
        self.app.service.ready = True

    def empty(self) -> None:
        worlds = self.app.service.worlds
        for world in worlds:
            if world is not worlds.default:
                worlds.delete(world.id)
        self.made("/_mock/reset", None)

    def made(self, path: str, wish: dict[str, Any] | None) -> None:
        headers = {"host": HOST, "content_type": "application/json", "authorization": "Bearer key"}
        assert self.ask("POST", path, b"" if wish is None else json.dumps(wish).encode(), **headers).status < 300

    def known(self) -> Iterator[str]:
        simulation = self.app.service.worlds.default.simulation
        yield "known"
        yield "telnyx_messages"
        yield from reversed([record["id"] for record in simulation.records.page("message").records])
        yield from [webhook.id for webhook in simulation.outbox]
        yield from simulation.outcomes.scripts
        yield from [fault["id"] for fault in simulation.faults.dump()]


def _route(operation: str, method: str, path: str, tree: dict[str, Any]) -> Route:
    described = tree["paths"][path.removeprefix("/_mock")][method].get("requestBody")
    if described is None:
        return Route(operation, method.upper(), path, b"")
    examples = described["content"]["application/json"].get("examples") or {"none": {"value": {}}}
    # the last one changes more: the first ones are empty or say what is so already
    return Route(operation, method.upper(), path, json.dumps([*examples.values()][-1]["value"]).encode())


def at(path: str, identifier: str) -> str:
    return "/".join(identifier if "{" in part else part for part in path.split("/"))
