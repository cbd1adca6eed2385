import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.contract.source import MAX_BYTES, DocumentError, load, load_ahead


def refused(path) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        load(path)
    return caught.value


def test_off_yes_and_dates_stay_strings(write):
    words = ["off", "yes", "2026-03-15", "10:30", "0x1F", "True", ".inf", "+1", "007", "1_000", "2026-03-15T10:00:00Z"]
    assert load(write("\n".join(f"- {word}" for word in words))) == words


def test_numbers_booleans_and_null_are_read(write):
    tree = load(write("[1, -2, 0, 1.5, 1e3, true, false, null, ~, ]"))
    assert tree == [1, -2, 0, 1.5, 1000.0, True, False, None, None]
    assert load(write("a:\nb: -0.5"))["a"] is None


def test_unquoted_status_codes_as_keys_become_strings(write):
    assert load(write("200: fine\ntrue: 1\n'404': gone")) == {"200": "fine", "true": 1, "404": "gone"}


def test_quoted_scalars_stay_strings(write):
    assert load(write("""['200', "true", !!str 5, !!seq [1], "null"]""")) == ["200", "true", "5", [1], "null"]


def test_braces_that_a_template_engine_would_eat_are_kept(write):
    assert load(write("a: 'Hello {{first_name}}, {{ 7*7 }} {% if x %}'")) == {
        "a": "Hello {{first_name}}, {{ 7*7 }} {% if x %}"
    }


def test_duplicate_keys_are_refused_with_file_and_line(write):
    path = write("a:\n  b: 1\n  c: 2\n  b: 3\n")
    error = refused(path)
    assert (error.file, error.line, error.pointer) == (str(path), 4, "/a")
    assert str(error).startswith(f"{path}:4: the key 'b' occurs twice")


def test_billion_laughs_ends_quickly(write):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "values" in refused(write("\n".join(lines))).what


def test_too_many_values_are_refused(write):
    error = refused(write("- 1\n" * 300_001))
    assert ("300,000 values" in error.what, error.line) == (True, 300_000)


def test_too_large_a_file_is_refused(write):
    assert "larger than 16 MB" in refused(write(b"#" * (MAX_BYTES + 1))).what


@pytest.mark.parametrize("text", ["[" * 101 + "]" * 101, "[" * 50_000, "{a: " * 200])
def test_deep_nesting_is_refused_and_not_a_crash(write, text):
    assert "deeper than 100" in refused(write(text)).what


def test_depth_counts_what_an_alias_brings(write):
    half = "[" * 60 + "]" * 60
    assert "deeper than 100" in refused(write(f"a: &a {half}\nb: {'[' * 60}*a{']' * 60}")).what


def test_a_hundred_levels_are_fine(write):
    assert load(write("[" * 100 + "]" * 100))


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [ls]", "!secret x", "a: !!int '5'", "!!binary aGk="])
def test_custom_tags_are_refused(write, text):
    assert "tag" in refused(write(text)).what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("# only a comment", "empty"),
        ("a: 1\n---\nb: 2", "second YAML document"),
        ("? [1]\n: 2", "as a key"),
        ("a: &x b\n? *x\n: 2", "alias as a key"),
        ("a: &a [*a]", "names no finished value"),
        ("a: &a {x: 1}\nb:\n  <<: *a", "merge key"),
        ("a: 1e999", "too large"),
        (f"a: {'9' * 5000}", "too large"),
        ("a: [1", "not valid YAML"),
        ("a: *nobody", "names no finished value"),
        ("a: \x07", "not valid YAML"),
    ],
)
def test_what_is_refused_is_named(write, text, what):
    assert what in str(refused(write(text)))


def test_text_that_is_not_utf8_is_refused_with_its_line(write):
    error = refused(write(b"a: 1\nb: \xff\n"))
    assert (error.what, error.line) == ("not UTF-8 text", 2)
    assert refused(write("a: 1".encode("utf-16"))).what == "not UTF-8 text"


def test_a_byte_order_mark_is_skipped(write):
    assert load(write(b"\xef\xbb\xbfa: 1")) == {"a": 1}


def test_a_missing_file_is_refused(tmp_path):
    assert "cannot be read" in refused(tmp_path / "none.yaml").what


def test_an_alias_is_a_copy(write):
    tree = load(write("a: &a {x: [1]}\nb: *a\nc: &c 5\nd: *c"))
    assert tree["b"] == tree["a"]
    assert tree["b"] is not tree["a"]
    assert tree["b"]["x"] is not tree["a"]["x"]
    assert tree["d"] == 5


def test_json_is_read_too(write):
    assert load(write('{"a": [1, 2.5, "x\\u00e9", null]}', "x.json")) == {"a": [1, 2.5, "xé", None]}


def test_an_error_without_a_file_says_what_and_where():
    assert str(DocumentError("wrong", pointer="/a")) == "wrong (at /a)"
    assert str(DocumentError("wrong", file="f", hint="do this")) == "f: wrong. do this"


@given(st.one_of(st.binary(max_size=200), st.text("ab01-:[]{}&*!?|>#'\"\n ,.~%@`\\", max_size=80).map(str.encode)))
def test_load_raises_nothing_but_document_errors(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    path.write_bytes(raw)
    with contextlib.suppress(DocumentError):
        json.dumps(load(path), allow_nan=False)


def test_pairs_of_escapes_are_read_as_in_json(write):
    file = write(r'{"a": "\ud83d\ude00\uD83D\uDE00", "b": "\\ud83d", "c": "\\\ud83d\ude00"}')
    assert load(file) == {"a": "\U0001f600\U0001f600", "b": "\\ud83d", "c": "\\\U0001f600"}


def test_pairs_in_much_that_is_no_json_are_not_joined(write, monkeypatch):
    monkeypatch.setattr("contratempo.contract.source._LONGEST_JOINED", 20)
    assert load(write(r'{a: "\ud83d\ude00"}')) == {"a": "\U0001f600"}
    assert "not valid YAML" in refused(write(r'{a: "\ud83d\ude00", b: 1}')).what


def test_half_a_pair_is_refused(write):
    assert "not valid YAML" in refused(write(r'{"a": "\ud83d"}')).what


def test_what_is_read_ahead_is_parsed_once_as_long_as_it_is_the_same(write):
    file = write("a: 1")
    ahead = load_ahead(file)
    assert load(file) is ahead
    assert load(file) == ahead
    assert load(file) is not ahead
    load_ahead(file)
    assert load(write("a: 2")) == {"a": 2}


def test_few_are_kept_that_nobody_read_after_all(tmp_path):
    trees = []
    for number in range(6):
        (tmp_path / f"{number}.yaml").write_text("a: 1")
        trees.append(load_ahead(tmp_path / f"{number}.yaml"))
    assert [load(tmp_path / f"{number}.yaml") is trees[number] for number in range(6)] == [False] * 2 + [True] * 4


def test_a_long_pointer_is_told_shortened():
    told = str(DocumentError("bad", pointer="/a" * 5_000))
    assert len(told) < 1_100
