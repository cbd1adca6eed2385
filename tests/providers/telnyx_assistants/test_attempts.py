"""What becomes of an event: its call or text, at which instants, and how often it is tried."""

import pytest

RETRIES = {"max_retries_client_errors": 2, "retry_interval_secs": 600}


def changes(api, name="status"):
    return [(each.to, each.cause) for each in api.simulation.journal.transitions if each.kind == name]


def test_an_answered_call_goes_through_its_statuses_at_the_default_instants(api):
    _, event = api.create()
    seen = []
    api.run_to("2026-03-01T10:00:00Z")
    for seconds in (0, 1, 7, 60):
        api.advance(seconds)
        shown = api.retrieve(event["scheduled_event_id"])[1]
        seen.append((shown["status"], shown.get("call_status"), "conversation_id" in shown, shown.get("call_duration")))
    assert seen == [
        ("in_progress", None, False, None),
        ("in_progress", "ringing", False, None),
        ("in_progress", "in-progress", True, None),
        ("completed", "completed", True, 60),
    ]


def test_nothing_happens_before_the_time(api):
    _, event = api.create()
    api.run_to("2026-03-01T09:59:59.999Z")
    assert api.retrieve(event["scheduled_event_id"]) == (200, event)


def test_busy_twice_then_answered_takes_three_attempts_at_exact_instants(api):
    _, event = api.create(**RETRIES)
    api.script("busy", "busy", "completed")
    api.advance(24 * 3600)
    _, done = api.retrieve(event["scheduled_event_id"])
    attempts = [{k: v for k, v in each.items() if k != "telnyx_call_control_id"} for each in done["call_attempts"]]
    assert attempts == [
        {"attempt_number": 1, "attempted_at": "2026-03-01T10:00:00Z", "call_status": "busy"},
        {"attempt_number": 2, "attempted_at": "2026-03-01T10:10:02Z", "call_status": "busy"},
        {"attempt_number": 3, "attempted_at": "2026-03-01T10:20:04Z", "call_status": "completed", "call_duration": 60},
    ]
    assert (done["status"], done["call_status"], done["retry_count"]) == ("completed", "completed", 2)
    assert done["scheduled_at_fixed_datetime"] == done["dispatched_at"] == "2026-03-01T10:20:04Z"
    assert "errors" not in done
    controls = {each["telnyx_call_control_id"] for each in done["call_attempts"]}
    assert len(controls) == 3
    assert all(control.startswith("v3:") for control in controls)


def test_between_attempts_an_event_is_pending_at_its_new_time_with_its_last_call_status(api):
    _, event = api.create(**RETRIES)
    api.script("no-answer")
    api.run_to("2026-03-01T10:00:31Z")
    _, waiting = api.retrieve(event["scheduled_event_id"])
    assert (waiting["status"], waiting["call_status"], waiting["retry_count"]) == ("pending", "no-answer", 1)
    assert waiting["scheduled_at_fixed_datetime"] == "2026-03-01T10:10:31Z"
    assert waiting["dispatched_at"] == "2026-03-01T10:00:00Z"
    api.run_to("2026-03-01T10:10:31Z")
    _, dialled = api.retrieve(event["scheduled_event_id"])
    assert dialled["status"] == "in_progress"
    assert "call_status" not in dialled


@pytest.mark.parametrize(("outcome", "after"), [("busy", 2), ("failed", 1), ("no-answer", 31), ("canceled", 6)])
def test_without_retries_an_unsuccessful_call_fails_the_event(api, outcome, after):
    _, event = api.create()
    api.script(outcome)
    api.run_to("2026-03-01T10:00:00Z")
    api.advance(after - 0.001)
    assert api.retrieve(event["scheduled_event_id"])[1]["status"] == "in_progress"
    api.advance(0.001)
    _, failed = api.retrieve(event["scheduled_event_id"])
    assert (failed["status"], failed["call_status"]) == ("failed", outcome)
    said = f"The budget of client error retries is exhausted: 0 retries, 1 attempt, the last one {outcome}."
    assert failed["errors"] == [said]
    assert not {"call_duration", "conversation_id"} & failed.keys()
    assert "call_duration" not in failed["call_attempts"][0]


def test_an_exhausted_budget_fails_the_event_after_retries_plus_one_attempts(api):
    _, event = api.create(max_retries_client_errors=1, retry_interval_secs=60)
    api.script("busy")
    api.advance(24 * 3600)
    _, failed = api.retrieve(event["scheduled_event_id"])
    assert (failed["status"], failed["retry_count"], len(failed["call_attempts"])) == ("failed", 1, 2)
    said = "The budget of client error retries is exhausted: 1 retry, 2 attempts, the last one busy."
    assert failed["errors"] == [said]
    assert len(api.simulation.timers) == 0


def test_the_text_of_an_outcome_stands_before_the_exhausted_budget(api):
    _, event = api.create()
    api.script({"status": "failed", "text": "no route"})
    api.advance(24 * 3600)
    text, budget = api.retrieve(event["scheduled_event_id"])[1]["errors"]
    assert (text, "budget" in budget) == ("no route", True)


def test_a_stuck_call_rings_for_ever(api):
    _, event = api.create(telnyx_end_user_target="+13125550125")
    api.advance(365 * 24 * 3600)
    _, shown = api.retrieve(event["scheduled_event_id"])
    assert (shown["status"], shown["call_status"]) == ("in_progress", "ringing")
    assert "call_attempts" not in shown


def test_an_outcome_may_have_its_own_timings_and_the_longest_call_cuts_it_off(api):
    api.set(longest_call_seconds=90)
    _, event = api.create()
    api.script({"status": "completed", "ring": 2, "talk": 3600})
    api.run_to("2026-03-01T10:00:03Z")
    assert api.retrieve(event["scheduled_event_id"])[1]["call_status"] == "in-progress"
    api.advance(90)
    assert api.retrieve(event["scheduled_event_id"])[1]["call_duration"] == 90


def test_a_sweep_rounds_the_dispatch_up(api):
    api.set(sweep_seconds=60)
    _, event = api.create(scheduled_at_fixed_datetime="2026-03-01T10:00:01Z")
    api.advance(24 * 3600)
    _, done = api.retrieve(event["scheduled_event_id"])
    assert done["dispatched_at"] == "2026-03-01T10:01:00Z"
    assert done["scheduled_at_fixed_datetime"] == "2026-03-01T10:00:01Z"


def test_a_magic_target_is_busy_once(api):
    _, event = api.create(telnyx_end_user_target="+13125550121", **RETRIES)
    assert api.trace == ("magic target 555-0121 -> busy",)
    api.advance(24 * 3600)
    _, done = api.retrieve(event["scheduled_event_id"])
    assert [each["call_status"] for each in done["call_attempts"]] == ["busy", "completed"]
    assert api.trace == ("magic target 555-0121 -> completed",)


def test_the_journal_tells_statuses_and_call_statuses_apart(api):
    api.create(**RETRIES)
    api.script("busy", "completed")
    api.advance(24 * 3600)
    assert changes(api) == [
        ("pending", "create"), ("in_progress", "dispatch"), ("pending", "retry"), ("in_progress", "dispatch"),
        ("completed", "completed"),
    ]  # fmt: skip
    assert changes(api, "call") == [
        ("dialing", "dispatch"), ("busy", "busy"), ("dialing", "dispatch"), ("ringing", "ring"),
        ("in-progress", "answer"), ("completed", "completed"),
    ]  # fmt: skip
    of_second = [each.attempt for each in [*api.simulation.journal.transitions][5:]]
    assert of_second == [2] * 6


def test_a_text_is_delivered_three_seconds_after_its_dispatch(api, sms):
    _, event = api.create(sms)
    assert api.trace == ("default -> delivered",)
    api.run_to("2026-03-01T10:00:02.999Z")
    _, going = api.retrieve(event["scheduled_event_id"])
    assert (going["status"], "conversation_id" in going) == ("in_progress", True)
    api.run_to("2026-03-01T10:00:03Z")
    _, done = api.retrieve(event["scheduled_event_id"])
    assert done == {**going, "status": "completed"}


@pytest.mark.parametrize(
    ("outcome", "after"),
    [("delivery_failed", 3), ("sending_failed", 3), ("failed", 3), ("expired", 3600), ("delivery_unconfirmed", 3600)],
)
def test_every_other_end_of_a_text_fails_the_event(api, sms, outcome, after):
    _, event = api.create(sms)
    api.script(outcome)
    api.run_to("2026-03-01T10:00:00Z")
    api.advance(after - 0.001)
    assert api.retrieve(event["scheduled_event_id"])[1]["status"] == "in_progress"
    api.advance(0.001)
    _, failed = api.retrieve(event["scheduled_event_id"])
    assert (failed["status"], failed["retry_count"]) == ("failed", 0)
    assert failed["errors"] == [f"The message did not reach the end user: {outcome}."]


def test_completed_is_an_end_of_a_text_too_and_stuck_is_none(api, sms):
    _, first = api.create(sms)
    _, second = api.create(sms)
    api.script("completed", resource=first["scheduled_event_id"])
    api.script("stuck", resource=second["scheduled_event_id"])
    api.advance(24 * 3600)
    assert api.retrieve(first["scheduled_event_id"])[1]["status"] == "completed"
    assert api.retrieve(second["scheduled_event_id"])[1]["status"] == "in_progress"


def test_a_script_of_calls_is_not_used_up_by_a_text(api, sms):
    api.script("busy", "completed")
    _, text = api.create(sms)
    _, call = api.create(**RETRIES)
    api.advance(24 * 3600)
    assert api.retrieve(text["scheduled_event_id"])[1]["status"] == "completed"
    assert len(api.retrieve(call["scheduled_event_id"])[1]["call_attempts"]) == 2


def test_the_same_seed_and_calls_make_the_same_world(make_api):
    def story():
        api = make_api("s")
        api.create(**RETRIES)
        api.script("busy", "completed")
        api.advance(24 * 3600)
        return api.list()

    assert story() == story()
