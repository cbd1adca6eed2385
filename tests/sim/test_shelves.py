"""Shelves: they are a mapping, and what a snapshot of them has stays as it was, whatever is done to either."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import shelves
from contratempo.sim.shelves import Shelves

KEYS = st.integers(0, 60)
DEEDS = st.lists(st.tuples(st.sampled_from(["put", "put", "put", "drop", "keep", "back"]), KEYS), max_size=200)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "SHELF", 3)


def back(kept):
    mine = Shelves()
    for shelf in kept:
        mine.lay(shelf)
    return mine


def rows(kept):
    return {key: value for shelf in kept for key, value in shelf.items()}


@pytest.mark.parametrize("size", [3, 8])
@given(deeds=DEEDS)
def test_they_hold_what_a_dictionary_holds_and_snapshots_what_it_held(size, deeds):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelves, "SHELF", size)
        mine, model, kept = Shelves(), {}, []
        for number, (deed, key) in enumerate(deeds):
            if deed == "put":
                mine[key] = model[key] = number
            elif deed == "drop" and key in model:
                del mine[key], model[key]
            elif deed == "keep":
                kept.append((mine.snapshot(), dict(model)))
            elif deed == "back" and kept:
                mine, model = back(kept[-1][0]), dict(kept[-1][1])
            assert (len(mine), dict(mine), mine.get(key), key in mine) == (
                len(model), model, model.get(key), key in model,
            )  # fmt: skip
        assert [rows(then) for then, _ in kept] == [then for _, then in kept]


def test_a_change_after_a_snapshot_copies_one_shelf(small):
    mine = Shelves()
    for number in range(100):
        mine[number] = number
    first = mine.snapshot()
    mine[50] = mine[200] = 0
    second = mine.snapshot()
    assert len(first) == 34
    assert [at for at, shelf in enumerate(first) if shelf is not second[at]] == [16, 33]
    assert mine.copied == 3 + 1


def test_what_comes_and_goes_leaves_no_shelves(small):
    mine = Shelves()
    for number in range(100):
        mine[number] = number
        if number >= 5:
            del mine[number - 5]
    assert len(mine.snapshot()) < 6
    again = back(mine.snapshot())
    for number in range(100):
        again[-number] = number
        if number >= 5:
            del again[5 - number]
    assert len(again.snapshot()) < 10


def test_few_rows_that_stay_among_many_that_go_take_few_shelves():
    mine = Shelves()
    for number in range(100_000):
        mine[number] = number
        if number % 300:
            del mine[number]
    assert (len(mine), len(mine.snapshot())) == (334, 1)
    for number in range(100_000, 200_000):
        mine[number] = number
    for number in range(100_000, 200_000):
        if number % 300:
            del mine[number]
    assert (set(mine), len(mine)) == ({number for number in range(200_000) if not number % 300}, 667)
    assert sum(map(bool, mine.snapshot())) < 10


def test_to_go_back_over_and_over_leaves_no_shelves(small):
    mine = Shelves()
    mine["a"] = 1
    for _ in range(9):
        mine = back(mine.snapshot())
    assert len(mine.snapshot()) == 2


def test_what_is_not_there_is_not_taken_out(small):
    mine = Shelves()
    with pytest.raises(KeyError):
        del mine["a"]
    assert (len(mine), mine.get("a", 1)) == (0, 1)


def test_no_collection_of_garbage_looks_at_them():
    mine: Shelves[str, bytes] = Shelves()
    for number in range(5_000):
        mine[str(number)] = b"%d" % number
    kept = mine.snapshot()
    mine["1"] = b""
    assert not any(map(gc.is_tracked, kept))
    assert not any(map(gc.is_tracked, mine.snapshot()))
