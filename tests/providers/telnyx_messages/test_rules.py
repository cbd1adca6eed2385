"""The data file: tables that fit each other, a lifecycle that ends."""

from hypothesis import given
from hypothesis import strategies as st

from contratempo.providers.telnyx_messages import provider
from contratempo.providers.telnyx_messages.tables import FILE
from contratempo.sim.outcomes import MESSAGE_OUTCOMES

LIFECYCLE = FILE.lifecycles["message"]["status"]
CAUSES = sorted({cause for causes in LIFECYCLE.transitions.values() for cause in causes})


def test_every_outcome_has_a_story_that_the_lifecycle_allows():
    assert FILE.tables["stories"].keys() == MESSAGE_OUTCOMES
    for outcome, steps in FILE.tables["stories"].items():
        status = "queued"
        for cause, timing in steps:
            status = LIFECYCLE.after(status, cause)
            assert f"{provider.name}.{timing}" in FILE.rules
        assert status == ("sent" if outcome == "stuck" else outcome)


def test_every_rule_takes_its_own_default():
    for rule in FILE.rules.values():
        rule.check(rule.default)


@given(st.lists(st.sampled_from(CAUSES)))
def test_a_terminal_status_is_never_left(causes):
    status = LIFECYCLE.initial
    for cause in causes:
        if LIFECYCLE.is_terminal(status):
            assert cause not in LIFECYCLE.transitions[status]
        elif cause in LIFECYCLE.transitions[status]:
            status = LIFECYCLE.after(status, cause)
