import pytest

from contratempo.plaintext import plain_text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("plain é 中 😀", "plain é 中 😀"),
        ("\x1b[31mred\x1b]0;owned\x07", "\\x1b[31mred\\x1b]0;owned\\x07"),
        ("a\r\n\tb\x00\x7f\x9b", "a\\r\\n\\tb\\x00\\x7f\\x9b"),
        ("\u202eevil\u2066\u200b\ufeff", "\\u202eevil\\u2066\\u200b\\ufeff"),
        ("\ud800 \U000e0041", "\\ud800 \\U000e0041"),
    ],
)
def test_what_others_wrote_moves_no_cursor(text, printed):
    assert plain_text(text) == printed
    printed.encode()


def test_what_is_meant_to_be_kept_is():
    assert plain_text("a\nb\rc", keep="\n") == "a\nb\\rc"
