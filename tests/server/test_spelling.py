import pytest

from contratempo.server.spelling import misspelt


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("message", "messages"),
        ("messagess", "messages"),
        ("mesages", "messages"),
        ("messagse", "messages"),
        ("mesasges", "messages"),
        ("massagez", "messages"),
        ("emssaegs", "messages"),
        ("scheduled-events", "scheduled_events"),
        ("call", "calls"),
        ("cal", "call"),
    ],
)
def test_a_letter_or_two_make_a_word_misspelt(found, wanted):
    assert misspelt(found, wanted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("messages", "messages"),
        ("passagers", "messages"),
        ("mssg", "messages"),
        ("", "messages"),
        ("al", "calls"),
        ("xall_", "calls"),
        ("v1", "v2"),
        ("a", ""),
        ("ai", "ia"),
        ("segassem", "messages"),
    ],
)
def test_another_word_is_not_a_misspelt_one(found, wanted):
    assert not misspelt(found, wanted)
