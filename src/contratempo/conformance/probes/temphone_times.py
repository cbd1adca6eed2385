"""Probes that let time pass over calls of TemPhone: only its webhooks show what becomes of them."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from contratempo.conformance.instants import SECOND, written
from contratempo.conformance.intent import MISSING_CONTACT
from contratempo.conformance.probes.probe import OFFSETS, Probe, local
from contratempo.conformance.probes.temphone_requests import CALLS, call
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
_OUTCOMES: Final = ("completed", "busy", "no-answer", "failed", "canceled")
_ZONES: Final = ("Asia/Tokyo", "UTC")
_LOOKS: Final = (-1800, -1, 0, 1, 5, 30, 60, 120, 3600, 4 * 3600, 26 * 3600)


def _told(kind: str, visit: Visit) -> None:
    assert visit.receiver is not None
    due, far = visit.later(hours=1, seconds=17), visit.later(days=10)
    for outcome in _OUTCOMES:
        body = call(
            visit,
            scheduled_at=written(due),
            webhook_url=f"{visit.receiver.url}/{kind}/{outcome}/{visit.seed}?a=B",
            metadata={"outcome": outcome},
            initial_message=f"to be {outcome}",
            recording_enabled=False,
            max_duration_seconds=601,
            timezone="America/New_York",
        )
        x = visit.send("POST", CALLS, json=body)
        made = visit.ledger.vocabulary.made(x)
        if made is not None:
            visit.script(str(made["call_id"]), outcome)
    for zone in _ZONES:
        there = due.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
        url = f"{visit.receiver.url}/{kind}/{zone}/{visit.seed}"
        body = call(visit, scheduled_at=there, timezone=zone, webhook_url=url)
        made = visit.ledger.vocabulary.made(visit.send("POST", CALLS, json=body))
        if made is not None:
            visit.script(str(made["call_id"]), "completed")
    for offset in OFFSETS:
        url = f"{visit.receiver.url}/{kind}/{offset}/{visit.seed}"
        made = visit.ledger.vocabulary.made(
            visit.send("POST", CALLS, json=call(visit, scheduled_at=local(due, offset), webhook_url=url))
        )
        if made is not None:
            visit.script(str(made["call_id"]), "completed")
    for limits in ({"max_duration_seconds": 30}, {}):
        body = call(
            visit, scheduled_at=written(due), webhook_url=f"{visit.receiver.url}/{kind}/talk/{visit.seed}", **limits
        )
        made = visit.ledger.vocabulary.made(visit.send("POST", CALLS, json=body))
        if made is not None:
            visit.script(str(made["call_id"]), "completed", talk=7200)
    for change in ({"contact_id": MISSING_CONTACT}, {"scheduled_at": written(far)}):
        url = f"{visit.receiver.url}/{kind}/{next(iter(change))}/{visit.seed}"
        visit.send("POST", CALLS, json=call(visit, **{"scheduled_at": written(due), "webhook_url": url, **change}))
    for seconds in _LOOKS:
        visit.advance_to(due + seconds * SECOND)
    for seconds in (-60, 600):
        visit.advance_to(far + seconds * SECOND)


def _probes() -> Iterator[Probe]:
    told = partial(Probe, level="full", contract="effective", needs="webhooks")
    yield told("webhooks: every end", run=partial(_told, "ok"))
    yield told("webhooks: not taken at first", run=partial(_told, "once"))


PROBES: Final = tuple(_probes())
