"""What worlds cost: advances, stories, memory, pauses of the collector, lists of a million."""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import floors
import psutil
from exchanges import EVENT
from inprocess import Figure, Wired, wired

from contratempo.provider import Request, installed_providers
from contratempo.sim.simulation import Simulation

_EVENTS = "/v2/ai/assistants/{}/scheduled_events"
_BUSY = {**EVENT, "telnyx_end_user_target": "+13125550120"}
_MIB = 1 << 20


def _rss() -> float:
    return float(psutil.Process().memory_info().rss)


@contextmanager
def _pauses() -> Iterator[list[float]]:
    """Give the milliseconds of each collection inside the block."""
    paused, began = list[float](), [0.0]

    def watch(phase: str, _: object) -> None:
        if phase == "start":
            began[0] = time.perf_counter()
        else:
            paused.append((time.perf_counter() - began[0]) * 1e3)

    gc.callbacks.append(watch)
    try:
        yield paused
    finally:
        gc.callbacks.remove(watch)


def _event(number: int) -> Request:
    """Return a create whose time, and every seventh its channel, follows from a number."""
    minutes = number * 7919 % 500_000
    at = time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime(1_743_500_000 + minutes * 60))
    body = {**EVENT, "scheduled_at_fixed_datetime": at}
    if number % 7 == 0:
        body = {name: value for name, value in body.items() if "retr" not in name}
        body |= {"telnyx_conversation_channel": "sms_chat", "text": "Hi"}
    return Request("create_scheduled_event", {"assistant_id": "many"}, {}, {}, body)


def _create(simulation: Simulation, request: Request) -> None:
    command = {"kind": "call", "at": simulation.now, "provider": "telnyx_assistants", "operation": request.operation}
    simulation.apply({**command, "request": vars(request)})


def retrying(events: int = 1_000) -> list[Figure]:
    """Advance over events that are busy at every one of three attempts, watching how long nobody else is served."""

    async def advance() -> tuple[float, float]:
        target, gaps = wired(), list[float]()
        for _ in range(events):
            await target.json("POST", _EVENTS.format("a"), _BUSY)

        async def watch() -> None:
            last = time.thread_time()
            while True:
                await asyncio.sleep(0)
                now = time.thread_time()
                gaps.append(now - last)
                last = now

        watcher = asyncio.create_task(watch())
        await asyncio.sleep(0)
        began = time.process_time()
        answer = await target.json("POST", "/_mock/clock/advance", {"by": "60d"})
        taken = time.process_time() - began
        watcher.cancel()
        assert answer["fired_count"] == 12 * events, answer["fired_count"]
        return taken * 1e3, max(gaps) * 1e3

    taken, gap = asyncio.run(advance())
    beside = {"SimPy processes": floors.retries_by_simpy(events), "a bare heap": floors.retries_by_heap(events)}
    return [
        Figure(f"advance over {events:,} events with 2 retries each", taken, "ms", 50.0, beside),
        Figure("longest turn of that advance", gap, "ms", 20.0),
    ]


def story() -> list[Figure]:
    """Make a world, create in it, advance and read, by bare calls in process."""

    async def tell(target: Wired, number: int) -> None:
        made = await target.json("POST", "/_mock/worlds", {"id": f"story-{number}"})
        headers = [(b"authorization", f"Bearer {made['api_key']}".encode()), (b"x-mock-world", made["id"].encode())]
        kind = (b"content-type", b"application/json")
        created = await target.send("POST", _EVENTS.format("a"), [*headers, kind], _encoded(_BUSY))
        advanced = await target.send("POST", "/_mock/clock/advance", [*headers, _HOST, kind], b'{"by":"30d"}')
        read = await target.send("GET", _EVENTS.format("a"), headers, b"")
        assert [created[0], advanced[0], read[0]] == [201, 200, 200]

    async def median() -> float:
        target, taken = wired(), []
        for number in range(30):
            began = time.process_time()
            await tell(target, number)
            taken.append((time.process_time() - began) * 1e3)
        return sorted(taken)[len(taken) // 2]

    beside = {"4 requests to Starlette": asyncio.run(floors.requests_by_starlette())}
    return [Figure("fresh world, create, advance and read", asyncio.run(median()), "ms", 10.0, beside)]


_HOST = (b"host", b"127.0.0.1:4010")


def _encoded(body: object) -> bytes:
    import msgspec  # only here: the rest goes through Wired.json

    return msgspec.json.encode(body)


def many_worlds(count: int = 200) -> list[Figure]:
    """Make worlds with ten events each, half of them advanced."""

    async def make() -> tuple[float, float]:
        target = wired()
        await target.json("GET", _EVENTS.format("none"))
        before = _rss() / _MIB
        for number in range(count):
            world = target.app.service.worlds.create(id=f"w{number}")
            for n in range(10):
                _create(world.simulation, _event(n))
            if number % 2:
                await target.app.service.pump.advance(world, world.simulation.now + 86_400_000_000)
        return _rss() / _MIB, before

    after, before = asyncio.run(make())
    return [Figure(f"{count} worlds, the whole process", after, "MB", 300.0, {"one world": before})]


def stored(events: int = 100_000) -> list[Figure]:
    """Store events as requests do, journal and all, and watch memory and the collector."""

    async def store() -> list[Figure]:
        target = wired()
        simulation = target.app.service.worlds.default.simulation
        for _ in range(12_000):  # the journal is full, so that what grows after this are events
            await target.json("GET", _EVENTS.format("none"))
        before = _rss()
        with _pauses() as paused:
            for number in range(events):
                _create(simulation, _event(number))
                if number % 10 == 0:
                    await target.json("GET", _EVENTS.format("none"))
        history = sys.getsizeof(simulation.journal.transitions.since(0, 1)[0]) + 100
        size = (_rss() - before) / events
        with _pauses() as full:
            gc.collect()
        await target.json("POST", "/_mock/reset")
        gc.collect()
        left = (_rss() - before) / _MIB
        return [
            Figure(
                f"bytes of each of {events:,} events, its timer included, history not", size - history, "B", 1_000.0
            ),
            Figure(f"longest pause while {events:,} events are stored", max(paused, default=0.0), "ms", 20.0),
            Figure(f"full collection with {events:,} events stored", max(full), "ms", 20.0),
            Figure("memory left after a reset", left, "MB"),
        ]

    return asyncio.run(store())


def lists(events: int = 1_000_000) -> list[Figure]:
    """Ask for page 1 and page 1,000 of one assistant's events."""
    target = wired(max_records=2 * events)
    simulation = target.app.service.worlds.default.simulation
    provider = installed_providers()["telnyx_assistants"]
    for number in range(events):
        _create(simulation, _event(number))

    def page(number: int, **more: object) -> Callable[[], object]:
        return lambda: simulation.records.page(
            "scheduled_event",
            ("many",),
            offset=(number - 1) * 20,
            limit=20,
            **more,  # type: ignore[arg-type]
        )

    bounds = {"first": simulation.now, "last": simulation.now + 10_000_000_000_000}
    figures = [
        Figure(f"{what} of {events:,} events, store", _best(ask), "us", 50.0)
        for what, ask in (
            ("page 1", page(1)),
            ("page 1,000", page(1_000)),
            ("page 1,000 of a range", page(1_000, **bounds)),
        )
    ]
    record = simulation.records.page("scheduled_event", ("many",), limit=1).records[0]

    def insert() -> None:
        record["id"] = f"{record['id'][:24]}{simulation.mint('n'):012}"
        simulation.records.put(provider.kinds["scheduled_event"].name, record)
        simulation._undo.commit()

    return [*figures, Figure(f"insert into three lists of {events:,}", _best(insert), "us", 10.0)]


def _best(act: Callable[[], object], times: int = 2_000) -> float:
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(times):
            act()
        best = min(best, (time.process_time() - began) / times * 1e6)
    return best


ALL = (retrying, story, many_worlds, stored, lists)


if __name__ == "__main__":
    wanted = sys.argv[1:] or [each.__name__ for each in ALL]
    for each in ALL:
        if each.__name__ in wanted:
            for figure in each():
                print(figure, flush=True)
