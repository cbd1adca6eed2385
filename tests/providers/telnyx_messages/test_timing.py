"""When a message may be sent."""

import pytest

from contratempo.provider import Refusal
from contratempo.providers.telnyx_messages import provider

SMS = {"from": "+18445550001", "to": "+18665550001", "text": "Hello, World!"}


@pytest.mark.parametrize("seconds", [300, 3600, 432_000])
def test_the_window_takes_both_its_bounds(desk, seconds):
    assert desk.message(desk.schedule(seconds))["send_at"] == desk.at(seconds)


@pytest.mark.parametrize("seconds", [0.000001, 299.999999, 432_000.000001])
def test_outside_the_window_is_refused_with_the_clock_and_what_helps(desk, seconds):
    response = desk.ask("ScheduleMessage", SMS | {"send_at": desk.at(seconds)})
    (error,) = response.body["errors"]
    assert (response.status, error["code"], error["source"]) == (400, "10015", {"pointer": "/send_at"})
    assert "stands at 2026-03-15T15:00:00Z" in error["detail"]
    assert desk.at(seconds) in error["detail"]
    assert response.trace[0] == "rule telnyx_messages.send_at_window"
    assert "set rule telnyx_messages.send_at_window to off" in response.trace[1]


@pytest.mark.parametrize("send_at", ["2019-01-23T18:30:00Z", "2026-03-15T15:00:00Z", "0001-01-01T00:00:00+23:59"])
def test_the_past_is_refused_with_the_command_that_helps(desk, send_at):
    response = desk.ask("ScheduleMessage", SMS | {"send_at": send_at})
    (error,) = response.body["errors"]
    assert (response.status, error["code"]) == (400, "10015")
    assert send_at in error["detail"]
    assert response.trace[0] == "rule telnyx_messages.past_datetime"
    assert response.trace[1].isascii()


def test_the_hints_clock_stands_before_the_moment(desk):
    response = desk.ask("ScheduleMessage", SMS | {"send_at": "2019-01-23T18:30:00Z"})
    assert "serve --clock 2019-01-23T17:30:00Z" in response.trace[1]


@pytest.mark.parametrize("send_at", ["2019-01-23T18:30:00Z", "0001-01-01T00:00:00+23:59", "2026-03-15T15:00:00Z"])
def test_the_past_is_sent_at_once_when_the_rule_says_so(make_desk, send_at):
    desk = make_desk(past_datetime="run_now")
    message = desk.schedule(send_at=send_at)
    desk.advance(4)
    shown = desk.message(message)
    assert (shown["to"][0]["status"], shown["send_at"]) == ("delivered", send_at)


def test_by_rule_a_message_is_sent_at_the_next_sweep(make_desk):
    desk = make_desk(sweep_seconds=60)
    message, whole = desk.schedule(601), desk.schedule(660)
    desk.advance(659)
    assert (desk.status(message), desk.refused("CancelMessage", id=message)[0]) == ("queued", 403)
    desk.advance(5)
    assert {desk.message(each)["sent_at"] for each in (message, whole)} == {"2026-03-15T15:11:02Z"}
    assert desk.message(message)["send_at"] == "2026-03-15T15:10:01Z"


def test_scheduling_without_a_moment_is_refused(desk):
    assert desk.refused("ScheduleMessage", SMS) == (400, "10004", "/send_at")


def test_scheduling_without_a_moment_sends_at_once_when_the_rule_says_so(make_desk):
    desk = make_desk(missing_send_at="send_now")
    shown = desk.accepted("ScheduleMessage", SMS)
    assert "send_at" not in shown
    desk.advance(4)
    assert desk.status(shown["id"]) == "delivered"


def test_sending_with_a_moment_schedules(desk):
    message = desk.send(send_at=desk.at(600))
    assert desk.simulation.records.get("message", message)["status"] == "scheduled"


def test_sending_with_a_null_moment_sends_now(desk):
    shown = desk.accepted("SendMessage", SMS | {"send_at": None})
    assert "send_at" not in shown
    assert desk.simulation.records.get("message", shown["id"])["status"] == "queued"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-15T16:00:00", "2026-03-15T16:00:00Z"),
        ("2026-03-15T16:00:00.250", "2026-03-15T16:00:00.250Z"),
        ("2026-03-15T16:00:00.250Z", "2026-03-15T16:00:00.250Z"),
        ("2026-03-15T16:00:00z", "2026-03-15T16:00:00z"),
        ("2026-03-15T18:00:00+02:00", "2026-03-15T18:00:00+02:00"),
        ("2026-03-15T16:00:00.1234567890Z", "2026-03-15T16:00:00.1234567890Z"),
    ],
)
def test_the_moment_is_echoed_as_it_was_sent_and_a_naive_one_is_utc(desk, sent, shown):
    message = desk.schedule(send_at=sent)
    assert desk.message(message)["send_at"] == shown
    desk.advance(3605)
    assert desk.message(message)["sent_at"].startswith("2026-03-15T16:00:02")


def test_what_no_clock_can_read_is_refused(desk):
    request = {"operation": "ScheduleMessage", "body": SMS | {"send_at": "2026-03-15T16:61:00Z"}}
    with pytest.raises(Refusal) as refusal:
        provider.call(desk.simulation, "ScheduleMessage", request)
    assert refusal.value.problem.code == "10015"


def test_the_queue_of_scheduled_messages_has_an_end(make_desk):
    desk = make_desk(max_scheduled=2)
    first, _ = desk.schedule(600), desk.schedule(600)
    response = desk.ask("ScheduleMessage", SMS | {"send_at": desk.at(600)})
    assert (response.status, response.body["errors"][0]["code"]) == (429, "40318")
    assert response.headers["retry-after"] == "1"
    desk.send()
    desk.ask("CancelMessage", id=first)
    assert desk.schedule(600)
