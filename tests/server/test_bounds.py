"""Bounds: everything that a server keeps has a limit, the limits are told, and at them nothing grows."""

import asyncio
import gc
import logging
import tracemalloc
import weakref
from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from sortedcontainers import SortedList

from contratempo.provider import Refusal
from contratempo.server import noting, routing, worlds
from contratempo.server.limits import limits
from contratempo.server.settings import Settings
from contratempo.sim import faults, history, idempotency, journal, outbox, outcomes
from contratempo.sim.shelves import Shelves

EVENTS = "/v2/ai/assistants/a/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550120",
    "telnyx_agent_target": "+13125550101", "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
    "max_retries_client_errors": 2, "retry_interval_secs": 60,
}  # fmt: skip
MESSAGE = {"to": "+13125550100", "from": "+13125550101", "text": "Hi", "webhook_url": "https://example.test/hook"}

# Each collection of a world and of a server, and what bounds it: a limit by its name, or a reason why none is needed.
DOCUMENTS = "as many as the documents and profiles have"
COMMAND = "emptied when a command is over"
BOUNDED = {
    "Simulation.start": "a clock has three members",
    "Simulation.clock._anchor": "two numbers",
    "Simulation._kinds": DOCUMENTS,
    "Simulation.minting.ordinals": "one for each kind, and for each fault by chance (faults)",
    "Simulation._undo._steps": COMMAND,
    "Simulation.timers._live": "records: some for each; webhooks_waiting: one for each",
    "Simulation.timers._heap": "twice as many as timers",
    "Simulation.timers._of": "no more than timers",
    "Simulation.records._kinds": DOCUMENTS,
    "Simulation.records._forms": DOCUMENTS,
    "Simulation.records._of": "records",
    "Simulation.records._listings._of": "records: some entries for each",
    "Simulation.records._listings._moved": "as many as sim.listings says",
    "Simulation.records._ahead": "OPEN_KEPT: some of those that are open",
    "Simulation.records._open": "as many as sim.records says",
    "Simulation.outcomes.magic": DOCUMENTS,
    "Simulation.outcomes.scripts": "scripts",
    "Simulation.faults._faults": "faults",
    "Simulation.outbox._rows": "webhooks, webhooks_waiting",
    "Simulation.outbox._done": "webhooks",
    "Simulation.outbox._held": "webhooks_waiting",
    "Simulation.outbox._outgoing": "webhooks_waiting",
    "Simulation.outbox.changes._rows": "webhooks",
    "Simulation.outbox.changes._lengths": "webhooks",
    "Simulation.idempotency._kept": "idempotency_keys",
    "Simulation.history._entries": "history_bytes",
    "Simulation.history._branches": "history_bytes: one command opens each",
    "Simulation.history.snapshots": "snapshots, snapshot_bytes",
    "Simulation.history.checkpoints": "checkpoints",
    "Simulation.history._lost": "checkpoints: as many names as there may be",
    "Simulation.journal.transitions._rows": "transitions",
    "Simulation.journal.transitions._lengths": "transitions",
    "Simulation.journal.requests._rows": "requests, requests_bytes",
    "Simulation.journal.requests._lengths": "requests, requests_bytes",
    "Simulation.journal.sink._rows": "sink, sink_bytes",
    "Simulation.journal.sink._lengths": "sink, sink_bytes",
    "Simulation.rules.definitions": DOCUMENTS,
    "Simulation.rules._profile": DOCUMENTS,
    "Simulation.rules._barred": DOCUMENTS,
    "Simulation.rules._overrides": DOCUMENTS,
    "Simulation.rules._timings": DOCUMENTS,
    "Simulation.rules._in_force": DOCUMENTS,
    "Simulation.origin.actors": DOCUMENTS,
    "Simulation.origin.magic": DOCUMENTS,
    "World.changed._waiters": "one for each connection that waits; the server takes 1,000",
    "Service.providers": DOCUMENTS,
    "Service.magic": DOCUMENTS,
    "Service.catalog.providers": DOCUMENTS,
    "Service.catalog.profiles": DOCUMENTS,
    "Service.catalog.rules": DOCUMENTS,
    "Service.catalog._contracts": DOCUMENTS,
    "Service.catalog._found": DOCUMENTS,
    "Service.worlds._worlds": "worlds",
    "Service.worlds._keys": "worlds: two for each at most",
    "Service.worlds._retired": "retired_keys",
    "Service.worlds.profiles": DOCUMENTS,
    "Service.worlds.known_keys": "as many as the command line has",
    "Service.savings.fingerprints._made": DOCUMENTS,
    "Service.savings.fingerprints.providers": DOCUMENTS,
    "Service.readers._open": "streams",
    "Service.readers.closing._waiters": "streams",
    "Service.sender.providers": DOCUMENTS,
    "Service.sender._idle": "worlds",
    "Service.sender._tasks": "so many fly at once",
    "Service.sender._lanes._lanes": "webhooks_waiting",
    "Service.sender._lanes._hosts": "webhooks_waiting",
    "Service.sender._lanes._quick": "webhooks_waiting",
    "Service.sender._lanes._slow": "webhooks_waiting",
    "Service.sender._lanes._known_slow": "so many are remembered",
    "Service.sender._lanes._flying": "so many fly at once",
    "Service.sender._lanes._outstanding": "worlds",
}  # fmt: skip
COLLECTIONS = (dict, list, set, frozenset, tuple, deque, SortedList, Shelves, weakref.WeakSet)
WALKED = tuple(
    f"contratempo.{name}"
    for name in ("sim", *(f"server.{each}" for each in (
        "catalog", "courier", "fingerprint", "lanes", "lookup", "pump", "readers", "saving", "sender", "service",
        "signal", "statefile", "worlds",
    )))
)  # fmt: skip


def members(thing: Any) -> dict[str, Any]:
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(thing, name) for name in slots if hasattr(thing, name)} | getattr(thing, "__dict__", {})


def collections(thing: Any, path: str, seen: set[int]) -> Iterator[str]:
    """Yield the path of each collection that hangs at a thing, by way of objects of ours."""
    for name, value in members(thing).items():
        if isinstance(value, COLLECTIONS):
            yield f"{path}.{name}"
        elif type(value).__module__.startswith(WALKED) and id(value) not in seen:
            seen.add(id(value))
            kind = type(value).__name__
            yield from collections(value, kind if kind in ("Simulation", "World") else f"{path}.{name}", seen)


def test_every_collection_of_a_world_and_a_server_has_a_bound(vendors):
    service = vendors().service
    found = {*collections(service, "Service", set()), *collections(service.worlds.default, "World", set())}
    found |= set(collections(service.worlds.default.simulation, "Simulation", set()))
    assert found <= BOUNDED.keys(), f"nothing bounds {sorted(found - BOUNDED.keys())}"
    assert BOUNDED.keys() == found


def test_an_unbounded_collection_would_be_noticed(vendors):
    world = vendors().service.worlds.default
    world.simulation.outbox.lately = []
    assert "Simulation.outbox.lately" in set(collections(world, "World", set()))


def test_what_bounds_them_are_limits_that_are_told(vendors, client):
    told = client(vendors(max_records=7, max_worlds=3))("GET", "/_mock/worlds").body["limits"]
    assert told == limits(Settings(max_records=7, max_worlds=3))
    assert (told["records"], told["worlds"], told["streams"]) == (7, 3, 64)
    assert all(limit > 0 for limit in told.values())


SMALL = [
    (journal, "TRANSITIONS_KEPT"), (journal, "REQUESTS_KEPT"), (journal, "SINK_KEPT"), (outbox, "OUTBOX_KEPT"),
    (idempotency, "KEYS_KEPT"), (worlds, "RETIRED_KEPT"), (history, "SNAPSHOTS_KEPT"),
    (routing, "_MOST_KNOWN"),
]  # fmt: skip


@pytest.fixture
def tight(vendors, client, monkeypatch):
    """Return a server whose rings keep ten rows and whose history some commands, and how one calls it."""
    for module, name in SMALL:
        monkeypatch.setattr(module, name, 10)
    monkeypatch.setattr(history, "HISTORY_BYTES_KEPT", 20_000)
    monkeypatch.setattr(logging.getLogger("contratempo"), "disabled", True)  # pytest keeps what is logged
    app = vendors(max_records=20, max_worlds=3)
    return app, client(app).call


async def busy(app, call):
    """Do a round of everything that leaves something behind."""
    for n in range(12):
        await call(
            "POST", EVENTS, EVENT, headers={"idempotency-key": f"{n}-{app.service.worlds.default.simulation.head}"}
        )
        await call("POST", "/v2/messages", MESSAGE)
        await call("POST", f"{EVENTS}/{n}/nowhere", {"a": [n] * 50})
        await call("POST", "/_mock/sink/mine", {"n": n})
    fault = await call("POST", "/_mock/faults", {"fault": {"kind": "latency", "seconds": 0}, "probability": 0.001})
    await call("GET", EVENTS)
    await call("DELETE", f"/_mock/faults/{fault.body['id']}")
    made = await call("POST", "/_mock/worlds", {})
    await call("DELETE", f"/_mock/worlds/{made.body['id']}")
    await call("POST", "/_mock/clock/advance", {"by": "2h", "wait": "none"})
    events = (await call("GET", EVENTS)).body["data"]
    for event in events:
        await call("DELETE", f"{EVENTS}/{event['scheduled_event_id']}")


def sizes(app):
    service, simulation = app.service, app.service.worlds.default.simulation
    return {
        "transitions": len(simulation.journal.transitions), "requests": len(simulation.journal.requests),
        "sink": len(simulation.journal.sink), "webhooks": len(simulation.outbox), "records": len(simulation.records),
        "keys": len(simulation.idempotency._kept), "ordinals": len(simulation.ordinals), "worlds": len(service.worlds),
        "retired": len(service.worlds._retired), "undo": len(simulation._undo._steps),
        "keys_of_worlds": len(service.worlds._keys),
    }  # fmt: skip


def test_memory_is_flat_at_the_limits(tight):
    app, call = tight
    rounds = max(4, settings().max_examples // 20)

    async def soak() -> list[int]:
        held = list[int]()
        for _ in range(6):  # caches fill
            await busy(app, call)
        tracemalloc.start()
        for _ in range(rounds):
            await busy(app, call)
            await asyncio.sleep(0)  # the loop drops the timers that were cancelled, as it does between requests
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        return held

    held = asyncio.run(soak())
    rows, full = sizes(app), 10
    assert {name: rows[name] for name in ("transitions", "requests", "sink", "keys")} == dict.fromkeys(
        ("transitions", "requests", "sink", "keys"), full
    )
    assert (rows["records"], rows["undo"], rows["worlds"]) == (20, 0, 1)
    assert (rows["webhooks"] <= full + 2, rows["retired"] <= full, rows["keys_of_worlds"]) == (True, True, 1)
    assert not [name for name in app.service.worlds.default.simulation.ordinals if name.startswith("chance/")]
    assert (held[-1] - held[0]) / (
        rounds - 1
    ) < 20_000  # the first rows make room for later ones; a leak takes 10 times it


def test_a_reset_leaves_nothing(tight):
    app, call = tight

    async def twice() -> list[dict[str, int]]:
        left = []
        for _ in range(2):
            await busy(app, call)
            await call("POST", "/_mock/reset")
            left.append(sizes(app))
        return left

    first, second = asyncio.run(twice())
    assert first == second | {"retired": first["retired"]}
    assert {name: count for name, count in second.items() if count} == {"worlds": 1, "retired": 2, "keys_of_worlds": 1}


def test_a_script_too_many_is_refused(vendors, client, monkeypatch):
    monkeypatch.setattr("contratempo.server.control.outcomes.SCRIPTS_KEPT", 2)
    call = client(vendors())
    answers = [call("POST", "/_mock/outcomes", {"outcomes": ["busy"]}) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 429]
    assert "DELETE /_mock/outcomes" in answers[-1].body["hint"]
    assert outcomes.SCRIPTS_KEPT == 1_000
    assert faults.FAULTS_KEPT == 256


def test_the_oldest_retired_key_is_forgotten_first(vendors, monkeypatch):
    monkeypatch.setattr(worlds, "RETIRED_KEPT", 2)
    made = vendors().service.worlds
    keys = [made.create(id=name).api_key for name in "abc"]
    for name in "abc":
        made.delete(name)
    assert made.of(keys[0], None).id == "default"
    for key in keys[1:]:
        with pytest.raises(Refusal, match="world that was deleted"):
            made.of(key, None)


def test_the_sink_is_bounded_in_bytes(vendors, client, monkeypatch):
    monkeypatch.setattr(journal, "SINK_BYTES_KEPT", 20_000)
    app = vendors()
    for _ in range(10):
        assert client(app)("POST", "/_mock/sink/mine", {"a": "x" * 6_000}).status == 200
    sink = app.service.worlds.default.simulation.journal.sink
    assert ([row["number"] for row in sink], sink.total) == ([9, 10], 10)


def test_rows_of_the_journal_are_no_garbage_to_look_at(vendors, client):
    app = vendors()
    client(app)("POST", EVENTS, EVENT)
    simulation = app.service.worlds.default.simulation
    kept = [*simulation.journal.requests, *simulation.journal.transitions, *simulation.timers._live.values()]
    assert len(kept) == 3
    assert not any(map(gc.is_tracked, kept))
    assert limits(Settings())["requests_bytes"] == noting.BYTES_KEPT
    assert msgspec.json.decode(simulation.journal.requests.since(0)[0].request) == EVENT
