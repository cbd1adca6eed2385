"""Probes that schedule messages, or try to."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.instants import written
from contratempo.conformance.probes import doors
from contratempo.conformance.probes.messages import FROM, PICTURE, PROFILE, SCHEDULE, TO, mms, schedule, sms
from contratempo.conformance.probes.probe import LEFT_OUT, ODD_TEXTS, Probe, changed
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
_WRONG: Final[Mapping[str, tuple[Json, ...]]] = {
    "to": (LEFT_OUT, 18665550001, [TO], {}, None, True),
    "from": (18445550001, [], {}, True),
    "text": (1, [], {}, True),
    "subject": (1, [], {}),
    "media_urls": ("https://www.example.com/cat.png", [1], {}, [None], 1),
    "webhook_url": (1, [], {}, True),
    "webhook_failover_url": (1, [], {}),
    "use_profile_webhooks": ("true", 1, [], "no"),
    "type": ("FAX", "sms", 1, "", []),
    "auto_detect": ("true", 1, []),
    "send_at": ("tomorrow", "", 4070908800, "2099-13-01T00:00:00Z", "2099-01-01", True, [], {}),
    "messaging_profile_id": (1, [], {}, True),
}
_PROSE: Final[Mapping[str, Mapping[str, Json]]] = {
    "no content": {"text": LEFT_OUT},
    "empty text": {"text": ""},
    "empty text of an SMS": {"text": "", "type": "SMS"},
    "no text of an SMS": {"text": LEFT_OUT, "type": "SMS"},
    "MMS without media": {"type": "MMS"},
    "MMS with no media": {"type": "MMS", "media_urls": []},
    "no sender": {"from": LEFT_OUT},
}
_GUIDE: Final[Mapping[str, Mapping[str, Json]]] = {
    "eleven media": {"text": LEFT_OUT, "type": "MMS", "media_urls": [f"{PICTURE}?{n}" for n in range(11)]},
    "eleven parts": {"text": "x" * (153 * 10 + 1)},
    "eleven parts of Unicode": {"text": "世" * (67 * 10 + 1)},
    "no address for webhooks": {"webhook_url": "not an address"},
    "another scheme for webhooks": {"webhook_url": "ftp://example.com/x"},
    "a long address for webhooks": {"webhook_url": "https://example.com/" + "x" * 2_000},
    "no failover address": {"webhook_failover_url": "nowhere"},
    "alphanumeric without profile": {"from": "Contratempo"},
    "long alphanumeric": {"from": "Contratempo12", "messaging_profile_id": PROFILE},
}
_LONG_AGO: Final = "2001-01-01T00:00:00Z"
_SUBJECT: Final = " Cats, dogs, and whatever else there is to be seen on this picture of the two "
_GOOD: Final[Mapping[str, Mapping[str, Json]]] = {
    "plain": {},
    "type SMS": {"type": "SMS"},
    "addresses for webhooks": {
        "webhook_url": "http://www.example.com/Hooks/?a=B",
        "webhook_failover_url": "https://b.example.com/?c=D",
    },
    "profile": {"messaging_profile_id": PROFILE},
    "profile alone": {"messaging_profile_id": PROFILE, "from": LEFT_OUT},
    "flags": {"use_profile_webhooks": False, "auto_detect": True},
    "unknown members": {"x_unknown": 1, "x_unknown_too": {"a": [None]}},
    "what is not the client's": {"direction": "inbound", "received_at": _LONG_AGO, "parts": 9, "sent_at": _LONG_AGO},
    "MMS": {"text": LEFT_OUT, "media_urls": [PICTURE], "type": "MMS", "subject": _SUBJECT},
    "MMS by its media": {"text": LEFT_OUT, "media_urls": [PICTURE]},
    "MMS with text": {"media_urls": [PICTURE + "?2", PICTURE, PICTURE + "?2"], "type": "MMS"},
    "ten media": {"text": LEFT_OUT, "type": "MMS", "media_urls": [f"{PICTURE}?{n}" for n in range(10)]},
}
_LENGTHS: Final = (
    "x" * 159,
    "x" * 160,
    "x" * 161,
    "x" * 306,
    "x" * 307,
    "x" * 1530,
    "€" * 80,
    "€" * 81,
    "[" * 153,
    "世" * 70,
    "世" * 71,
    "世" * 134,
    "世" * 135,
    "世" * 670,
    "👋" * 35,
    "👋" * 36,
    "é" * 160,
    "Ω" * 161,
    "ç",
    "Ç" * 160,
    "`",
    "“quoted”",
    "a\nb",
    "@" * 160,
    "\f",
    "^{}\\[~]|€" * 9,
    "£¥èéùìòØøÅåÆæßÉ¡ÄÖÑÜ§¿äöñüà",
)
_NAMED: Final = {"from": "Contra Temp", "messaging_profile_id": PROFILE, "to": "+4915112345678"}
_OFFSETS: Final = ("+00:00", "+05:30", "-08:00", "Z", ".5Z", ".123456+02:00", "-00:00")


def _place(_: Visit) -> str:
    return SCHEDULE


def _schedule(change: Mapping[str, Json], visit: Visit) -> None:
    visit.send("POST", SCHEDULE, json=changed(sms(visit), change))


def _at(span: Mapping[str, float], visit: Visit) -> None:
    visit.send("POST", SCHEDULE, json=sms(visit, send_at=written(visit.later(**span))))


def _offset(suffix: str, visit: Visit) -> None:
    text = visit.later(days=2).replace(tzinfo=None).isoformat() + suffix
    visit.send("POST", SCHEDULE, json=sms(visit, send_at=text))


def _twice(visit: Visit) -> None:
    body = sms(visit)
    for _ in range(2):
        schedule(visit, body)


def _mms(visit: Visit) -> None:
    visit.send("POST", SCHEDULE, json=mms(visit))


def _probes() -> Iterator[Probe]:
    yield from doors.nowhere()
    for name, values in _WRONG.items():
        for value in values:
            shown = "left out" if value is LEFT_OUT else repr(value)
            yield Probe(f"schedule: {name} {shown}", "reject", partial(_schedule, {name: value}))
    for name, change in _PROSE.items():
        yield Probe(f"schedule: {name}", "reject", partial(_schedule, change))
    for name, change in _GUIDE.items():
        yield Probe(f"schedule: {name}", "reject", partial(_schedule, change), "effective")
    for span in (
        {"seconds": 0},
        {"minutes": -1},
        {"days": -400},
        {"seconds": 60},
        {"seconds": 299},
        {"days": 5, "seconds": 1},
        {"days": 6},
        {"days": 400},
    ):
        yield Probe(f"schedule: {span}", "reject", partial(_at, span), "effective")
    yield from doors.writing(_place, sms, "schedule")
    for name, change in _GOOD.items():
        yield Probe(f"schedule: {name}", "full", partial(_schedule, change))
    yield Probe("schedule: a picture", "full", _mms)
    for span in ({"seconds": 300}, {"seconds": 301}, {"minutes": 6}, {"days": 5}, {"days": 4, "hours": 23}):
        yield Probe(f"schedule: {span}", "full", partial(_at, span), "effective")
    for text in (*ODD_TEXTS, *_LENGTHS):
        run = partial(_schedule, {"text": text})
        yield Probe(f"schedule: text {text[:6]!r} of {len(text)}", "full", run)
    for suffix in _OFFSETS:
        yield Probe(f"schedule: time {suffix}", "full", partial(_offset, suffix))
    yield Probe("schedule: time without offset", "full", partial(_offset, ""))
    yield Probe("schedule: no time", "full", partial(_schedule, {"send_at": LEFT_OUT}))
    yield Probe("schedule: halves of characters", "full", partial(_schedule, {"text": "a\x00b"}))
    yield Probe("schedule: a SIP receiver", "full", partial(_schedule, {"to": "sip:ada@example.com"}))
    yield Probe("schedule: short code", "full", partial(_schedule, {"from": "12345", "to": FROM}))
    yield Probe("schedule: alphanumeric", "full", partial(_schedule, _NAMED))
    yield Probe("schedule: twice", "full", _twice)
    yield from doors.accepting(_place, sms, "schedule")
    yield from doors.elsewhere(_place, "schedule", ("PUT", "PATCH"))


PROBES: Final = tuple(_probes())
