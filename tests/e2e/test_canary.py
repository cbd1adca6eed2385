"""Hostile webhook URLs by the thousand: a canary where no webhook may go hears of none of them."""

import asyncio
import itertools
import os
import random
import re
import socket
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from contratempo.provider import Hooks, Provider, Response
from contratempo.server.courier import Courier
from contratempo.server.policy import DeliveryPolicy
from contratempo.server.realtime import RealTime
from contratempo.server.sender import Sender
from contratempo.server.signing import Signer
from contratempo.server.worlds import World
from contratempo.sim import sending
from contratempo.sim.clock import Clock
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation
from contratempo.sim.webhooks import Policy

URLS = 10_000 if os.environ.get("CONTRATEMPO_TEST_TIER") == "full" else 2_000
INSIDE = (Path(__file__).parents[1] / "server" / "inside_addresses.txt").read_text().split()

# Of loopback the policy of this test takes 127.0.0.1 alone: so there is an inside within reach, where canaries sit.
CANARY = "127.0.0.2"
CANARY_SPELLINGS = [
    "127.0.0.2", "127.2", "127.0.2", "2130706434", "0x7f000002", "0x7f.2", "0x7f.0x0.0x0.0x2", "0177.0.0.2",
    "017700000002", "0000177.0.0.02", "127.0.0.2.", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]", "[::FFFF:7F00:0002]",
    "[0:0:0:0:0:ffff:7f00:2]", "[::1]", "[0::1]", "[0:0:0:0:0:0:0:1]",
]  # fmt: skip


class Narrow(DeliveryPolicy):
    loopback = (IPv4Network("127.0.0.1/32"),)


class Canaries:
    """Listeners that count who comes: outside the policy, and on what passes for the server's own port."""

    def __init__(self):
        self.heard = []

    @asynccontextmanager
    async def listening(self):
        first = await asyncio.start_server(self._hear, CANARY, 0)
        self.port = first.sockets[0].getsockname()[1]
        own = await asyncio.start_server(self._hear, "127.0.0.1", 0)
        self.own_port = own.sockets[0].getsockname()[1]
        self.servers = [first, own]
        with suppress(OSError):  # a machine may be without IPv6
            self.servers.append(await asyncio.start_server(self._hear, "::1", self.port))
        try:
            yield self
        finally:
            for server in self.servers:
                server.close()

    async def _hear(self, reader, writer):
        self.heard.append(writer.get_extra_info("sockname"))
        writer.close()


@asynccontextmanager
async def receiving(canary_port):
    """A receiver that may be delivered to; under /go it sends everyone on to the canary."""
    seen = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)
        seen.append(head.split()[1])
        if seen[-1].startswith(b"/go"):
            status = head.split()[1].rpartition(b"/")[2]
            writer.write(b"HTTP/1.1 %s Go\r\nlocation: http://%s:%d/\r\n" % (status, CANARY.encode(), canary_port))
            writer.write(b"refresh: 0; url=http://%s:%d/\r\ncontent-length: 0\r\n\r\n" % (CANARY.encode(), canary_port))
        else:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()


class FlippingNames:
    """Answers a name by what it is called; a second lookup of one that flips leads to the canary."""

    def __init__(self):
        self.asked = set()

    async def __call__(self, host, port):
        again, kind = host in self.asked, host.partition("-")[0]
        self.asked.add(host)
        return {
            "flip": [CANARY] if again else ["127.0.0.1"],
            "mixed": ["127.0.0.1", CANARY],
            "mapped": [f"::ffff:{CANARY}"],
            "six": ["::1"],
            "sixtofour": ["2002:7f00:2::1"],
            "nat": [f"64:ff9b::{CANARY}"],
            "zone": ["::1%lo"],
            "any": ["0.0.0.0"],
            "plain": [CANARY],
        }[kind]


def hostile(receiver, canaries):
    """Yield `(url, what must come of it)` without end, each URL different."""
    chance = random.Random(1)
    canary, own, ports = canaries.port, canaries.own_port, (f":{canaries.port}", "", ":80", ":443", f":{receiver}")
    for number in itertools.count():
        spelled = chance.choice(CANARY_SPELLINGS)
        host = chance.choice([spelled, spelled, chance.choice(INSIDE)])
        scheme, tail = chance.choice(["http", "http", "HTTP", "https"]), f"/{number}"
        kind = chance.choice(["mixed", "mapped", "six", "sixtofour", "nat", "zone", "any", "plain"])
        good = f"127.0.0.1:{receiver}"
        case = number % 20
        if case < 9:
            yield f"{scheme}://{host}{chance.choice(ports)}{tail}", "captured"
        elif case < 13:
            pattern = chance.choice([
                "http://{good}@{bad}{tail}", "http://{bad}@{good}{tail}", "http://{good}\\@{bad}{tail}",
                "http://{bad}#@{good}{tail}", "http://{bad}?@{good}{tail}", "http://{good}:x@{bad}{tail}",
                "http://{good} {bad}{tail}", "http://{good}\t@{bad}{tail}", "http:\\\\{bad}{tail}",
                "http://{bad}\r\nhost: {good}{tail}", "http:///{bad}{tail}", "//{bad}{tail}", "ftp://{bad}{tail}",
                "http://１２７.0.0.2:{port}{tail}", "http://127。0。0。2:{port}{tail}", "http://127.0.0.%32:{port}{tail}",
                "http://[::ffff:127.0.0.2%25lo]:{port}{tail}", "http://{good},{bad}{tail}", "http://{good}%00@{bad}{tail}",
                "http://localhost.{bad}{tail}", "http://{bad}.nip.test{tail}", "unix:///{bad}{tail}", "{bad}{tail}",
                "http://127.0.0.1%2f@{bad}{tail}", "http://[127.0.0.2]:{port}{tail}", "jar:http://{bad}!{tail}",
            ])  # fmt: skip
            yield pattern.format(good=good, bad=f"{CANARY}:{canary}", port=canary, tail=tail), "captured"
        elif case < 15:
            path = chance.choice(
                ["/_mock/reset", "/_mock/sink/a?x=", "/_mock/sink/../", "/v2/messages", "/", "/_mock/sink/A"]
            )
            where = chance.choice(["127.0.0.1", "127.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
            yield f"http://{where}:{own}{path}{number}", "captured"
        elif case < 17:
            yield f"http://{kind}-{number}.test:{canary}{tail}", "captured"
        elif case < 18:
            yield f"http://flip-{number}.test:{own}{tail}", "captured"
        elif case < 19:
            yield f"http://flip-{number}.test:{receiver}{tail}", "delivered"
        else:
            yield f"http://{good}/go/{number}/{chance.choice([300, 301, 302, 303, 307, 308])}", "redirect"


def _send(simulation, request):
    for url in request.body:
        sending.emit(simulation, "post", "sent", url, [url], lambda identifier: {}, Policy(attempts=1))
    return Response(204)


class Anything:
    """A catalog whose contracts take every webhook."""

    def contract(self, provider, profile):
        return self

    def check_webhook(self, event, body):
        return ()


async def send_all(urls, policy, names):
    """Send to all of the URLs and return the webhooks, by URL."""
    hooks = Hooks(lambda delivery: {}, lambda sign, timestamp, body: {})
    post = Provider("post", "", (), {"send": _send}, lambda problem: Response(500), "", webhooks=hooks)
    simulation = Simulation(Origin("w", "s", "spec", lambda: Rules({}), {"post": post}, {}), Clock(0))
    world = World(simulation, "KEY")
    sender = Sender(policy, Signer(bytes(32)), {"post": post}, Anything(), RealTime(), Courier(policy, names))
    request = {"operation": "send", "body": urls}
    simulation.apply({"kind": "call", "at": 0, "provider": "post", "operation": "send", "request": request})
    sender.dispatch(world)
    assert await sender.settle(world, 240)
    await sender.close()
    return {webhook.resource: webhook for webhook in simulation.outbox}


ELSEWHERE = re.compile(rf"redirect to http://{re.escape(CANARY)}:\d+/ is not followed")
ONE_OF_MANY = pytest.mark.skipif(not Path("/proc/net").exists(), reason="elsewhere loopback is one address only")


@ONE_OF_MANY
def test_no_hostile_url_reaches_the_canary_and_each_block_has_its_reason(monkeypatch):
    async def story():
        async with Canaries().listening() as canaries, receiving(canaries.port) as (port, seen):
            policy = Narrow(["127.0.0.1/32"], lambda: canaries.own_port)
            cases = dict(itertools.islice(hostile(port, canaries), URLS))
            # whoever looked a name up by other means would be led to the canary
            trap = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (CANARY, canaries.port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **more: trap)
            names = FlippingNames()
            return cases, await send_all(list(cases), policy, names), canaries.heard, names, seen

    cases, webhooks, heard, names, seen = asyncio.run(story())
    assert heard == []
    for url, expected in cases.items():
        (attempt,) = webhooks[url].attempts
        assert attempt.state == ("failed" if expected == "redirect" else expected), (url, attempt)
        assert expected != "captured" or attempt.reason, url
        assert expected != "redirect" or ELSEWHERE.fullmatch(attempt.reason), (url, attempt)
    expected = list(cases.values())
    assert (len(cases), len(webhooks)) == (URLS, URLS)
    assert len(seen) == expected.count("delivered") + expected.count("redirect") == URLS // 10
    assert not [host for host in names.asked if not host.endswith(".test")]


@ONE_OF_MANY
def test_the_canary_hears_whoever_comes():
    async def story():
        async with Canaries().listening() as canaries:
            policy = DeliveryPolicy((), lambda: 0)
            urls = [
                f"http://{CANARY}:{canaries.port}/",
                f"http://127.1:{canaries.own_port}/",
                f"http://[::1]:{canaries.port}/",
            ]
            await send_all(urls, policy, FlippingNames())
            return len(canaries.heard), len(canaries.servers)

    heard, servers = asyncio.run(story())
    assert heard == servers
