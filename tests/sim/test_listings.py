"""Listings that are restored: sorted and laid a part at a time, and then as good as any."""

import random

from contratempo.sim import listings
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
