"""Outcomes: the narrowest script that has one, else the magic target, else success."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.outcomes import CALL_OUTCOMES, MagicTarget, OutcomeError, Outcomes, Script, Subject, describe
from contratempo.sim.undo import UndoLog

MAGIC = {
    "0121": MagicTarget("0121", ("busy", "completed"), "busy once"),
    "0130": MagicTarget("0130", ("delivery_failed",), "of messages"),
}
SUBJECT = Subject("a1", "ctc_1", "+14155550199", "schedule", number="+12125550101")
MATCHES = [{"resource": "a1"}, {"to": "ctc_1"}, {"from": "+14155550199"}, {"operation": "schedule"}, {}]


@pytest.fixture
def undo() -> UndoLog:
    return UndoLog()


@pytest.fixture
def outcomes(undo: UndoLog) -> Outcomes:
    return Outcomes(MAGIC, undo)


def script(identifier: str, match: dict[str, str], *statuses: str, then: str = "repeat") -> Script:
    return Script(identifier, match, [{"status": status} for status in statuses], then)


def choose(outcomes: Outcomes, subject: Subject = SUBJECT, attempt: int = 1) -> str:
    return outcomes.choose(subject, attempt, CALL_OUTCOMES, "completed").outcome["status"]


def test_without_a_script_it_is_success(outcomes: Outcomes):
    assert outcomes.choose(SUBJECT, 1, CALL_OUTCOMES, "completed") == ({"status": "completed"}, "default -> completed")


@given(st.permutations(range(len(MATCHES))))
def test_the_narrowest_match_goes_first_whatever_the_order(order: list[int]):
    outcomes = Outcomes(MAGIC, UndoLog())
    for place in order:
        outcomes.add(script(f"s{place}", MATCHES[place], "busy"))
    for place in range(len(MATCHES)):
        assert outcomes.preview(SUBJECT, 1, CALL_OUTCOMES, "completed").why == f"script s{place} -> busy"
        outcomes.remove(f"s{place}")


def test_among_equals_the_newest_goes_first(outcomes: Outcomes):
    outcomes.add(script("old", {}, "busy"))
    outcomes.add(script("new", {}, "failed"))
    assert choose(outcomes) == "failed"


def test_a_match_holds_as_a_whole(outcomes: Outcomes):
    outcomes.add(script("s", {"to": "ctc_1", "operation": "another"}, "busy"))
    assert choose(outcomes) == "completed"


@pytest.mark.parametrize("to", ["ctc_1", "+12125550101"])
def test_a_target_is_its_id_or_its_number(outcomes: Outcomes, to: str):
    outcomes.add(script("s", {"to": to}, "busy"))
    assert choose(outcomes) == "busy"


def test_a_target_without_a_number_is_not_found_by_an_empty_one(outcomes: Outcomes):
    outcomes.add(script("s", {"to": ""}, "busy"))
    assert choose(outcomes, Subject("a1", "+12125550101", "", "schedule")) == "completed"


def test_a_script_is_used_up_and_its_last_outcome_repeats(outcomes: Outcomes):
    outcomes.add(script("s", {}, "busy", "failed"))
    assert [choose(outcomes) for _ in range(4)] == ["busy", "failed", "failed", "failed"]


def test_a_script_may_make_way_when_it_is_used_up(outcomes: Outcomes):
    outcomes.add(script("wide", {}, "canceled"))
    outcomes.add(script("s", {"to": "ctc_1"}, "busy", then="default"))
    assert [choose(outcomes) for _ in range(3)] == ["busy", "canceled", "canceled"]


def test_an_outcome_of_another_kind_is_kept_for_it(outcomes: Outcomes):
    outcomes.add(script("s", {}, "expired", "busy"))
    assert choose(outcomes) == "completed"
    assert outcomes.choose(SUBJECT, 1, frozenset({"expired"}), "delivered").outcome == {"status": "expired"}
    assert choose(outcomes) == "busy"


@pytest.mark.parametrize(
    ("number", "statuses"),
    [
        ("+12125550121", ["busy", "completed", "completed"]),
        ("+12125550130", ["completed"] * 3),  # of messages, and this is a call
        ("+12125550139", ["completed"] * 3),
        ("+442125550121", ["completed"] * 3),
        ("x+12125550121", ["completed"] * 3),
    ],
)
def test_a_magic_target_decides_attempt_by_attempt(outcomes: Outcomes, number: str, statuses: list[str]):
    for subject in (Subject("a", number, "", "o"), Subject("a", "ctc_1", "", "o", number)):
        assert [choose(outcomes, subject, attempt) for attempt in (1, 2, 3)] == statuses


def test_any_script_goes_before_a_magic_target(outcomes: Outcomes):
    outcomes.add(script("s", {}, "failed"))
    assert choose(outcomes, Subject("a1", "+12125550121", "", "schedule")) == "failed"


def test_a_look_uses_nothing_up(outcomes: Outcomes):
    outcomes.add(script("s", {}, "busy", "failed"))
    looks = {outcomes.preview(SUBJECT, 1, CALL_OUTCOMES, "completed").why for _ in range(3)}
    assert looks == {"script s -> busy"}


@pytest.mark.parametrize(
    ("bad", "message"), [([], "at least one"), ([{"status": "bussy"}], "'bussy' is not an outcome; known are busy,")]
)
def test_a_script_that_cannot_be_followed_is_refused(outcomes: Outcomes, bad: list, message: str):
    with pytest.raises(OutcomeError, match=message):
        outcomes.add(Script("s", {}, bad))
    assert outcomes.dump() == []


def test_what_is_not_there_cannot_be_removed(outcomes: Outcomes):
    with pytest.raises(KeyError):
        outcomes.remove("s")


def test_what_is_taken_back_is_as_it_was(outcomes: Outcomes, undo: UndoLog):
    outcomes.add(script("one", {}, "busy", "failed"))
    outcomes.add(script("two", {"to": "ctc_1"}, "busy"))
    undo.commit()
    before = outcomes.dump()
    choose(outcomes)
    outcomes.add(script("three", {}, "busy"))
    outcomes.remove("two")
    choose(outcomes)
    outcomes.clear()
    undo.roll_back()
    assert outcomes.dump() == before


def test_saved_scripts_go_on_where_they_were(outcomes: Outcomes):
    outcomes.add(script("s", {"to": "ctc_1"}, "busy", "failed", "canceled", then="default"))
    choose(outcomes)
    copy = Outcomes(MAGIC, UndoLog())
    copy.load(outcomes.dump())
    assert (
        [choose(copy) for _ in range(3)] == [choose(outcomes) for _ in range(3)] == ["failed", "canceled", "completed"]
    )


def test_a_script_is_described():
    made = script("s", {"to": "x"}, "busy")
    assert describe(made) == {
        "id": "s",
        "match": {"to": "x"},
        "outcomes": [{"status": "busy"}],
        "then": "repeat",
        "used": 0,
    }


@pytest.mark.parametrize("number", ["+1 415 555 0120", "+1-415-555-0120", "+1 (415) 555.0120"])
def test_a_magic_number_may_be_written_with_separators(number: str):
    outcomes = Outcomes({"0120": MagicTarget("0120", ("busy",), "always busy")}, UndoLog())
    subject = Subject("id", number, "", "create")
    assert outcomes.preview(subject, 1, CALL_OUTCOMES, "completed").outcome == {"status": "busy"}
