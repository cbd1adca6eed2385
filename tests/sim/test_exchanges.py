"""Exchanges: rows of the journal that say nothing of what came."""

import gc

import pytest

from contratempo.sim.exchanges import Exchange


@pytest.mark.parametrize(
    ("status", "verdict"), [(0, "refused"), (200, "accepted"), (399, "accepted"), (400, "refused")]
)
def test_what_is_answered_without_an_error_is_accepted(status: int, verdict: str):
    assert Exchange(1, "w", 0, 0, 0.0, "bell", None, "GET", "/secret", "", status).verdict == verdict


def test_a_row_tells_nothing_of_itself_and_is_no_garbage_to_look_at():
    exchange = Exchange(7, "w", 0, 0, 0.0, "bell", None, "GET", "/secret", "", 200, request=b"secret")
    assert (repr(exchange), str(exchange), gc.is_tracked(exchange)) == (*["<exchange 7 of world w>"] * 2, False)
