"""Receivers of webhooks, good and bad, and the network that leads to them."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx2
from stage.loop import give_way

OWN: Final = 4010
PORTS: Final = (9001, 9002, 9003)
_TAG: Final = re.compile(r"/(?:_mock/sink/)?(t[0-9]+)")
OFTEN: Final = ("curious", "curious", "curious", "curious", "slow", "slow", "failing twice", "hanging")
NAMES: Final = {
    "hooks.test": ["10.0.0.5"],
    "two.test": ["10.0.0.6", "10.0.0.7"],
    "inside.test": ["169.254.169.254"],
}
ALLOWED: Final = ("hooks.test", "two.test", "inside.test", "gone.test", "slow.test")


@dataclass(eq=False)
class Arrival:
    """A webhook at a receiver: for as long as the connection is open."""

    number: int
    tag: str
    host: str
    port: int
    target: str
    body: bytes
    headers: dict[str, str]
    doomed: tuple[float, float] | None = None

    def __str__(self) -> str:
        return f"connection {self.number} to {self.host}:{self.port}{self.target}"


class Body(httpx2.AsyncByteStream):
    """What a receiver says after its status line; the connection ends when the other side closes it."""

    def __init__(self, chunks: AsyncIterator[bytes], closed: Callable[[], None]) -> None:
        self._chunks, self._closed = chunks, closed

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks

    async def aclose(self) -> None:
        self._closed()


@dataclass(eq=False)
class Link(httpx2.AsyncBaseTransport):
    """What the courier sends through."""

    network: "Network"

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self.network.take(request)


Arrived = Callable[[Arrival], None]
Answers = Callable[[Arrival], Awaitable[httpx2.Response]]


@dataclass(eq=False)
class Network:
    """Where the ports lead to: `conduct` is how each receiver behaves, `call_back(arrival)` what a curious one does.

    `own(arrival)` answers in the server's place at its own port.
    """

    chance: Random
    arrived: Arrived
    departed: Arrived
    call_back: Callable[[Arrival], Awaitable[None]]
    own: Callable[[Arrival], Awaitable[int]]
    made: int = 0
    conduct: dict[int, str] = field(default_factory=dict)
    _tries: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = sorted([*CONDUCTS, *OFTEN])
        self.conduct = {port: self.chance.choice(names) for port in PORTS}

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Look a name up, which takes its time."""
        if host == "slow.test":
            await asyncio.sleep(self.chance.choice([0.1, 1.9, 5.0]))
        else:
            await give_way(self.chance.randrange(4))
        if host not in NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return NAMES[host]

    async def take(self, request: httpx2.Request) -> httpx2.Response:
        """Connect and answer, as the receiver at that address does."""
        self.made += 1
        target, port = request.extensions["target"].decode(), request.url.port or 80
        found = _TAG.match(target)
        tag = found[1] if found else ""
        arrival = Arrival(self.made, tag, request.url.host, port, target, request.content, dict(request.headers))
        self.arrived(arrival)
        try:
            if port == OWN:
                return await self._sink(arrival)
            conduct = self.conduct[port]
            if conduct == "moody":
                conduct = self.chance.choice(sorted(CONDUCTS.keys() - {"moody"}))
            return await CONDUCTS[conduct](self, arrival)
        except ConnectionRefusedError as error:
            self.departed(arrival)
            raise httpx2.ConnectError("refused") from error
        except BaseException:
            self.departed(arrival)
            raise

    def reply(
        self, arrival: Arrival, status: int, chunks: AsyncIterator[bytes] | None = None, **headers: str
    ) -> httpx2.Response:
        """Return an answer, after which the connection is open until it is closed."""
        body = Body(chunks or _said(b"ok"), lambda: self.departed(arrival))
        return httpx2.Response(status, headers=headers, stream=body)

    async def _sink(self, arrival: Arrival) -> httpx2.Response:
        return self.reply(arrival, await self.own(arrival))

    def tried(self, arrival: Arrival) -> int:
        """Count the tries of a resource at an address."""
        place = f"{arrival.port}{arrival.target}"
        self._tries[place] = self._tries.get(place, 0) + 1
        return self._tries[place]


async def _said(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _dripping() -> AsyncIterator[bytes]:
    while True:
        yield b"."
        await asyncio.sleep(0.7)


async def _flooding() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 30_000
        await asyncio.sleep(0)


async def _fine(network: Network, arrival: Arrival) -> httpx2.Response:
    await give_way(network.chance.randrange(6))
    return network.reply(arrival, (200, 202, 204)[network.tried(arrival) % 3])


async def _slow(network: Network, arrival: Arrival) -> httpx2.Response:
    await asyncio.sleep(network.chance.choice([0.01, 0.2, 0.9, 1.5]))
    return network.reply(arrival, 200)


async def _late(network: Network, arrival: Arrival) -> httpx2.Response:
    await asyncio.sleep(network.chance.choice([1.99, 2.0, 2.01, 5.0]))
    return network.reply(arrival, 200)


async def _hanging(network: Network, arrival: Arrival) -> httpx2.Response:
    await asyncio.Event().wait()
    raise AssertionError("nothing wakes it")


async def _failing_twice(network: Network, arrival: Arrival) -> httpx2.Response:
    await give_way(network.chance.randrange(3))
    return network.reply(arrival, 500 if network.tried(arrival) <= 2 else 200)


async def _failing(network: Network, arrival: Arrival) -> httpx2.Response:
    return network.reply(arrival, (400, 404, 410, 429, 500, 503)[network.tried(arrival) % 6])


async def _dead(network: Network, arrival: Arrival) -> httpx2.Response:
    await give_way(network.chance.randrange(3))
    raise httpx2.ConnectError("refused") from ConnectionRefusedError()


async def _resetting(network: Network, arrival: Arrival) -> httpx2.Response:
    await asyncio.sleep(network.chance.choice([0.0, 0.3]))
    raise httpx2.ReadError("") from ConnectionResetError()


async def _redirecting(network: Network, arrival: Arrival) -> httpx2.Response:
    return network.reply(arrival, 302, location="http://169.254.169.254/latest")


async def _dribbling(network: Network, arrival: Arrival) -> httpx2.Response:
    return network.reply(arrival, 200, _dripping())


async def _flooded(network: Network, arrival: Arrival) -> httpx2.Response:
    return network.reply(arrival, 200, _flooding())


async def _curious(network: Network, arrival: Arrival) -> httpx2.Response:
    await network.call_back(arrival)
    return network.reply(arrival, 200)


CONDUCTS: Final[dict[str, Callable[[Network, Arrival], Awaitable[Any]]]] = {
    "fine": _fine, "slow": _slow, "late": _late, "hanging": _hanging, "failing twice": _failing_twice,
    "failing": _failing, "dead": _dead, "resetting": _resetting, "redirecting": _redirecting, "dribbling": _dribbling,
    "flooding": _flooded, "curious": _curious, "moody": _fine,
}  # fmt: skip
