"""What is measured is still there: the rooms that ask the product in process, in small."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import clock
import felt
import floors
import judged
import pytest
import queries
import routing
import stored
import unjudged
from inprocess import Figure

from contratempo.contract.contract import Contract


@pytest.fixture(scope="module")
def world() -> Any:
    return stored.simulation()


def test_the_store_can_be_filled_and_asked(world: Any):
    kind, record = stored.sample(world)
    world.records.load({kind.name: stored.alike(record, 5_000)})
    asked = queries._queries(world, 5_000)  # which asserts that each page is full
    assert len(asked) == 8
    assert queries._inserts(world, 5_000).unit == "µs CPU"


def test_lifecycles_are_lived_through_and_some_are_busy_once():
    seconds, transitions = clock._lived(14)
    assert seconds > 0
    assert transitions > 14 * 3


def test_every_path_of_a_generated_document_is_routed(tmp_path: Path):
    assert len(routing.document(30)["paths"]) == 30
    assert routing._calls(routing.written(30, tmp_path), 30)() > 0  # which asserts that each was found


def test_judging_can_be_taken_out_for_its_floor():
    taken = unjudged._take_as_it_is(
        None, "create_scheduled_event", path={"assistant_id": "a"}, query=b"", body=b'{"a": 1}'
    )
    assert (taken.violations, taken.path, taken.body) == ((), {"assistant_id": "a"}, {"a": 1})
    for face in unjudged.FACES:
        assert callable(getattr(Contract, face))


def test_what_judging_costs_is_a_ratio_to_openapi_core(monkeypatch: pytest.MonkeyPatch):
    figures = [SimpleNamespace(name="create: both", core=2_000.0, ours=5.0, ratio=400.0)]
    monkeypatch.setitem(sys.modules, "judging", SimpleNamespace(rows=lambda rounds: figures))
    (row,) = judged.rows(quick=True)
    assert (row.goal, row.measured, row.ratio, row.wanted, row.met) == ("6", 5.0, 0.0025, "<= 0.01x", True)


def test_what_a_test_feels_is_held_to_its_goals(monkeypatch: pytest.MonkeyPatch):
    taken = iter((40.0, 60.0, 70.0, 80.0, 90.0))
    worlds = SimpleNamespace(
        many_worlds=lambda _: [Figure("200 worlds", 400.0, "MB", 300.0)],
        retrying=lambda: [Figure("advance", next(taken), "ms", None, {"SimPy": 35.0, "a heap": 7.0})],
        story=list,
        stored=list,
    )
    monkeypatch.setitem(sys.modules, "worlds", worlds)
    memory, advance, beside_heap = felt.rows(quick=False)
    assert (memory.goal, memory.unit, memory.wanted, memory.met) == ("test", "MiB", "<= 300", False)
    assert (advance.low, advance.measured, advance.high, advance.wanted, advance.met) == (60, 70, 80, "", None)
    assert [(each.peer, each.ratio) for each in (advance, beside_heap)] == [("SimPy", 2.0), ("a heap", 10.0)]


def test_the_floors_do_what_they_are_beside():
    assert floors.retries_by_simpy(20) > 0  # each counts what was noted
    assert floors.retries_by_heap(20) > 0
    assert asyncio.run(floors.requests_by_starlette(3)) > 0
