"""The small control plane: worlds, their clocks, scripted outcomes and the key of webhooks."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .instants import read_instant, read_span, write_instant
from .world import Script, World


class Controlled(Protocol):
    """What the control plane asks of a service."""

    worlds: dict[str, World]

    def public_key(self) -> str: ...
    async def run_until(self, world: World, until: datetime) -> None: ...


class ControlPlane:
    """Answers what is below /_mock."""

    def __init__(self, service: Controlled) -> None:
        self.service = service

    async def answer(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix("/_mock")
        if request.method == "DELETE" and path.startswith("/worlds/"):
            return self.delete_world(path.removeprefix("/worlds/"))
        body = json.loads(await request.body() or b"{}") if request.method == "POST" else {}
        world = self.service.worlds.get(request.headers.get("x-mock-world", "default"))
        if world is None:
            return _problem(404, "no such world: POST /_mock/worlds makes one")
        try:
            return await self._operation(request.method, path, world, body)
        except (KeyError, ValueError) as error:
            return _problem(422, str(error))

    async def _operation(self, method: str, path: str, world: World, body: dict[str, Any]) -> Response:
        if (method, path) == ("POST", "/clock/advance"):
            return await self.advance(world, body)
        simple: dict[tuple[str, str], Callable[[World, dict[str, Any]], Response]] = {
            ("GET", "/livez"): lambda _world, _body: JSONResponse({"status": "alive"}),
            ("GET", "/readyz"): lambda _world, _body: JSONResponse({"status": "ready"}),
            ("POST", "/worlds"): lambda _world, body: self.make_world(body),
            ("GET", "/clock"): lambda world, _body: self.clock(world),
            ("POST", "/outcomes"): self.script,
            ("POST", "/reset"): lambda world, _body: self.reset(world),
            ("GET", "/webhooks/public-key"): lambda _w, _b: JSONResponse({"public_key": self.service.public_key()}),
        }
        found = simple.get((method, path))
        return found(world, body) if found else _problem(404, f"no {method} {path}")

    def make_world(self, body: dict[str, Any]) -> Response:
        name = body.get("id") or f"w{len(self.service.worlds)}"
        if name in self.service.worlds:
            return _problem(409, f"world {name} is there")
        frozen = read_instant(body["clock"]) if "clock" in body else self.service.worlds["default"].frozen
        world = self.service.worlds[name] = World(name, f"key-of-{name}", frozen, frozen)
        return JSONResponse({"id": name, "api_key": world.api_key, "now": write_instant(world.now())}, 201)

    def delete_world(self, name: str) -> Response:
        if name == "default":
            return _problem(409, "the default world stays")
        return Response(status_code=204) if self.service.worlds.pop(name, None) else _problem(404, "no such world")

    def clock(self, world: World) -> Response:
        due = world.next_due()
        mode = "running" if world.frozen is None else "frozen"
        shown = {"now": write_instant(world.now()), "mode": mode, "rate": 1, "head": world.numbered}
        return JSONResponse(shown | {"next_due": due and write_instant(due)})

    async def advance(self, world: World, body: dict[str, Any]) -> Response:
        before = len(world.fired)
        await self.service.run_until(world, self._goal(world, body))
        fired = world.fired[before:]
        shown = {"now": write_instant(world.now()), "head": world.numbered, "fired_count": len(fired)}
        return JSONResponse(shown | {"fired": fired[:1000], "undelivered": 0})

    def _goal(self, world: World, body: dict[str, Any]) -> datetime:
        if "by" in body:
            return world.now() + read_span(body["by"])
        if body["to"] == "next":
            return world.next_due() or world.now()
        if body["to"] == "idle":
            return max(world.now(), max((timer.due for timer in world.timers), default=world.now()) + timedelta(days=1))
        goal = read_instant(body["to"])
        if goal < world.now():
            raise ValueError("time does not go back")
        return goal

    def script(self, world: World, body: dict[str, Any]) -> Response:
        outcomes = [{"status": one} if isinstance(one, str) else one for one in body["outcomes"]]
        script = Script(body.get("match", {}), outcomes, body.get("then", "repeat"))
        world.scripts.append(script)
        shown = {"id": f"script-{len(world.scripts)}", "match": script.match, "outcomes": outcomes}
        return JSONResponse(shown | {"then": script.then, "used": 0}, 201)

    def reset(self, world: World) -> Response:
        for kept in (world.records, world.timers, world.scripts, world.answers, world.fired):
            kept.clear()
        world.frozen = world.started
        return self.clock(world)


def _problem(status: int, title: str) -> Response:
    body = {"type": "about:blank", "title": title, "status": status}
    return JSONResponse(body, status, media_type="application/problem+json")
