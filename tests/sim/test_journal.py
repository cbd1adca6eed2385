"""The journal: rows numbered from 1, the newest kept, and what did not happen taken out again."""

import pytest

from contratempo.sim import journal
from contratempo.sim.journal import Journal, Transition
from contratempo.sim.undo import UndoLog


def transition(at: int) -> Transition:
    return Transition(at, "bell", "a1", "set", "rung", "rung", 1)


@pytest.mark.parametrize("attempt", [None, 2])
def test_a_transition_is_described_and_read_back(attempt: int | None):
    made = Transition(1_000_001, "bell", "a1", None, "set", "create", attempt, "call")
    shown = made.describe()
    assert ("attempt" in shown) is (attempt is not None)
    assert (shown["at"], shown["from"], shown["to"], shown["state"]) == (
        "1970-01-01T00:00:01.000001Z",
        None,
        "set",
        "fired",
    )
    assert Transition.load(shown) == made


@pytest.mark.parametrize("kept", [1, 2, 3, 100])
def test_what_is_taken_back_leaves_the_journal_as_it_was(monkeypatch: pytest.MonkeyPatch, kept: int):
    monkeypatch.setattr(journal, "TRANSITIONS_KEPT", kept)
    undo = UndoLog()
    world = Journal(undo)
    for at in (1, 2):
        world.note(transition(at))
    undo.commit()
    before = (list(world.transitions), world.transitions.total)
    for at in (3, 4, 5):
        world.note(transition(at))
    undo.roll_back()
    assert (list(world.transitions), world.transitions.total) == before
