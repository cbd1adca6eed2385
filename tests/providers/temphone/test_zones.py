"""Local times: the hours that daylight saving skips and repeats, and the edges of the calendar."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.providers.temphone.zones import NAMES, instant_in, is_naive, zone_of
from contratempo.sim.instants import EPOCH, format_instant


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-03-15T15:00:00Z", "Asia/Tokyo", "2026-03-15T15:00:00Z"),
        ("2026-03-15t15:00:00z", "Asia/Tokyo", "2026-03-15T15:00:00Z"),
        ("2026-03-15T15:00:00-07:00", "Asia/Tokyo", "2026-03-15T22:00:00Z"),
        ("2026-03-15T15:00:00", "UTC", "2026-03-15T15:00:00Z"),
        ("2026-03-15T15:00:00.25", "Asia/Tokyo", "2026-03-15T06:00:00.250Z"),
        ("2026-03-15T15:00:00", "America/Argentina/Buenos_Aires", "2026-03-15T18:00:00Z"),
    ],
)
def test_an_offset_counts_and_without_one_the_zone(text: str, zone: str, instant: str):
    assert format_instant(instant_in(text, zone)) == instant


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-03-08T01:59:59", "America/Los_Angeles", "2026-03-08T09:59:59Z"),
        ("2026-03-08T02:30:00", "America/Los_Angeles", "2026-03-08T10:30:00Z"),  # 03:30 once the clocks are on
        ("2026-03-08T03:30:00", "America/Los_Angeles", "2026-03-08T10:30:00Z"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
    ],
)
def test_a_time_that_the_clocks_skip_is_later(text: str, zone: str, instant: str):
    assert format_instant(instant_in(text, zone)) == instant


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-11-01T01:30:00", "America/Los_Angeles", "2026-11-01T08:30:00Z"),
        ("2026-11-01T02:30:00", "America/Los_Angeles", "2026-11-01T10:30:00Z"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
    ],
)
def test_of_a_time_shown_twice_the_first_is_meant(text: str, zone: str, instant: str):
    assert format_instant(instant_in(text, zone)) == instant


@pytest.mark.parametrize(
    ("text", "zone"),
    [("0001-01-01T00:00:00", "Asia/Tokyo"), ("9999-12-31T23:59:59", "America/Los_Angeles"), ("soon", "UTC")],
)
def test_what_is_no_moment_of_the_calendar_is_refused(text: str, zone: str):
    with pytest.raises(ValueError, match=r"calendar|isoformat"):
        instant_in(text, zone)


def test_an_offset_may_lead_out_of_the_calendar():
    assert format_instant(instant_in("0001-01-01T00:00:00+23:59", "UTC")) == "0001-01-01T00:00:00Z"
    assert format_instant(instant_in("9999-12-31T23:59:59-23:59", "UTC")) == "9999-12-31T00:00:00Z"


def test_naive_is_told_from_aware():
    assert [is_naive(f"2026-03-15T15:00:00{offset}") for offset in ("", "Z", "z", "+02:00")] == [
        True,
        False,
        False,
        False,
    ]


def test_the_names_are_the_tz_databases_and_no_alias_of_the_machine():
    assert "America/Los_Angeles" in NAMES
    assert "localtime" not in NAMES
    assert len(NAMES) > 500


@given(name=st.sampled_from(sorted(NAMES)), moment=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))
def test_a_local_time_comes_back_or_was_skipped_and_is_later(name: str, moment: datetime):
    instant = instant_in(moment.isoformat(), name)
    back = (EPOCH + timedelta(microseconds=instant)).astimezone(zone_of(name)).replace(tzinfo=None)
    assert timedelta(0) <= back - moment <= timedelta(days=1)
