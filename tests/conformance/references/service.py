"""A service over HTTP: whose request it is, which operation, how its body is read, and how all that is refused.

Every decision that a client can see is a method of its own, so that a mutant or a variant changes that one alone.
"""

import asyncio
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from . import signing
from .checks import Check
from .control import ControlPlane
from .instants import write_instant
from .world import Timer, World

KEY = "K"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Refused(Exception):
    """The request is not done, and this is its answer."""

    def __init__(self, response: Response) -> None:
        self.response = response


@dataclass
class Call:
    """A request to an operation, in its world."""

    world: World
    request: Request
    raw: bytes
    values: dict[str, str]

    @property
    def now(self) -> datetime:
        return self.world.now()


@dataclass
class Kept:
    """An answer that the same key gets again."""

    request: Any
    response: Response
    record: str
    at: datetime


Operation = Callable[["Any", Call], Response]
Route = tuple[str, Mapping[str, str]]


class Service:
    """An ASGI application: one provider's API, and its control plane beside it."""

    provider: ClassVar[str]
    base: ClassVar[str]
    routes: ClassVar[tuple[Route, ...]]

    def __init__(self) -> None:
        self.worlds = {"default": World("default", KEY)}
        self.control = ControlPlane(self)
        self.key = signing.key_of(self.provider)
        self.send_webhook = signing.post

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        request = Request(scope, receive)
        response = await self.answer(request)
        return await response(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, request: Request) -> Response:
        if request.scope["path"].startswith("/_mock/"):
            return await self.control.answer(request)
        raw = await request.body()
        try:
            world = self.whose(request)
            await self.catch_up(world)
            return self.finish(request, self.route(world, request, raw))
        except Refused as refused:
            return self.finish(request, refused.response)

    # Whose it is

    def whose(self, request: Request) -> World:
        if not self.needs_token(request):
            return self.worlds["default"]
        world = self.world_of(self.token(request.headers.getlist("authorization")))
        if world is None:
            raise Refused(self.unauthorized())
        return world

    def needs_token(self, request: Request) -> bool:
        return True

    def token(self, headers: list[str]) -> str | None:
        scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
        return token.strip() if scheme.lower() == "bearer" else None

    def world_of(self, token: str | None) -> World | None:
        return next((world for world in self.worlds.values() if world.api_key == token), None)

    # Which operation it is for

    def route(self, world: World, request: Request, raw: bytes) -> Response:
        for pattern, operations in self.routes:
            if match := self.matches(pattern, request):
                return self.operate(Call(world, request, raw, match.groupdict()), operations)
        return self.no_route()

    def matches(self, pattern: str, request: Request) -> re.Match[str] | None:
        return re.fullmatch(self.base + pattern, request.scope["path"])

    def operate(self, call: Call, operations: Mapping[str, str]) -> Response:
        method = "GET" if call.request.method == "HEAD" else call.request.method
        if method not in operations:
            return self.no_method(sorted(operations) + (["HEAD"] if "GET" in operations else []))
        done: Response = getattr(self, operations[method])(call)
        return done

    def finish(self, request: Request, response: Response) -> Response:
        """Send no body in answer to HEAD; its length is still said."""
        if request.method == "HEAD":
            response.body = b""
        return response

    # How a body is read

    def body(self, call: Call) -> Any:
        self.check_media_type(call.request.headers.get("content-type", ""))
        try:
            value = json.loads(call.raw, parse_constant=_refuse_constant, parse_float=self.read_float)
            if b"\\u" in call.raw:
                self.render(value)  # which refuses half of a surrogate pair
        except (ValueError, RecursionError) as error:
            raise Refused(self.unreadable(str(error))) from error
        return value

    def read_float(self, digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            raise ValueError(f"a number out of range: {digits}")
        return value

    def check_media_type(self, header: str) -> None:
        if header.partition(";")[0].strip().lower() != "application/json":
            raise Refused(self.wrong_media_type(header))

    def wrong_fields(
        self, body: Any, required: tuple[str, ...], checks: Mapping[str, Check]
    ) -> list[tuple[str, str, str]]:
        """Return (field, kind, words) of everything that is wrong in a body, in the order of the fields."""
        if not isinstance(body, dict):
            return [("", "type", "an object")]
        wrong = []
        for name, check in checks.items():
            if name in body:
                found = check(body[name])
                wrong += [(name, *found)] if found else []
            elif name in required:
                wrong.append((name, "missing", "required"))
        return wrong

    # How it is answered

    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        return Response(self.render(value), status, headers, media_type=self.media_type(status))

    def render(self, value: Any) -> bytes:
        return _encode(value).encode()

    def media_type(self, status: int) -> str:
        return "application/json"

    def unauthorized(self) -> Response:
        raise NotImplementedError

    def no_route(self) -> Response:
        raise NotImplementedError

    def no_method(self, allowed: list[str]) -> Response:
        raise NotImplementedError

    def unreadable(self, why: str) -> Response:
        raise NotImplementedError

    def wrong_media_type(self, header: str) -> Response:
        raise NotImplementedError

    # What time brings

    async def catch_up(self, world: World) -> None:
        if world.frozen is None:
            await self._run(world, world.now())

    async def run_until(self, world: World, until: datetime) -> None:
        await self._run(world, until)
        world.frozen = until

    async def _run(self, world: World, until: datetime) -> None:
        while timer := world.take_due(until):
            if world.frozen is not None:
                world.frozen = max(world.frozen, timer.due)
            await self.happen(world, timer)

    async def happen(self, world: World, timer: Timer) -> None:
        record = world.records.get(timer.subject)
        if record is None:
            return
        if timer.kind == "step":
            self._note(world, timer)
        elif timer.kind == "deliver":
            await self.deliver(world, record, timer)
        else:
            self.dispatch(world, record, timer.due)

    def _note(self, world: World, timer: Timer) -> None:
        shown = {"at": write_instant(timer.due), "provider": self.provider, "resource": timer.subject, "from": None}
        world.fired.append(shown | {"to": timer.data, "cause": timer.data, "kind": "status", "state": "fired"})

    def dispatch(self, world: World, record: dict[str, Any], at: datetime) -> None:
        raise NotImplementedError

    async def deliver(self, world: World, record: dict[str, Any], timer: Timer) -> None:
        raise NotImplementedError

    def public_key(self) -> str:
        return signing.public_text(self.key)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """Send on a thread where there is a loop to keep free; a caller without one waits."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self.send_webhook(url, headers, body)
        return await asyncio.to_thread(self.send_webhook, url, headers, body)


def seconds(number: float) -> timedelta:
    """Return a span of that many seconds."""
    return timedelta(seconds=number)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
