"""Receivers that behave as badly as a test says, and what carries one webhook to them."""

import asyncio
import ssl
from contextlib import asynccontextmanager

from contratempo.server.courier import Courier
from contratempo.server.policy import DeliveryPolicy

BODY = b'{"data":{}}'


async def to_this_machine(host, port):
    return ["127.0.0.1"]


async def request_of(reader):
    """Read a whole request and return it."""
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(len(BODY))


@asynccontextmanager
async def receiving(behave, **more):
    """Listen with a receiver that behaves so; yields its port, and ends its connections in the end."""
    tasks = set()

    async def serve(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass  # the sender went away, as it should
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **more)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def deliver(behave, *, seconds=2.0, url="http://127.0.0.1:{}/hooks", tls=None, **more):
    """Send one webhook to a receiver that behaves so and return the receipt."""

    async def story():
        policy = DeliveryPolicy(["receiver.test"], lambda: 0)
        async with receiving(behave, **more) as port:
            courier = Courier(policy, to_this_machine, tls)
            headers = {"content-type": "application/json"}
            return await courier.carry(policy.judge(url.format(port)), headers, BODY, seconds)

    return asyncio.run(story())


def answering(*pieces, pause=0.0):
    """Return a receiver that reads a request and sends pieces of an answer."""

    async def behave(reader, writer):
        await request_of(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave
