"""What the attacks share: the server without a socket, and an attacker who holds every answer to its document."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import pytest

from contratempo.server.app import App
from contratempo.server.catalog import Catalog
from contratempo.server.service import Service, make_service
from contratempo.server.settings import Settings
from contratempo.sim.instants import parse_instant

START: Final = "2026-03-15T09:00:00Z"
HEADERS: Final = {"host": "127.0.0.1:4010", "authorization": "Bearer key", "content-type": "application/json"}
PARAMETERS: Final = {"assistant_id": "asst_1", "provider": "temphone", "name": "mine"}
SECONDS: Final = 5.0
"""Processor seconds that no answer may need, on whatever machine."""
_HEADER: Final = re.compile(rb"[\x20-\x7e]*")


@dataclass(frozen=True)
class Target:
    """An operation of a document, with a path that leads to it."""

    provider: str
    operation: str
    method: str
    path: str
    takes_body: bool

    def __str__(self) -> str:
        return f"{self.provider}.{self.operation}"


@dataclass(frozen=True)
class Answer:
    """What came back, held to its document already."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class StillTime:
    """Real time that stands still."""

    def seconds(self) -> float:
        return 1_000.0

    def instant(self) -> int:
        return parse_instant(START)


class Attacker:
    """Sends whatever it is told to; what comes back must be a well-formed answer that the document knows, soon."""

    def __init__(self, app: App) -> None:
        self.app, self.service = app, app.service
        self.service.sender.courier.transport = lambda context: httpx2.MockTransport(self.deliver)
        self.targets = [
            Target(
                name,
                operation.id,
                operation.method.upper(),
                _path(operation),
                "requestBody" in _node(contract, operation),
            )
            for name in self.service.providers
            for contract in [self.service.catalog.contract(name, "spec")]
            for operation in contract.document.operations.values()
        ]

    async def deliver(self, request: httpx2.Request) -> httpx2.Response:
        """Take a webhook: what is addressed to this server comes to it, what goes elsewhere is taken by nobody."""
        if request.url.port == 4010:
            sent = [(name.lower(), value) for name, value in request.headers.raw]
            await self.exchange("POST", request.extensions["target"].decode(), b"", sent, request.content)
        return httpx2.Response(200)

    def target(self, operation: str) -> Target:
        """Return the target of an operation by its id, the first that has it."""
        return next(target for target in self.targets if target.operation == operation)

    def __call__(self, target: Target | str, body: bytes | None = None, **more: Any) -> Answer:
        """Attack an operation and judge its answer."""
        return asyncio.run(self.call(target, body, **more))

    async def call(
        self,
        target: Target | str,
        body: bytes | None = None,
        *,
        path: str | None = None,
        query: bytes = b"",
        headers: Mapping[str, str | bytes | None] | None = None,
        more_headers: Sequence[tuple[bytes, bytes]] = (),
        method: str | None = None,
        json_body: Any = None,
    ) -> Answer:
        """As `__call__`, inside a running loop; a header of None is left out."""
        where = self.target(target) if isinstance(target, str) else target
        raw = json.dumps(json_body).encode() if json_body is not None else body or b""
        sent = [
            (name.encode(), _bytes(value))
            for name, value in (HEADERS | dict(headers or {})).items()
            if value is not None
        ]
        began = time.process_time()
        answer = await self.exchange(method or where.method, path or where.path, query, [*sent, *more_headers], raw)
        assert time.process_time() - began < SECONDS, f"{where}: too slow"
        self.judge(where, answer, routed=method is None and path is None)
        return answer

    def run(self, method: str, path: str, **headers: str) -> Answer:
        """Send a request without a body to any path and return what came, whatever it is."""
        sent = [(name.encode(), value.encode("latin-1")) for name, value in (HEADERS | headers).items()]
        return asyncio.run(self.exchange(method, path, b"", sent, b""))

    async def exchange(
        self, method: str, path: str, query: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        """Send a request as uvicorn would hand it over and return what came."""
        scope = {
            "type": "http", "http_version": "1.1", "scheme": "http", "method": method, "root_path": "",
            "raw_path": path.encode("latin-1"), "path": path, "query_string": query, "headers": list(headers),
            "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 4010),
        }  # fmt: skip
        left: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return left.pop(0) if left else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        for name, value in sent[0]["headers"]:
            assert _HEADER.fullmatch(name), name
            assert _HEADER.fullmatch(value), (name, value)
        found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))

    def judge(self, target: Target, answer: Answer, *, routed: bool = True) -> None:
        """Assert that the answer is no failure of the server and that the document describes it."""
        assert answer.status < 500, f"{target}: {answer.status} {answer.raw!r:.500} {answer.headers}"
        kind = answer.headers.get("content-type")
        if kind is None or not kind.partition(";")[0].endswith("json"):
            return
        provider = self.service.providers[target.provider]
        contract = self.service.catalog.contract(target.provider, "spec")
        value = answer.body
        found = contract.check_response(target.operation, answer.status, kind, value, tuple(answer.headers.items()))
        if found and not routed:  # it may have led elsewhere
            found = contract.check_schema(provider.error_schema, value)
        assert not found, f"{target}: {answer.status} {found}"


def _path(operation: Any) -> str:
    filled = operation.base + operation.path
    return re.sub(r"\{(\w+)\}", lambda found: PARAMETERS.get(found[1], "none-such"), filled)


def _node(contract: Any, operation: Any) -> Any:
    return contract.document.tree["paths"][operation.path][operation.method]


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


@pytest.fixture(scope="session")
def loaded() -> Service:
    """The shipped providers and documents, read once; its worlds belong to nobody's test."""
    return make_service(Settings(clock=START))


@pytest.fixture(scope="session")
def besiege(loaded: Service) -> Callable[..., Attacker]:
    """Return a maker of attackers, each before a server of its own; keywords are settings."""

    def make(**settings: Any) -> Attacker:
        wanted = Settings(**{"clock": START, **settings})
        catalog = Catalog(loaded.providers, loaded.catalog.profiles, wanted.rules, loaded.catalog._contracts)
        service = Service(
            wanted, loaded.providers, catalog, loaded.magic, StillTime(), loaded.signer, "http://127.0.0.1:4010", 4010
        )
        service.ready = True
        return Attacker(App(service))

    return make


@pytest.fixture(scope="module")
def attack(besiege: Callable[..., Attacker]) -> Attacker:
    """The attacker of one module."""
    return besiege()
