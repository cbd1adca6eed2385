"""Parts and encodings, against vectors and against a second derivation of the alphabet."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.providers.telnyx_messages.content import is_gsm7, measure

# The default alphabet of 3GPP TS 23.038 by Unicode code points, row by row of sixteen; 0x1B is the escape.
ROWS = [
    "0040 00A3 0024 00A5 00E8 00E9 00F9 00EC 00F2 00C7 000A 00D8 00F8 000D 00C5 00E5",
    "0394 005F 03A6 0393 039B 03A9 03A0 03A8 03A3 0398 039E ---- 00C6 00E6 00DF 00C9",
    "0020 0021 0022 0023 00A4 0025 0026 0027 0028 0029 002A 002B 002C 002D 002E 002F",
    "0030 0031 0032 0033 0034 0035 0036 0037 0038 0039 003A 003B 003C 003D 003E 003F",
    "00A1 0041 0042 0043 0044 0045 0046 0047 0048 0049 004A 004B 004C 004D 004E 004F",
    "0050 0051 0052 0053 0054 0055 0056 0057 0058 0059 005A 00C4 00D6 00D1 00DC 00A7",
    "00BF 0061 0062 0063 0064 0065 0066 0067 0068 0069 006A 006B 006C 006D 006E 006F",
    "0070 0071 0072 0073 0074 0075 0076 0077 0078 0079 007A 00E4 00F6 00F1 00FC 00E0",
]
BASIC = {chr(int(point, 16)) for row in ROWS for point in row.split() if point != "----"}
EXTENSION = {chr(point) for point in (0x0C, 0x5E, 0x7B, 0x7D, 0x5C, 0x5B, 0x7E, 0x5D, 0x7C, 0x20AC)}


def test_the_alphabet_is_the_standards():
    assert len(BASIC) == 127
    assert {chr(point) for point in range(0x110000) if is_gsm7(chr(point))} == BASIC | EXTENSION


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("a" * 1530, "GSM-7", 10),
        ("a" * 1531, "GSM-7", 11),
        ("€" * 80, "GSM-7", 1),
        ("€" * 80 + "a", "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 2),  # a split pair costs nothing: the quotient alone counts
        ("Ç$@ΔΨ", "GSM-7", 1),
        ("ç", "UTF-16", 1),
        ("я" * 70, "UTF-16", 1),
        ("я" * 71, "UTF-16", 2),
        ("я" * 134, "UTF-16", 2),
        ("я" * 135, "UTF-16", 3),
        ("👋" * 35, "UTF-16", 1),
        ("👋" * 36, "UTF-16", 2),
        ("a" * 69 + "“", "UTF-16", 1),
        ("a" * 70 + "“", "UTF-16", 2),
    ],
)
def test_parts_and_encoding(text, encoding, parts):
    assert measure(text, None, False) == (encoding, parts, False)


@pytest.mark.parametrize(
    ("wanted", "smart", "encoding", "replaced"),
    [
        (None, False, "UTF-16", False),
        (None, True, "GSM-7", True),
        ("auto", False, "GSM-7", True),
        ("gsm7", True, "UTF-16", False),
        ("ucs2", True, "UTF-16", False),
    ],
)
def test_smart_encoding_replaces_typography_when_somebody_asks(wanted, smart, encoding, replaced):
    measured = measure("“Hi” – it’s me…", wanted, smart)
    assert (measured.encoding, measured.smart) == (encoding, replaced)


def test_replacing_counts_the_characters_that_are_sent():
    assert measure("…" * 53, "auto", False) == ("GSM-7", 1, True)
    assert measure("…" * 54, "auto", False) == ("GSM-7", 2, True)


def test_ucs2_is_for_any_text():
    assert measure("a" * 71, "ucs2", False) == ("UTF-16", 2, False)


@given(st.text(), st.sampled_from([None, "auto", "gsm7", "ucs2"]), st.booleans())
def test_parts_are_the_quotient_rounded_up(text, wanted, smart):
    measured = measure(text, wanted, smart)
    assert measured.parts >= 1
    if not measured.smart:
        gsm = measured.encoding == "GSM-7"
        units = sum(1 + (character in EXTENSION) for character in text) if gsm else len(text.encode("utf-16-be")) // 2
        single, several = (160, 153) if gsm else (70, 67)
        assert measured.parts == (1 if units <= single else math.ceil(units / several))
        assert gsm == (wanted != "ucs2" and set(text) <= BASIC | EXTENSION)


@given(st.text(min_size=1), st.text())
def test_a_longer_text_never_takes_fewer_parts(text, more):
    assert measure(text + more, "ucs2", False).parts >= measure(text, "ucs2", False).parts
