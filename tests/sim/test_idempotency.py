"""Idempotency: answers kept by scope for a day of the world's time."""

import pytest

from contratempo.sim import idempotency
from contratempo.sim.idempotency import KEPT_FOR, Idempotency, KeyReused
from contratempo.sim.undo import UndoLog


@pytest.fixture
def undo() -> UndoLog:
    return UndoLog()


@pytest.fixture
def kept(undo: UndoLog) -> Idempotency:
    kept = Idempotency(undo)
    kept.keep("key", "print", {"id": 1}, 0)
    undo.commit()
    return kept


def test_the_same_request_gets_the_same_answer_until_it_lapses(kept: Idempotency):
    assert kept.recall("key", "print", KEPT_FOR - 1) == {"id": 1}
    assert kept.recall("key", "print", KEPT_FOR) is None
    assert kept.recall("other", "print", 0) is None


def test_another_request_under_the_key_is_a_conflict(kept: Idempotency):
    with pytest.raises(KeyReused):
        kept.recall("key", "another", 1)


def test_what_is_taken_back_is_as_it_was(kept: Idempotency, undo: UndoLog):
    before = kept.dump()
    kept.keep("key", "another", 2, 1)
    kept.keep("new", "print", 3, 1)
    undo.roll_back()
    assert kept.dump() == before


def test_what_is_saved_is_recalled(kept: Idempotency):
    copy = Idempotency(UndoLog())
    copy.load(kept.dump())
    assert copy.recall("key", "print", 1) == {"id": 1}


def test_answers_that_have_lapsed_make_room(kept: Idempotency, undo: UndoLog):
    kept.keep("later", "print", 2, KEPT_FOR)
    assert list(kept.dump()) == ["later"]
    undo.roll_back()
    assert list(kept.dump()) == ["key"]


def test_the_oldest_of_too_many_makes_room(kept: Idempotency, undo: UndoLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idempotency, "KEYS_KEPT", 2)
    kept.keep("second", "print", 2, 0)
    undo.commit()
    kept.keep("third", "print", 3, 0)
    assert [*kept.dump()] == ["second", "third"]
    undo.roll_back()
    assert [*kept.dump()] == ["key", "second"]


def test_a_key_that_is_used_again_is_the_latest(undo: UndoLog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idempotency, "KEYS_KEPT", 4)
    kept = Idempotency(undo)
    for scope in ("a", "b", "again", "later"):
        kept.keep(scope, "print", 1, KEPT_FOR - 1 if scope == "later" else 0)
    undo.commit()
    kept.keep("again", "print", 2, KEPT_FOR)  # two of those that have lapsed make room
    assert [*kept.dump()] == ["later", "again"]
    undo.roll_back()
    assert [*kept.dump()] == ["a", "b", "again", "later"]


def test_answers_are_numbered_and_what_did_not_happen_is_not():
    undo = UndoLog()
    kept = Idempotency(undo)
    for scope in ("a", "b", "a"):
        kept.keep(scope, "print", 1, 0)
    undo.commit()
    kept.keep("c", "print", 1, 0)
    undo.roll_back()
    assert kept.snapshot().span == range(2)
    again = Idempotency(undo)
    again.restore(kept.snapshot())
    again.keep("c", "print", 1, 0)
    assert (again.snapshot().span, again.dump().keys()) == (range(3), {"a", "b", "c"})
