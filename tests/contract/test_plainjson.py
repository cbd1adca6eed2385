"""JSON that is read as JSON: the same as what it says as YAML, and whatever is odd is left to that."""

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.contract import source
from contratempo.contract.plainjson import count_values, crowded, deeper_than, read_json
from contratempo.contract.source import DocumentError, load

TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=6)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12
)
WHOLE = st.lists(TREES, max_size=3) | st.dictionaries(TEXTS, TREES, max_size=3)


@given(WHOLE, st.sampled_from((None, 2)), st.booleans())
def test_it_is_what_the_yaml_is(tmp_path_factory, tree, indent, ascii_only):
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    path = tmp_path_factory.getbasetemp() / "same.json"
    assert read_json(text, 1_000) == source._built(path, text, False)
    assert json.dumps(read_json(text, 1_000)) == json.dumps(tree)


@pytest.mark.parametrize(
    "text",
    ["a: 1", '"a"', "5", "", "{a: 1}", "[1,]", '{"a": 1, "a": 2}', '{"<<": {}}', "[1e999]", "[NaN]", "[-Infinity]",
     "[" + "9" * 1_001 + "]", "[1" + "0" * 220 + "e99]",
     r'["\ud83d"]', r'["\udfff"]', "[" * 2_000, '{"a": 1} b', '["a\nb"]'],
)  # fmt: skip
def test_what_is_odd_or_no_json_is_not_read(text):
    assert read_json(text, 1_000) is None


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('\n\t{"a":\t1}', {"a": 1}),  # which YAML does not take
        (r'["\ud83d\ude00", "\\ud83d"]', ["\U0001f600", "\\ud83d"]),
        ("[" + "9" * 1_000 + "]", [10**1_000 - 1]),
        ('["a\u2028b"]', ["a\u2028b"]),  # a line break to YAML
    ],
)
def test_what_json_says_is_read(write, text, tree):
    assert load(write(text)) == read_json(text, 1_000) == tree


def test_what_may_be_far_too_much_is_not_even_read():
    assert read_json("[" + "1," * 28 + "1]", 10) is not None
    assert read_json("[" + "1," * 30 + "1]", 10) is None


@pytest.mark.parametrize("digits", [199, 1_000])
def test_many_long_numbers_are_looked_at_once(digits):
    text = "[" + ",".join([f'"{"9" * digits}"'] * (3_000_000 // digits)) + "]"
    before = process_time()
    assert read_json(text, 100_000) is not None
    assert process_time() - before < 1  # counted from each digit on, two and four


def test_depth_and_values_are_counted_to_their_bounds():
    assert [deeper_than([[[]]], most) for most in (1, 2, 3)] == [True, True, False]
    assert not deeper_than("a", 0)
    assert count_values({"a": [1, {"b": 2}], "c": None}, 100) == 6
    assert count_values([[0] * 50] * 3, 2) < 150
    assert crowded({"a": 1, "b": [1, 2], "c": [1]}) == ("b",)
    assert crowded([1]) == ()


@pytest.mark.parametrize(("text", "pointer"), [('{"a": 1, "b": [1, 2, 3]}', "/b"), ("[1, 2, 3, 4, 5]", None)])
def test_too_many_values_are_told_with_where_most_of_them_are(write, monkeypatch, text, pointer):
    monkeypatch.setattr(source, "MAX_NODES", 5)
    with pytest.raises(DocumentError, match="more than 5 values") as caught:
        load(write(text))
    assert caught.value.pointer == pointer


def test_what_is_wrong_with_json_is_told_with_its_line(write):
    for text, what in (('{\n"a": 1,\n"a": 2}', "occurs twice"), ("[\n\n" + "[" * 100, "deeper than 100")):
        with pytest.raises(DocumentError, match=what) as caught:
            load(write(text))
        assert caught.value.line == 3
