import pytest
from hypothesis import given
from hypothesis import strategies as st
from rfc3339_validator import validate_rfc3339

from contratempo.contract.formats import NAIVE, STRICT

GOOD = {
    "date-time": [
        "2025-04-15T13:07:28Z",
        "2025-04-15t13:07:28.764z",
        "2024-02-29T00:00:00+05:30",
        "9999-12-31T23:59:59-23:59",
    ],
    "date": ["2024-02-29"],
    "time": ["10:00:00Z", "10:00:00.5+01:00"],
    "uuid": ["40385f64-5717-4562-b3fc-2c963f66afa6", "00000000-0000-0000-0000-00000000000A"],
    "byte": ["aGk=", ""],
    "email": ["a@b"],
    "ipv4": ["192.0.2.1"],
    "ipv6": ["::1"],
    "uri": ["not a uri"],
    "json-pointer": ["nope"],
}
BAD = {
    "date-time": [
        "", "2025-04-15T13:07:28", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z", "0000-01-31T00:00:00Z",
        "2025-04-15T13:07:60Z", "2025-04-15T24:00:00Z", "2025-04-15T13:07:28+0200", "2025-04-15 13:07:28Z",
        "2025-04-15T13:07:28Z\n", "٢٠٢٥-04-15T13:07:28Z", "2025-04-15T13:07Z", "2025-04-15",
    ],
    "date": ["2025-02-29", "20250101", "2025-1-1", "2025-01-01\n"],
    "time": ["10:00:00", "25:00:00Z", "10:00Z"],
    "uuid": [
        "40385f6457174562b3fc2c963f66afa6", "{40385f64-5717-4562-b3fc-2c963f66afa6}", "x",
        "40385f64-5717-4562-b3fc-2c963f66afa6\n",
    ],
    "byte": ["a", "é", "a b="],
    "email": ["nobody"],
    "ipv4": ["1.2.3", "01.2.3.4"],
    "ipv6": ["::g", "fe80::1%eth0"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in GOOD.items() for text in texts])
def test_these_are_valid(name, text):
    assert STRICT[name](text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_these_are_not(name, text):
    assert not STRICT[name](text)


def test_what_the_vendors_python_sample_sends_is_valid_only_where_naive_values_are():
    assert NAIVE["date-time"]("2025-04-15T13:07:28.764000")
    assert NAIVE["date-time"]("2025-04-15T13:07:28Z")
    assert not STRICT["date-time"]("2025-04-15T13:07:28.764000")


@pytest.mark.parametrize("text", ["2025-04-15", "2025-04-15T13:07", "2025-02-30T00:00:00", "2025-04-15T13:07:28\n", ""])
def test_what_is_no_date_time_is_none_where_naive_values_are_either(text):
    assert not NAIVE["date-time"](text)


@given(
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-6][0-9](\.[0-9]*)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?",
        fullmatch=True,
    )
)
def test_date_times_are_those_that_openapi_core_takes(text):
    assert STRICT["date-time"](text) == validate_rfc3339(text.upper())


@given(st.datetimes().map(lambda instant: instant.isoformat() + "+00:00"))
def test_every_real_instant_is_a_date_time(text):
    assert STRICT["date-time"](text)
