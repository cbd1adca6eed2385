"""The mock server in a thread: real sockets on loopback, as its users have them."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from contratempo.client import ControlError, ControlUnreachable
from contratempo.testing import MockServer, RunningServer

START = "2026-03-15T09:00:00Z"


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(clock=START, validation="both") as server:
        yield server


def send(world, provider, path, body):
    key = {"Authorization": f"Bearer {world.api_key}"}
    return httpx2.post(f"{world.url(provider)}/{path}", json=body, headers=key, trust_env=False)


def request(world, due="2026-03-15T10:00:00Z"):
    body = {"contact_id": "ctc_12kd88", "scheduled_at": due, "initial_message": "Hi"}
    return send(world, "temphone", "calls/scheduled", body)


def schedule(world):
    answer = request(world)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_it_is_ready_when_it_is_started(server):
    assert server.control.ready()
    assert server.control.clock.now() == datetime(2026, 3, 15, 9, tzinfo=UTC)


def test_a_provider_is_found_by_its_name(server):
    assert server.url("telnyx_messages") == f"{server.origin}/v2"
    with pytest.raises(KeyError, match=r"no provider 'twilio'; there are .*telnyx_messages"):
        server.url("twilio")


def test_a_world_points_sdks_at_itself(server):
    world = server.world()
    assert world.environment["TELNYX_BASE_URL"] == f"{server.origin}/v2"
    assert world.environment["TELNYX_API_KEY"] == world.api_key
    assert world.environment["TELNYX_PUBLIC_KEY"] == world.webhooks.public_key()
    assert not {name for name in world.environment if name.startswith("TEMPHONE") and name.endswith("PUBLIC_KEY")}


def test_what_is_scheduled_in_a_world_happens_there_alone(server):
    here, there = server.world(), server.world()
    schedule(here)
    assert here.clock.advance("24h").fired_count > 0
    assert [row.status for row in here.requests.list(provider="temphone")] == [200]
    assert len(here.resources.list()) == 1
    assert here.timeline()[0].cause == "create"
    assert (there.requests.list(), there.resources.list(), there.timeline()) == ((), (), ())
    assert there.clock.now() == datetime(2026, 3, 15, 9, tzinfo=UTC)


def test_a_world_has_rules_seed_and_clock_of_its_own(server):
    rules = {"temphone.past_datetime": "run_now"}
    first, second = (server.world(clock="2026-03-15T09:00", seed="s", rules=rules) for _ in range(2))
    assert first.rules.get("temphone.past_datetime").value == "run_now"
    assert schedule(first) == schedule(second)


def test_a_reset_world_is_as_it_started(server):
    world = server.world()
    schedule(world)
    world.clock.advance("1h")
    assert world.reset().now == datetime(2026, 3, 15, 9, tzinfo=UTC)
    assert world.resources.list() == ()


def test_a_deleted_world_is_gone(server):
    world = server.world(id="short-lived")
    world.delete()
    with pytest.raises(ControlError, match="short-lived"):
        world.clock.get()


def test_a_fault_of_a_world_strikes_there_alone(server):
    here, there = server.world(), server.world()
    fault = here.faults.add("status", status=503, provider="temphone", times=None)
    assert (request(here).status_code, request(there).status_code) == (503, 200)
    here.faults.delete(fault)
    assert request(here).status_code == 200


def test_a_sink_receives_what_the_world_sends_and_the_signature_holds(server):
    world, other = server.world(), server.world()
    sink = world.sink("mine")
    message = {"from": "+12125550100", "to": "+12125550101", "text": "Hello", "webhook_url": sink.url}
    send(world, "telnyx_messages", "messages", message)
    assert world.clock.advance("1h").undelivered == 0
    received = sink.list()
    assert [row.body["data"]["event_type"] for row in received] == ["message.sent", "message.finalized"]
    assert {row.signature for row in received} == {"valid"}
    assert [webhook.status for webhook in world.webhooks.list(provider="telnyx_messages")] == ["delivered"] * 2
    assert other.sink("mine").list() == ()


def test_a_webhook_is_sent_once_more_at_a_request(server):
    world = server.world()
    sink = world.sink("again")
    message = {"from": "+12125550100", "to": "+12125550101", "text": "Hello", "webhook_url": sink.url}
    send(world, "telnyx_messages", "messages", message)
    world.clock.advance("1h")
    sink.clear()
    again = world.webhooks.redeliver(world.webhooks.list()[0])
    world.clock.advance("1h")
    (row,) = sink.list()
    assert (row.body["data"]["id"], row.signature) == (again.body["data"]["id"], "valid")
    assert [attempt.state for attempt in world.webhooks.get(again.id).attempts] == ["delivered", "delivered"]


def test_waiting_for_a_request_that_came(server):
    world = server.world()
    schedule(world)
    (row,) = world.requests.wait(operation="scheduleCall", verdict="accepted")
    assert row.resource == world.resources.list()[0].id


def test_another_process_would_use_it_by_its_address(server):
    with RunningServer(server.origin) as running:
        world = running.world()
        schedule(world)
        assert server.control.for_world(world.id).resources.list() != ()
    assert server.control.ready()


def test_servers_do_not_meet_and_can_start_again():
    with MockServer(profile="lenient") as first, MockServer() as second:
        assert first.origin != second.origin
        assert first.control.clock.get().mode == "running"
        first.world(id="mine")
        assert [world.id for world in second.control.worlds.list()] == ["default"]
    with first:
        assert [world.id for world in first.control.worlds.list()] == ["default"]


def test_a_stopped_server_frees_its_port_and_is_no_more():
    server = MockServer().start()
    port, control = int(server.origin.rpartition(":")[2]), server.control
    server.stop()
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        pass
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.origin
    with pytest.raises((ControlUnreachable, RuntimeError)):
        control.clock.get()


def test_a_server_runs_once_at_a_time(server):
    with pytest.raises(RuntimeError, match="runs already"):
        server.start()


def test_a_taken_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            MockServer(port=port).start()


def test_a_setting_that_does_not_exist_is_told():
    with pytest.raises(TypeError, match="there is no setting 'colour'"):
        MockServer(colour="red").start()
    with pytest.raises(ValueError, match="port: 70000 is out of range"):
        MockServer(port=70_000).start()


def test_off_loopback_the_control_plane_has_a_token_and_this_door_knows_it():
    with MockServer(host="0.0.0.0") as server:
        assert server.control.clock.get().mode == "running"
        with RunningServer(server.origin) as stranger, pytest.raises(ControlError, match="401"):
            stranger.control.clock.get()
