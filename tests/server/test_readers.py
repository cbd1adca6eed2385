import asyncio
import gc
import json
from dataclasses import dataclass, field

import pytest

from contratempo.provider import Refusal
from contratempo.server.connection import WIRE
from contratempo.server.readers import READERS, SEND_SECONDS, Readers
from contratempo.server.stream import Feed
from contratempo.server.worlds import World
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_instant
from contratempo.sim.journal import Transition
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

START = parse_instant("2026-03-15T09:00:00Z")
FOLLOWS = [(b"accept", b"text/event-stream")]


@dataclass
class Far:
    """The far end of a connection: it takes `room` messages and then no more; `reset` is what the server did to it."""

    headers: list = field(default_factory=list)
    method: str = "GET"
    room: int = 1_000_000
    messages: list = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    reset_by_server: bool = False

    @property
    def scope(self):
        return {"type": "http", "method": self.method, "headers": self.headers, "extensions": {WIRE: self}}

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if len(self.messages) >= self.room:
            await asyncio.Event().wait()
        self.messages.append(message)

    def reset(self):
        self.reset_by_server = True

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def whole(self):
        return not self.messages[-1].get("more_body", True)


@dataclass
class Place:
    """A world with readers."""

    world: World
    readers: Readers = field(default_factory=lambda: Readers("5"))
    over: bool = False

    def open(self, last=None, **bounds):
        clock = self.world.simulation.clock
        feed = Feed(self.world, lambda simulation: clock.dump(), lambda: self.over or self.world.gone, "5")
        return self.readers.open(feed, last, **bounds)

    def move(self, times=1):
        for _ in range(times):
            self.world.simulation.journal.note(Transition(START, "toy", "r" * 100, "a", "b", "ring"))
            self.world.changed.notify()

    def close(self):
        self.over = True
        self.readers.close()
        self.world.changed.notify()


@pytest.fixture
def place():
    return Place(World(Simulation(Origin("w", "s", "spec", lambda: Rules({}), {}, {}), Clock(START)), "key"))


def answered(run_skipping, place, far, *steps, **bounds):
    """Let a stream be sent while steps are done, and return the seconds that it took after the last."""

    async def exchange():
        loop = asyncio.get_running_loop()
        stream = place.open(**bounds)
        task = asyncio.create_task(stream.send({"x-mock-head": "7"}, far.scope, far.receive, far.send))
        for step in steps:
            await asyncio.sleep(0.1)
            step()
        began = loop.time()
        await asyncio.wait_for(task, 3_600)
        return loop.time() - began

    return run_skipping(exchange())


def test_who_does_not_ask_to_follow_gets_what_there_is(run_skipping, place):
    far = Far()
    place.move(3)
    answered(run_skipping, place, far, last="5-0-0.1.0.0")
    headers = dict(far.messages[0]["headers"])
    assert (headers[b"content-type"], headers[b"x-mock-head"]) == (b"text/event-stream; charset=utf-8", b"7")
    lines = far.body.decode().split("\n")
    assert [line for line in lines if line.startswith("event")] == ["event: transition"] * 2 + ["event: clock"]
    assert lines[0] == "id: 5-0-0.2.0.0"
    assert (far.whole, far.reset_by_server, len(place.readers)) == (True, False, 0)


@pytest.mark.parametrize("accept", [b"text/event-stream", b"text/html, Text/Event-Stream;q=0.9"])
def test_who_asks_to_follow_does_until_the_server_closes(run_skipping, place, accept):
    far = Far([(b"accept", accept)])
    took = answered(run_skipping, place, far, place.move, place.move, place.close)
    assert far.body.count(b"event: ") == 3
    assert (far.whole, far.reset_by_server, len(place.readers), round(took)) == (True, False, 0, 0)


def test_a_stream_ends_with_its_world(run_skipping, place):
    def delete():
        place.world.gone = True
        place.world.changed.notify()

    far = Far(FOLLOWS)
    took = answered(run_skipping, place, far, delete)
    assert (far.whole, round(took)) == (True, 0)


def test_a_head_has_no_stream(run_skipping, place):
    far = Far(FOLLOWS, method="HEAD")
    answered(run_skipping, place, far)
    assert (far.body, far.whole, len(place.readers)) == (b"", True, 0)


def test_who_leaves_is_let_go(run_skipping, place):
    far = Far(FOLLOWS)
    took = answered(run_skipping, place, far, place.move, far.gone.set)
    assert (far.reset_by_server, len(place.readers), round(took)) == (False, 0, 0)


def test_who_does_not_read_is_dropped_with_the_connection(run_skipping, place, caplog):
    far = Far(FOLLOWS, room=3)
    took = answered(run_skipping, place, far, place.move, place.move, place.move)
    assert round(took) == SEND_SECONDS
    assert (far.reset_by_server, len(place.readers), len(place.world.changed._waiters)) == (True, 0, 0)


def test_who_does_not_take_the_end_is_dropped_soon(run_skipping, place):
    far = Far(FOLLOWS, room=2)
    took = answered(run_skipping, place, far, place.move, place.close)
    assert 0.5 < took < 2
    assert (far.reset_by_server, len(place.readers)) == (True, 0)


def test_a_quiet_stream_is_kept_alive(run_skipping, place):
    far = Far(FOLLOWS)
    time = {"left": 0.0}

    async def exchange():
        loop = asyncio.get_running_loop()
        until = loop.time() + 40
        stream = place.open(left=lambda: until - loop.time())
        await stream.send({}, far.scope, far.receive, far.send)
        time["left"] = until - loop.time()

    run_skipping(exchange())
    assert far.body.count(b": ping") == 2
    assert round(time["left"]) == 0


def test_readers_are_so_many_and_no_more(place):
    streams = [place.open() for _ in range(READERS)]
    with pytest.raises(Refusal) as refused:
        place.open()
    assert (refused.value.problem.kind, "poll" in refused.value.problem.hint) == ("rate-limited", True)
    place.readers.release(streams.pop())
    streams.append(place.open())
    del streams  # which were never sent
    gc.collect()
    assert len(place.readers) == 0


def test_fifty_who_never_read_leave_nothing_behind(run_skipping, place):
    async def crowd():
        afar = [Far(FOLLOWS, room=2) for _ in range(50)]
        sent = [asyncio.create_task(place.open().send({}, far.scope, far.receive, far.send)) for far in afar]
        await asyncio.sleep(0.1)
        for _ in range(100):
            place.move(1_000)
            await asyncio.sleep(0)
        full = len(place.readers)
        await asyncio.wait_for(asyncio.gather(*sent), 60)
        tasks = [task for task in asyncio.all_tasks() if "_shutdown_watcher" not in repr(task)]
        return full, sum(far.reset_by_server for far in afar), len(tasks)

    assert run_skipping(crowd()) == (50, 50, 1)
    assert (len(place.readers), len(place.world.changed._waiters)) == (0, 0)


# over the control plane


def events_of(answer):
    return [line.removeprefix("event: ") for line in answer.raw.decode().split("\n") if line.startswith("event: ")]


def test_the_control_plane_streams(toy_app, client):
    app = toy_app()
    ask = client(app)
    assert events_of(ask("GET", "/_mock/stream")) == ["clock"]
    start = ask("GET", "/_mock/stream").raw.decode().split("\n")[0].removeprefix("id: ")
    made = ask("POST", "/t1/things", {"name": "bell", "after": 60}).body
    ask("POST", "/_mock/clock/advance", {"by": "1h"})
    answer = ask("GET", "/_mock/stream", headers={"last-event-id": start})
    assert events_of(answer) == ["transition", "request", "transition", "clock"]
    data = [json.loads(line[6:]) for line in answer.raw.decode().split("\n") if line.startswith("data: ")]
    assert [row.get("resource") for row in data] == [made["id"]] * 3 + [None]
    assert data[3] == ask("GET", "/_mock/clock").body
    assert (answer.status, answer.headers["x-mock-head"], answer.headers["cache-control"]) == (200, "2", "no-store")


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/_mock/stream?limit=0", {}, 422),
        ("/_mock/stream?seconds=-1", {}, 422),
        ("/_mock/stream", {"last-event-id": "x" * 201}, 422),
        ("/_mock/stream", {"x-mock-world": "none"}, 404),
        ("/_mock/stream", {"origin": "http://evil.example"}, 403),
        ("/_mock/stream", {"host": "evil.example"}, 403),
        ("/_mock/stream", {"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_what_is_refused_is_no_stream(toy_app, client, target, headers, status):
    answer = client(toy_app())("GET", target, headers={**headers, "accept": "text/event-stream"})
    assert (answer.status, answer.body["status"]) == (status, status)


def test_an_id_that_is_none_means_resync(toy_app, client):
    assert events_of(client(toy_app())("GET", "/_mock/stream", headers={"last-event-id": "long ago"})) == ["resync"]


def test_a_stream_that_is_followed_is_bounded_when_asked(toy_app, client, real):
    ask = client(toy_app())
    follow = {"accept": "text/event-stream"}
    assert events_of(ask("GET", "/_mock/stream?limit=1", headers=follow)) == ["clock"]
    assert events_of(ask("GET", "/_mock/stream?seconds=0", headers=follow)) == ["clock"]


def test_too_many_streams_are_refused_as_a_problem(toy_app, client):
    app = toy_app()
    app.service.readers.limit = 0
    answer = client(app)("GET", "/_mock/stream")
    assert (answer.status, answer.headers["content-type"]) == (429, "application/problem+json")
    assert "poll" in answer.body["hint"]


def test_another_server_is_another_era(toy_app, client, real):
    last = client(toy_app())("GET", "/_mock/stream").raw.decode().split("\n")[0].removeprefix("id: ")
    real.wall = "2026-03-15T09:00:01Z"
    assert events_of(client(toy_app())("GET", "/_mock/stream", headers={"last-event-id": last})) == ["resync"]
