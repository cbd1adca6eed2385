"""The ends of the calendar and of numbers: what every vendor and every operation of the control plane makes of them."""

import json
import os
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest

FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
DATES: Final = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:60Z", "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z", "+002026-03-16T09:00:00Z", "1000-01-01T00:00:00+23:59", "8999-12-31T23:59:59-23:59",
    "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-16T24:00:00Z",
    "2026-03-16T25:00:00Z", "2026-03-16T10:00:00+24:00", "2026-03-16T10:00:00+99:99", "2026-03-16T10:00:00-00:00",
    "2026-03-16T10:00:00,5Z", "2026-03-16T10:00:00.0000000000000000000000000000000000001Z", "2026-03-16t10:00:00z",
    "2026-03-16 10:00:00Z", "2026-03-16T10:00Z", "2026-03-16", "20260316T100000Z", "2026-W12-1T10:00:00Z",
    "2026-075T10:00:00Z", "now", "", " ", "2026-03-16T10:00:00Z\n", "2026-03-16T10:00:00Z\x00",
    "２０２６-03-16T10:00:00Z", "2026-03-16T10:00:00[Europe/Berlin]", "2026-03-16T10:00:00" + "Z" * 60_000,
    "2026-03-16T10:00:00." + "0" * 60_000 + "Z", "9" * 60_000,
)  # fmt: skip
NAIVE: Final = ("0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-03-29T02:30:00", "2026-10-25T02:30:00")
NUMBERS: Final = (
    b"0", b"-0", b"-0.0", b"-1", b"1", b"0.5", b"1e-400", b"1e308", b"-1e308", b"1.7976931348623157e308", b"5e-324",
    b"9007199254740993", b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809", b"9" * 400,
    b"9" * 4_300, b"1e15", b"253402300800", b"3155760000", b"3155760001", b"1000000", b"1000001", b"0.0009",
    b"1e3", b"100", b"true", b"null", b'"1"', b'"1e9"', b'"NaN"', b'"-1"', b'"Infinity"', b'""', b"[]", b"{}",
    b'"\\u0660"',
)  # fmt: skip
DURATIONS: Final = (
    "P9999Y", "P1M", "P1Y2M", "PT", "P", "-PT1H", "PT-1H", "-1", "1e308", "NaN", "inf", "0x10", "1_0", "١",
    "9" * 4_000, "999999999", "9999w", "9999w99999d99999h", "P9999W", "P9999W99999DT99999H999999M999999999S",
    "1h1h", "h", "1 h", "1.5h", "1ms", "0.0000001", "0.000001", "P1DT", "PT1H1H", "1d1w", "\u00001h", "24h\n", "",
    " 24h", "1h" * 30_000, "0", "0h",
)  # fmt: skip
ZONES: Final = (
    "Pacific/Kiritimati", "Pacific/Niue", "Etc/GMT+12", "Etc/GMT-14", "Asia/Kathmandu", "Antarctica/Troll",
    "Africa/Monrovia", "Australia/Lord_Howe", "UTC", "America/Los_Angeles", "Europe/Amsterdam", "Factory",
)  # fmt: skip
EVENT: Final = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+12125550101",
    "telnyx_agent_target": "+12125550100", "scheduled_at_fixed_datetime": "2026-03-16T10:00:00Z",
}  # fmt: skip
MESSAGE: Final = {"from": "+12125550100", "to": "+12125550101", "text": "Hello", "send_at": "2026-03-16T10:00:00Z"}
CALL: Final = {
    "contact_id": "ctc_12kd88",
    "scheduled_at": "2026-03-16T09:00:00Z",
    "initial_message": "Hi",
    "timezone": "UTC",
}
DATED: Final = [
    ("create_scheduled_event", EVENT, "scheduled_at_fixed_datetime"),
    ("ScheduleMessage", MESSAGE, "send_at"),
    ("scheduleCall", CALL, "scheduled_at"),
    ("setClock", {}, "now"),
    ("advanceClock", {}, "to"),
    ("createWorld", {}, "clock"),
]
NUMBERED: Final = [
    ("create_scheduled_event", EVENT, ["retry_attempts", "max_retries_client_errors", "retry_interval_secs"]),
    ("scheduleCall", CALL, ["max_duration_seconds"]),
    ("setClock", {}, ["rate"]),
    ("advanceClock", {}, ["by"]),
    ("addFault", {"fault": {"kind": "malformed"}, "match": {"resource": "none"}}, ["times", "probability"]),
    ("waitForRequests", {"timeout_seconds": 0}, ["count", "since", "timeout_seconds"]),
]
NESTED: Final = [
    ("addFault", '{"fault":{"kind":"status","status":%s},"match":{"resource":"none"}}'),
    ("addFault", '{"fault":{"kind":"status","status":503,"retry_after":%s},"match":{"resource":"none"}}'),
    ("addFault", '{"fault":{"kind":"latency","seconds":%s},"match":{"resource":"none"}}'),
    ("addFault", '{"fault":{"kind":"delay","seconds":%s},"match":{"resource":"none"}}'),
    ("scriptOutcomes", '{"outcomes":[{"status":"completed","ring":%s,"talk":%s}],"match":{"to":"nobody"}}'),
]


@pytest.fixture(autouse=True)
def left_as_it_was(attack) -> Iterator[None]:
    """The world starts anew after each attack, and the worlds that were made are gone."""
    yield
    attack("resetWorld")
    for world in attack.service.worlds:
        if world.id != "default":
            attack.service.worlds.delete(world.id)


def live(attack) -> None:
    """Whatever was accepted must be able to come about, be shown and be taken back."""
    for target in ("listResources", "getTimeline", "listRequests", "getClock", "get_scheduled_events", "listRules"):
        attack(target)
    attack("advanceClock", json_body={"to": "next", "wait": "none"})
    attack("advanceClock", json_body={"to": "idle", "wait": "none"})
    attack("listResources")


@pytest.mark.parametrize("date", [*DATES, *NAIVE], ids=lambda date: repr(date[:30]))
def test_any_date_is_answered_and_what_is_taken_can_happen(attack, date):
    taken = 0
    for operation, body, member in DATED:
        taken += attack(operation, json_body=body | {member: date}).status < 300
    if taken:
        live(attack)


@pytest.mark.parametrize("date", [*DATES, *NAIVE], ids=lambda date: repr(date[:30]))
def test_a_world_with_any_date_that_is_taken_is_saved_and_loaded(attack, date):
    attack("setRules", json_body={"telnyx_messages.send_at_window": "off"})
    for operation, body, member in DATED[:3]:
        attack(operation, json_body=body | {member: date})
    saved = attack("getState").body
    assert attack("putState", json_body=saved).status == 200
    assert attack("getState").body["world"]["timers"] == saved["world"]["timers"]


@pytest.mark.parametrize("date", DATES, ids=lambda date: repr(date[:30]))
def test_any_date_of_a_query_is_answered(attack, date):
    for operation in ("getTimeline", "listRequests", "get_scheduled_events", "listWebhooks"):
        for name in ("from", "to", "since", "from_date", "to_date", "filter[date]"):
            attack(operation, query=f"{name}={quote(date)}".encode())


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: repr(number[:20]))
def test_any_number_is_answered_and_what_is_taken_can_happen(attack, number):
    for operation, body, members in NUMBERED:
        for member in members:
            raw = json.dumps(body | {member: "HERE"}).encode().replace(b'"HERE"', number)
            attack(operation, raw)
    for operation, form in NESTED:
        attack(operation, form.replace("%s", number.decode()).encode())
    live(attack)


@pytest.mark.parametrize("span", DURATIONS, ids=lambda span: repr(span[:20]))
def test_any_duration_is_answered(attack, span):
    attack("advanceClock", json_body={"by": span})
    attack("advanceClock", json_body={"by": span, "to": span})
    live(attack)


@pytest.mark.parametrize("number", NUMBERS if FULL else NUMBERS[::5], ids=lambda number: repr(number[:20]))
def test_any_value_of_any_rule_is_answered_and_what_is_taken_can_happen(attack, number):
    names = [rule["name"] for rule in attack("listRules").body["rules"]]
    for name in names:
        attack("setRules", b'{"%b":%b}' % (name.encode(), number))
    for operation, body, _ in DATED[:3]:
        attack(operation, json_body=body)
    live(attack)


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_at_the_end_of_the_calendar_in_any_zone_is_answered(attack, zone):
    taken: list[Any] = []
    for date in (*NAIVE, *DATES[:8]):
        taken.append(attack("scheduleCall", json_body=CALL | {"timezone": zone, "scheduled_at": date}).status)
    assert set(taken) <= {200, 201, 400}
    live(attack)


def test_the_clock_cannot_be_brought_past_the_end_of_the_calendar(attack):
    for _ in range(80):
        attack("advanceClock", json_body={"by": 3_155_760_000})
    assert attack("advanceClock", json_body={"by": 3_155_760_000}).status == 409
    assert attack("createWorld", json_body={}).status == 201
    for operation, body, _ in DATED[:3]:
        attack(operation, json_body=body)
    live(attack)
