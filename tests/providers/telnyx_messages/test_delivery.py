"""What becomes of a message, by outcome and instant."""

import pytest

from contratempo.sim.instants import LATEST

T = "2026-03-15T15:00:"

STORIES = {
    "delivered": [(0, "queued"), (1, "sending"), (2, "sent"), (4, "delivered")],
    "delivery_failed": [(0, "queued"), (1, "sending"), (2, "sent"), (4, "delivery_failed")],
    "delivery_unconfirmed": [(0, "queued"), (1, "sending"), (2, "sent"), (3600, "delivery_unconfirmed")],
    "sending_failed": [(0, "queued"), (1, "sending"), (2, "sending_failed")],
    "expired": [(0, "queued"), (3600, "expired")],
    "stuck": [(0, "queued"), (1, "sending"), (2, "sent"), (86400, "sent")],
}


@pytest.mark.parametrize("outcome", STORIES)
def test_a_sent_message_lives_its_outcome(desk, outcome):
    desk.script(outcome)
    message, elapsed = desk.send(), 0
    for second, status in STORIES[outcome]:
        if second > elapsed:
            desk.advance(second - elapsed - 0.001)
            before = desk.status(message)
            desk.advance(0.001)
            assert before != status or outcome == "stuck"
        assert desk.status(message) == status
        elapsed = second
    desk.advance(7200)
    assert desk.status(message) == STORIES[outcome][-1][1]


@pytest.mark.parametrize("outcome", STORIES)
def test_a_scheduled_message_lives_the_same_from_the_moment_it_is_due(desk, outcome):
    desk.script(outcome)
    message = desk.schedule(600)
    desk.advance(599)
    assert desk.simulation.records.get("message", message)["status"] == "scheduled"
    elapsed = -1
    for second, status in STORIES[outcome]:
        desk.advance(second - elapsed)
        assert desk.status(message) == status
        elapsed = second


def test_instants_are_set_as_they_are_reached(desk):
    message = desk.send()
    seen = []
    for _ in range(5):
        shown = desk.message(message)
        seen.append((shown["to"][0]["status"], shown["sent_at"], shown["completed_at"], shown["valid_until"]))
        desk.advance(1)
    assert seen == [
        ("queued", None, None, "2026-03-15T16:00:00Z"),
        ("sending", None, None, None),
        ("sent", f"{T}02Z", None, None),
        ("sent", f"{T}02Z", None, None),
        ("delivered", f"{T}02Z", f"{T}04Z", None),
    ]


def test_a_scheduled_message_is_valid_for_an_hour_after_it_is_due(desk):
    shown = desk.message(desk.schedule(600))
    assert (shown["received_at"], shown["valid_until"]) == (f"{T}00Z", "2026-03-15T16:10:00Z")


@pytest.mark.parametrize(
    ("outcome", "code", "completed"),
    [
        ("delivery_failed", "40008", f"{T}04Z"),
        ("sending_failed", "40006", f"{T}02Z"),
        ("expired", "40014", "2026-03-15T16:00:00Z"),
    ],
)
def test_a_failure_says_why(desk, outcome, code, completed):
    desk.script(outcome)
    message = desk.send()
    desk.advance(7200)
    shown = desk.message(message)
    (error,) = shown["errors"]
    assert (error["code"], shown["completed_at"]) == (code, completed)
    assert error["source"] == {"pointer": "/to/0"}
    assert error["meta"]["url"].endswith(f"/{code}")


@pytest.mark.parametrize("outcome", ["delivered", "delivery_unconfirmed", "stuck"])
def test_what_is_no_failure_has_no_errors(desk, outcome):
    desk.script(outcome)
    message = desk.send()
    desk.advance(7200)
    assert desk.message(message)["errors"] == []


def test_an_outcomes_text_is_the_code_or_the_detail(desk):
    desk.script({"status": "delivery_failed", "text": "40012"}, {"status": "delivery_failed", "text": "Gone fishing."})
    first, second = desk.send(), desk.send()
    desk.advance(10)
    (coded,), (told,) = desk.message(first)["errors"], desk.message(second)["errors"]
    assert (coded["code"], coded["title"]) == ("40012", "Invalid messaging destination number")
    assert (told["code"], told["detail"]) == ("40008", "Gone fishing.")


@pytest.mark.parametrize(
    ("digits", "status"),
    [("0130", "delivery_failed"), ("0131", "delivery_unconfirmed"), ("0132", "sending_failed"), ("0133", "expired"),
     ("0120", "delivered"), ("0125", "sent"), ("0139", "delivered")],
)  # fmt: skip
def test_magic_receivers_decide(desk, digits, status):
    message = desk.schedule(600, to=f"+1415555{digits}")
    desk.advance(7200)
    assert desk.status(message) == status


def test_a_script_goes_before_a_magic_receiver_and_the_answer_says_so(desk):
    desk.script("delivered", to="+14155550130")
    scripted = desk.ask("SendMessage", {"from": "+18445550001", "to": "+14155550130", "text": "x"})
    magic = desk.ask("SendMessage", {"from": "+18445550001", "to": "+14155550131", "text": "x"})
    assert scripted.trace == ("script s1 -> delivered",)
    assert magic.trace == ("magic target 555-0131 -> delivery_unconfirmed",)


def test_scheduling_previews_an_outcome_and_uses_none_up(desk):
    desk.script("sending_failed", "delivered", operation="ScheduleMessage")
    body = {"from": "+18445550001", "to": "+18665550001", "text": "x", "send_at": desk.at(600)}
    assert desk.ask("ScheduleMessage", body).trace == ("script s1 -> sending_failed",)
    assert desk.ask("ScheduleMessage", body).trace == ("script s1 -> sending_failed",)
    assert desk.simulation.outcomes.scripts["s1"].used == 0


def test_timings_are_rules(make_desk):
    desk = make_desk(sending_seconds=0, sent_seconds=10, delivered_seconds=20.5)
    message = desk.send()
    desk.advance(20.4)
    assert desk.status(message) == "sent"
    desk.advance(0.1)
    assert desk.message(message)["completed_at"] == "2026-03-15T15:00:20.500Z"


def test_timings_that_contradict_each_other_still_go_forwards(make_desk):
    desk = make_desk(sending_seconds=5, sent_seconds=3, delivered_seconds=1)
    message = desk.send()
    desk.advance(4)
    assert desk.status(message) == "queued"
    desk.advance(1)
    assert desk.status(message) == "delivered"


def test_transitions_are_noted_with_their_causes(desk):
    message = desk.schedule(600)
    desk.advance(604)
    noted = [(row.was, row.to, row.cause) for row in desk.simulation.journal.transitions if row.resource == message]
    assert noted == [
        (None, "scheduled", "create"),
        ("scheduled", "queued", "due"),
        ("queued", "sending", "send"),
        ("sending", "sent", "hand_off"),
        ("sent", "delivered", "delivered"),
    ]


def test_a_message_of_the_far_future_waits_for_ever(make_desk):
    desk = make_desk(send_at_window="off")
    message = desk.schedule(send_at="9999-12-31T23:59:59-23:59")
    assert desk.message(message)["send_at"] == "9999-12-31T23:59:59-23:59"
    desk.advance(10**9)
    assert desk.simulation.records.get("message", message)["status"] == "scheduled"
    assert desk.simulation.timers.peek(LATEST) is None
