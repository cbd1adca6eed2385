"""Call attempts: what happens when, for each outcome."""

import pytest

from contratempo.sim.calls import plan_call

TIMINGS = {"setup": 1, "ring": 7, "talk": 60, "ring_timeout": 30, "busy": 2, "fail": 1, "cancel": 5}


@pytest.mark.parametrize(
    ("outcome", "steps", "talked"),
    [
        ({"status": "completed"}, [(1, "ring"), (8, "answer"), (68, "completed")], 60),
        ({"status": "completed", "ring": 0, "talk": 2.5}, [(1, "ring"), (1, "answer"), (3.5, "completed")], 2.5),
        ({"status": "busy", "ring": 9}, [(2, "busy")], None),
        ({"status": "failed"}, [(1, "failed")], None),
        ({"status": "stuck"}, [(1, "ring")], None),
        ({"status": "no-answer"}, [(1, "ring"), (31, "no-answer")], None),
        ({"status": "no-answer", "ring": 3}, [(1, "ring"), (4, "no-answer")], None),
        ({"status": "canceled"}, [(1, "ring"), (6, "canceled")], None),
    ],
)
def test_each_outcome_has_its_steps(outcome: dict, steps: list, talked: float | None):
    plan = plan_call(outcome, TIMINGS)
    assert (list(plan.steps), plan.talked) == (steps, talked)


@pytest.mark.parametrize(("longest", "talked"), [(30, 30), (60, 60), (900, 60), (10**400, 60)])
def test_the_longest_talk_cuts_it_off(longest: int, talked: int):
    plan = plan_call({"status": "completed"}, TIMINGS, longest)
    assert (plan.talked, plan.steps[-1]) == (talked, (8 + talked, "completed"))
