"""Probes that schedule calls of TemPhone, or try to."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.instants import written
from contratempo.conformance.intent import MISSING_CONTACT
from contratempo.conformance.probes import doors
from contratempo.conformance.probes.probe import LEFT_OUT, ODD_TEXTS, Probe, changed
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
CALLS: Final = "/calls/scheduled"
_WRONG: Final[Mapping[str, tuple[Json, ...]]] = {
    "contact_id": (LEFT_OUT, 1, None, [], {}, True),
    "campaign_id": (1, [], {}, True),
    "scheduled_at": (
        LEFT_OUT,
        None,
        "tomorrow",
        "",
        "2099-13-01T00:00:00Z",
        "2099-01-01",
        "12:00",
        4070908800,
        True,
        [],
        {},
        "2099-01-01T25:00:00Z",
        "01/02/2099 10:00",
        "2099-01-01T00:00:00+0",
    ),
    "timezone": (1, [], {}, True),
    "initial_message": (LEFT_OUT, None, 1, [], {}, True),
    "max_duration_seconds": ("900", 1.5, True, [], {}, "x"),
    "caller_id": (14155550199, [], {}, True),
    "metadata": ("x", [], 1, True),
    "recording_enabled": ("true", 1, 0, "yes", [], {}),
    "webhook_url": (1, [], {}, True),
}
_GUESSED: Final[Mapping[str, tuple[Json, ...]]] = {
    "max_duration_seconds": (0, -1),
    "contact_id": ("",),
    "initial_message": ("",),
    "webhook_url": ("not an address", "ftp://example.com/x"),
    "timezone": ("Mars/Olympus", "Nowhere"),
}
_LONG_AGO: Final = "2001-01-01T00:00:00Z"
_HOOKS: Final = "https://webhooks.yourapp.com/AI-calls/"
_GOOD: Final[Mapping[str, Mapping[str, Json]]] = {
    "plain": {},
    "everything": {
        "campaign_id": "camp_91ks11",
        "timezone": "America/New_York",
        "max_duration_seconds": 601,
        "caller_id": "+1-415-555-0199",
        "metadata": {
            "playbook": "renewal",
            "n": 1,
            "deep": {"a": [1, None, True, {"b": 0.5}]},
            "order": ["b", "a"],
            "nothing": None,
            "no": False,
            "zero": 0,
            "empty": "",
            "no list": [],
            "no object": {},
            "twice": ["", "a", "a", {}],
            "half": 0.125,
            "camelCase.and-More": {"a": {"b": {"c": {"d": None}}}},
            "at": "2026-03-15T15:00:00.000Z",
            **{f"k{number}": number for number in range(20)},
        },
        "recording_enabled": False,
        "webhook_url": _HOOKS,
    },
    "recorded": {"recording_enabled": True},
    "E.164": {"caller_id": "+14155550199", "metadata": {"a": {"b": [1, None]}}, "webhook_url": f"{_HOOKS}?a=B"},
    "placeholders": {"initial_message": "Hi {{first_name}}, {{ last_name }} {% if %} }}{{"},
    "empty metadata": {"metadata": {}},
    "a second": {"max_duration_seconds": 1},
    "long": {"max_duration_seconds": 86_400},
    "900 said": {"max_duration_seconds": 900},
    "other campaign": {"campaign_id": "camp_000000"},
    "other contact": {"contact_id": "ctc_abc123"},
    "unknown members": {"x_unknown": 1, "x_unknown_too": {"a": [None]}},
    "what is not the client's": {"status": "completed", "created_at": _LONG_AGO, "updated_at": _LONG_AGO},
    "long message": {"initial_message": "word " * 700},
    **{
        f"zone {zone}": {"timezone": zone}
        for zone in ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/Argentina/Salta")
    },
}
_OFFSETS: Final = ("+00:00", "+05:30", "-08:00", "+14:00", "Z", ".5Z", ".123456+02:00", ".764Z", "-00:00")


def _place(_: Visit) -> str:
    return CALLS


def call(visit: Visit, **more: Json) -> dict[str, Json]:
    """Return the body of a call an hour ahead."""
    body = {
        "contact_id": "ctc_12kd88",
        "scheduled_at": written(visit.later(hours=1)),
        "initial_message": "Hi {{first_name}}.",
    }
    return {**body, **more}


def _schedule(change: Mapping[str, Json], visit: Visit) -> None:
    visit.send("POST", CALLS, json=changed(call(visit), change))


def _at(span: Mapping[str, float], visit: Visit) -> None:
    visit.send("POST", CALLS, json=call(visit, scheduled_at=written(visit.later(**span))))


def _offset(suffix: str, zone: str | None, visit: Visit) -> None:
    text = visit.later(days=2).replace(tzinfo=None).isoformat() + suffix
    visit.send("POST", CALLS, json=call(visit, scheduled_at=text, **({} if zone is None else {"timezone": zone})))


def _text(text: str, visit: Visit) -> None:
    visit.send("POST", CALLS, json=call(visit, initial_message=text, metadata={"text": text, text[:20]: 1}))


def _twice(visit: Visit) -> None:
    body = call(visit)
    for _ in range(2):
        visit.send("POST", CALLS, json=body)


def _many(visit: Visit) -> None:
    for number in range(20):
        visit.send("POST", CALLS, json=call(visit, initial_message=f"Call {number}"))


def _probes() -> Iterator[Probe]:
    yield from doors.nowhere()
    for name, values in _WRONG.items():
        for value in values:
            shown = "left out" if value is LEFT_OUT else repr(value)
            yield Probe(f"schedule: {name} {shown}", "reject", partial(_schedule, {name: value}))
    for name, values in _GUESSED.items():
        for value in values:
            yield Probe(f"schedule: {name} {value!r}", "reject", partial(_schedule, {name: value}))
    for span in ({"seconds": 0}, {"seconds": -1}, {"minutes": -10}, {"days": -1}, {"days": -800}):
        yield Probe(f"schedule: {span}", "reject", partial(_at, span))
    yield Probe("schedule: nobody's contact", "reject", partial(_schedule, {"contact_id": MISSING_CONTACT}))
    yield Probe(
        "schedule: {}",
        "reject",
        partial(_schedule, dict.fromkeys(("contact_id", "scheduled_at", "initial_message"), LEFT_OUT)),
    )
    yield from doors.writing(_place, call, "schedule")
    for name, change in _GOOD.items():
        yield Probe(f"schedule: {name}", "full", partial(_schedule, change))
    for text in ODD_TEXTS:
        yield Probe(f"schedule: text {text[:12]!r}", "full", partial(_text, text))
    for suffix in _OFFSETS:
        yield Probe(f"schedule: time {suffix}", "full", partial(_offset, suffix, None))
    for zone in ("America/New_York", "Asia/Tokyo", "UTC", None):
        yield Probe(f"schedule: local time in {zone}", "full", partial(_offset, "", zone))
    yield Probe("schedule: a second ahead", "full", partial(_at, {"seconds": 1}))
    yield Probe("schedule: a minute ahead", "full", partial(_at, {"minutes": 1}))
    yield Probe("schedule: a year ahead", "full", partial(_at, {"days": 400}))
    yield Probe("schedule: half characters", "full", partial(_schedule, {"initial_message": "a\x00b"}))
    yield Probe("schedule: twice", "full", _twice)
    yield Probe("schedule: many", "full", _many)
    yield from doors.accepting(_place, call, "schedule")
    yield from doors.elsewhere(_place, "calls", ("GET", "PUT", "PATCH", "DELETE"))


PROBES: Final = tuple(_probes())
