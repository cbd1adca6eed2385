"""Every mutant can be told from the reference by what a client sees, and the set is wide and fairly split."""

from collections import Counter

import pytest

from . import MUTANTS, REFERENCES, Mutant
from .witness import Sight, difference, look

Correct = dict[str, Sight]


@pytest.fixture(scope="module")
def correct() -> Correct:
    return {provider: look(server) for provider, server in REFERENCES.items()}


@pytest.mark.parametrize("provider", REFERENCES)
def test_a_reference_shows_the_same_twice(provider: str, correct: Correct) -> None:
    assert difference(REFERENCES[provider], correct[provider]) is None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_shows_something_else(mutant: Mutant, correct: Correct) -> None:
    assert difference(mutant.app, correct[mutant.provider], clock_first=mutant.needs == "clock") is not None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_names_its_promise(mutant: Mutant) -> None:
    assert mutant.promise.endswith(".")


def test_names_and_promises_are_its_own() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)
    assert not [name for name, times in names.items() if times > 1]


def test_half_of_each_kind_of_work_is_held_back() -> None:
    groups = Counter((mutant.provider, mutant.needs) for mutant in MUTANTS)
    held = Counter((mutant.provider, mutant.needs) for mutant in MUTANTS if mutant.half == "held")
    assert all(abs(2 * held[group] - size) <= 1 for group, size in groups.items())


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 120
    assert {mutant.kind for mutant in MUTANTS} == {"spec", "prose", "sdk", "http", "sense"}
