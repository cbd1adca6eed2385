"""Rows: medians, quartiles, ratios, and whether what is wanted is met."""

import pytest
import rows


def test_a_row_has_the_median_its_quartiles_and_the_median_ratio_of_the_pairs():
    made = rows.row(
        "1", "create", [10, 20, 30, 40, 50], "req/s", peer="Prism", theirs=[10, 10, 10, 10, 100], wanted=">= 2x"
    )
    assert (made.low, made.measured, made.high) == (20, 30, 40)
    assert (made.ratio, made.met) == (2, True)  # pairs 1, 2, 3, 4 and 0.5


def test_repetitions_that_are_no_pairs_are_compared_by_their_medians():
    assert rows.compared([8, 4, 6], [2, 2]) == 3


@pytest.mark.parametrize(
    ("wanted", "measured", "ratio", "met"),
    [
        ("", 1, 1, None),
        (">= 3x", 1, 3.0, True),
        (">= 3x", 1, 2.9, False),
        ("<= 0.5x", 1, 0.6, False),
        ("<= 20", 20, None, True),
        ("<= 20", 21, 0.1, False),
        (">= 3x", 9, None, None),
    ],
)
def test_what_is_wanted_is_met_or_not_or_not_measured(
    wanted: str, measured: float, ratio: float | None, met: bool | None
):
    assert rows.met(wanted, measured, ratio) is met


def test_one_repetition_is_its_own_quartiles():
    assert rows.quartiles([7]) == (7, 7, 7)
