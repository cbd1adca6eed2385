"""Timers: fired by (due, number), once each, cancelled by subject, saved with their numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.timers import Timers
from contratempo.sim.undo import UndoLog

DUES = st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc")), max_size=30)


def add(timers: Timers, due: int, subject: str = "a") -> int:
    return timers.add(due, "bell", "ring", subject).number


def numbers(timers: Timers) -> list[int]:
    return [timers.pop().number for _ in range(len(timers))]


@given(DUES)
def test_they_come_by_due_and_among_equals_by_number(dues: list[tuple[int, str]]):
    timers = Timers(UndoLog())
    added = [(due, add(timers, due, subject)) for due, subject in dues]
    assert numbers(timers) == [number for _, number in sorted(added)]


def test_an_empty_queue_has_no_next():
    timers = Timers(UndoLog())
    assert timers.peek() is None
    with pytest.raises(IndexError, match="no timer is left"):
        timers.pop()


@given(DUES, st.sampled_from("abc"))
def test_a_cancelled_subject_fires_nothing(dues: list[tuple[int, str]], gone: str):
    timers = Timers(UndoLog())
    added = [(due, add(timers, due, subject), subject) for due, subject in dues]
    assert timers.cancel(gone) == sum(subject == gone for *_, subject in added)
    assert timers.of(gone) == []
    assert numbers(timers) == [number for _, number, subject in sorted(added) if subject != gone]


def test_a_subjects_timers_are_listed_as_they_will_fire():
    timers = Timers(UndoLog())
    late, soon, same = add(timers, 9), add(timers, 1), add(timers, 9)
    add(timers, 5, "b")
    assert [timer.number for timer in timers.of("a")] == [soon, late, same]


@given(DUES, DUES, st.integers(0, 5), st.sampled_from("abc"))
def test_what_is_taken_back_is_as_it_was(
    dues: list[tuple[int, str]], more: list[tuple[int, str]], popped: int, gone: str
):
    undo = UndoLog()
    timers, untouched = Timers(undo), Timers(UndoLog())
    for due, subject in dues:
        add(timers, due, subject)
        add(untouched, due, subject)
    undo.commit()
    for due, subject in more:
        add(timers, due, subject)
    for _ in range(min(popped, len(timers))):
        timers.pop()
    timers.cancel(gone)
    undo.roll_back()
    assert timers.dump() == untouched.dump()
    assert numbers(timers) == numbers(untouched)


@given(DUES)
def test_a_saved_queue_fires_the_same_and_numbers_go_on(dues: list[tuple[int, str]]):
    timers, copy = Timers(UndoLog()), Timers(UndoLog())
    for due, subject in dues:
        add(timers, due, subject)
    timers.cancel("b")
    copy.load(timers.dump())
    assert add(copy, 4) == add(timers, 4)
    assert numbers(copy) == numbers(timers)


def test_what_is_taken_back_leads_no_later_timer_astray():
    undo = UndoLog()
    timers = Timers(undo)
    add(timers, 10)
    undo.roll_back()
    add(timers, 100)
    add(timers, 50, "b")
    assert [timers.pop().due for _ in range(2)] == [50, 100]


def test_cancelled_timers_do_not_fill_the_memory():
    timers = Timers(UndoLog())
    for due in range(1_000):
        add(timers, due, f"subject {due}")
        timers.cancel(f"subject {due}")
    add(timers, 7)
    assert len(timers._heap) < 100
    assert timers.pop().due == 7
