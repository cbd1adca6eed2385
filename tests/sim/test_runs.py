"""Sorting a part at a time: it is sorting, and no part is long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import runs


@given(st.lists(st.integers(0, 300), max_size=300), st.integers(1, 40))
def test_it_sorts(rows, part):
    wanted = sorted(rows)
    list(runs.sort(rows, part))
    assert rows == wanted


@pytest.mark.parametrize("turn", [7, 1_009, 4_999], ids=str)
def test_what_lies_across_is_sorted_a_part_at_a_time(turn):
    rows = [number * turn % 10_007 for number in range(10_007)]
    lengths = [len(rows) for _ in runs.sort(rows, 500)]
    grown = [after - before for before, after in pairwise([0, *lengths[21:]])]
    assert (sum(grown), max(grown) <= 1_000) == (10_007, True)


def test_what_is_in_order_already_is_left_at_that():
    rows = list(range(1_000))
    assert len(list(runs.sort(rows, 100))) == 10
    assert rows == list(range(1_000))
