"""scheduleCall: what comes back, and what the rules change about it; every answer is held to the document."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.provider import Response
from contratempo.sim.instants import parse_instant
from contratempo.sim.outcomes import Script
from contratempo.sim.simulation import Simulation

NOW = "2026-03-15T14:22:11Z"
MINIMAL = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "Hi {{first_name}}"}
PROFILE = load(data_root("specs") / "profiles.yaml")["profiles"]["lenient"]["rules"]
LENIENT = {name: value for name, value in PROFILE.items() if name.startswith("temphone.")}
Ask = Callable[..., Response]
SetRules = Callable[..., None]


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_the_sample_of_the_page_is_answered_as_the_page_shows(ask: Ask):
    fixtures = data_root("fixtures") / "temphone"
    sample = json.loads((fixtures / "schedule-call.response.json").read_bytes())
    response = ask(raw=(fixtures / "schedule-call.request.json").read_bytes())
    assert response.status == 200
    assert list(response.body["data"]) == list(sample["data"])
    sample["data"]["call_id"] = response.body["data"]["call_id"]
    assert response.body == sample


def test_unset_fields_are_absent_and_defaults_are_given(ask: Ask):
    data = ask().body["data"]
    assert without(data, "call_id") == MINIMAL | {
        "timezone": "America/Los_Angeles",
        "max_duration_seconds": 900,
        "recording_enabled": True,
        "status": "scheduled",
        "created_at": NOW,
        "updated_at": NOW,
    }


def test_call_ids_look_like_the_sample_and_differ(ask: Ask):
    ids = [ask().body["data"]["call_id"] for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(len(each) == 11 and each.startswith("call_") for each in ids)


def test_what_is_sent_comes_back_unchanged(ask: Ask):
    sent = MINIMAL | {
        "campaign_id": "",
        "scheduled_at": "2026-03-15t17:00:00.1234567+01:00",
        "timezone": "Asia/Tokyo",
        "max_duration_seconds": 10**4000,
        "caller_id": "not a number",
        "metadata": {"big": 10**40, "nested": [{}, None, "\x00"]},
        "recording_enabled": False,
        "webhook_url": "http://localhost/",
    }
    data = ask(sent).body["data"]
    assert sent.items() <= data.items()


def test_fields_the_document_does_not_know_are_let_through_and_not_echoed(ask: Ask):
    assert "colour" not in ask(colour="blue").body["data"]


def test_a_whole_float_is_an_integer(ask: Ask):
    duration = ask(max_duration_seconds=60.0).body["data"]["max_duration_seconds"]
    assert (duration, type(duration)) == (60, int)


def test_stamps_are_cut_to_whole_seconds(ask: Ask, simulation: Simulation):
    simulation.apply({"kind": "run", "until": simulation.now + 999_999})
    assert ask().body["data"]["created_at"] == NOW


def test_the_status_of_success_is_a_rule(ask: Ask, set_rules: SetRules):
    set_rules(success_status=201)
    assert ask().status == 201


def test_the_time_zone_sent_goes_before_the_contacts(ask: Ask):
    assert ask(contact_id="ctc_berlin").body["data"]["timezone"] == "Europe/Berlin"
    assert ask(contact_id="ctc_berlin", timezone="UTC").body["data"]["timezone"] == "UTC"


def test_a_contact_taken_on_trust_has_the_default_time_zone(ask: Ask, set_rules: SetRules):
    set_rules(timezone_default="Asia/Tokyo")
    response = ask(contact_id="ctc_nobody")
    assert response.body["data"]["timezone"] == "Asia/Tokyo"
    assert "rule temphone.timezone_default = Asia/Tokyo" in response.trace


def test_a_time_without_offset_is_local_and_comes_back_in_utc(ask: Ask, simulation: Simulation):
    response = ask(scheduled_at="2026-03-15T08:00:00.5", timezone="America/Los_Angeles")
    assert response.body["data"]["scheduled_at"] == "2026-03-15T15:00:00.500Z"
    assert "rule temphone.naive_datetime = local" in response.trace
    assert simulation.timers.peek().due == parse_instant("2026-03-15T15:00:00.5Z")


def test_a_past_time_runs_at_once_when_the_rule_says_so(ask: Ask, simulation: Simulation, set_rules: SetRules):
    set_rules(past_datetime="run_now")
    response = ask(scheduled_at="2001-01-01T00:00:00Z")
    assert response.body["data"]["status"] == "scheduled"
    assert "rule temphone.past_datetime = run_now" in response.trace
    assert simulation.records.get("scheduled_call", response.body["data"]["call_id"])["status"] == "in_progress"


def test_a_caller_id_may_have_to_be_e164(ask: Ask, set_rules: SetRules):
    set_rules(caller_id_format="e164")
    assert ask().status == 200
    assert ask(caller_id="+1-415-555-0199").body["data"]["caller_id"] == "+1-415-555-0199"
    assert ask(caller_id="4155550199").body["message"] == "Field 'caller_id' must be a phone number in E.164 format."


def test_an_unknown_time_zone_may_be_let_through(ask: Ask, set_rules: SetRules):
    set_rules(unknown_timezone="accept")
    data = ask(timezone="Mars/Olympus", scheduled_at="2026-03-15T08:00:00").body["data"]
    assert (data["timezone"], data["scheduled_at"]) == ("Mars/Olympus", "2026-03-15T15:00:00Z")


@pytest.mark.parametrize(
    ("rule", "contact_id", "status"),
    [
        ("prefixed", "ctc_nobody", 200),
        ("prefixed", "+14155550142", 404),
        ("prefixed", "ctc_missing", 404),
        ("accept", "+14155550142", 200),
        ("accept", "ctc_missing", 404),
        ("reject", "ctc_nobody", 404),
        ("reject", "ctc_12kd88", 200),
    ],
)
def test_which_contacts_there_are_is_a_rule(ask: Ask, rule: str, contact_id: str, status: int, set_rules: SetRules):
    set_rules(unknown_contact=rule)
    response = ask(contact_id=contact_id)
    assert response.status == status
    if status == 404:
        assert response.body == {"status": "error", "message": f"Contact not found: {contact_id}.", "data": None}
        assert response.trace[0] == "rule temphone.unknown_contact"


def test_campaigns_may_have_to_be_known(ask: Ask, set_rules: SetRules):
    set_rules(unknown_campaign="reject")
    assert [ask().status, ask(campaign_id="camp_91ks11").status] == [200, 200]
    response = ask(campaign_id="camp_none")
    assert (response.status, response.body["message"]) == (404, "Campaign not found: camp_none.")


def test_consent_is_the_callers_duty_unless_the_rule_asks_for_it(ask: Ask, set_rules: SetRules):
    assert ask(contact_id="ctc_optout").status == 200
    set_rules(missing_consent="reject")
    assert [ask().status, ask(contact_id="ctc_optout").status] == [200, 400]


@pytest.mark.parametrize(
    "changes",
    [
        {"scheduled_at": "0001-01-01T00:00:00+23:59"},
        {"scheduled_at": "9999-12-31T23:59:59-23:59"},
        {"contact_id": "\x00"},
        {"timezone": ""},
        {"campaign_id": "?", "caller_id": "", "webhook_url": "http://", "initial_message": " "},
    ],
)
def test_leniently_nothing_valid_is_refused(ask: Ask, simulation: Simulation, changes: dict[str, Any]):
    simulation.set_rules(LENIENT)
    assert ask(**changes).status == 200


def test_the_trace_foretells_the_outcome_and_uses_nothing_up(ask: Ask, simulation: Simulation):
    simulation.outcomes.add(Script("s1", {"to": "ctc_12kd88"}, [{"status": "busy"}], "default"))
    assert [ask().trace, ask().trace] == [("outcome script s1 -> busy",)] * 2
    assert ask(contact_id="ctc_nobody").trace[-1] == "outcome default -> completed"
    assert ask(contact_id="ctc_noansw").trace == ("outcome magic target 555-0122 -> no-answer",)
