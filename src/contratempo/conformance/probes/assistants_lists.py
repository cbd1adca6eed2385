"""Probes that read lists of events: pages, filters, queries that are none, who may read."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from contratempo.conformance.instants import written
from contratempo.conformance.probes import doors
from contratempo.conformance.probes.assistants import event, events, identifier_of, list_all, make, phone, sms
from contratempo.conformance.probes.probe import Probe
from contratempo.conformance.visit import Visit

_QUERIES: Final[tuple[Mapping[str, str] | str, ...]] = (
    "",
    "",
    {"page[size]": "1"},
    {"page[size]": "2"},
    {"page[size]": "100"},
    {"page[number]": "1"},
    {"page[number]": "2"},
    "page[size]=3&page[number]=1",
    {"page[number]": "1000"},
    {"page[number]": "999999999999"},
    {"page[size]": "20"},
    {"conversation_channel": "phone_call"},
    {"conversation_channel": "sms_chat"},
    {"from_date": "2026-03-15T15:00:00Z"},
    {"to_date": "2026-03-15T15:00:00+05:30"},
    {"from_date": "2026-03-15T15:00:00Z", "to_date": "2026-03-16T15:00:00Z"},
    {"from_date": "2026-03-15T15:00:00Z", "to_date": "2026-03-16T15:00:00Z", "conversation_channel": "sms_chat"},
    {"from_date": "2099-01-01T00:00:00Z", "to_date": "2001-01-01T00:00:00Z"},
    {"from_date": "2026-03-15T15:00:00.123456Z"},
    {"from_date": "0001-01-01T00:00:00Z"},
    {"to_date": "9999-12-31T23:59:59Z"},
    {"x_unknown": "1"},
    {"from_date": "2026-03-15T15:00:00"},
)
_BAD_DATES: Final = ("yesterday", "2026-13-01T00:00:00Z", "", "12:00", "2026-03-15", "1773565200")
_BAD_QUERIES: Final[tuple[Mapping[str, str], ...]] = (
    *({"page[size]": size} for size in ("0", "101", "-1", "abc", "1.5", "", "1e1", "10000000000000000000000")),
    *({"page[number]": number} for number in ("0", "-1", "abc", "1.5", "")),
    *({"conversation_channel": channel} for channel in ("fax", "", "PHONE_CALL", "phone_call,sms_chat")),
    *({name: text} for name in ("from_date", "to_date") for text in _BAD_DATES),
)
_STRANGE: Final = ("with space", "with/slash", "ümlaut-世界", "a.b~c_d", "%41", "quote'\"", "a+b", "x" * 200)


def _assistant(visit: Visit) -> str:
    return visit.assistant if visit.ledger.real else visit.fresh("lists")


def _place(visit: Visit) -> str:
    return events(_assistant(visit))


def _query(query: Mapping[str, str] | str, visit: Visit) -> None:
    visit.send("GET", _place(visit), query=query)


def _head(visit: Visit) -> None:
    visit.send("HEAD", _place(visit))


def _unknown_event(visit: Visit) -> None:
    visit.send("GET", event(_assistant(visit), "2f9fd6b6-3f0c-4d3a-8d3e-0d7d6a5b1c11"))


def _strange_id(assistant: str, visit: Visit) -> None:
    visit.send("GET", events(visit.fresh(assistant)))
    make(visit, visit.fresh(assistant), phone(visit))
    list_all(visit, visit.fresh(assistant))


def _filled(visit: Visit) -> None:
    """Seven events of both channels, some at one instant; then every page of every size, and every filter."""
    assistant, other = visit.fresh("pages"), visit.fresh("others")
    dues = [visit.later(hours=hours, seconds=30 * (hours == 3)) for hours in (1, 2, 2, 3, 26, 27, 50)]
    for number, due in enumerate(dues):
        body = (sms if number % 3 == 1 else phone)(visit, scheduled_at_fixed_datetime=written(due))
        make(visit, assistant, body)
    make(visit, other, phone(visit))
    for size in (1, 2, 3, 7, 100):
        for number in range(1, -(-len(dues) // size) + 2):
            visit.send("GET", events(assistant), query={"page[size]": str(size), "page[number]": str(number)})
    for channel in ("phone_call", "sms_chat"):
        for turn in ("1", "2", "3"):
            filtered = {"conversation_channel": channel, "page[size]": "2", "page[number]": turn}
            visit.send("GET", events(assistant), query=filtered)
    visit.send("GET", events(assistant))
    visit.send("GET", events(assistant))
    visit.send("GET", events(other))


def _dates(visit: Visit) -> None:
    assistant, first = visit.fresh("pages"), visit.later(hours=2)
    last = visit.later(hours=26)
    other_offset = first.isoformat().replace("+00:00", "") + "+00:00"
    for query in (
        {"from_date": written(first)},
        {"to_date": written(first)},
        {"from_date": written(first), "to_date": written(first)},
        {"from_date": written(first), "to_date": written(last)},
        {name: written(visit.later(hours=3, seconds=30)) for name in ("from_date", "to_date")},
        {"from_date": written(visit.later(hours=2, milliseconds=500))},
        {"to_date": written(visit.later(hours=1, minutes=59, seconds=59))},
        {"from_date": other_offset},
        {"from_date": written(last), "to_date": written(first)},
        {"from_date": written(visit.later(days=300))},
        {"to_date": written(visit.later(days=-300))},
        {"from_date": written(first), "conversation_channel": "sms_chat"},
        {"from_date": written(visit.later(hours=3)), "conversation_channel": "sms_chat"},
        {"from_date": written(visit.later(hours=3)), "conversation_channel": "phone_call"},
        {"from_date": written(first), "page[size]": "2", "page[number]": "1"},
        {"from_date": written(first), "page[size]": "2", "page[number]": "2"},
        {"to_date": written(last), "conversation_channel": "phone_call", "page[size]": "1"},
    ):
        visit.send("GET", events(assistant), query=query)


def _dates_with_offsets(visit: Visit) -> None:
    """Events whose times are written in several offsets, found by instants in yet others."""
    assistant = visit.fresh("offsets")
    for hours, offset in ((4, 0), (4, 9), (4, -8), (9, 5), (9, -3)):
        make(visit, assistant, phone(visit, scheduled_at_fixed_datetime=_local(visit, hours, offset)))
    for first, last, offset in ((3, 5, 0), (4, 4, 9), (5, 10, -8), (8, 12, 5)):
        query = {"from_date": _local(visit, first, offset), "to_date": _local(visit, last, offset)}
        visit.send("GET", events(assistant), query=query)


def _local(visit: Visit, hours: int, offset: int) -> str:
    return visit.later(hours=hours + offset).replace(tzinfo=None).isoformat() + f"{offset:+03d}:00"


def _customers(visit: Visit) -> None:
    """What one customer made is not there for another."""
    assistant = visit.fresh("customers")
    identifier = make(visit, assistant, phone(visit))
    visit.send("GET", events(assistant), auth="other")
    if identifier and visit.book.flavour == "effective":
        for method in ("GET", "DELETE"):
            visit.send(method, event(assistant, identifier), auth="other")
        visit.send("GET", event(assistant, identifier))
    list_all(visit, assistant)


def _many(visit: Visit) -> None:
    """More than a page of twenty, and than one of fifty with what was made before."""
    assistant = visit.fresh("created")
    for number in range(23):
        make(visit, assistant, phone(visit, scheduled_at_fixed_datetime=written(visit.later(minutes=30 + number % 5))))
    for query in ({}, {"page[number]": "2"}, {"page[number]": "3"}, {"page[size]": "100"}, {"page[size]": "2"}):
        visit.send("GET", events(assistant), query=query)


def _others(visit: Visit) -> None:
    mine, theirs = visit.fresh("mine"), visit.fresh("theirs")
    x = visit.send("POST", events(mine), json=phone(visit))
    identifier = identifier_of(x)
    list_all(visit, theirs)
    list_all(visit, mine)
    for similar in (mine.upper(), mine + "x", mine[:-1]):
        list_all(visit, similar)
    if identifier and visit.book.flavour == "effective":
        visit.send("GET", event(theirs, identifier))
        visit.send("DELETE", event(theirs, identifier))
        visit.send("GET", event(mine, identifier))


def _probes() -> Iterator[Probe]:
    for number, query in enumerate(_QUERIES):
        yield Probe(f"list {number}: {query or 'as it is'}", "read", partial(_query, query))
    for query in _BAD_QUERIES:
        yield Probe(f"list: {query}", "read", partial(_query, query))
    yield Probe("list: HEAD", "read", _head)
    yield from doors.reading("GET", _place, "list")
    yield from doors.nowhere()
    yield Probe("retrieve: nobody's", "read", _unknown_event, "effective")
    for assistant in _STRANGE:
        yield Probe(f"assistant {assistant[:20]}", "full", partial(_strange_id, assistant))
    yield Probe("pages and filters", "full", _filled)
    yield Probe("dates", "full", _dates, "effective")
    yield Probe("dates in other offsets", "full", _dates_with_offsets, "effective")
    yield Probe("two customers", "full", _customers, "vendored", "clock")
    yield Probe("more than a page", "full", _many)
    yield Probe("two assistants", "full", _others)


PROBES: Final = tuple(_probes())
