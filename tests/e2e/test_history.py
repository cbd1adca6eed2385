"""History with a real server, real receivers and real signals: a week gone back to, forks, state files, kills."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from hypothesis import settings

from contratempo.server.saving import read
from contratempo.server.service import make_service
from contratempo.server.settings import Settings

START = "2026-03-09T09:00:00Z"  # a Monday
EVENTS = "/v2/ai/assistants/a/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550120",
    "telnyx_agent_target": "+13125550101", "scheduled_at_fixed_datetime": "2026-03-09T10:00:00Z",
    "max_retries_client_errors": 6, "retry_interval_secs": 86_400,
}  # fmt: skip
MESSAGE = {"to": "+13125550100", "from": "+13125550101", "text": "Hi"}
KILLS = 10 if settings().max_examples < 1_000 else 100


@pytest.fixture
def plane(serve):
    """Return a client of a server of its own."""
    served = serve("--clock", START)
    with httpx2.Client(base_url=served.url, headers={"authorization": "Bearer key"}, timeout=30) as client:
        yield client


def ask(client, method, path, body=None, **more):
    answer = client.request(method, path, json=body, **more)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def event_of(client, **more):
    return ask(client, "GET", EVENTS, **more)["data"][0]


def test_a_week_of_retries_is_gone_back_to_on_wednesday_and_ends_otherwise(plane):
    ask(plane, "POST", EVENTS, EVENT)
    ask(plane, "POST", "/_mock/checkpoints", {"name": "monday"})
    ask(plane, "POST", "/_mock/clock/advance", {"by": "7d"})
    assert (event_of(plane)["status"], event_of(plane)["retry_count"]) == ("failed", 6)
    back = ask(plane, "POST", "/_mock/rewind", {"to": "2026-03-11T12:00:00Z"})
    assert (back["now"], back["unsent_impossible"]) == ("2026-03-11T12:00:00Z", 0)
    assert event_of(plane)["status"] == "pending"
    assert event_of(plane)["retry_count"] == 3
    planned = ask(plane, "GET", "/_mock/timeline?horizon=3d&state=planned")["transitions"]
    assert planned[0]["at"].startswith("2026-03-12T10:0")
    ask(plane, "POST", "/_mock/outcomes", {"match": {"to": EVENT["telnyx_end_user_target"]}, "outcomes": ["completed"]})
    ask(plane, "POST", "/_mock/clock/advance", {"to": "idle"})
    assert (event_of(plane)["status"], event_of(plane)["retry_count"]) == ("completed", 3)
    days = [row["at"][:10] for row in ask(plane, "GET", "/_mock/timeline")["transitions"] if row["cause"] == "dispatch"]
    assert sorted(set(days)) == ["2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"]
    ask(plane, "POST", "/_mock/rewind", {"checkpoint": "monday"})
    assert event_of(plane)["status"] == "pending"


def test_a_receiver_gets_again_what_happens_again_and_what_it_has_is_told(plane, receiver):
    ask(plane, "POST", "/_mock/checkpoints", {"name": "before"})
    for _ in range(2):
        ask(plane, "POST", "/v2/messages", MESSAGE | {"webhook_url": receiver.url})
        ask(plane, "POST", "/_mock/clock/advance", {"to": "idle"})
        got = len(receiver.received)
        back = ask(plane, "POST", "/_mock/rewind", {"checkpoint": "before"})
        assert back["unsent_impossible"] == 2
    ids = [json.loads(each.body)["data"]["id"] for each in receiver.received]
    assert (got, len(set(ids))) == (4, 4)


def test_a_fork_sends_nothing_unless_told_to(plane, receiver):
    world = {"x-mock-world": ask(plane, "POST", "/_mock/fork", {"id": "quiet"})["id"]}
    loud = {"x-mock-world": ask(plane, "POST", "/_mock/fork", {"id": "loud", "deliver": True})["id"]}
    for headers in (world, loud):
        ask(plane, "POST", "/v2/messages", MESSAGE | {"webhook_url": receiver.url}, headers=headers)
        ask(plane, "POST", "/_mock/clock/advance", {"to": "idle"}, headers=headers)
    webhooks = ask(plane, "GET", "/_mock/webhooks", headers=world)["webhooks"]
    assert {each["status"] for each in webhooks} == {"captured"}
    assert len(receiver.received) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_is_there_again(serve, tmp_path, number):
    state = tmp_path / "kept.json"
    served = serve("--clock", START, "--state", str(state))
    assert f"the default world is kept in {state}" in served.banner
    with httpx2.Client(base_url=served.url, headers={"authorization": "Bearer key"}) as client:
        ask(client, "POST", EVENTS, EVENT)
        ask(client, "POST", "/_mock/clock/advance", {"by": "30m"})
        before = ask(client, "GET", "/_mock/state")
    assert served.end(number) == 0
    again = serve(env={"CONTRATEMPO_STATE": str(state), "CONTRATEMPO_CLOCK": "2030-01-01T00:00:00Z"})
    with httpx2.Client(base_url=again.url, headers={"authorization": "Bearer key"}) as client:
        assert ask(client, "GET", "/_mock/state") == before


def test_a_torn_or_foreign_state_file_ends_with_3_and_is_named(tmp_path, clean_environment):
    command = [Path(sys.executable).with_name("contratempo"), "serve", "--port", "0", "--validation", "both", "--state"]
    for content, says in ((b'{"contratempo": {"kind"', "torn"), (b"openapi: 3.1.0\n", "not JSON")):
        file = tmp_path / "world.json"
        file.write_bytes(content)
        done = subprocess.run(
            [*command, str(file)], capture_output=True, text=True, env=clean_environment(), timeout=60
        )
        assert (done.returncode, done.stdout) == (3, "")
        assert (str(file) in done.stderr, says in done.stderr, "Traceback" in done.stderr) == (True, True, False)
        assert file.read_bytes() == content


def test_a_state_file_has_one_server_and_a_server_that_could_not_save_does_not_end_with_0(
    serve, tmp_path, clean_environment
):
    folder = tmp_path / "there"
    folder.mkdir()
    served = serve("--clock", START, "--state", str(folder / "kept.json"))
    command = [
        Path(sys.executable).with_name("contratempo"),
        "serve",
        "--port",
        "0",
        "--validation",
        "both",
        "--state",
        folder / "kept.json",
    ]
    second = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), timeout=60)
    assert (second.returncode, "another server keeps its world in it" in second.stderr) == (3, True)
    shutil.rmtree(folder)
    assert served.end(signal.SIGTERM) == 1


@pytest.mark.timeout(300 if KILLS == 10 else 3_600)
def test_a_server_that_is_killed_leaves_a_whole_save(tmp_path, clean_environment):
    """Whenever it is killed, saving without a pause: the file is a world that loads, and later than the one before."""
    state, chance, heads = tmp_path / "kept.json", random.Random(7), [0]
    service = make_service(Settings(clock=START, validation="both"))
    command = [sys.executable, str(Path(__file__).with_name("eager_server.py")), str(state)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(command, env=clean_environment(), **pipes) as servers:
        for _ in range(KILLS):
            servers.stdin.write("another\n")
            port, process = map(int, servers.stdout.readline().split())
            make_events(f"http://127.0.0.1:{port}", chance.randrange(5, 25))
            time.sleep(chance.random() * 0.02)
            os.kill(process, signal.SIGKILL)
            assert servers.stdout.readline() == "ended\n"
            heads.append(service.savings.load(read(state.read_bytes()), "default", 0.0).head)
        servers.stdin.close()
    assert heads == sorted(heads)
    assert heads[-1] > KILLS  # saves went on all the time
    assert len(list(tmp_path.iterdir())) <= 2  # what was half-done is swept away by the next


def make_events(url, count):
    with httpx2.Client(base_url=url, headers={"authorization": "Bearer key"}) as client:
        for _ in range(count):
            ask(client, "POST", EVENTS, EVENT | {"scheduled_at_fixed_datetime": "2027-03-09T10:00:00Z"})
