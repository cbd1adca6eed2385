"""Floors: what the same takes where nothing is kept: retries by SimPy and by a heap, requests by bare Starlette."""

import heapq
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any

import floor
import msgspec
import simpy
from exchanges import EVENT

ATTEMPTS, AFTER, TALK, AGAIN = 3, 1_209_600, 2, 3_600
"""As retrying() of worlds.py has it: busy at each of three attempts; seconds until dispatched, busy and tried again."""
Noted = deque[tuple[float, int, str | None, str, int]]


def retries_by_simpy(events: int) -> float:
    """Return the milliseconds that SimPy's processes take for events that are busy at every attempt."""
    environment, noted = simpy.Environment(), Noted(maxlen=100_000)
    for number in range(events):
        environment.process(_process(environment, number, noted))
    taken = _milliseconds(environment.run)
    assert len(noted) == 4 * ATTEMPTS * events
    return taken


def _process(environment: simpy.Environment, number: int, noted: Noted) -> Generator[Any, Any, None]:
    yield environment.timeout(AFTER)
    for step in _steps(number, noted):
        yield environment.timeout(step(environment.now))


def retries_by_heap(events: int) -> float:
    """Return the milliseconds that a heap of due steps takes for the same, with no more than the loop that it needs."""
    noted = Noted(maxlen=100_000)
    heap = [(AFTER, number, _steps(number, noted)) for number in range(events)]

    def run() -> None:
        while heap:
            due, number, steps = heapq.heappop(heap)
            step = next(steps, None)
            if step is not None:
                heapq.heappush(heap, (due + step(due), number, steps))

    taken = _milliseconds(run)
    assert len(noted) == 4 * ATTEMPTS * events
    return taken


def _steps(number: int, noted: Noted) -> Iterator[Callable[[float], int]]:
    """Yield what happens to an event, step by step: each notes its changes and returns the seconds until the next."""
    event: dict[str, Any] = {"status": "pending", "call_status": None, "attempt": 0}

    def change(now: float, field: str, to: str) -> None:
        noted.append((now, number, event[field], to, event["attempt"]))
        event[field] = to

    def dispatched(now: float) -> int:
        event["attempt"] += 1
        change(now, "status", "in_progress")
        change(now, "call_status", "initiated")
        return TALK

    def busy(now: float) -> int:
        change(now, "call_status", "busy")
        change(now, "status", "pending" if event["attempt"] < ATTEMPTS else "failed")
        return AGAIN

    for _ in range(ATTEMPTS):
        yield dispatched
        yield busy


async def requests_by_starlette(times: int = 50) -> float:
    """Return the milliseconds of three creates and a list of one, called as the application's server would."""
    body, path = msgspec.json.encode(EVENT), "/v2/ai/assistants/floor/scheduled_events"
    query = b"page[size]=20&page[number]=1&conversation_channel=" + EVENT["telnyx_conversation_channel"].encode()
    taken = []
    for _ in range(times):
        floor.events.clear()
        began = time.process_time()
        for _ in range(3):
            assert await _status("POST", path, b"", body) == 201
        assert await _status("GET", path, query, b"") == 200
        taken.append((time.process_time() - began) * 1e3)
    return sorted(taken)[times // 2]


async def _status(method: str, path: str, query: bytes, body: bytes) -> int:
    scope = {
        "type": "http", "http_version": "1.1", "scheme": "http", "method": method, "root_path": "", "path": path,
        "raw_path": path.encode(), "query_string": query, "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 4010),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await floor.app(scope, receive, send)
    return int(sent[0]["status"])


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e3
