"""Ids and chance: digests that differ where their parts do, and short ids that never collide."""

import uuid as standard

from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim import ids

PARTS = st.lists(st.one_of(st.integers(0, 99), st.text("ab/", max_size=3)), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_a_digest_depends_on_every_part_and_where_it_ends(one: list[str | int], other: list[str | int]):
    same = [str(part) for part in one] == [str(part) for part in other]
    assert (ids.digest(*one) == ids.digest(*other)) is same


@given(PARTS)
def test_a_uuid_is_of_version_4(parts: list[str | int]):
    text = ids.uuid(*parts)
    parsed = standard.UUID(text)
    assert (str(parsed), parsed.version, parsed.variant) == (text, 4, standard.RFC_4122)


@given(st.text(max_size=5), st.integers(0, 36**6 - 20_001))
def test_short_ids_never_collide(seed: str, first: int):
    made = {ids.short(seed, ordinal) for ordinal in range(first, first + 500)}
    assert len(made) == 500
    assert all(len(each) == 6 and set(each) <= set("0123456789abcdefghijklmnopqrstuvwxyz") for each in made)


def test_short_ids_far_apart_do_not_collide_either():
    ordinals = range(0, 36**6, 36**6 // 20_000)
    assert len({ids.short("seed", ordinal) for ordinal in ordinals}) == len(ordinals)


def test_a_factor_that_would_repeat_ids_is_passed_over():
    made = {seed: [ids.short(seed, ordinal) for ordinal in (0, 36**6 // 3, 36**6 // 2)] for seed in map(str, range(60))}
    assert all(len(set(three)) == 3 for three in made.values())


def test_another_seed_gives_other_ids():
    assert ids.short("one", 1) != ids.short("other", 1)


@given(PARTS)
def test_a_fraction_lies_from_0_up_to_1(parts: list[str | int]):
    assert 0 <= ids.fraction(*parts) < 1


def test_ids_are_the_same_in_every_version():
    assert ids.uuid("seed", 0, "alarm", 1) == "85e7e486-f3b1-4067-a019-700277d75ff5"
    assert ids.short("seed/call", 1) == "ivh57q"
