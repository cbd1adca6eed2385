"""Requests that schemathesis makes of the document, good and bad; nothing else knows schemathesis.

Only what it generates is used: our wire sends it and our rules judge it, so that its own checks, its cache of what
answers seemed to say, and its feedback from errors have no part in a verdict.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from contratempo.conformance.visit import Visit

_NOWHERE: Final = "http://fuzz.invalid"
_DROPPED: Final = (
    "authorization",
    "user-agent",
    "accept-encoding",
    "accept",
    "connection",
    "content-length",
    "x-schemathesis-testcaseid",
    "cookie",
    "host",
)
_PARTS: Final = ("method", "url", "headers", "params", "data", "json")


def run_fuzz(visit: Visit, cases: int) -> None:
    """Send `cases` good and as many bad requests to each operation, the same for the same seed."""
    schema: Any = schemathesis.openapi.from_dict(visit.book.contract.document.tree)
    schema.config.update(base_url=_NOWHERE)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            visit.begin(f"fuzz: {operation.label}, {mode.value}")
            for case in _generated(operation, mode, cases, visit.seed):
                _send(visit, case)


def _generated(operation: Any, mode: GenerationMode, cases: int, number: int) -> Iterator[Any]:
    made: list[Any] = []
    quiet = settings(
        max_examples=cases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )

    @seed(number)
    @quiet
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        made.append(case)

    try:
        collect()
    except Unsatisfiable:
        return  # there is no such request: nothing to be wrong about
    yield from made


def _send(visit: Visit, case: Any) -> None:
    parts = {name: part for name, part in case.as_transport_kwargs(base_url=_NOWHERE).items() if name in _PARTS}
    prepared = requests.Request(**parts).prepare()
    target = urlsplit(prepared.url or "")
    body = prepared.body if isinstance(prepared.body, bytes) else str(prepared.body or "").encode()
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    sent = {name: value for name, value in headers.items() if name not in _DROPPED}
    visit.send(str(prepared.method), target.path, query=target.query, body=body, headers=sent, exclusive=False)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
