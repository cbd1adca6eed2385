"""Probes of what is kept: retrieve, cancel, send at once, idempotency keys."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import HOUR, MINUTE, SECOND, written
from contratempo.conformance.probes import doors
from contratempo.conformance.probes.messages import NOBODY, SEND, identifier_of, message, mms, schedule, sms
from contratempo.conformance.probes.probe import AS_THE_SDK, LEFT_OUT, Probe, changed
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
_BAD_KEYS: Final = ("", "x" * 256, "with space", "a,b", "a/b")
_GOOD_KEYS: Final = ("x", "x" * 255, "3f0c4d3a-8d3e-4d7d-8a5b-1c11aa22bb33", "under_score-and-dash")


def _send(visit: Visit, body: dict[str, Json], key: str | None = None) -> Exchange:
    return visit.send("POST", SEND, json=body, headers={} if key is None else {"idempotency-key": key})


def _now(visit: Visit, **more: Json) -> dict[str, Json]:
    return changed(sms(visit, **more), {"send_at": LEFT_OUT})


def _retrieved(visit: Visit) -> None:
    for body in (sms(visit), mms(visit), sms(visit, text="Grüße 世界", webhook_url="https://www.example.com/hooks")):
        identifier = schedule(visit, body)
        if identifier is not None:
            visit.send("GET", message(identifier))
            visit.send("GET", message(identifier))
            visit.send("HEAD", message(identifier))


def _cancelled(visit: Visit) -> None:
    identifier = schedule(visit, sms(visit, send_at=written(visit.later(days=4))))
    other = schedule(visit, sms(visit))
    if identifier is not None:
        for method in ("DELETE", "GET", "DELETE", "GET"):
            visit.send(method, message(identifier), headers=AS_THE_SDK if method == "DELETE" else {})
    if other is not None:
        visit.send("GET", message(other))
        for auth in ("none", "unknown"):
            visit.send("DELETE", message(other), auth=auth)
        visit.send("GET", message(other))


def _cancelled_in_time(visit: Visit) -> None:
    """Cancelling up to a minute before, and not after."""
    due = visit.later(hours=2)
    early, late, sent, never = (schedule(visit, sms(visit, send_at=written(due))) for _ in range(4))
    for identifier, moment in (
        (early, due - 61 * SECOND),
        (late, due - 59 * SECOND),
        (late, due - SECOND),
        (sent, due + 5 * MINUTE),
    ):
        visit.advance_to(moment)
        if identifier is not None:
            visit.send("GET", message(identifier))
            visit.send("DELETE", message(identifier))
            visit.send("GET", message(identifier))
    visit.advance(3 * HOUR)
    for identifier in filter(None, (early, late, sent, never)):
        visit.send("GET", message(identifier))


def _customers(visit: Visit) -> None:
    identifier = schedule(visit, sms(visit))
    if identifier is not None:
        for method in ("GET", "DELETE"):
            visit.send(method, message(identifier), auth="other")
        visit.send("GET", message(identifier))


def _nobodys(method: str, identifier: str, visit: Visit) -> None:
    visit.send(method, message(identifier))


def _sent(visit: Visit) -> None:
    for body in (
        _now(visit),
        sms(visit),
        sms(visit, send_at=None),
        _now(visit, encoding="ucs2"),
        _now(visit, x_unknown=1),
    ):
        identifier = identifier_of(_send(visit, body))
        if identifier is not None:
            visit.send("GET", message(identifier))
            if body.get("send_at"):
                visit.send("DELETE", message(identifier))
    for auth in ("none", "unknown"):
        visit.send("POST", SEND, json=_now(visit), auth=auth)
    for encoding, text in (("gsm7", "a"), ("ucs2", "a"), ("ucs2", "世界"), ("gsm7", "世界"), ("auto", "a")):
        _send(visit, _now(visit, encoding=encoding, text=text))
    for wrong in (
        {"to": LEFT_OUT},
        {"text": 1},
        {"encoding": "morse"},
        {"type": "FAX"},
        {"text": ""},
        {"from": LEFT_OUT},
    ):
        _send(visit, changed(_now(visit), wrong))
    for seconds in (100, -600):
        _send(visit, sms(visit, send_at=written(visit.later(seconds=seconds))))


def _replayed(visit: Visit) -> None:
    key, body = f"key-{visit.seed}{visit.nonce}", sms(visit)
    for _ in range(3):
        _send(visit, body, key)
    _send(visit, dict(reversed(body.items())), key)
    _send(visit, sms(visit, text="another"), key)
    _send(visit, sms(visit, to="+18665550002"), key)
    _send(visit, sms(visit, send_at=written(visit.later(hours=2))), key)
    for another in (f"{key}-2", key.upper()):
        _send(visit, body, another)
    _send(visit, body)


def _alike(visit: Visit) -> None:
    """Keys that differ in their last letter alone."""
    for last in ("a", "b"):
        _send(visit, sms(visit), visit.unused("x" * 254)[:254] + last)


def _of_another(visit: Visit) -> None:
    """A key that two customers use is two keys."""
    key, body = f"shared-{visit.seed}{visit.nonce}", sms(visit)
    _send(visit, body, key)
    visit.send("POST", SEND, json=sms(visit, text="Theirs"), headers={"idempotency-key": key}, auth="other")
    _send(visit, body, key)


def _refused_first(visit: Visit) -> None:
    key = f"refused-{visit.seed}{visit.nonce}"
    _send(visit, sms(visit, type="FAX"), key)
    _send(visit, sms(visit), key)
    _send(visit, sms(visit), key)
    _send(visit, sms(visit, text=""), f"{key}-too")
    _send(visit, sms(visit), f"{key}-too")


def _a_day_later(visit: Visit) -> None:
    """A key is kept for 24 hours and no longer."""
    key, body = f"day-{visit.seed}{visit.nonce}", sms(visit, send_at=written(visit.later(days=4)))
    for hours in (2, 20, 30):
        _send(visit, body, key)
        visit.advance(hours * HOUR)
    _send(visit, body, key)


def _key(key: str, visit: Visit) -> None:
    _send(visit, sms(visit), key)


def _good_key(key: str, visit: Visit) -> None:
    _send(visit, sms(visit), visit.unused(key))


def _any(_: Visit) -> str:
    return message(NOBODY)


def _send_place(_: Visit) -> str:
    return SEND


def _probes() -> Iterator[Probe]:
    yield Probe("retrieve", "full", _retrieved, "effective")
    for method in ("GET", "DELETE"):
        for identifier in (NOBODY, "no-uuid", "ümlaut", "x" * 300):
            run = partial(_nobodys, method, identifier)
            yield Probe(f"{method} {identifier[:12]}", "read" if method == "GET" else "full", run, "effective")
    yield from doors.reading("GET", _any, "retrieve", "effective")
    yield Probe("cancel", "full", _cancelled, "effective")
    yield Probe("cancel in time", "full", _cancelled_in_time, "effective", "clock")
    yield Probe("two customers", "full", _customers, "effective", "clock")
    yield Probe("send", "full", _sent, "effective")
    yield from doors.elsewhere(_any, "one message", ("PUT", "PATCH", "POST"), "effective")
    yield from doors.elsewhere(_send_place, "messages", ("PUT", "PATCH", "DELETE"), "effective")
    yield Probe("keys: repeated", "full", _replayed, "effective")
    yield Probe("keys: alike", "full", _alike, "effective")
    yield Probe("keys: two customers", "full", _of_another, "effective", "clock")
    yield Probe("keys: after a refusal", "full", _refused_first, "effective")
    yield Probe("keys: time", "full", _a_day_later, "effective", "clock")
    for key in _BAD_KEYS:
        yield Probe(f"keys: {key[:10]!r} of {len(key)}", "reject", partial(_key, key), "effective")
    for key in _GOOD_KEYS:
        yield Probe(f"keys: {key[:10]!r} of {len(key)}", "full", partial(_good_key, key), "effective")


PROBES: Final = tuple(_probes())
