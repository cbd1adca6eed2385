"""Probes of what is kept: retrieve, delete, idempotency keys."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from contratempo.conformance.instants import written
from contratempo.conformance.probes import doors
from contratempo.conformance.probes.assistants import WHEN, event, events, list_all, make, phone, sms
from contratempo.conformance.probes.probe import AS_THE_SDK, Probe
from contratempo.conformance.visit import Visit

_NOBODY: Final = "2f9fd6b6-3f0c-4d3a-8d3e-0d7d6a5b1c11"
_BAD_KEYS: Final = ("", "x" * 256, "with space", "ü".encode().decode("latin-1"), "a,b", "a/b", "a.b")
_GOOD_KEYS: Final = ("x", "x" * 255, "3f0c4d3a-8d3e-4d7d-8a5b-1c11aa22bb33", "under_score-and-dash", "0")


def _retrieved(visit: Visit) -> None:
    assistant = visit.fresh("kept")
    bodies = [
        phone(visit),
        sms(visit),
        phone(visit, max_retries_client_errors=2, retry_interval_secs=600),
        phone(visit, conversation_metadata={"n": 1, "b": True, "s": "1"}, dynamic_variables={"a": "b"}),
    ]
    made = [make(visit, assistant, body) for body in bodies]
    for identifier in filter(None, made):
        visit.send("GET", event(assistant, identifier))
        visit.send("GET", event(assistant, identifier))
    list_all(visit, assistant)


def _deleted(visit: Visit) -> None:
    assistant = visit.fresh("deleted")
    made = [make(visit, assistant, body) for body in (phone(visit), sms(visit), phone(visit))]
    list_all(visit, assistant)
    for identifier in list(filter(None, made))[:2]:
        visit.send("GET", event(assistant, identifier))  # whoever keeps answers has one now
        visit.send("DELETE", event(assistant, identifier), headers=AS_THE_SDK)
        visit.send("GET", event(assistant, identifier))
        list_all(visit, assistant)
        visit.send("DELETE", event(assistant, identifier))
    for identifier in list(filter(None, made))[2:]:
        visit.send("GET", event(assistant, identifier))


def _nobodys(method: str, identifier: str, visit: Visit) -> None:
    visit.send(method, event(visit.fresh("kept"), identifier))


def _any(visit: Visit) -> str:
    return event(visit.fresh("kept"), _NOBODY)


def _own(visit: Visit) -> str:
    """Return the path of an event that exists."""
    known = next((made for made in visit.ledger.living(visit.fresh("kept"))), None)
    return _any(visit) if known is None else event(known.scope, known.id)


def _unauthorised_delete(visit: Visit) -> None:
    for auth in ("none", "unknown"):
        visit.send("DELETE", _own(visit), auth=auth)
    visit.send("GET", _own(visit))


def _replayed(visit: Visit) -> None:
    assistant, other = visit.fresh("keys"), visit.fresh("keys-too")
    key, body = f"key-{visit.seed}{visit.nonce}", phone(visit)
    for _ in range(3):
        make(visit, assistant, body, key)
    list_all(visit, assistant)
    reordered = dict(reversed(body.items()))
    make(visit, assistant, reordered, key)
    make(visit, assistant, phone(visit, text="another"), key)
    make(visit, assistant, sms(visit), key)
    for change in (
        {"telnyx_end_user_target": "+13125550003"},
        {"telnyx_agent_target": "+13125550004"},
        {"dynamic_variables": {"a": "1"}},
        {"max_retries_client_errors": 1, "retry_interval_secs": 60},
    ):
        make(visit, assistant, phone(visit, **change), key)
    make(visit, assistant, phone(visit, conversation_metadata={"a": 1}), key)
    make(visit, assistant, phone(visit, **{WHEN: written(visit.later(hours=2))}), key)
    make(visit, other, body, key)
    for another in (f"{key}-2", key.upper()):
        make(visit, assistant, body, another)
    make(visit, assistant, body)
    list_all(visit, assistant)
    list_all(visit, other)


def _alike(visit: Visit) -> None:
    """Keys that differ in their last letter alone."""
    assistant = visit.fresh("keys-alike")
    for last in ("a", "b"):
        make(visit, assistant, phone(visit), visit.unused("x" * 254)[:254] + last)
    list_all(visit, assistant)


def _of_another(visit: Visit) -> None:
    """A key that two customers use is two keys."""
    assistant, key, body = visit.fresh("keys-shared"), f"shared-{visit.seed}{visit.nonce}", phone(visit)
    make(visit, assistant, body, key)
    theirs = phone(visit, telnyx_end_user_target="+13125550009")
    visit.send("POST", events(assistant), json=theirs, headers={"idempotency-key": key}, auth="other")
    make(visit, assistant, body, key)
    list_all(visit, assistant)


def _refused_first(visit: Visit) -> None:
    assistant, key = visit.fresh("keys-refused"), f"refused-{visit.seed}{visit.nonce}"
    bad = phone(visit, max_retries_client_errors=99)
    visit.send("POST", events(assistant), json=bad, headers={"idempotency-key": key})
    make(visit, assistant, phone(visit), key)
    make(visit, assistant, phone(visit), key)
    make(visit, assistant, phone(visit, max_retries_client_errors=1), f"{key}-too")
    make(visit, assistant, phone(visit), f"{key}-too")
    list_all(visit, assistant)


def _key(key: str, visit: Visit) -> None:
    visit.send("POST", events(visit.fresh("keys-odd")), json=phone(visit), headers={"idempotency-key": key})


def _good_key(key: str, visit: Visit) -> None:
    make(visit, visit.fresh("keys-odd"), phone(visit), visit.unused(key))


def _keys_left_nothing(visit: Visit) -> None:
    list_all(visit, visit.fresh("keys-odd"))


def _probes() -> Iterator[Probe]:
    yield Probe("retrieve", "full", _retrieved, "effective")
    yield from doors.reading("GET", _any, "retrieve", "effective")
    for method in ("GET", "DELETE"):
        for identifier in (_NOBODY, "no-uuid", "ümlaut", "a/b", "x" * 300):
            run = partial(_nobodys, method, identifier)
            yield Probe(f"{method} {identifier[:12]}", "read" if method == "GET" else "full", run, "effective")
    yield Probe("delete without a token", "full", _unauthorised_delete, "effective")
    yield Probe("delete", "full", _deleted, "effective")
    yield from doors.elsewhere(_own, "one event", ("PUT", "PATCH", "POST"), "effective")
    yield Probe("keys: repeated", "full", _replayed, "effective")
    yield Probe("keys: alike", "full", _alike, "effective")
    yield Probe("keys: two customers", "full", _of_another, "effective", "clock")
    yield Probe("keys: after a refusal", "full", _refused_first, "effective")
    for key in _BAD_KEYS:
        yield Probe(f"keys: {key[:10]!r} of {len(key)}", "reject", partial(_key, key), "effective")
    for key in _GOOD_KEYS:
        yield Probe(f"keys: {key[:10]!r} of {len(key)}", "full", partial(_good_key, key), "effective")
    yield Probe("keys: what they left", "full", _keys_left_nothing, "effective")


PROBES: Final = tuple(_probes())
