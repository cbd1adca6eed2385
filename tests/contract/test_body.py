import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.contract.body import BodyError, decode_body


def refused(raw: bytes) -> BodyError:
    with pytest.raises(BodyError) as caught:
        decode_body(raw)
    return caught.value


def test_json_is_decoded():
    assert decode_body(b' {"a": [1, -2.5, 1e3, true, null, "\\u00e9\\ud83d\\ude00"]} ') == {
        "a": [1, -2.5, 1000.0, True, None, "é😀"]
    }


def test_a_nul_is_a_character_like_others():
    assert decode_body(b'"a\\u0000b"') == "a\0b"


def test_large_integers_are_exact():
    assert decode_body(str(2**64 + 1).encode()) == 2**64 + 1


@pytest.mark.parametrize("raw", [b"NaN", b"Infinity", b"-Infinity", b"[1e400]", b"-1e400"])
def test_numbers_that_json_has_not_are_refused(raw):
    assert refused(raw).kind == "json"


def test_an_integer_of_too_many_digits_is_refused():
    assert "too many digits" in refused(b"9" * 5000).message


@pytest.mark.parametrize("raw", [b'{"a": 1, "a": 1}', b'[{"x": {"b": 1, "\\u0062": 2}}]'])
def test_duplicate_keys_are_refused(raw):
    assert "occurs twice" in refused(raw).message


@pytest.mark.parametrize("raw", [b'"\\ud800"', b'{"\\uDFFF": 1}', b'["\\ude00\\ud83d"]'])
def test_lone_surrogates_are_refused(raw):
    assert "surrogate" in refused(raw).message


def test_bytes_that_are_not_utf8_are_refused_with_their_offset():
    assert (refused(b'"\xff"').message, refused(b'"\xff"').offset) == ("the body is not UTF-8", 1)
    assert refused(b'"\xed\xa0\x80"').kind == "json"  # a surrogate, encoded
    assert refused('{"a":1}'.encode("utf-16")).kind == "json"
    assert refused('{"a":1}'.encode("utf-32")).kind == "json"


def test_a_byte_order_mark_is_refused():
    assert refused(b'\xef\xbb\xbf{"a":1}').message == "the body starts with a byte order mark"


@pytest.mark.parametrize("raw", [b"", b" ", b"{", b'{"a":}', b"[1,]", b"'a'", b"01", b'"\n"', b"1 2", b"tru"])
def test_what_is_not_json_is_refused_with_its_offset(raw):
    assert refused(raw).offset is not None


def test_sixty_four_levels_are_fine_and_one_more_is_not():
    assert decode_body(b"[" * 64 + b"]" * 64)
    assert refused(b"[" * 65 + b"]" * 65).kind == "depth"
    assert refused(b'{"a":' * 65 + b"1" + b"}" * 65).offset == 64 * 5


def test_a_hundred_thousand_levels_are_refused_and_not_a_crash():
    assert refused(b"[" * 100_000).kind == "depth"


def test_offsets_count_characters():
    assert refused(b'["\xc3\xa9", "\xff"]').offset == 7
    assert refused(b'["\xc3\xa9",' + b"[" * 64 + b"]" * 65).offset == 5 + 63


def test_many_shallow_objects_are_fine():
    assert len(decode_body(json.dumps([{}] * 1000).encode())) == 1000


def test_brackets_inside_strings_do_not_count():
    assert decode_body(b'["' + b"[{" * 100 + b'\\"[", "]]"]')


def test_the_depth_can_be_chosen():
    with pytest.raises(BodyError):
        decode_body(b"[[1]]", max_depth=1)


values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists)


@given(
    st.one_of(
        st.binary(),
        values.map(lambda value: json.dumps(value).encode()),
        st.text('{}[]",:\\u0d8 1e', max_size=30).map(str.encode),
    )
)
def test_decoding_raises_nothing_but_body_errors_and_what_it_accepts_is_utf8_json(raw):
    with contextlib.suppress(BodyError):
        value = decode_body(raw)
        assert json.loads(json.dumps(value, allow_nan=False, ensure_ascii=False).encode()) == value
