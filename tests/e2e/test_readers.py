"""Readers of the stream that never read, while much happens: they cost the server nothing that stays."""

import os
import socket
import struct
import threading
import time
from contextlib import ExitStack, contextmanager

import httpx2
import psutil
import pytest

from contratempo.server.readers import SEND_SECONDS

pytestmark = pytest.mark.timeout(900)
FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
START = "2026-03-15T09:00:00Z"
READERS = 50 if FULL else 10
EVENTS = "/v2/ai/assistants/asst_1/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+12125550120",  # busy, whenever it is called
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
    "max_retries_client_errors": 10,
    "retry_interval_secs": 60,
}
TRANSITIONS_EACH = 44
TRANSITIONS = 100_000 if FULL else 10_000
SPARE = 30 * 1_024 * 1_024
"""Bytes by which a server may be larger afterwards: what it has had once it does not give back at once."""
PATIENCE = 120.0
"""Real seconds within which everything here happens many times over."""
_RESET = struct.pack("ii", 1, 0)


@pytest.fixture
def served(serve):
    return serve("--clock", START, "--seed", "mine")


@pytest.fixture
def client(served):
    with httpx2.Client(base_url=served.url, headers={"authorization": "Bearer key"}, timeout=120) as client:
        yield client


@contextmanager
def readers(url, number):
    """Connections over which the stream has begun and which nobody reads."""
    port, opened = int(url.rpartition(":")[2]), []
    head = "GET /_mock/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(number):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
            reader.connect(("127.0.0.1", port))
            reader.sendall(head.encode())
            opened.append(reader)
        for reader in opened:
            reader.settimeout(PATIENCE)
            assert reader.recv(12) == b"HTTP/1.1 200"
        yield opened


def live(client, transitions):
    """Let as many transitions happen, or a few more."""
    for _ in range(transitions // TRANSITIONS_EACH + 1):
        assert client.post(EVENTS, json=EVENT).status_code == 201
    assert client.post("/_mock/clock/advance", json={"to": "idle"}).json()["fired_count"] >= transitions


class Neighbour:
    """A client that asks all the while, in a thread; `waited` are the real seconds of each answer."""

    def __init__(self, url):
        self.url, self.waited, self.over = url, [], threading.Event()
        self.thread = threading.Thread(target=self.ask, daemon=True)

    def ask(self):
        with httpx2.Client(base_url=self.url, timeout=PATIENCE) as client:
            while not self.over.wait(0.02):
                began = time.monotonic()
                client.get("/_mock/clock").raise_for_status()
                self.waited.append(time.monotonic() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(PATIENCE)


def until(done):
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_readers_that_never_read_are_dropped_and_leave_nothing_behind(served, client):
    process = psutil.Process(served.process.pid)
    live(client, TRANSITIONS if FULL else TRANSITIONS // 4)  # so that the server has been as large as this makes it
    client.post("/_mock/reset").raise_for_status()
    descriptors, size = process.num_fds(), process.memory_info().rss
    with Neighbour(served.url) as neighbour:
        with readers(served.url, READERS):
            assert process.num_fds() >= descriptors + READERS
            live(client, TRANSITIONS)
            until(lambda: served.log.read_text().count("does not read and is dropped") == READERS)
            until(lambda: process.num_fds() <= descriptors + 1)  # the neighbour's, whom nobody drops
        grown = process.memory_info().rss - size
    print(f"{grown / 1e6:.1f} MB more; the neighbour waited {max(neighbour.waited):.2f} s at most")
    assert grown < SPARE
    assert max(neighbour.waited) < SEND_SECONDS


def test_readers_that_go_away_make_room_for_others(frozen):
    process, said = psutil.Process(frozen.process.pid), frozen.log.read_text()
    descriptors = process.num_fds()
    for way in (b"", _RESET):
        with readers(frozen.url, 50) as opened:
            assert process.num_fds() > 50
            for reader in opened if way else ():
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, way)
        until(lambda: process.num_fds() <= descriptors)
    assert frozen.log.read_text() == said
