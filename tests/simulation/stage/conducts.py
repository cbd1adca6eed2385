"""The conducts of receivers: what each kind does with a webhook."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import httpx2
from stage.loop import give_way

if TYPE_CHECKING:
    from stage.receivers import Arrival, Network

OFTEN: Final = ("curious", "curious", "curious", "curious", "slow", "slow", "failing twice", "hanging")
"""Those that come more often than the others."""


async def _dripping() -> AsyncIterator[bytes]:
    while True:
        yield b"."
        await asyncio.sleep(0.7)


async def _flooding() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 30_000
        await asyncio.sleep(0)


async def _fine(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await give_way(network.chance.randrange(6))
    return network.reply(arrival, (200, 202, 204)[network.tried(arrival) % 3])


async def _slow(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await asyncio.sleep(network.chance.choice([0.01, 0.2, 0.9, 1.5]))
    return network.reply(arrival, 200)


async def _late(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await asyncio.sleep(network.chance.choice([1.99, 2.0, 2.01, 5.0]))
    return network.reply(arrival, 200)


async def _hanging(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await asyncio.Event().wait()
    raise AssertionError("nothing wakes it")


async def _failing_twice(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await give_way(network.chance.randrange(3))
    return network.reply(arrival, 500 if network.tried(arrival) <= 2 else 200)


async def _failing(network: "Network", arrival: "Arrival") -> httpx2.Response:
    return network.reply(arrival, (400, 404, 410, 429, 500, 503)[network.tried(arrival) % 6])


async def _dead(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await give_way(network.chance.randrange(3))
    raise httpx2.ConnectError("refused") from ConnectionRefusedError()


async def _resetting(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await asyncio.sleep(network.chance.choice([0.0, 0.3]))
    raise httpx2.ReadError("") from ConnectionResetError()


async def _redirecting(network: "Network", arrival: "Arrival") -> httpx2.Response:
    return network.reply(arrival, 302, location="http://169.254.169.254/latest")


async def _dribbling(network: "Network", arrival: "Arrival") -> httpx2.Response:
    return network.reply(arrival, 200, _dripping())


async def _flooded(network: "Network", arrival: "Arrival") -> httpx2.Response:
    return network.reply(arrival, 200, _flooding())


async def _curious(network: "Network", arrival: "Arrival") -> httpx2.Response:
    await network.call_back(arrival)
    return network.reply(arrival, 200)


CONDUCTS: Final[dict[str, Callable[["Network", "Arrival"], Awaitable[Any]]]] = {
    "fine": _fine, "slow": _slow, "late": _late, "hanging": _hanging, "failing twice": _failing_twice,
    "failing": _failing, "dead": _dead, "resetting": _resetting, "redirecting": _redirecting, "dribbling": _dribbling,
    "flooding": _flooded, "curious": _curious, "moody": _fine,
}  # fmt: skip
