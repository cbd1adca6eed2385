"""What the server's tests share: calls without a socket, real time set by hand, and a toy vendor."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import Document, make_document
from contratempo.provider import Problem, Provider, Refusal, Request, Response, magic_targets
from contratempo.server.app import App
from contratempo.server.catalog import Catalog, Profile
from contratempo.server.control import control
from contratempo.server.service import Service, make_service
from contratempo.server.settings import Settings
from contratempo.server.signing import Signer
from contratempo.sim.instants import format_instant, parse_instant
from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.records import Kind
from contratempo.sim.rules import Rule
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import Timer

START = "2026-03-15T09:00:00Z"
SIGNER = Signer.derived("a seed")


@dataclass
class HandSetTime:
    """Real time that passes when a test says so."""

    now: float = 1_000.0
    wall: str = START

    def seconds(self) -> float:
        return self.now

    def instant(self) -> int:
        return parse_instant(self.wall)


@dataclass(frozen=True)
class Answer:
    """What came back: header names in lower case, and the body as it was sent."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Client:
    """Calls an ASGI application with exactly the bytes a test gives; `call` is for use inside a running loop."""

    app: Any
    headers: Mapping[str, str] = field(default_factory=lambda: {"authorization": "Bearer key"})

    def __call__(self, method: str, target: str, json_body: Any = None, **more: Any) -> Answer:
        return asyncio.run(self.call(method, target, json_body, **more))

    async def call(
        self,
        method: str,
        target: str,
        json_body: Any = None,
        *,
        chunks: Iterable[bytes] | None = None,
        headers: Mapping[str, str | None] | None = None,
        more_headers: Iterable[tuple[str, str]] = (),
    ) -> Answer:
        raw_path, _, query = target.encode().partition(b"?")
        sent: dict[str, str | None] = {"host": "127.0.0.1:4010", **self.headers}
        if json_body is not None:
            chunks = [json.dumps(json_body).encode()]
            sent |= {"content-type": "application/json", "content-length": str(len(next(iter(chunks))))}
        sent |= headers or {}
        pairs = [(name, value) for name, value in sent.items() if value is not None] + list(more_headers)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "root_path": "",
            "raw_path": raw_path,
            "path": raw_path.decode("latin-1"),
            "query_string": query,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs],
            "client": ("127.0.0.1", 5),
            "server": ("127.0.0.1", 4010),
        }
        return await _exchange(self.app, scope, list(chunks or [b""]))


async def _exchange(app: Any, scope: dict[str, Any], chunks: list[bytes]) -> Answer:
    left, sent = list(chunks), []

    async def receive() -> dict[str, Any]:
        if not left:  # the client waits for its answer
            await asyncio.Event().wait()
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


# The toy vendor: things that can be made, looked at and thrown away, and that ring once.

_TEXT = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
_REFUSALS = {
    str(status): {"description": "no", "content": _TEXT} for status in (400, 401, 404, 405, 409, 413, 422, 429, 500)
}
_THING = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
_THINGS = {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}
_ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}]


def _operation(identifier: str, status: int, content: Any, **more: Any) -> dict[str, Any]:
    answer = {"description": "yes"} | ({"content": content} if content else {})
    return {"operationId": identifier, "responses": {str(status): answer, **_REFUSALS}, **more}


TOY_TREE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Toys", "version": "1"},
    "servers": [{"url": "https://toys.example/t1"}],
    "security": [{"bearer": []}],
    "paths": {
        "/things": {
            "get": _operation("listThings", 200, _THINGS),
            "post": _operation("createThing", 201, _THING, requestBody={"required": True, "content": _THING}),
        },
        "/things/{id}": {
            "parameters": _ID,
            "get": _operation("getThing", 200, _THING),
            "delete": _operation("deleteThing", 204, None),
        },
        "/things/{id}/picture": {"parameters": _ID, "get": _operation("getPicture", 200, _THING)},
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1}, "after": {"type": "integer"}},
            },
            "Refused": {"type": "object", "required": ["why"], "properties": {"why": {"type": "string"}}},
        },
    },
}


def _create(simulation: Simulation, request: Request) -> Response:
    identifier = simulation.short_id("thing")
    record = {"id": identifier, "name": request.body["name"], "at": format_instant(simulation.now)}
    simulation.begin("thing", record)
    simulation.records.put("thing", record)
    if "after" in request.body:
        simulation.schedule(request.body["after"], "toy", "ring", identifier)
    return Response(201, record, trace=("toy",), resource=identifier)


def _find(simulation: Simulation, request: Request) -> Any:
    record = simulation.records.get("thing", request.path["id"])
    if record is None:
        raise Refusal(Problem("not-found", "There is no such thing."))
    return record


def _delete(simulation: Simulation, request: Request) -> Response:
    simulation.vanish("thing", _find(simulation, request), "delete")
    return Response(204)


def _ring(simulation: Simulation, timer: Timer) -> None:
    record = simulation.records.get("thing", timer.subject)
    assert record is not None
    simulation.move("thing", record, "ring")
    simulation.records.put("thing", record | {"rang": format_instant(simulation.now)})


_STATUSES = {
    "invalid": 422,
    "unauthorized": 401,
    "not-found": 404,
    "no-route": 404,
    "method": 405,
    "too-large": 413,
    "rate-limited": 429,
    "conflict": 409,
}


def _refuse(problem: Problem) -> Response:
    status = problem.status or _STATUSES.get(problem.kind, 500)
    return Response(status, {"why": problem.detail}, problem.headers, (problem.hint,) if problem.hint else ())


def toy(**changes: Any) -> Provider:
    """Return the toy vendor; `operations` in `changes` go over its own."""
    operations = {
        "listThings": lambda simulation, request: Response(200, simulation.records.page("thing").records),
        "createThing": _create,
        "getThing": lambda simulation, request: Response(200, _find(simulation, request)),
        "deleteThing": _delete,
    }
    table = {"initial": "quiet", "transitions": {"quiet": {"ring": "rung"}, "rung": {"ring": "rung"}}}
    kind = Kind(
        "thing",
        "toy",
        lambda record: [((), (parse_instant(record["at"]),))],
        lambda simulation, record: record,
        lifecycles={"status": Lifecycle.load("thing.status", table)},
    )
    said: dict[str, Any] = {
        "name": "toy",
        "title": "Toys",
        "documents": ("toy.yaml",),
        "refuse": _refuse,
        "timers": {"ring": _ring},
        "error_schema": "#/components/schemas/Refused",
        "kinds": {"thing": kind},
        "rules": {"toy.volume": Rule("toy.volume", "How loud it rings", 5, None, "choice", "high")},
        "operations": operations | changes.pop("operations", {}),
    }
    return Provider(**(said | changes))


def _document(name: str, paths: Mapping[str, Iterable[str]], base: str = "/t1") -> Document:
    """Return a document of bare operations, whose ids are `METHOD_PLACE`: so they are often equal in two documents."""
    items = {path: _path_item(path, methods, place) for place, (path, methods) in enumerate(paths.items())}
    tree = {"openapi": "3.1.0", "info": {"title": name, "version": "1"}, "servers": [{"url": base}], "paths": items}
    return make_document(name, tree, Path(f"{name}.yaml"))


def _path_item(path: str, methods: Iterable[str], place: int) -> dict[str, Any]:
    names = re.findall(r"\{([^{}]*)\}", path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    responses = {"200": {"description": "yes"}}
    return {"parameters": parameters} | {
        method: {"operationId": f"{method}_{place}", "responses": responses} for method in methods
    }


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time skips to the next timer when nobody has anything to do, and stands still otherwise.

    Nobody ever waits, and how busy the machine is makes no difference.
    """

    def __init__(self) -> None:
        super().__init__()
        self._skipped, look = 0.0, self._selector.select

        def skip(timeout: float | None) -> Any:
            if timeout is None:
                raise RuntimeError("everybody waits, and nothing will ever happen")
            self._skipped += timeout
            return look(0)

        self._selector.select = skip

    def time(self) -> float:
        return self._skipped


@pytest.fixture(scope="session")
def run_skipping() -> Callable[[Any], Any]:
    """Run a coroutine without waiting for real time."""

    def run(coroutine: Any) -> Any:
        with asyncio.Runner(loop_factory=SkippingLoop) as runner:
            return runner.run(coroutine)

    return run


@pytest.fixture
def real() -> HandSetTime:
    return HandSetTime()


@pytest.fixture(scope="session")
def client() -> type[Client]:
    """How a test calls an application: `client(app)("GET", "/t1/things")`."""
    return Client


@pytest.fixture(scope="session")
def document() -> Callable[..., Document]:
    return _document


@pytest.fixture(scope="session")
def toy_contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, tuple[str, ...]], Contract]:
    """The toy vendor's and the control plane's contracts, read once."""
    file = tmp_path_factory.mktemp("toys") / "toy.yaml"
    file.write_text(json.dumps(TOY_TREE))
    providers = {"toy": toy(documents=(str(file),)), "control": control}
    catalog = Catalog(providers, {"spec": Profile("spec", "", {}, {})}, validation="both")
    return {(name, ()): catalog.contract(name, "spec") for name in catalog.providers}


@pytest.fixture
def toy_app(toy_contracts: Any, real: HandSetTime) -> Callable[..., App]:
    """Return a maker of applications that serve the toy vendor and the control plane."""
    profiles = {"spec": Profile("spec", "as it is", {}, {}), "loud": Profile("loud", "", {}, {"toy.volume": 9})}

    def make(*, settings: Settings | None = None, **changes: Any) -> App:
        providers = {"toy": toy(**changes), control.name: control}
        catalog = Catalog(providers, profiles, _contracts=dict(toy_contracts), validation="both")
        given = settings or Settings(clock=START)
        return App(Service(given, providers, catalog, magic_targets(), real, SIGNER, "http://127.0.0.1:4010", 4010))

    return make


@pytest.fixture(scope="session")
def loaded() -> Service:
    """The shipped providers and documents, read once; its worlds belong to nobody's test."""
    return make_service(Settings(clock=START, validation="both"))


@pytest.fixture
def vendors(loaded: Service, real: HandSetTime) -> Callable[..., App]:
    """Return a maker of applications that serve the shipped providers; keywords are settings."""

    def make(**settings: Any) -> App:
        wanted = Settings(**{"clock": START, **settings})
        contracts = loaded.catalog._contracts
        catalog = Catalog(loaded.providers, loaded.catalog.profiles, wanted.rules, contracts, validation="both")
        return App(Service(wanted, loaded.providers, catalog, loaded.magic, real, SIGNER))

    return make
