"""Answers and webhooks made wrong, one thing at a time: what a rule must be able to see."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from contratempo.conformance.exchange import ABSENT, BROKEN, Exchange, Receipt, Tick
from contratempo.conformance.instants import instant_of, written
from contratempo.conformance.ledger import Ledger

STATUSES = (200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 418, 422, 500)
WORDS = ("completed", "pending", "failed", "queued", "sent", "GSM-7", "UTF-16")
UNASKED = {"text": "x", "call_status": "busy", "errors": ["x"]}


def tampered(seen: Any, ledger: Ledger) -> Iterator[tuple[Any, Ledger]]:
    """Yield an observation, or what was seen before it, wrong in one thing."""
    if isinstance(seen, Exchange):
        yield from ((x, ledger) for x in _exchange(seen, ledger))
    elif isinstance(seen, Receipt):
        yield from ((receipt, ledger) for receipt in _receipt(seen))
        yield seen, replace(ledger, receipts=[*ledger.receipts, replace(seen, status=200)])
        yield seen, replace(ledger, receipts=[*ledger.receipts, _renamed(seen)])
    elif isinstance(seen, Tick):
        yield from ((seen, replace(ledger, receipts=receipts)) for receipts in _receipts(ledger.receipts))
        again = [*ledger.receipts, *ledger.receipts]
        yield replace(seen, was=seen.now), replace(ledger, receipts=[replace(each, now=seen.now) for each in again])


def _exchange(x: Exchange, ledger: Ledger) -> Iterator[Exchange]:
    yield from (replace(x, status=status) for status in STATUSES if status != x.status)
    yield replace(x, elapsed=9.0)
    yield replace(x, status=204, content=b"{}")
    yield replace(x, content=b"{NaN", json=BROKEN)
    yield replace(x, content=b"x", json=BROKEN, answer_headers={**x.answer_headers, "content-type": "text/html"})
    yield replace(x, content=x.content + b'Traceback (most recent call last): File "a.py", line 1')
    yield replace(x, content=x.content + ledger.token.encode())
    yield from (replace(x, answer_headers={**x.answer_headers, "allow": methods}) for methods in ("", x.method))
    yield replace(x, answer_headers={}, json=ABSENT, content=b"")
    yield from (_with(x, each) for each in _values(x.json))
    yield from (_with(x, each) for each in _added(x.json, ledger))
    for made in list(ledger.made.values())[:3]:
        for record in (
            {**made.last.record},
            {"data": {**made.last.record}},
            {"data": [made.last.record, made.last.record]},
        ):
            yield replace(_with(x, record), status=201 if "data" not in record else 200)
            yield _with(x, record)


def _added(value: Any, ledger: Ledger) -> Iterator[Any]:
    if isinstance(value, dict):
        yield {**value, **UNASKED}
        if isinstance(value.get("data"), dict):
            yield {**value, "data": {**value["data"], **UNASKED}}
        if isinstance(value.get("data"), list):
            yield from ({**value, "data": [*value["data"], made.last.record]} for made in ledger.made.values())


def _with(x: Exchange, value: Any) -> Exchange:
    return replace(x, json=value, content=json.dumps(value).encode())


def _receipt(receipt: Receipt) -> Iterator[Receipt]:
    yield replace(receipt, content=receipt.content + b" ")
    yield replace(receipt, content=b"x", json=BROKEN)
    yield replace(receipt, place="/elsewhere")
    yield from (replace(receipt, headers={**receipt.headers, name: "1"}) for name in receipt.headers)
    yield replace(receipt, headers={})
    if receipt.now is not None:
        yield replace(receipt, now=receipt.now - timedelta(days=30))
    yield from (replace(receipt, json=each) for each in _values(receipt.json))


def _renamed(receipt: Receipt) -> Receipt:
    value = deepcopy(receipt.json)
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value["data"]["event_type"] = "message.else"
    return replace(receipt, json=value)


def _receipts(receipts: list[Receipt]) -> Iterator[list[Receipt]]:
    yield []
    yield [*receipts, *receipts]
    yield [each for each in receipts if each.status == 200]
    yield [each for each in receipts if each.status != 200]
    yield [replace(each, place="/elsewhere") for each in receipts]
    yield [replace(each, place=place) for each in receipts for place in {other.place for other in receipts}]


def _values(value: Any) -> Iterator[Any]:
    """Yield a JSON value with one member left out, or changed."""
    if not isinstance(value, dict | list):
        return
    for path in list(_paths(value)):
        for change in (_left_out, *_changes(_at(value, path))):
            changed = deepcopy(value)
            holder = _at(changed, path[:-1])
            if change is _left_out:
                del holder[path[-1]]
            else:
                holder[path[-1]] = change
            yield changed


def _left_out() -> None: ...


def _changes(value: Any) -> Iterator[Any]:
    yield from (None, [], {}, "", "x", -1, 10**6, True)
    if isinstance(value, str):
        yield from (
            value + "x",
            value.upper(),
            value.lower(),
            "completed",
            "pending",
            "failed",
            "queued",
            "sent",
            "GSM-7",
            "UTF-16",
        )
        moment = instant_of(value)
        if moment is not None:
            yield from (_moved(moment, seconds) for seconds in (-(10**7), -7_200, -1, 1, 7_200, 10**7))
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, str(value), value + 0.5)
    if isinstance(value, list) and value:
        yield from (value[:-1], [*value, value[0]], [*value, value[-1], value[-1], value[-1]])


def _moved(moment: datetime, seconds: int) -> str:
    return written(moment + timedelta(seconds=seconds))


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for name, member in members:
        yield (*above, name)
        yield from _paths(member, (*above, name))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value
