"""What the control plane's refusals say in words, where a schema has only a pattern or a choice."""

from collections.abc import Iterator
from typing import Any

import pytest

from contratempo.server.control.problems import WORDS


def patterns(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from (tree[name] for name in ("pattern",) if isinstance(tree.get(name), str))
        for inner in tree.values():
            yield from patterns(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from patterns(inner)


def test_every_pattern_of_the_document_has_words_and_no_others_do(control_contract):
    assert set(patterns(control_contract.document.tree)) == set(WORDS)


@pytest.mark.parametrize(
    ("operation", "wish", "words"),
    [
        ("createWorld", {"id": "A B"}, "body/id must be of lower-case letters"),
        ("createWorld", {"clock": "0001-01-01T00:00:00Z"}, "body/clock must be an instant of the years 1000 to 8999"),
        ("advanceClock", {"by": "x"}, "body/by must be a duration such as 24h"),
        ("setClock", {"now": "9000-01-01T00:00:00Z"}, "body/now must be an instant of the years"),
    ],
)
def test_what_a_pattern_asks_for_is_said_in_words(plane, operation, wish, words):
    answer = plane(operation, wish).body
    assert answer["detail"].startswith(words)
    assert answer["violations"][0]["message"] in answer["detail"]
    assert "must match" not in str(answer)


@pytest.mark.parametrize("wish", [{}, {"by": "1h", "to": "idle"}, {"wait": "none"}])
def test_an_advance_of_no_form_or_of_two_names_the_forms(plane, wish):
    answer = plane("advanceClock", wish)
    assert (answer.status, answer.body["hint"]) == (
        422,
        "give either by (such as 24h) or to (an instant, next or idle)",
    )
