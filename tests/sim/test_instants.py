"""Instants and durations: what is read, what is refused, and that writing loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.instants import (
    LATEST,
    SECOND,
    format_instant,
    parse_duration,
    parse_instant,
    parse_start,
    rounded_up,
)

EARLIEST = parse_instant("0001-01-01T00:00:00Z")
MOMENT = parse_instant("2026-03-15T15:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-15T15:00:00Z",
        "2026-03-15t15:00:00z",
        "2026-03-15 15:00:00+00:00",
        "2026-03-15T15:00",
        "2026-03-15T08:00:00-07:00",
        "2026-03-15T15:00:00.000000",
    ],
)
def test_one_moment_has_many_spellings(text: str):
    assert parse_instant(text) == MOMENT


@pytest.mark.parametrize(
    "text", ["", "now", "2026-03-15", "2026-03-15_15:00:00Z", "2026-13-15T15:00:00Z", "20260315T150000Z"]
)
def test_what_is_no_date_time_is_refused(text: str):
    with pytest.raises(ValueError, match=r"not a date-time|month|isoformat"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-15T15:00:00Z",
        "2026-03-15T15:00:00.250Z",
        "2026-03-15T15:00:00.000001Z",
        "0001-01-01T00:00:00Z",
        "0999-12-31T23:59:59.500Z",
        "1969-12-31T23:59:59.999999Z",
    ],
)
def test_an_instant_is_written_with_as_few_digits_as_keep_it(text: str):
    assert format_instant(parse_instant(text)) == text


@given(st.integers(EARLIEST, LATEST))
def test_writing_loses_nothing(instant: int):
    assert parse_instant(format_instant(instant)) == instant


def test_an_offset_that_leaves_the_calendar_is_written_as_its_end():
    assert format_instant(parse_instant("0001-01-01T00:00:00+23:59")) == "0001-01-01T00:00:00Z"
    assert format_instant(parse_instant("9999-12-31T23:59:59-23:59")) == "9999-12-31T00:00:00Z"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (90, 90),
        (0.000001, 0.000001),
        ("90", 90),
        (" 1.5 ", 1.5),
        ("24h", 86_400),
        ("1h30m", 5_400),
        ("1w2d3h4m5.5s6ms", 788_645.506),
        ("5m", 300),
        ("5ms", 0.005),
        ("PT1H", 3_600),
        ("P1W", 604_800),
        ("P1DT2H3M4.5S", 93_784.5),
        ("0s", 0),
    ],
)
def test_a_duration_has_several_spellings(value: str | float, seconds: float):
    assert parse_duration(value) == round(seconds * SECOND)


@pytest.mark.parametrize("value", ["", "P", "PT", "soon", "-1", "-5s", "1h1", "P1M", "P1Y", "1e3", "1m1h", "nan"])
def test_what_is_no_duration_is_refused(value: str):
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(value)


@pytest.mark.parametrize("value", [True, -1, float("nan"), float("inf"), "9" * 400])
def test_a_number_is_from_0_up_and_within_the_calendar(value: float):
    with pytest.raises(ValueError, match="is not a number of seconds"):
        parse_duration(value)


@pytest.mark.parametrize("value", ["9999999w", "9" * 400 + "h", f"PT{'9' * 20}S"])
def test_a_duration_stays_within_the_calendar(value: str):
    with pytest.raises(ValueError, match="past the end of the calendar"):
        parse_duration(value)


@given(st.integers(0, 10**12))
def test_seconds_are_whole_microseconds(number: int):
    assert parse_duration(f"{number // SECOND}.{number % SECOND:06}s") == pytest.approx(number, abs=1)


@pytest.mark.parametrize("text", ["0999-12-31T23:59:59Z", "9000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "never"])
def test_a_clock_does_not_start_where_the_calendar_ends(text: str):
    with pytest.raises(ValueError, match=text[:4]):
        parse_start(text)


def test_a_clock_starts_anywhere_else():
    assert parse_start("2026-03-15T15:00:00Z") == parse_instant("2026-03-15T15:00:00Z")


@pytest.mark.parametrize(("instant", "step", "wanted"), [(61, 60, 120), (60, 60, 60), (-61, 60, -60), (61, 0, 61)])
def test_an_instant_is_rounded_up_to_a_step(instant: int, step: int, wanted: int):
    assert rounded_up(instant, step) == wanted
