"""What is measured is still there: the rooms that ask the product in process, in small."""

from pathlib import Path
from typing import Any

import clock
import pytest
import queries
import routing
import stored
import unjudged

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
