"""The end of a server that is asked to end while it has everything to do: quick, in good order, and without a word."""

import http.client
import json
import os
import re
import signal
import socket
import threading
import time

import httpx2
import pytest

FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
START = "2026-03-15T09:00:00Z"
TIMES = 50 if FULL else 5
SECONDS = 6.0
"""Real seconds that a server has to end."""
SECOND = 1.0 if FULL else 3.0
"""Real seconds after a second interruption; one that is not heeded takes four, and ends with 0."""
PENDING = 50
STREAMS = 20
POLLS = 3
ASKERS = 3
MESSAGE = {"from": "+12125550100", "to": "+12125550101", "text": "Hello"}
NEVER = {"match": {"operation": "none"}, "timeout_seconds": 5}
REQUESTS = [("POST", "/v2/messages", MESSAGE), ("GET", "/_mock/requests", None), ("GET", "/v2/x", None)]
EXPECTED = re.compile(
    r"INFO default: (GET /v2/x 404 .*|POST /_mock/clock/advance 409|message\.\w+ \S+ attempt 1 failed .+"
    r"|a reader of the stream does not read and is dropped)"
)
CLOSED = (http.client.RemoteDisconnected, ConnectionError)
"""What comes of a connection that ends before an answer has begun."""


class Asker(threading.Thread):
    """Asks `requests`, over and over or `once`; `answers` came whole, `halves` were cut, `begun` once one has begun."""

    def __init__(self, url, requests, *, once=False):
        super().__init__(daemon=True)
        self.place, self.requests, self.once = url.removeprefix("http://"), requests, once
        self.answers, self.halves, self.begun = [], [], False
        self.start()

    def run(self):
        connection = http.client.HTTPConnection(self.place, timeout=30)
        try:
            while self.ask(connection, *self.requests[len(self.answers) % len(self.requests)]):
                if self.once and self.answers[-1][1] != 409:  # an advance waits until nobody else's is under way
                    break
        finally:
            connection.close()

    def ask(self, connection, method, path, body):
        headers = {"Authorization": "Bearer key", "Content-Type": "application/json"}
        headers |= {"Accept": "text/event-stream"} if path.endswith("stream") else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer, self.begun = connection.getresponse(), True
        except CLOSED:
            return False
        try:
            self.answers.append((path, answer.status, answer.read()))
        except (http.client.HTTPException, ConnectionError) as error:
            self.halves.append((path, error))
            return False
        return True


@pytest.fixture
def silent():
    """A receiver that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=1_000) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def unread(url):
    """A reader of the stream that does not read it."""
    reader = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 10)
    reader.sendall(b"GET /_mock/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    return reader


class Load:
    """Everything at once: streams, long polls, an advance that waits for a receiver, and requests without a pause."""

    def __init__(self, url):
        self.advance = Asker(url, [("POST", "/_mock/clock/advance", {"by": "1h"})], once=True)
        self.polls = [Asker(url, [("POST", "/_mock/requests/wait", NEVER)], once=True) for _ in range(POLLS)]
        self.streams = [Asker(url, [("GET", "/_mock/stream", None)], once=True) for _ in range(STREAMS)]
        self.askers = [Asker(url, REQUESTS) for _ in range(ASKERS)]

    @property
    def all(self):
        return [self.advance, *self.polls, *self.streams, *self.askers]

    def until_it_runs(self, url):
        """Wait until streams are open, requests are answered and the advance waits for its receiver."""
        with httpx2.Client(base_url=url, headers={"authorization": "Bearer key"}) as client:
            while not (all(each.begun for each in (*self.streams, *self.askers)) and advances(client)):
                time.sleep(0.01)


def advances(client):
    return client.post("/_mock/clock/advance", json={"by": 0, "wait": "none"}).status_code == 409


@pytest.mark.parametrize("moment", range(TIMES))
def test_a_server_ends_in_order_whatever_is_under_way(serve, silent, moment):
    """Every answer is whole or was not begun, the advance says what it left undelivered, and the log is as ever."""
    served = serve("--clock", START, "--webhook-budget", "60", "--rule", "telnyx_messages.webhook_timeout_seconds=60")
    with httpx2.Client(base_url=served.url, headers={"authorization": "Bearer key"}) as client:
        for _ in range(PENDING):
            client.post("/v2/messages", json=MESSAGE | {"webhook_url": silent}).raise_for_status()
    with unread(served.url):
        load = Load(served.url)
        load.until_it_runs(served.url)
        time.sleep(moment * 0.013 % 0.4)
        began = time.monotonic()
        assert served.end() == 0
        took = time.monotonic() - began
        for asker in load.all:
            asker.join(10)
    assert took < SECONDS
    assert [half for asker in load.all for half in asker.halves] == []
    _, status, told = load.advance.answers[-1]
    assert (status, json.loads(told)["undelivered"]) == (200, PENDING)
    assert [json.loads(told)["satisfied"] for poll in load.polls for _, _, told in poll.answers] == [False] * POLLS
    assert [stream.answers[0][1] for stream in load.streams] == [200] * STREAMS
    assert {status for asker in load.askers for _, status, _ in asker.answers} <= {200, 404}
    unexpected = [line for line in served.log.read_text().splitlines() if not EXPECTED.fullmatch(line)]
    assert unexpected == []


def test_a_server_ends_whatever_a_client_or_a_fault_holds_back(serve):
    """A body that does not come, an answer that a fault delays: neither is waited for until it comes."""
    served = serve("--clock", START)
    httpx2.post(f"{served.url}/_mock/faults", json={"fault": {"kind": "latency", "seconds": 60}}).raise_for_status()
    late = Asker(served.url, [("GET", "/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6", None)], once=True)
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), 10) as half:
        half.sendall(b"POST /v2/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        with httpx2.Client(base_url=served.url) as client:
            while not client.get("/_mock/requests").json()["total"]:
                time.sleep(0.01)
        began = time.monotonic()
        assert served.end() == 0
        took = time.monotonic() - began
    late.join(10)
    assert took < SECONDS
    assert (late.answers, late.halves) == ([], [])
    told, cut = served.log.read_text().splitlines()
    assert told.startswith("INFO default: GET /v2/messages/")
    assert cut == "ERROR Cancel 2 running task(s), timeout graceful shutdown exceeded"


def stops_listening(port):
    """Whether nobody takes connections there any more."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("held", ["half a request", "a delayed answer", "a stream and a receiver"])
def test_a_second_interruption_ends_at_once_and_says_so_by_130(serve, silent, held):
    """Whoever presses Ctrl-C twice waits for nothing, and is shown no traceback."""
    served = serve("--clock", START, "--webhook-budget", "60", "--rule", "telnyx_messages.webhook_timeout_seconds=60")
    port, askers = int(served.url.rpartition(":")[2]), []
    fault = {"fault": {"kind": "latency", "seconds": 60}, "match": {"provider": "temphone"}}
    httpx2.post(f"{served.url}/_mock/faults", json=fault).raise_for_status()
    with socket.create_connection(("127.0.0.1", port), 10) as half:
        half.sendall(b"POST /v2/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        with httpx2.Client(base_url=served.url, headers={"authorization": "Bearer key"}) as client:
            if held == "a delayed answer":
                askers.append(Asker(served.url, [("POST", "/v1/calls/scheduled", {})], once=True))
            if held == "a stream and a receiver":
                client.post("/v2/messages", json=MESSAGE | {"webhook_url": silent}).raise_for_status()
                load = Load(served.url)
                load.until_it_runs(served.url)
                askers += load.all
        served.process.send_signal(signal.SIGINT)
        while not stops_listening(port):
            time.sleep(0.01)
        began = time.monotonic()
        code, took = served.end(signal.SIGINT), time.monotonic() - began
    for asker in askers:
        asker.join(10)
    assert code == 130
    assert took < SECOND
    assert "Traceback" not in served.log.read_text()
