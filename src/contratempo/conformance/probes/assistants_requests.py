"""Probes that create events, or try to: every member in every wrong way, and everything that is allowed."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.instants import written
from contratempo.conformance.probes import doors
from contratempo.conformance.probes.assistants import WHEN, events, list_all, phone, sms
from contratempo.conformance.probes.probe import LEFT_OUT, ODD_TEXTS, Probe, changed
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
_REQUIRED: Final = ("telnyx_conversation_channel", "telnyx_end_user_target", "telnyx_agent_target", WHEN)
_WRONG: Final[Mapping[str, tuple[Json, ...]]] = {
    "telnyx_conversation_channel": ("fax", "", "PHONE_CALL", 1, [], {}, True),
    "telnyx_end_user_target": (13125550001, [], {}, True, None),
    "telnyx_agent_target": (13125550002, ["+13125550002"], {}, False, None),
    WHEN: (
        "yesterday",
        "",
        "2099-13-01T00:00:00Z",
        "2099-01-01",
        "12:00:00Z",
        4070908800,
        True,
        [],
        {},
        "2099-01-01T25:00:00Z",
        "Mon, 01 Jan 2099 00:00:00 GMT",
        "2099-01-01T00:00:00+0",
        None,
    ),
    "text": (1, [], {}, True),
    "max_retries_client_errors": (-1, 11, 1.5, "2", True, [], 1_000_000),
    "retry_interval_secs": (59, 86_401, 0, -60, 600.5, "600", True, []),
    "conversation_metadata": ("x", [], 1, {"a": None}, {"a": []}, {"a": {}}, {"a": 1.5}),
    "dynamic_variables": ("x", [], 1, {"a": 1}, {"a": True}, {"a": None}, {"a": {}}, {"a": ["b"]}),
}
_GUIDE: Final[Mapping[str, Mapping[str, Json]]] = {
    "retries on SMS": {"telnyx_conversation_channel": "sms_chat", "text": "Hi", "max_retries_client_errors": 1},
    "retries and interval on SMS": {
        "telnyx_conversation_channel": "sms_chat",
        "text": "Hi",
        "max_retries_client_errors": 2,
        "retry_interval_secs": 600,
    },
    "interval on SMS": {"telnyx_conversation_channel": "sms_chat", "text": "Hi", "retry_interval_secs": 600},
    "retries without interval": {"max_retries_client_errors": 1},
    "most retries without interval": {"max_retries_client_errors": 10},
    "interval without retries": {"retry_interval_secs": 600},
    "interval with no retries": {"retry_interval_secs": 600, "max_retries_client_errors": 0},
    "a region that is none": {"call_settings": {"sip_region": "Atlantis"}},
}
_GOOD: Final[dict[str, Mapping[str, Json]]] = {
    "plain": {},
    "text on a call": {"text": "Hello"},
    "no retries": {"max_retries_client_errors": 0},
    "metadata of every kind": {
        "conversation_metadata": {
            "s": "x",
            "i": 7,
            "b": True,
            "f": False,
            "z": 0,
            "n": -3,
            "e": "",
            "a-b.C": 1,
            " d ": 2,
        }
    },
    "numbers as texts": {"conversation_metadata": {"a": "1", "b": "true", "c": "1.0", "d": "null"}},
    "variables": {
        "telnyx_conversation_channel": "sms_chat",
        "text": "Hi {{first_name}}, {{Last_Name}}",
        "dynamic_variables": {"first_name": "Ada", "Last_Name": "L.", "n": "1", "o": "007", "empty": "", "ü": "世界"},
    },
    "empty objects": {"conversation_metadata": {}, "dynamic_variables": {}},
    "SIP targets": {
        "telnyx_end_user_target": "sip:Ada.L@example.com;transport=tls",
        "telnyx_agent_target": "sip:Bot@example.com;tag=1",
    },
    "long target": {"telnyx_end_user_target": "sip:" + "a" * 200 + "@example.com"},
    "unknown members": {"x_unknown": 1, "x_unknown_too": {"a": [None]}},
    "what is not the client's": {
        "status": "completed",
        "created_at": "2001-01-01T00:00:00Z",
        "assistant_id": "another",
        "retry_count": 3,
        "call_status": "completed",
    },
    "big numbers": {"conversation_metadata": {"big": 2**53 + 1, "bigger": 10**30, "negative": -(2**63)}},
    "many members": {"conversation_metadata": {f"k{number}": number for number in range(200)}},
}
_GOOD_GUIDED: Final[Mapping[str, Mapping[str, Json]]] = {
    "SMS with no retries": {"telnyx_conversation_channel": "sms_chat", "text": "Hi", "max_retries_client_errors": 0},
    **{f"region {region}": {"call_settings": {"sip_region": region}} for region in ("US", "Europe", "Middle East")},
}
_RETRIES: Final[dict[str, Mapping[str, Json]]] = {
    "least retries": {"max_retries_client_errors": 1, "retry_interval_secs": 60},
    "most retries": {"max_retries_client_errors": 10, "retry_interval_secs": 86_400},
    "retries": {"max_retries_client_errors": 3, "retry_interval_secs": 600},
    "an odd interval": {"max_retries_client_errors": 3, "retry_interval_secs": 601},
}
_OFFSETS: Final = (
    "+00:00",
    "+05:30",
    "-08:00",
    "+14:00",
    "-12:00",
    "Z",
    "z",
    ".5Z",
    ".123456+02:00",
    ".764Z",
    "-00:00",
)


def _place(visit: Visit) -> str:
    return events(visit.fresh("requests"))


def _changed(change: Mapping[str, Json], visit: Visit) -> None:
    visit.send("POST", _place(visit), json=changed(phone(visit), change))


def _created(change: Mapping[str, Json], visit: Visit) -> None:
    visit.send("POST", events(visit.fresh("created")), json=changed(phone(visit), change))


def _text(text: str, visit: Visit) -> None:
    body = sms(visit, text=text, conversation_metadata={"text": text}, dynamic_variables={"text": text})
    visit.send("POST", events(visit.fresh("created")), json=body)


def _past(span: Mapping[str, float], visit: Visit) -> None:
    visit.send("POST", _place(visit), json=phone(visit, **{WHEN: written(visit.later(**span))}))


def _just_ahead(visit: Visit) -> None:
    visit.send("POST", events(visit.fresh("ahead")), json=phone(visit, **{WHEN: written(visit.later(seconds=5))}))


def _offset(suffix: str, visit: Visit) -> None:
    text = visit.later(days=2).replace(tzinfo=None).isoformat() + suffix
    visit.send("POST", events(visit.fresh("created")), json=phone(visit, **{WHEN: text}))


def _far(text: str, visit: Visit) -> None:
    visit.send("POST", events(visit.fresh("far")), json=phone(visit, **{WHEN: text}))


def _twice(visit: Visit) -> None:
    body = sms(visit)
    for _ in range(2):
        visit.send("POST", events(visit.fresh("twins")), json=body)
    list_all(visit, visit.fresh("twins"))


def _nothing_left(visit: Visit) -> None:
    list_all(visit, visit.fresh("requests"))
    visit.send("GET", _place(visit))


def _all_there(visit: Visit) -> None:
    for number in ("1", "2"):
        list_all(visit, visit.fresh("created"), **{"page[number]": number})


def _halves(visit: Visit) -> None:
    visit.send(
        "POST",
        events(visit.fresh("odd")),
        body=b'{"telnyx_conversation_channel":"sms_chat","text":"\\ud800",'
        b'"telnyx_end_user_target":"+13125550001","telnyx_agent_target":"+13125550002",'
        b'"scheduled_at_fixed_datetime":"2099-01-01T00:00:00Z"}',
    )
    visit.send("POST", events(visit.fresh("odd")), json=sms(visit, text="a\x00b"))


def _probes() -> Iterator[Probe]:
    for name in _REQUIRED:
        yield Probe(f"create: no {name}", "reject", partial(_changed, {name: LEFT_OUT}))
    yield Probe("create: {}", "reject", partial(_changed, dict.fromkeys(_REQUIRED, LEFT_OUT)))
    for name, values in _WRONG.items():
        for value in values:
            yield Probe(f"create: {name} {value!r}", "reject", partial(_changed, {name: value}))
    sms_without = {"telnyx_conversation_channel": "sms_chat"}
    yield Probe("create: SMS without text", "reject", partial(_changed, sms_without))
    for name, change in _GUIDE.items():
        yield Probe(f"create: {name}", "reject", partial(_changed, change), "effective")
    for span in ({"seconds": 0}, {"seconds": -1}, {"minutes": -1}, {"days": -1}, {"days": -800}):
        yield Probe(f"create: {span}", "reject", partial(_past, span), "effective")
    yield from doors.writing(_place, phone, "create")
    yield Probe("create: nothing was left", "reject", _nothing_left)
    for name, change in (_GOOD | _RETRIES).items():
        yield Probe(f"create: {name}", "full", partial(_created, change))
    for name, change in _GOOD_GUIDED.items():
        yield Probe(f"create: {name}", "full", partial(_created, change), "effective")
    for text in ODD_TEXTS:
        yield Probe(f"create: text {text[:12]!r}", "full", partial(_text, text))
    for suffix in _OFFSETS:
        yield Probe(f"create: time {suffix}", "full", partial(_offset, suffix))
    yield Probe("create: time without offset", "full", partial(_offset, ""))
    for text in ("2099-12-31T23:59:59Z", "2096-02-29T12:00:00Z", "2099-02-30T00:00:00Z", "2999-12-31T23:59:59Z"):
        yield Probe(f"create: {text}", "full", partial(_far, text))
    yield Probe("create: five seconds ahead", "full", _just_ahead)
    yield Probe("create: halves of characters", "full", _halves)
    yield from doors.accepting(lambda visit: events(visit.fresh("accepted")), phone, "create")
    yield Probe("create: twice", "full", _twice)
    yield Probe("create: all are there", "full", _all_there)
    yield from doors.elsewhere(_place, "events", ("PUT", "PATCH", "DELETE"))
    yield Probe("create: still nothing was left", "full", _nothing_left)


PROBES: Final = tuple(_probes())
