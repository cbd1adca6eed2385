"""Probes that let time pass over messages, with a receiver of webhooks that is not always willing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.instants import DAY, HOUR, SECOND, written
from contratempo.conformance.probes.messages import PROFILE, SEND, identifier_of, message, mms, schedule, sms
from contratempo.conformance.probes.probe import LEFT_OUT, OFFSETS, Probe, changed, local
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
_OUTCOMES: Final = ("delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired", "stuck")
_WORDS: Final = 4 * "“così” 世界, and more </b>"
"""What is written in more than one way in JSON: a signature is of the bytes that come."""
_LOOKS: Final = (-3000, -300, -61, 0, 1, 2, 3, 4, 5, 10, 30, 60, 125, 600, 3500, 3650, 7500, 26 * 3600)
"""Seconds from the due instant at which everything is looked at."""


def _watch(visit: Visit, bodies: list[tuple[str, dict[str, Json]]]) -> list[str]:
    made = []
    for outcome, body in bodies:
        identifier = schedule(visit, body)
        if identifier is not None:
            visit.script(identifier, outcome)
            made.append(identifier)
    return made


def _look(visit: Visit, made: list[str]) -> None:
    for identifier in made:
        visit.send("GET", message(identifier))


def _scripted(visit: Visit) -> None:
    due = visit.later(hours=1)
    made = _watch(visit, [(outcome, sms(visit, send_at=written(due), text="x" * 200)) for outcome in _OUTCOMES])
    made += _watch(visit, [("delivered", mms(visit, send_at=written(due)))])
    for seconds in _LOOKS:
        visit.advance_to(due + seconds * SECOND)
        _look(visit, made)
    visit.advance(DAY)
    _look(visit, made)


def _at_once(visit: Visit) -> None:
    body = changed(sms(visit), {"send_at": LEFT_OUT})
    identifier = identifier_of(visit.send("POST", SEND, json=body))
    for seconds in (1, 2, 10, 120, 8000):
        visit.advance(seconds * SECOND)
        _look(visit, [identifier] if identifier else [])


def _by_due(visit: Visit) -> None:
    """Each at its own instant, in many offsets, also where it is another day there."""
    first = visit.later(minutes=10)
    dues = [first + number * 600 * SECOND for number in range(2 + len(OFFSETS))]
    texts = [*map(written, dues[:2]), *map(local, dues[2:], OFFSETS)]
    made = [schedule(visit, sms(visit, send_at=text)) for text in texts]
    for number, identifier in enumerate(made):
        due = first + number * 600 * SECOND
        for moment in (due - 90 * SECOND, due + 130 * SECOND):
            visit.advance_to(moment)
            _look(visit, [identifier] if identifier else [])


def _told(visit: Visit) -> None:
    """Every end, told to a willing receiver."""
    assert visit.receiver is not None
    due, url, seed = visit.later(hours=1), visit.receiver.url, visit.seed
    more = {"messaging_profile_id": PROFILE, "use_profile_webhooks": False}
    bodies = [
        (
            outcome,
            sms(
                visit,
                send_at=written(due),
                webhook_url=f"{url}/ok/{outcome}/{seed}?a=B",
                **more,
                text=f"{outcome}: {_WORDS}",
            ),
        )
        for outcome in _OUTCOMES
        if outcome not in ("expired", "stuck")
    ]
    made = _watch(visit, bodies)
    again = sms(visit, send_at=written(due), webhook_url=f"{url}/ok/again/{seed}")
    for outcome in ("delivered", ""):
        answer = visit.send("POST", SEND, json=again, headers={"idempotency-key": f"told-{seed}{visit.nonce}"})
        sent = identifier_of(answer) if outcome else None
        if sent is not None:
            visit.script(sent, outcome)
    picture = {"send_at": written(due), "webhook_url": f"{url}/ok/picture/{seed}", "from": "+18445550002"}
    made += _watch(visit, [("delivered", mms(visit, **picture))])
    gone = schedule(visit, sms(visit, send_at=written(due), webhook_url=f"{url}/ok/cancelled/{seed}"))
    if gone is not None:
        visit.send("DELETE", message(gone))
    schedule(visit, sms(visit, send_at=written(visit.later(seconds=100)), webhook_url=f"{url}/ok/refused/{seed}"))
    for seconds in (-600, 1, 3, 60, 7300, 4 * 3600, 26 * 3600):
        visit.advance_to(due + seconds * SECOND)
        _look(visit, made)


def _not_taken(visit: Visit) -> None:
    """Receivers that refuse, redirect, or take only what comes a second time; with and without another address."""
    assert visit.receiver is not None
    due, url, seed = visit.later(hours=1), visit.receiver.url, visit.seed
    places = [
        (f"/fail/a/{seed}", f"/ok/fa/{seed}"),
        (f"/moved/b/{seed}", f"/ok/fb/{seed}"),
        (f"/once/c/{seed}", f"/ok/fc/{seed}"),
        (f"/ok/d/{seed}", f"/ok/fd/{seed}"),
        (f"/fail/e/{seed}", None),
        (f"/fail/f/{seed}", f"/once/ff/{seed}"),
        (f"/quiet/g/{seed}", f"/ok/fg/{seed}"),
        (f"/made/h/{seed}", f"/ok/fh/{seed}"),
    ]
    made = []
    for first, second in places:
        hooks = {"webhook_url": url + first} | ({"webhook_failover_url": url + second} if second else {})
        made += _watch(visit, [("delivered", sms(visit, send_at=written(due), **hooks))])
    for seconds in (*(number / 2 for number in range(14)), 10, 30, 120, 1800, 7300, 4 * 3600, 26 * 3600):
        visit.advance_to(due + seconds * SECOND)
    _look(visit, made)


def _over_changes(visit: Visit) -> None:
    """Over the nights in which clocks are put back in Europe, and in America."""
    for day in (datetime(2026, 10, 24, 10, tzinfo=UTC), datetime(2026, 10, 31, 10, tzinfo=UTC)):
        if visit.at() > day:
            continue
        visit.advance_to(day)
        due = day + DAY
        identifier = schedule(visit, sms(visit, send_at=local(due, "-11:00")))
        for moment in (due - 90 * SECOND, due + 130 * SECOND):
            visit.advance_to(moment)
            _look(visit, [identifier] if identifier else [])


def _old(visit: Visit) -> None:
    """A message is there for ten days after it came, and no longer."""
    came, due = visit.at(), visit.later(days=4, hours=20)
    identifier = schedule(visit, sms(visit, send_at=written(due)))
    for moment in (due - 90 * SECOND, due + 130 * SECOND, came + 10 * DAY - HOUR, came + 12 * DAY):
        visit.advance_to(moment)
        _look(visit, [identifier] if identifier else [])


def _probes() -> Iterator[Probe]:
    timed = partial(Probe, level="full", contract="effective", needs="clock")
    told = partial(Probe, level="full", contract="effective", needs="webhooks")
    yield timed("time: messages as scripted", run=_scripted)
    yield timed("time: sent at once", run=_at_once)
    yield timed("time: each at its own", run=_by_due)
    yield told("webhooks: every end", run=_told)
    yield told("webhooks: not taken", run=_not_taken)
    yield timed("time: ten days", run=_old)
    yield timed("time: when clocks are put back", run=_over_changes)


PROBES: Final = tuple(_probes())
