"""Probes that let time pass over events: one list is watched, instant by instant, while the far ends do as scripted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.instants import HOUR, SECOND, written
from contratempo.conformance.probes.assistants import WHEN, event, events, list_all, make, phone, sms
from contratempo.conformance.probes.probe import OFFSETS, Probe, local
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
_TWO: Final = {"max_retries_client_errors": 2, "retry_interval_secs": 600}
_PLAYED: Final[tuple[tuple[tuple[str, ...], dict[str, Json]], ...]] = (
    (("completed",), {}),
    (("busy",), {}),
    (("no-answer",), {}),
    (("failed",), {}),
    (("canceled",), {}),
    (("stuck",), {}),
    (("busy", "busy", "completed"), _TWO),
    (("busy",), _TWO),
    (("no-answer", "completed"), _TWO),
    (("no-answer",), _TWO),
    (("canceled", "failed", "busy"), _TWO),
    (("busy",), {"max_retries_client_errors": 1, "retry_interval_secs": 60}),
)
_TEXTS: Final = (("delivered",), ("delivery_failed",), ("sending_failed",), ("expired",))
_MORE: Final = {"conversation_metadata": {"a": 1, "b": "x"}, "dynamic_variables": {"first_name": "Ada"}}
_ROUTED: Final = {**_MORE, "call_settings": {"sip_region": "Canada"}}
"""What is to be there still when the event has ended."""
_FINE: Final = (1, 2, 3, 5, 9, 12, 20, 30, 31, 33, 45, 60, 68, 70, 90, 119)
"""Seconds after the due instant at which everything is looked at."""
_STEP: Final = 20 * SECOND


def _watched(visit: Visit) -> None:
    """Twelve calls and four texts, due at one instant, until the last of them has ended."""
    assistant, due = visit.fresh("watched"), visit.later(hours=1)
    bodies = [(script, phone(visit, **{WHEN: written(due), **_ROUTED, **more})) for script, more in _PLAYED]
    bodies += [(script, sms(visit, **{WHEN: written(due), **_MORE})) for script in _TEXTS]
    made = []
    for script, body in bodies:
        identifier = make(visit, assistant, body)
        if identifier is not None:
            visit.script(identifier, *script)
            made.append(identifier)
    list_all(visit, assistant)
    for seconds in (-1800, -1, 0, *_FINE):
        _look_at(visit, assistant, due + seconds * SECOND)
    for identifier in made:
        visit.send("GET", event(assistant, identifier))
    start = visit.now
    assert start is not None
    for until in (11, 14, 21, 26):
        while visit.now is not None and visit.now < start + until * 60 * SECOND:
            _look_at(visit, assistant, visit.now + (_STEP if until in (14, 26) else 3 * 60 * SECOND))
    for later in (timedelta(hours=3), timedelta(hours=6), timedelta(days=2)):
        _look_at(visit, assistant, start + later)
        for identifier in made:
            visit.send("GET", event(assistant, identifier))


def _look_at(visit: Visit, assistant: str, moment: datetime) -> None:
    if visit.now is not None and moment > visit.now:
        visit.advance_to(moment)
    list_all(visit, assistant)


def _by_due(visit: Visit) -> None:
    """Calls at several instants, with offsets: each begins at its own, to the second."""
    assistant, made = visit.fresh("by-due"), []
    for number, offset in enumerate(("+00:00", *OFFSETS), 1):
        due = visit.later(minutes=10 * number)
        identifier = make(visit, assistant, phone(visit, **{WHEN: local(due, offset)}))
        if identifier is not None:
            made.append((identifier, due))
    for identifier, due in made:
        for moment in (due - SECOND, due, due + SECOND, due + 150 * SECOND):
            visit.advance_to(moment)
            visit.send("GET", event(assistant, identifier))
            list_all(visit, assistant)


def _over_changes(visit: Visit) -> None:
    """Weeks and months ahead, when local clocks have been put forward in Europe, and back in America."""
    assistant, made = visit.fresh("far-ahead"), []
    for days in (30, 240):
        due = visit.later(days=days)
        made.append((make(visit, assistant, phone(visit, **{WHEN: written(due)})), due))
    for identifier, due in made:
        for moment in (due - SECOND, due + 150 * SECOND):
            visit.advance_to(moment)
            if identifier is not None:
                visit.send("GET", event(assistant, identifier))


def _every_retry(visit: Visit) -> None:
    """Ten retries, a minute apart, all in vain; and as many that are longer in coming."""
    assistant = visit.fresh("retries")
    quick = make(visit, assistant, phone(visit, max_retries_client_errors=10, retry_interval_secs=60))
    slow = make(visit, assistant, phone(visit, max_retries_client_errors=3, retry_interval_secs=86_400))
    for identifier in filter(None, (quick, slow)):
        visit.script(identifier, "busy")
    list_all(visit, assistant)
    visit.advance_to(visit.later(hours=1))
    list_all(visit, assistant)
    for _ in range(30):
        visit.advance(25 * SECOND)
        list_all(visit, assistant)
    for hours in (6, 17, 12, 12, 12, 13, 24, 24):
        visit.advance(hours * HOUR)
        list_all(visit, assistant)


def _deleted_under_way(visit: Visit) -> None:
    """One deleted before it is due, one while it rings, one when it has ended."""
    assistant = visit.fresh("removed")
    before, during, after, kept = (make(visit, assistant, phone(visit)) for _ in range(4))
    due = visit.later(hours=1)
    for identifier, moment in ((before, due - SECOND), (during, due + 3 * SECOND), (after, due + 5 * HOUR)):
        visit.advance_to(moment)
        if identifier is not None:
            list_all(visit, assistant)
            visit.send("DELETE", event(assistant, identifier))
            visit.send("GET", event(assistant, identifier))
            list_all(visit, assistant)
    visit.advance(HOUR)
    for identifier in filter(None, (before, during, after, kept)):
        visit.send("GET", event(assistant, identifier))
    list_all(visit, assistant)


def _a_day_later(visit: Visit) -> None:
    """A key is kept for 24 hours and no longer."""
    assistant, key = visit.fresh("keys-day"), f"day-{visit.seed}{visit.nonce}"
    body = phone(visit, **{WHEN: written(visit.later(days=9))})
    make(visit, assistant, body, key)
    visit.advance(22 * HOUR)
    make(visit, assistant, body, key)
    list_all(visit, assistant)
    visit.advance(30 * HOUR)
    make(visit, assistant, body, key)
    list_all(visit, assistant)


def _listed(visit: Visit) -> None:
    """What the vendored document alone shows of time: a list that changes."""
    assistant = visit.fresh("listed")
    call, text = make(visit, assistant, phone(visit)), make(visit, assistant, sms(visit))
    list_all(visit, assistant)
    for hours in (0.9, 0.1002, 0.002, 6):
        visit.advance(hours * HOUR)
        list_all(visit, assistant)
    if call and text:
        visit.send("GET", events(assistant), query={"conversation_channel": "sms_chat"})


def _filtered_after(visit: Visit) -> None:
    """What has ended is still listed and still filtered."""
    assistant = visit.fresh("watched")
    for channel in ("phone_call", "sms_chat"):
        visit.send("GET", events(assistant), query={"conversation_channel": channel, "page[size]": "100"})
    visit.send("GET", events(assistant), query={"page[size]": "5"})


def _probes() -> Iterator[Probe]:
    timed = partial(Probe, level="full", contract="effective", needs="clock")
    yield Probe("time: a list", "full", _listed, "vendored", "clock")
    yield timed("time: calls and texts as scripted", run=_watched)
    yield timed("time: lists afterwards", run=_filtered_after)
    yield timed("time: each at its own", run=_by_due)
    yield timed("time: every retry", run=_every_retry)
    yield timed("time: deleted under way", run=_deleted_under_way)
    yield timed("time: keys", run=_a_day_later)
    yield timed("time: when clocks are changed", run=_over_changes)


PROBES: Final = tuple(_probes())
