"""Rings: rows numbered from 1, the newest kept, and what snapshots keep of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import rings
from contratempo.sim.rings import Ring, Weighed


def test_a_ring_keeps_the_newest_and_counts_all():
    ring: Ring[str] = Ring(3)
    assert [ring.add(row) for row in "abcde"] == [None, None, None, "a", "b"]
    assert (list(ring), len(ring), ring.total) == (["c", "d", "e"], 3, 5)


@pytest.mark.parametrize(
    ("number", "limit", "rows"),
    [(0, None, "cde"), (2, None, "cde"), (3, None, "de"), (5, None, ""), (9, None, ""), (0, 2, "cd"), (4, 0, "")],
)
def test_rows_since_a_number_as_far_as_they_are_held(number: int, limit: int | None, rows: str):
    ring: Ring[str] = Ring(3)
    for row in "abcde":
        ring.add(row)
    assert ring.since(number, limit) == list(rows)


def test_rows_are_found_and_cleared_and_numbers_go_on():
    ring: Ring[int] = Ring(5)
    for row in (1, 2, 3, 4):
        ring.add(row)
    assert ring.where(lambda row: row % 2 == 0) == [2, 4]
    ring.clear()
    ring.add(9)
    assert (list(ring), ring.total) == ([9], 5)


@given(st.lists(st.sampled_from(["add", "add", "add", "twice", "keep", "back", "clear"]), max_size=80))
def test_what_was_kept_of_a_ring_is_what_it_held(deeds: list[str]):
    ring, kept = Ring[int](7), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rings, "LENGTH", 3)
        for deed in deeds:
            if deed in {"add", "twice"}:
                ring.add(ring.total)
            if deed == "twice":  # and what did not happen is taken back
                ring.take_back(ring.add(-1))
            elif deed == "clear":
                ring.clear()
            elif deed == "keep":
                kept.append((ring.snapshot(), list(ring), ring.total))
            elif deed == "back" and kept:
                ring = Ring[int](7)
                ring.restore(kept[-1][0])
        for snapshot, rows, total in kept:
            again = Ring[int](7)
            again.restore(snapshot)
            assert (list(again), again.total) == (rows, total)
            assert sum(map(len, snapshot.lengths)) < 7 + 7 + 3


def test_rows_that_no_ring_holds_any_more_are_in_no_snapshot(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rings, "LENGTH", 2)
    ring = Ring[int](4)
    for number in range(20):
        ring.add(number)
        ring.snapshot()
    assert ring.snapshot().lengths == ((16, 17), (18, 19))


def test_rows_are_shared_by_the_snapshots_of_a_ring():
    ring = Ring[int](5_000)
    for number in range(4_000):
        ring.add(number)
    first = ring.snapshot()
    ring.add(0)
    assert ring.snapshot().lengths[0] is first.lengths[0]


def test_saved_rows_are_taken_over_with_their_numbers():
    ring: Ring[str] = Ring(3)
    ring.load(["d", "e"], 5)
    ring.add("f")
    assert (ring.since(4), ring.total) == (["e", "f"], 6)


def test_a_ring_is_bounded_by_what_its_rows_weigh():
    ring: Weighed[str] = Weighed(3, len, heaviest=10)
    for row in ("a" * 4, "b" * 4, "c" * 4):
        ring.add(row)
    assert ([row[0] for row in ring], ring.weight, ring.total) == (["b", "c"], 8, 3)
    ring.add("d" * 99)
    assert ([row[0] for row in ring], ring.weight) == (["d"], 99)
    ring.clear()
    assert (ring.weight, ring.total) == (0, 4)


def test_a_ring_weighs_what_it_holds_whatever_is_taken_back():
    ring: Weighed[str] = Weighed(2, len)
    for row in ("a", "bb"):
        ring.add(row)
    pushed_out = ring.add("ccc")
    assert ring.weight == 5
    ring.take_back(pushed_out)
    assert (list(ring), ring.weight) == (["a", "bb"], 3)
