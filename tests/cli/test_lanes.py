"""Timelines in letters: every line fits, the order is true, and what is planned is seen to be."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.cli.lanes import ASCII, Pen, draw
from contratempo.cli.scale import Scale
from contratempo.client import Timeline, Transition

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
STATUSES = st.sampled_from(["pending", "in_progress", "busy", "completed", "delivery_unconfirmed", None])


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def moved(seconds: float, to: str | None, was: str | None = "before", resource: str = "r1", **more: Any) -> Transition:
    state = "planned" if seconds > 0 else "fired"
    return Transition(at(seconds), "toy", resource, was, to, "cause", more.pop("kind", "status"), state, **more)


def pictured(*rows: Transition, **more: Any) -> list[str]:
    return draw(Timeline(NOON, rows), **more)


@st.composite
def timelines(drawn: Any) -> Timeline:
    rows = drawn(
        st.lists(
            st.builds(
                moved,
                st.integers(-200_000, 200_000),
                STATUSES,
                st.sampled_from([None, "before"]),
                st.sampled_from(["r1", "r2", "0a1b2c3d-0000-4000-8000-00000000000a"]),
                kind=st.sampled_from(["status", "call"]),
            ),
            max_size=12,
        )
    )
    return Timeline(NOON, tuple(sorted(rows, key=lambda row: row.at)))


@given(timelines(), st.integers(40, 200), st.integers(1, 3))
def test_no_line_is_wider_than_the_screen(timeline: Timeline, width: int, lanes: int) -> None:
    assert all(len(line) <= max(width, 60) for line in draw(timeline, width=width, lanes=lanes))


@given(timelines(), st.integers(60, 200))
def test_what_happened_is_before_the_present_and_what_is_planned_after(timeline: Timeline, width: int) -> None:
    lines = draw(timeline, width=width)
    if not timeline.transitions:
        return
    now = lines[1].index("now")
    for line in lines[3:-1]:
        assert "○" not in line[: now + 1]
        assert "┄" not in line[:now]
        assert "─" not in line[now:]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60), st.integers(20, 200))
def test_a_scale_keeps_the_order_and_its_width(seconds: list[int], width: int) -> None:
    instants = sorted({at(each) for each in seconds})
    columns = [Scale(instants, width).column(instant) for instant in instants]
    assert columns == sorted(columns)
    assert columns[0] == 0
    assert columns[-1] < width
    assert len(instants) > width / 8 or len(set(columns)) == len(instants)


def test_a_lane_says_what_each_change_led_to() -> None:
    lines = pictured(moved(-3600, "pending", None), moved(-60, "in_progress"), moved(3600, "completed"))
    assert re.fullmatch(r"  r1 ●pending─+●in_progress─+┃┄+○completed", lines[3])


def test_what_a_call_came_to_is_told_before_its_status_and_at_the_end_both() -> None:
    ended = [
        moved(-60, "busy", kind="call"),
        moved(-60, "pending"),
        moved(-5, "busy", kind="call"),
        moved(-5, "failed"),
    ]
    lines = pictured(moved(-3600, "pending", None), *ended)
    assert "●busy──" in lines[3]
    assert "●busy/failed" in lines[3]


def test_a_lane_that_began_earlier_says_what_it_was() -> None:
    assert "before──" in pictured(moved(-3600, "pending", None, "r0"), moved(-1, "done"))[-2]


def test_what_is_gone_is_told() -> None:
    assert pictured(moved(-9, None))[3].split() == ["r1", "●gone", "┃"]


def test_a_word_that_has_no_room_is_left_out_rather_than_cut_to_a_stump() -> None:
    rows = [moved(-1000 + each, "waiting", None if not each else "x") for each in range(100)]
    assert "wa" not in pictured(*rows[:-1], moved(-900, "done"))[3]


def test_the_axis_tells_dates_times_and_the_present() -> None:
    rows = [moved(-90_000, "pending", None), moved(-86_400 * 0.5, "x"), moved(86_400, "y")]
    dates, times, *_ = pictured(*rows)
    assert dates.split() == ["Mar", "14", "Mar", "15", "Mar", "16"]
    assert times.split() == ["11:00", "00:00", "now", "12:00"]
    assert times.index("now") == pictured(*rows)[3].index("┃")


def test_one_minute_has_one_tick() -> None:
    _, times, *_ = pictured(*(moved(-1200 + each * 20, "x") for each in range(3)))
    assert times.split() == ["11:40", "now"]


def test_providers_have_a_heading_and_long_ids_are_cut() -> None:
    rows = [replace(moved(-9, "x", None, resource="a" * 36), provider="zoo"), moved(-8, "y", None)]
    lines = pictured(*rows)
    assert [line for line in lines if line in ("toy", "zoo")] == ["toy", "zoo"]
    assert "  aaaaaaaaaaaaa… ●" in "\n".join(lines)


def test_of_many_lanes_those_with_something_to_come_are_drawn() -> None:
    rows = [moved(-100 + each, "old", None, f"r{each}") for each in range(9)] + [moved(60, "next", "old", "r3")]
    lines = pictured(*rows, lanes=2)
    assert [line.split()[0] for line in lines[3:5]] == ["r3", "r8"]
    assert lines[-1] == "… and 7 more: --lanes 9 draws all, --resource ID one"
    assert not pictured(*rows, lanes=9)[-1].startswith("…")


def test_what_a_saved_world_brings_along_moves_no_cursor() -> None:
    row = replace(moved(-5, "\x1b[2J\n", "\x07", "a\x1bb"), provider="\u202etoy")
    lines = pictured(row, replace(row, at=at(5), state="planned", to=None))
    assert not {"\x1b", "\n", "\x07", "\u202e"} & set("".join(lines))
    assert ("\\u202etoy" in lines, "a\\x1bb" in lines[3]) == (True, True)


def test_nothing_is_told_as_nothing() -> None:
    assert pictured() == ["nothing has happened, and nothing is planned"]


def test_in_colours_the_future_is_dim_and_nothing_else_is_added() -> None:
    rows = [moved(-60, "pending", None), moved(60, "completed")]
    plain, coloured = pictured(*rows), pictured(*rows, pen=Pen(coloured=True))
    assert "\x1b[2m┄" in coloured[3]
    assert "\x1b" not in coloured[3].split("┃")[0]
    bare = [line.replace("\x1b[2m", "").replace("\x1b[1m", "").replace("\x1b[0m", "") for line in coloured]
    assert bare == plain


@pytest.mark.parametrize("width", [80, 140])
def test_a_terminal_of_few_letters_gets_few(width: int) -> None:
    assert all(line.isascii() for line in pictured(moved(-60, "a" * 40, None), moved(9, "b"), width=width, pen=ASCII))
