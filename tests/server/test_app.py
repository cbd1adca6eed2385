import asyncio

import pytest

from contratempo.server.settings import Settings


def live(app):
    """Let the application live and die; return the lifespan messages and what was ready at each."""
    said, asked = [], ["lifespan.startup", "lifespan.shutdown"]

    async def receive():
        await asyncio.sleep(0)
        return {"type": asked.pop(0)}

    async def send(message):
        said.append((message["type"], app.service.ready))

    asyncio.run(app({"type": "lifespan"}, receive, send))
    return said


def test_a_server_is_ready_between_its_start_and_its_end(toy_app, client):
    app = toy_app()
    assert client(app)("GET", "/_mock/readyz").status == 503
    assert live(app) == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]


def test_it_lives_whether_or_not_it_is_ready(toy_app, client):
    answer = client(toy_app())("GET", "/_mock/livez")
    assert (answer.status, answer.body) == (200, {"status": "alive"})


def test_not_ready_says_so(toy_app, client):
    answer = client(toy_app())("GET", "/_mock/readyz")
    assert (answer.status, answer.body["type"]) == (503, "urn:contratempo:problem:not-ready")


def test_running_worlds_are_kept_up_while_it_lives(toy_app, client, real, monkeypatch):
    """Nobody has to ask for what is due to happen."""
    monkeypatch.setattr("contratempo.server.pump.NAP_SECONDS", 0)
    app = toy_app(settings=Settings())
    client(app)("POST", "/t1/things", {"name": "bell", "after": 5})
    ended = asyncio.Event()
    simulation = app.service.worlds.default.simulation

    async def receive():
        if not app.service.ready:
            return {"type": "lifespan.startup"}
        real.now += 6
        app.service.pump.changed(app.service.worlds.default)
        while len(simulation.timers):  # noqa: ASYNC110  the pump has no event for it
            await asyncio.sleep(0)
        ended.set()
        return {"type": "lifespan.shutdown"}

    async def send(message):
        pass

    asyncio.run(asyncio.wait_for(app({"type": "lifespan"}, receive, send), 10))
    assert ended.is_set()
    assert [row.to for row in simulation.journal.transitions] == ["quiet", "rung"]


def test_a_websocket_is_closed(toy_app):
    said = []

    async def send(message):
        said.append(message)

    asyncio.run(toy_app()({"type": "websocket", "path": "/t1/things"}, None, send))
    assert said == [{"type": "websocket.close", "code": 1000}]


@pytest.mark.parametrize("setting", [{"control_token": "secret"}, {"host": "0.0.0.0", "control_token": "secret"}])
def test_a_token_that_is_set_is_asked_for(toy_app, client, setting):
    app = toy_app(settings=Settings(**setting))
    assert client(app)("GET", "/_mock/clock").status == 401


def test_named_hosts_are_let_in(toy_app, client):
    app = toy_app(settings=Settings(allowed_host=("mock.compose",)))
    statuses = [
        client(app)("GET", "/_mock/clock", headers={"host": f"{host}:4010"}).status
        for host in ("mock.compose", "other")
    ]
    assert statuses == [200, 403]
