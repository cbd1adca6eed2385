"""Listings: what moved is made up for when somebody looks, and what is restored is laid a part at a time."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import listings
from contratempo.sim.form import Listed, entries, identifier_of
from contratempo.sim.listings import Listings

ENTRIES = [b"%04d" % number + b"id" for number in range(3_500)]


def test_a_listing_that_is_laid_in_parts_is_as_one_that_grew(monkeypatch):
    monkeypatch.setattr(listings, "LISTED_AT_ONCE", 1_000)
    shuffled, restored = list(ENTRIES), Listings()
    random.Random(3).shuffle(shuffled)
    for _ in restored.fill("kind", {("key",): shuffled, ("one",): ENTRIES[:1]}):
        assert not len(restored.find("kind", ("key",))) % len(ENTRIES)  # it is all there, or nothing is
    found = restored.find("kind", ("key",))
    found._check()  # by its own account of itself
    assert list(found) == ENTRIES
    assert [found[place] for place in (0, 999, 1_000, 3_499)] == [ENTRIES[place] for place in (0, 999, 1_000, 3_499)]
    found.remove(ENTRIES[1_000])
    found.add(ENTRIES[2_399] + b"x")
    found._check()
    assert found.bisect_left(ENTRIES[2_400]) == 2_400
    assert list(restored.find("kind", ("one",))) == ENTRIES[:1]


KEYS = ("a",), ("b",)
PLACES = st.tuples(st.sampled_from("wxyz"), st.lists(st.sampled_from(KEYS), unique=True), st.integers(0, 5))


@given(st.lists(PLACES | st.none(), max_size=60))
def test_listings_that_are_made_up_for_later_are_as_if_each_record_were_listed_at_once(moves: list[Any]):
    moving, stand = Listings(), dict[str, Listed]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listings, "MOVED_KEPT", 3)
        patch.setattr(listings, "_MADE_ANEW", 1)
        for move in [*moves, None]:
            if move is None:
                for key in KEYS:
                    rows = sorted(entry for name, at in stand.items() for k, entry in entries(at, name) if k == key)
                    assert list(moving.find("kind", key)) == rows
                assert set(moving._of) == {("kind", key) for at in stand.values() for key, _ in at}
            else:
                name, keys, place = move
                listed = tuple((key, (place,)) for key in keys)
                moving.move("kind", name, stand.get(name, ()), listed)
                stand[name] = listed
                assert len(moving._moved) <= 3


def test_few_changes_of_a_long_listing_leave_the_rest_alone():
    long = Listings()
    for number in range(1_000):
        long.move("kind", f"{number:04}", (), ((("a",), (number,)),))
    before = long.find("kind", ("a",))
    long.move("kind", "0500", ((("a",), (500,)),), ((("a",), (2_000,)),))
    assert long.find("kind", ("a",)) is before
    assert [identifier_of(before[place]) for place in (499, 500, 999)] == ["0499", "0501", "0500"]


def test_what_moved_is_made_up_for_when_it_is_much(monkeypatch):
    monkeypatch.setattr(listings, "MOVED_KEPT", 3)
    moving = Listings()
    for name in "vwxyz":
        moving.move("kind", name, (), (((), (1,)),))
    for moved, name in enumerate("vwxy", 1):
        moving.move("kind", name, (((), (1,)),), (((), (2,)),))
        assert len(moving._moved) == moved % 4
    assert [identifier_of(entry) for entry in moving.find("kind", ())] == ["z", "v", "w", "x", "y"]
