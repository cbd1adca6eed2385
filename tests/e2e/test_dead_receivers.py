"""Receivers that are dead in every way, a thousand at once: what they cost, and what becomes of what they are sent."""

import asyncio
import os
import socket
import statistics
import threading
import time
from contextlib import suppress
from itertools import cycle
from weakref import WeakSet

import httpx2
import pytest

pytestmark = pytest.mark.timeout(900)
FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
START = "2026-03-15T09:00:00Z"
MESSAGES, ADVANCES = (1_000, 200) if FULL else (250, 50)
BUDGET = 2
TIMEOUT = 2.0
"""Real seconds that an attempt may take unless a rule says otherwise."""
NOBODY = "40385f64-5717-4562-b3fc-2c963f66afa6"
MESSAGE = {"from": "+12125550100", "to": "+12125550101", "text": "Hello"}


class Dead:
    """Receivers that are dead, each kind at a port of its own and at every address of this machine's loopback."""

    def __init__(self):
        self.loop, self.ready = asyncio.new_event_loop(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.ports, self.answering = {"closed": 9}, WeakSet()

    def __enter__(self):
        self.silent = socket.create_server(("", 0), backlog=4_096)
        self.ports["silent"] = self.silent.getsockname()[1]
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(10)
        self.silent.close()

    def run(self):
        self.loop.run_until_complete(self.listen())
        self.loop.close()

    async def listen(self):
        self.over = asyncio.Event()
        servers = [await asyncio.start_server(self.handler(kind), "0.0.0.0", 0, backlog=4_096) for kind in KINDS]
        self.ports |= {kind: server.sockets[0].getsockname()[1] for kind, server in zip(KINDS, servers, strict=True)}
        self.ready.set()
        await self.over.wait()
        for server in servers:
            server.close()
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left & set(self.answering):  # the others take connections over, which else would stay open
                task.cancel()
            await asyncio.wait(left, timeout=0.1)

    def handler(self, kind):
        async def handle(reader, writer):
            self.answering.add(asyncio.current_task())
            with suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await KINDS[kind](writer)
            writer.transport.abort()

        return handle

    def urls(self, kinds):
        """Receivers of these kinds in turn, each at an address of its own."""
        for number, kind in enumerate(cycle(kinds)):
            yield f"http://127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}:{self.ports[kind]}/"


async def drip(writer):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1_000_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def flood(writer):
    writer.write(b"HTTP/1.1 500 Oh\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def flood_of_headers(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Header: %b\r\n" % (b"x" * 8_000))
        await writer.drain()


async def redirect(writer):
    writer.write(b"HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


async def reset(writer):
    writer.transport.abort()


async def garbage(writer):
    writer.write(b"\x00\xff not HTTP at all\r\n\r\n")
    await writer.drain()


KINDS = {
    "drip": drip,
    "flood": flood,
    "flood of headers": flood_of_headers,
    "redirect": redirect,
    "reset": reset,
    "garbage": garbage,
}


REASONS = {
    "closed": {"connection refused"},
    "silent": set(),
    "drip": set(),
    "flood": {"status 500"},
    "flood of headers": {"Receive buffer too long"},
    "redirect": {"redirect to http://127.0.0.1:9/ is not followed"},
    "reset": {"Server disconnected without sending a response.", "connection reset"},
    "garbage": {r"illegal status line: bytearray(b'\x00\xff not HTTP at all')"},
}
"""What each kind's attempts fail of, if the time is not over before."""


@pytest.fixture(scope="module")
def dead():
    with Dead() as dead:
        yield dead


@pytest.fixture(scope="module")
def served(serve_for_all):
    return serve_for_all("--clock", START, "--webhook-budget", str(BUDGET))


@pytest.fixture
def client(served):
    """A client in a world of its own."""
    with httpx2.Client(base_url=served.url, timeout=60) as client:
        made = client.post("/_mock/worlds", json={"clock": START}).json()
        client.headers["authorization"] = f"Bearer {made['api_key']}"
        yield client
        client.delete(f"/_mock/worlds/{made['id']}").raise_for_status()


def advance(client, by, wait):
    answer = client.post("/_mock/clock/advance", json={"by": by, "wait": wait})
    answer.raise_for_status()
    return answer.json()


def undelivered(client):
    return advance(client, 0, "none")["undelivered"]


def schedule(client, bodies, at="2026-03-15T10:00:00Z"):
    for body in bodies:
        client.post("/v2/messages/schedule", json=MESSAGE | {"send_at": at} | body).raise_for_status()


def second(number):
    return f"2026-03-15T{10 + number // 3_600:02}:{number // 60 % 60:02}:{number % 60:02}Z"


def rows(client, name):
    """All rows of a list of the control plane, in pages."""
    found = []
    while page := client.get(f"/_mock/{name}", params={"since": len(found), "limit": 1_000}).json()[name]:
        found += page
    return found


class Neighbour:
    """An application that asks for its messages all the while; `waited` are the real seconds of each answer."""

    def __init__(self, client):
        self.client, self.waited, self.over = client, [], threading.Event()
        self.thread = threading.Thread(target=self.ask, daemon=True)

    def ask(self):
        with httpx2.Client(base_url=self.client.base_url, headers=self.client.headers, timeout=60) as client:
            while not self.over.is_set():
                began = time.monotonic()
                assert client.get(f"/v2/messages/{NOBODY}").status_code == 404
                self.waited.append(time.monotonic() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(60)


def test_an_advance_that_does_not_wait_is_quick(client, dead):
    """One message is due every second; `-s` shows the figures, bounded loosely here: others work, too."""
    urls = dead.urls(sorted(dead.ports))
    schedule(client, ({"send_at": second(number), "webhook_url": next(urls)} for number in range(MESSAGES)))
    advance(client, 3_600, "none")
    took = []
    for _ in range(ADVANCES):
        began = time.monotonic()
        left = advance(client, MESSAGES // ADVANCES, "none")["undelivered"]
        took.append(time.monotonic() - began)
    hundredths = [1_000 * each for each in statistics.quantiles(took, n=100)]
    print(f"advance, wait none: median {hundredths[49]:.1f} ms, p99 {hundredths[98]:.1f} ms; {left} undelivered")
    assert left > MESSAGES // 2
    assert hundredths[98] < 1_000 * TIMEOUT


def test_nobody_waits_for_a_receiver_but_who_asks_to(client, dead):
    """With a time-out of a minute no attempt can have ended when an answer is there: so it waited for none."""
    client.patch("/_mock/rules", json={"telnyx_messages.webhook_timeout_seconds": 60}).raise_for_status()
    urls = dead.urls(["silent"])
    schedule(client, ({"webhook_url": next(urls)} for _ in range(50)))
    assert advance(client, 7_200, "none")["undelivered"] == 100
    assert client.post("/v2/messages", json=MESSAGE | {"webhook_url": next(urls)}).status_code == 200
    assert client.get(f"/v2/messages/{NOBODY}").status_code == 404
    assert undelivered(client) == 100
    assert {attempt["state"] for row in rows(client, "webhooks") for attempt in row["attempts"]} == {"sending"}


def test_an_advance_that_waits_costs_the_budget_at_most(client, dead):
    """What is left goes on without anybody waiting, and ends; every address has its attempts, no more and no fewer."""
    client.patch("/_mock/rules", json={"telnyx_messages.webhook_timeout_seconds": 0.2}).raise_for_status()
    urls = dead.urls([*(sorted(dead.ports) * 2), "silent", "drip", "silent", "drip"])
    addresses = [[next(urls) for _ in range(1 + (number % 4 == 0))] for number in range(MESSAGES if FULL else 60)]
    names = ("webhook_url", "webhook_failover_url")
    schedule(client, (dict(zip(names, pair, strict=False)) for pair in addresses))
    with Neighbour(client) as neighbour:
        began = time.monotonic()
        told = advance(client, 7_200, "webhooks")
        took = time.monotonic() - began
    until_all_is_over(client)
    print(
        f"advance, wait webhooks: {took:.1f} s, {told['undelivered']} undelivered; GET: {max(neighbour.waited):.3f} s"
    )
    assert (told["now"], told["undelivered"] > 0) == ("2026-03-15T11:00:00Z", True)
    assert took < 3 * BUDGET  # what it does itself, on a busy machine, included; all receivers would take minutes
    assert len(neighbour.waited) > 5
    assert max(neighbour.waited) < BUDGET
    webhooks = rows(client, "webhooks")
    assert sorted(webhook["urls"] for webhook in webhooks) == sorted(addresses * 2)
    for webhook in webhooks:
        tried = [(attempt["url"], attempt["tally"], attempt["state"]) for attempt in webhook["attempts"]]
        assert tried == [(url, tally, "failed") for url in webhook["urls"] for tally in (1, 2, 3)]
        assert webhook["status"] == "failed"
    for kind, told in reasons(webhooks, dead).items():
        assert told <= REASONS[kind]


def until_all_is_over(client):
    """A retry whose time came while nobody waited is made at once and stamped so: the next is due after that."""
    while undelivered(client) or client.get("/_mock/clock").json()["next_due"] is not None:
        advance(client, 60, "none")
        time.sleep(0.05)


def reasons(webhooks, dead):
    """Why the attempts at each kind of receiver failed; on a busy machine any of them may also be out of time."""
    kinds = {str(port): kind for kind, port in dead.ports.items()}
    found = {kind: set() for kind in dead.ports}
    for attempt in (attempt for webhook in webhooks for attempt in webhook["attempts"]):
        found[kinds[attempt["url"].rstrip("/").rpartition(":")[2]]].add(attempt["reason"])
    return {kind: {*told} - {"timed out after 0.2 s"} for kind, told in found.items()}
