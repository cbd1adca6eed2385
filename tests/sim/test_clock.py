"""The clock: frozen or running at a rate, never backwards, saved without real time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.clock import Clock, ClockError
from contratempo.sim.instants import LATEST, SECOND, parse_instant

NOW = parse_instant("2026-03-15T14:00:00Z")


def test_a_frozen_clock_shows_one_instant():
    assert Clock(NOW).reading(1e9) == NOW


def test_a_running_clock_counts_from_its_anchor():
    clock = Clock(NOW, "running", 60.0, real=100.0)
    assert clock.reading(101.5) == NOW + 90 * SECOND


def test_a_running_clock_never_shows_less_than_the_latest_change_nor_more_than_the_calendar():
    clock = Clock(NOW, "running", 1.0, real=100.0)
    assert clock.reading(50.0) == NOW
    assert clock.reading(1e15) == LATEST


def test_a_jump_goes_forwards():
    clock = Clock(NOW)
    clock.jump(NOW + 1)
    clock.jump(NOW + 1)
    assert clock.now == NOW + 1


@pytest.mark.parametrize(
    ("to", "message"), [(NOW - 1, "14:00:00Z and does not go back"), (LATEST + 1, "the clock ends at 9999")]
)
def test_a_jump_back_or_out_of_the_calendar_is_refused(to: int, message: str):
    clock = Clock(NOW)
    with pytest.raises(ClockError, match=message):
        clock.jump(to)
    assert clock.now == NOW


def test_setting_off_counts_from_now():
    clock = Clock(NOW)
    clock.set("running", 2.0, real=10.0)
    assert clock.reading(15.0) == NOW + 10 * SECOND
    clock.set("frozen", 2.0, real=15.0)
    assert clock.reading(99.0) == NOW


@pytest.mark.parametrize("rate", [0, -1, 1_000_001, float("nan")])
def test_a_rate_out_of_bounds_changes_nothing(rate: float):
    clock = Clock(NOW)
    with pytest.raises(ClockError, match="not above 0"):
        clock.set("running", rate, 0.0)
    assert clock.dump() == Clock(NOW).dump()


def test_after_a_jump_the_anchor_is_set_anew():
    clock = Clock(NOW, "running", 1.0, real=0.0)
    clock.jump(NOW + 60 * SECOND)
    clock.anchor(10.0)
    assert clock.reading(11.0) == NOW + 61 * SECOND


def test_how_long_to_wait_is_in_real_seconds():
    clock = Clock(NOW, "running", 10.0, real=0.0)
    assert clock.real_seconds_until(NOW + 100 * SECOND, 4.0) == 6.0
    assert clock.real_seconds_until(NOW, 4.0) == 0.0


def test_a_saved_clock_goes_on_from_the_real_time_of_its_loading():
    clock = Clock.load(Clock(NOW, "running", 2.0, real=5.0).dump(), real=1_000.0)
    assert clock.reading(1_001.0) == NOW + 2 * SECOND


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.001, 1e6))))
def test_the_reading_never_goes_back(steps: list[tuple[float, float]]):
    clock, real, last = Clock(NOW, "running"), 0.0, NOW
    for waited, rate in steps:
        real += waited
        assert clock.reading(real) >= last
        clock.jump(clock.reading(real))
        clock.set("running", rate, real)
        last = clock.now
