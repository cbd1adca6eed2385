"""Looking up names: in threads of its own, which hold nobody up."""

import asyncio
import socket
import threading

import pytest

from contratempo.server.lookup import THREADS, Lookup


def rows(*addresses):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]


def test_the_addresses_of_a_host_come_once_each_in_order():
    asked = []

    def getaddrinfo(*arguments, **more):
        asked.append((*arguments, more))
        return rows("10.0.0.2", "10.0.0.1", "10.0.0.2")

    lookup = Lookup(getaddrinfo)
    assert asyncio.run(lookup("receiver.test", 80)) == ["10.0.0.2", "10.0.0.1"]
    assert asked == [(b"receiver.test", 80, {"type": socket.SOCK_STREAM})]
    lookup.close()


def test_a_host_that_is_unknown_raises_what_the_machine_says():
    def getaddrinfo(*arguments, **more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    lookup = Lookup(getaddrinfo)
    with pytest.raises(socket.gaierror, match="not known"):
        asyncio.run(lookup("receiver.test", 80))
    lookup.close()


def test_lookups_that_nobody_waits_for_any_more_are_not_made():
    release, asked = threading.Event(), []

    def getaddrinfo(host, *arguments, **more):
        asked.append(host)
        release.wait(10)
        return rows("10.0.0.1")

    async def ask():
        lookup = Lookup(getaddrinfo)
        tasks = [asyncio.create_task(lookup(f"{place}.test", 80)) for place in range(THREADS + 5)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        last = asyncio.create_task(lookup("last.test", 80))
        release.set()
        found = await last
        lookup.close()
        return found

    assert asyncio.run(ask()) == ["10.0.0.1"]
    assert len(asked) <= THREADS + 1


def test_an_answer_that_comes_after_the_end_is_nobody_s():
    release, answered = threading.Event(), threading.Event()

    def getaddrinfo(*arguments, **more):
        release.wait(10)
        answered.set()
        return rows("10.0.0.1")

    async def ask(lookup):
        task = asyncio.create_task(lookup("receiver.test", 80))
        await asyncio.sleep(0)
        task.cancel()

    lookup = Lookup(getaddrinfo)
    asyncio.run(ask(lookup))
    lookup.close()
    release.set()
    assert answered.wait(10)


def test_its_threads_do_not_keep_the_process_and_end_when_it_is_closed():
    lookup = Lookup(lambda *arguments, **more: rows("10.0.0.1"))
    before = set(threading.enumerate())
    asyncio.run(lookup("receiver.test", 80))
    (thread,) = set(threading.enumerate()) - before
    assert thread.daemon
    lookup.close()
    thread.join(10)
    assert not thread.is_alive()
