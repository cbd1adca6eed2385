"""Lifecycles: tables that say what may follow what."""

import pytest

from contratempo.sim.lifecycle import Lifecycle, LifecycleError

DOOR = {
    "initial": "shut",
    "transitions": {"shut": {"push": "open"}, "open": {"pull": "shut", "break": "gone"}, "gone": {}},
}


def test_a_cause_leads_to_a_status():
    door = Lifecycle.load("door", DOOR)
    assert (door.initial, door.after("shut", "push"), door.after("open", "break")) == ("shut", "open", "gone")


def test_a_cause_that_leads_nowhere_is_refused_with_those_that_do():
    with pytest.raises(LifecycleError, match=r"door: 'push' cannot happen in status 'open', only \['break', 'pull'\]"):
        Lifecycle.load("door", DOOR).after("open", "push")


def test_a_status_without_causes_is_terminal():
    door = Lifecycle.load("door", DOOR)
    assert [status for status in DOOR["transitions"] if door.is_terminal(status)] == ["gone"]


@pytest.mark.parametrize(
    "table", [{"initial": "ajar", "transitions": {}}, {"initial": "a", "transitions": {"a": {"x": "ajar"}}}]
)
def test_a_status_without_a_row_is_refused(table: dict):
    with pytest.raises(LifecycleError, match="door: the table has no row for ajar"):
        Lifecycle.load("door", table)
