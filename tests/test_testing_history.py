"""History as tests have it: worlds on a real server are marked, taken back, forked, compared, saved and loaded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from contratempo.client import ControlError
from contratempo.testing import MockServer

NINE = datetime(2026, 3, 15, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(clock="2026-03-15T09:00:00Z", validation="both") as server:
        yield server


def schedule(world, due="2026-03-15T10:00:00Z", **more):
    key = {"Authorization": f"Bearer {world.api_key}"}
    body = {"contact_id": "ctc_12kd88", "scheduled_at": due, "initial_message": "Hi", **more}
    answer = httpx2.post(f"{world.url('temphone')}/calls/scheduled", json=body, headers=key, trust_env=False)
    assert answer.is_success, answer.text
    return world.resources.list()[-1].id


@pytest.mark.parametrize("where", ["name", "checkpoint", "head", "instant"])
def test_a_world_goes_back_to_wherever_it_is_told(server, where):
    world = server.world()
    schedule(world)
    mark = world.checkpoint("calm")
    world.clock.advance("2h")
    positions = {"name": "calm", "checkpoint": mark, "head": mark.head, "instant": NINE + timedelta(minutes=30)}
    rewound = world.rewind(positions[where])
    assert rewound.now == (positions[where] if where == "instant" else NINE)
    assert (rewound.undone_count, rewound.undone[0].to) == (6, "completed")
    assert [each.status for each in world.resources.list()] == ["scheduled"]
    assert world.clock.advance("2h").fired_count == 6


def test_a_place_that_never_was_is_refused(server):
    world = server.world()
    with pytest.raises(ControlError, match="404"):
        world.rewind("nowhere")
    with pytest.raises(ControlError, match="409"):
        world.fork(NINE + timedelta(hours=1))


def test_a_fork_goes_on_by_itself_and_captures_its_webhooks(server):
    world = server.world()
    sink = world.sink("calls")
    schedule(world, webhook_url=sink.url)
    fork, sending = world.fork(id="what-if"), world.fork(deliver=True)
    assert world.compare(fork)["same"]
    for each in (fork, sending):
        each.clock.advance("2h")
    assert world.clock.now() == NINE
    assert {row.status for row in fork.webhooks.list()} == {"captured"}
    assert {row.status for row in sending.webhooks.list()} == {"delivered"}
    assert {each.id: (each.fork_of, each.captures) for each in server.control.worlds.list()}["what-if"] == (
        world.id,
        True,
    )
    world.delete()
    assert not {world.id, fork.id, sending.id} & {each.id for each in server.control.worlds.list()}


def test_a_fork_that_is_deleted_before_the_world_it_comes_from_stays_so(server):
    world = server.world()
    fork, elsewhere = world.fork(), world.fork()
    again = fork.fork()
    server.control.worlds.delete(elsewhere.id)
    fork.delete()
    world.delete()
    world.delete()
    assert not {world.id, fork.id, again.id} & {each.id for each in server.control.worlds.list()}


def test_what_is_planned_is_seen_before_it_happens_and_changes_nothing(server):
    world = server.world()
    schedule(world)
    head = world.clock.get().head
    planned = world.timeline(horizon=timedelta(hours=2), state="planned")
    assert [(row.state, row.to) for row in planned][-1] == ("planned", "completed")
    assert world.timeline()[-1].to == "scheduled"
    assert world.clock.get().head == head
    world.clock.advance("2h")
    assert [(row.at, row.to) for row in world.timeline()[1:]] == [(row.at, row.to) for row in planned]


def test_a_saved_world_is_loaded_into_another(server):
    world, other = server.world(), server.world()
    schedule(world)
    saved = world.state()
    world.clock.advance("2h")
    other.load(saved)
    assert not world.compare(other)["same"]
    other.clock.advance("2h")
    assert world.compare(other)["same"]
    assert world.state(0)["world"]["records"] != saved["world"]["records"]


def test_worlds_of_different_seeds_that_did_the_same_are_the_same(server):
    one, other = server.world(seed="one"), server.world(seed="other")
    for world in (one, other):
        schedule(world, webhook_url=world.sink("calls").url)
        world.clock.advance("2h")
    assert one.resources.list()[0].id != other.resources.list()[0].id
    assert one.compare(other)["same"]


def test_a_rewound_world_that_does_the_same_again_is_the_same(server):
    world = server.world()
    schedule(world, webhook_url=world.sink("calls").url)
    world.clock.advance("2h")
    once = world.fork()
    world.rewind(0)
    schedule(world, webhook_url=world.sink("calls").url)
    world.clock.advance("2h")
    assert world.compare(once)["same"]


def test_a_world_may_start_as_one_that_ships(server):
    world = server.world(fixtures="retry-storm")
    assert len(world.resources.list()) > 10
    assert any(row.state == "planned" for row in world.timeline(horizon="24h"))
