import asyncio
import gc
import json
from dataclasses import dataclass
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contratempo.provider import Response
from contratempo.server.noting import note
from contratempo.server.redaction import REDACTED
from contratempo.server.stream import BATCH, Cursor, Event, Feed, events
from contratempo.server.wire import Incoming
from contratempo.server.worlds import World
from contratempo.sim import journal
from contratempo.sim.clock import Clock
from contratempo.sim.instants import SECOND, format_instant, parse_instant
from contratempo.sim.journal import REQUESTS_KEPT, TRANSITIONS_KEPT, Transition
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation
from contratempo.sim.webhooks import Attempt, Policy, Webhook

START = parse_instant("2026-03-15T09:00:00Z")
INCOMING = Incoming("toy", "createThing", "POST", "/t1/things", b"", [], b'{"name":"bell"}')


def clock_of(simulation):
    return {**simulation.clock.dump(), "next_due": None, "head": simulation.head}


@dataclass
class Scene:
    """A world that a test makes things happen in, and what readers of it are given."""

    world: World
    over: bool = False

    @property
    def simulation(self):
        return self.world.simulation

    def feed(self, **more):
        return Feed(self.world, clock_of, lambda: self.over, **more)

    def pass_time(self, seconds=1):
        self.simulation.clock.jump(self.simulation.now + round(seconds * SECOND))

    def move(self, resource="r", to="b"):
        self.simulation.journal.note(Transition(self.simulation.now, "toy", resource, "a", to, "ring"))
        self.simulation._undo.commit()
        self.world.changed.notify()

    def request(self, **more):
        note(self.simulation, replace(INCOMING, **more), None, Response(201), b"{}")
        self.world.changed.notify()

    def deliver(self, identifier="w", url="http://h/", body=b"{}"):
        webhook = Webhook(identifier, 1, "toy", "rang", "r", self.simulation.now, (url,), body, Policy())
        self.simulation.outbox.put(replace(webhook, attempts=(Attempt(1, 1, url, self.simulation.now),)))
        self.simulation._undo.commit()
        self.world.changed.notify()

    def read(self, place=None, *, feed=None, **bounds):
        """Return the events that a reader gets who does not wait for more."""
        return asyncio.run(collected(events(feed or self.feed(), place, follow=False, **bounds)))


async def collected(batches):
    return [event async for batch in batches for event in batch]


@pytest.fixture
def scene():
    simulation = Simulation(Origin("w", "seed", "spec", lambda: Rules({}), {}, {}), Clock(START))
    return Scene(World(simulation, "key"))


ORIGIN = Cursor("0-0-0")
"""Before everything of a world that was never reset."""


def told(read):
    return [(event.event, json.loads(event.data)) for event in read]


def kinds(read):
    return [event.event for event in read]


def test_a_stream_starts_at_the_present_with_the_clock(scene):
    scene.move()
    assert told(scene.read()) == [("clock", clock_of(scene.simulation))]


def test_what_happened_comes_in_order_whatever_it_was(scene):
    scene.request(path="/first")
    scene.pass_time()
    scene.request(path="/second")
    scene.deliver("w1")
    scene.move("r1")
    scene.pass_time()
    scene.move("r2")
    read = told(scene.read(ORIGIN))
    assert [(name, row.get("resource") or row.get("path")) for name, row in read[:-1]] == [
        ("request", "/first"),
        ("transition", "r1"),
        ("delivery", "r"),
        ("request", "/second"),
        ("transition", "r2"),
    ]
    assert read[-1][0] == "clock"


def test_events_show_what_the_control_plane_shows(scene):
    scene.move(to="done")
    scene.deliver(body=b'{"a":1}')
    scene.request()
    (_, moved), (_, webhook), (_, row), _ = told(scene.read(ORIGIN))
    assert (moved["from"], moved["to"], moved["state"]) == ("a", "done", "fired")
    assert (webhook["id"], webhook["body"], webhook["attempts"][0]["state"]) == ("w", {"a": 1}, "sending")
    assert (row["number"], row["status"], row["world"]) == (1, 201, "w")
    assert not {"request", "response"} & row.keys()


def test_an_event_goes_over_the_wire_in_three_lines():
    event = Event("0-0-0.1.2.3", "clock", b'{"now":"x"}')
    assert event.encode() == b'id: 0-0-0.1.2.3\nevent: clock\ndata: {"now":"x"}\n\n'


def test_no_line_break_gets_into_an_event(scene):
    scene.request(path="/a\r\n\ndata: x\u2028", method="G\nT")
    scene.deliver("w\r\n", body=b'{"text":"a\\nb"}')
    for event in scene.read(ORIGIN):
        assert event.encode().splitlines(keepends=False)[3:] == [b""]


happenings = st.lists(st.sampled_from(["move", "request", "deliver", "pass_time"]), max_size=30)


@given(happenings, st.data())
def test_whoever_comes_back_misses_nothing_and_has_nothing_twice(happened, data):
    scene = Scene(World(Simulation(Origin("w", "s", "spec", lambda: Rules({}), {}, {}), Clock(START)), "key"))
    for number, name in enumerate(happened):
        getattr(scene, name)(*((f"{name}{number}",) if name in ("move", "deliver") else ()))
    whole = [event for event in scene.read(ORIGIN) if event.event != "clock"]
    assert len(whole) == sum(name != "pass_time" for name in happened)
    cut = data.draw(st.integers(0, len(whole)))
    place = ORIGIN if cut == 0 else Cursor.read(whole[cut - 1].id)
    assert [event for event in scene.read(place) if event.event != "clock"] == whole[cut:]


def test_every_event_is_a_place_to_go_on_from(scene):
    for _ in range(BATCH + 50):
        scene.move()
        scene.request()
        scene.deliver()
        scene.pass_time()
    whole = scene.read(ORIGIN)
    assert len({event.id for event in whole if event.event != "clock"}) == 3 * (BATCH + 50)
    for cut in (1, 2, 3, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH, len(whole) - 2):
        rest = [event for event in scene.read(Cursor.read(whole[cut - 1].id)) if event.event != "clock"]
        assert rest == [event for event in whole[cut:] if event.event != "clock"]


def test_a_reader_who_comes_back_to_a_later_clock_is_told(scene):
    place = Cursor.read(scene.read()[-1].id)
    scene.pass_time()
    assert kinds(scene.read(place)) == ["clock"]


@pytest.mark.parametrize(
    "sent", ["x", "0-0-0.1.2", "0-0-0.1.2.3.4", "0-0-0.-1.0.0", "0-0-0.\u0661.0.0", "9" * 200, "1-0-0.0.0.0"]
)
def test_a_place_that_is_none_means_resync(scene, sent):
    scene.move()
    read = scene.read(Cursor.read(sent))
    assert told(read) == [("resync", clock_of(scene.simulation))]
    assert scene.read(Cursor.read(read[0].id))[0].event == "clock"


def test_a_place_in_the_future_means_resync(scene):
    assert kinds(scene.read(Cursor("0-0-0", 1, 0, 0))) == ["resync"]
    assert kinds(scene.read(Cursor("0-0-0", 0, 1, 0))) == ["resync"]
    assert kinds(scene.read(Cursor("0-0-0", 0, 0, 1))) == ["resync"]


@pytest.mark.parametrize("kept", [REQUESTS_KEPT, REQUESTS_KEPT + 1])
def test_who_falls_out_of_a_ring_is_told_to_resync(scene, kept):
    for _ in range(kept):
        scene.request()
    read = kinds(scene.read(ORIGIN))
    assert (read[0], len(read)) == (("request", kept + 1) if kept == REQUESTS_KEPT else ("resync", 1))


def test_rows_that_were_dropped_mean_resync_for_who_did_not_have_them(scene):
    scene.request()
    up_to_date = Cursor.read(scene.read()[-1].id)
    scene.simulation.journal.requests.clear()
    assert kinds(scene.read(ORIGIN)) == ["resync"]
    assert kinds(scene.read(up_to_date)) == ["clock"]


def test_a_webhook_that_is_gone_is_passed_over(scene):
    scene.deliver("gone")
    scene.deliver("there")
    scene.simulation.outbox._store("gone", None)
    assert [row["id"] for name, row in told(scene.read(ORIGIN)) if name == "delivery"] == ["there"]


def test_a_limit_ends_the_stream_where_the_next_one_goes_on(scene):
    for number in range(5):
        scene.move(f"r{number}")
    first = scene.read(ORIGIN, limit=2)
    second = scene.read(Cursor.read(first[-1].id), limit=3)
    assert [row["resource"] for _, row in told(first + second)] == ["r0", "r1", "r2", "r3", "r4"]


def test_big_rows_make_small_batches(scene):
    for number in range(10):
        scene.deliver(f"w{number}", body=msgspec.json.encode("x" * 30_000))
    taken, place = scene.feed().take(ORIGIN)
    assert (len(taken), place.deliveries) == (3, 3)


# following


async def soon():
    for _ in range(5):
        await asyncio.sleep(0)


def following(run_skipping, scene, *steps, place=None, **bounds):
    """Return what a reader is given who follows while steps are done, one after the other."""

    async def follow():
        read = []

        async def reader():
            async for batch in events(scene.feed(), place, **bounds):
                read.extend(batch)

        task = asyncio.create_task(reader())
        await soon()
        for step in steps:
            step()
            await soon()
        scene.over = True
        scene.world.changed.notify()
        await asyncio.wait_for(task, 1)
        return read

    return run_skipping(follow())


def test_who_follows_hears_of_each_change(scene, run_skipping):
    read = following(run_skipping, scene, scene.move, scene.request, scene.deliver)
    assert kinds(read) == ["clock", "transition", "request", "delivery"]


def test_a_clock_is_told_when_it_is_set_not_while_it_runs(scene, run_skipping):
    def set_clock(mode):
        return lambda: scene.simulation.apply({"kind": "clock", "mode": mode, "rate": 1.0, "real": 0.0})

    steps = [scene.pass_time, scene.move, set_clock("running"), scene.move, scene.pass_time, scene.move]
    read = following(run_skipping, scene, *steps, set_clock("frozen"), scene.move)
    expected = ["clock", "transition", "clock", "transition", "clock", "transition", "transition", "clock"]
    assert kinds(read) == expected


def test_a_reset_means_resync_and_then_goes_on(scene, run_skipping):
    def reset():
        scene.simulation.apply({"kind": "reset"})
        scene.world.changed.notify()

    read = following(run_skipping, scene, scene.move, reset, scene.move)
    assert kinds(read) == ["clock", "transition", "resync", "transition"]
    assert read[2].id == "0-1-0.0.0.0"


def test_a_stream_ends_when_its_time_is_over(scene, run_skipping):
    async def follow():
        loop = asyncio.get_running_loop()
        until = loop.time() + 30
        read = await collected(events(scene.feed(), left=lambda: until - loop.time()))
        return kinds(read), round(loop.time() - until)

    assert run_skipping(follow()) == (["clock"], 0)


def test_no_time_gives_what_there_is(scene, run_skipping):
    scene.move()
    assert kinds(run_skipping(collected(events(scene.feed(), ORIGIN, left=lambda: 0.0)))) == ["transition", "clock"]


def test_a_stream_of_a_world_that_is_gone_is_empty(scene):
    scene.over = True
    assert scene.read() == []


def test_a_reader_leaves_the_others_their_turn(scene, run_skipping):
    for _ in range(20 * BATCH):
        scene.move()
    turns = count()

    async def others():
        while True:
            next(turns)
            await asyncio.sleep(0)

    async def both():
        task = asyncio.create_task(others())
        read = await collected(events(scene.feed(), ORIGIN, follow=False))
        task.cancel()
        return len(read)

    assert run_skipping(both()) == 20 * BATCH + 1
    assert next(turns) >= 19


# many


def alive():
    gc.collect()
    return sum(isinstance(each, Event) for each in gc.get_objects())


def test_readers_who_never_read_hold_one_batch_each(scene, run_skipping):
    async def crowd():
        readers = [events(scene.feed(), ORIGIN) for _ in range(50)]
        first = [kinds(await anext(reader)) for reader in readers]  # and then they ask for no more
        for number in range(TRANSITIONS_KEPT + BATCH):
            scene.move()
            if number % 10_000 == 0:
                await asyncio.sleep(0)
        held, late = alive(), [kinds(await anext(reader)) for reader in readers]
        for reader in readers:
            await reader.aclose()
        return first, held, late, len(asyncio.all_tasks()), len(scene.world.changed._waiters)

    for _ in range(BATCH):
        scene.move()
    before = alive()  # a server of another test may have readers
    first, held, late, tasks, waiters = run_skipping(crowd())
    assert first == [["transition"] * BATCH + ["clock"]] * 50
    assert held - before <= 50 * (BATCH + 1)
    assert late == [["resync"]] * 50
    assert (alive() <= before, tasks, waiters) == (True, 1, 0)


def test_a_change_costs_the_same_however_many_are_behind(scene, run_skipping):
    def steps(readers):
        async def crowd():
            behind = [events(scene.feed(), ORIGIN) for _ in range(readers)]
            for reader in behind:
                await anext(reader)
            spent = []
            for _ in range(3):
                began = asyncio.get_running_loop().time()
                for _ in range(2_000):
                    scene.move()
                spent.append(asyncio.get_running_loop().time() - began)
            for reader in behind:
                await reader.aclose()
            return min(spent)

        return run_skipping(crowd())

    scene.move()
    assert steps(60) < 10 * steps(0) + 0.01


def test_a_follower_keeps_up_with_a_ring_that_turns_over(scene, run_skipping, monkeypatch):
    async def follow():
        numbers = []

        async def reader():
            async for batch in events(scene.feed(), Cursor("0-1-0")):
                numbers.extend(int(event.id.split(".")[1]) for event in batch if event.event == "transition")

        task = asyncio.create_task(reader())
        for number in range(5_000):
            scene.move()
            if number % 50 == 0:
                await asyncio.sleep(0)
        scene.over = True
        scene.world.changed.notify()
        await task
        return numbers

    monkeypatch.setattr(journal, "TRANSITIONS_KEPT", 1_000)
    scene.simulation.apply({"kind": "reset"})
    assert run_skipping(follow()) == list(range(1, 4_952))


# secrets

KEY = "KEY0123456789ABCDEF0123456789ABCDEF_CANARY"


def test_secrets_planted_in_requests_and_webhooks_are_in_no_event(scene):
    for secret in (KEY, "sk_test_CANARY", "CANARY-known-key", "CANARY-callers-token"):
        headers = [("authorization", f"Bearer {secret}")]
        body = json.dumps({"token": "CANARY", "text": secret, "u": f"https://CANARY:CANARY@h/?key=CANARY#{secret}"})
        scene.request(path=f"/{secret}", query=f"key=CANARY&q={secret}".encode(), headers=headers, body=body.encode())
        if secret != "CANARY-callers-token":
            scene.deliver(secret, f"https://CANARY:x@h/?token=CANARY#{secret}", body.encode())
    read = scene.read(ORIGIN, feed=scene.feed(secrets=lambda: ("CANARY-known-key",)))
    assert kinds(read) == ["delivery"] * 3 + ["request"] * 4 + ["clock"]
    wire = b"".join(event.encode() for event in read).decode()
    assert "CANARY" not in wire
    assert REDACTED in wire


def test_instants_are_told_exactly(scene):
    scene.pass_time(0.000001)
    scene.move()
    assert told(scene.read(ORIGIN))[0][1]["at"] == format_instant(START + 1)
