"""Which field is told when several are wrong: the first of the page, whether the document or a rule refuses it."""

from collections.abc import Callable
from typing import Any

import pytest

from contratempo.contract.violation import Violation
from contratempo.provider import Response
from contratempo.providers.temphone.checks import earlier
from contratempo.sim.simulation import Simulation

NOW = "2026-03-15T14:22:11Z"
Ask = Callable[..., Response]
SetRules = Callable[..., None]
# Each is wrong by the document or, marked *, by a rule.
WRONG: dict[str, Any] = {
    "contact_id": "", "campaign_id": 5, "scheduled_at*": NOW, "timezone*": "Mars/Olympus", "initial_message": "",
    "max_duration_seconds": 0, "caller_id*": "x", "metadata": [], "recording_enabled": "yes", "webhook_url": "ftp://x",
}  # fmt: skip
PAIRS = [(one, other) for place, one in enumerate(WRONG) for other in list(WRONG)[place + 1 :]]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_wrong_fields_the_one_that_the_page_lists_first_is_told(
    ask: Ask, set_rules: SetRules, one: str, other: str
):
    set_rules(caller_id_format="e164")
    response = ask(**{name.rstrip("*"): WRONG[name] for name in (other, one)})
    assert response.status == 400
    assert response.body["message"].startswith(f"Field '{one.rstrip('*')}' must be ")


def test_the_rule_that_comes_first_is_told_with_all_that_is_wrong(simulation: Simulation):
    broken = (Violation("body", ("initial_message",), "minLength", "is too short", ""),)
    problem = earlier(simulation, {"contact_id": "ctc_1", "scheduled_at": NOW, "initial_message": ""}, broken)
    assert problem is not None
    assert (problem.rule, [each.pointer for each in problem.violations]) == (
        "temphone.past_datetime",
        ["/scheduled_at", "/initial_message"],
    )


def test_a_time_is_read_in_the_contacts_zone_when_the_one_sent_is_no_text(ask: Ask):
    sent = {"contact_id": "ctc_tokyo0", "timezone": 7}
    assert ask(scheduled_at="2026-03-15T23:22:11", **sent).body["message"].startswith("Field 'scheduled_at' must be")
    assert ask(scheduled_at="2026-03-15T23:22:12", **sent).body["message"].startswith("Field 'timezone' must be")


def test_a_contact_without_consent_is_told_before_all_else(ask: Ask, set_rules: SetRules):
    set_rules(missing_consent="reject")
    message = ask(contact_id="ctc_optout", initial_message="").body["message"]
    assert message == "Field 'contact_id' must be a contact who has consented."


@pytest.mark.parametrize("place", [("query", ("a",)), ("body", ()), ("content-type", ())])
def test_what_is_wrong_with_the_whole_is_told_first(simulation: Simulation, place: tuple[str, tuple[str, ...]]):
    body = {"contact_id": "ctc_1", "scheduled_at": NOW, "initial_message": "x"}
    assert earlier(simulation, body, (Violation(*place, "type", "?"),)) is None
    assert earlier(simulation, [], (Violation("body", ("metadata",), "type", "?"),)) is None
