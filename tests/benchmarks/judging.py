"""What judging costs: microseconds per exchange by openapi-core as it comes and by our contract, in the same run.

`python tests/benchmarks/judging.py` prints the rows; `rows()` returns them.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
from exchanges import EVENT, MESSAGE, REFUSED
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from contratempo.contract.contract import Contract
from contratempo.contract.document import Document, read_document

SPECS = Path(__file__).resolve().parents[2] / "specs"
ASSISTANTS = ("telnyx/assistants-create_scheduled_event.yaml", "telnyx/assistants-get_scheduled_events.yaml")
MESSAGES = ("telnyx/messages-ScheduleMessage.yaml",)
_HEADERS = [
    ("host", "127.0.0.1:4010"), ("authorization", "Bearer KEY_bench"), ("content-type", "application/json"),
    ("accept", "application/json"), ("user-agent", "bench/1"), ("content-length", "400"),
]  # fmt: skip
_STORED = {
    **EVENT, "assistant_id": "a1", "scheduled_event_id": "40385f64-5717-4562-b3fc-2c963f66afa6", "status": "pending",
    "created_at": "2025-04-01T00:00:00Z", "retry_attempts": 0, "retry_count": 0, "errors": [],
    "conversation_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}  # fmt: skip
_PAGE = {
    "meta": {"total_pages": 1, "total_results": 20, "page_number": 1, "page_size": 20},
    "data": [_STORED for _ in range(20)],
}
_ANSWER = {
    "data": {
        "record_type": "message", "id": "40385f64-5717-4562-b3fc-2c963f66afa6", "direction": "outbound", "type": "SMS",
        "from": {"phone_number": "+13125550101", "carrier": "", "line_type": ""},
        "to": [{"phone_number": "+13125550100", "status": "queued", "carrier": "", "line_type": ""}],
        "text": MESSAGE["text"], "valid_until": None, "sent_at": None, "errors": [],
    }
}  # fmt: skip


class Row(NamedTuple):
    """One kind of judging: what openapi-core costs as it comes and what ours does, in microseconds, and the ratio."""

    name: str
    core: float
    ours: float
    ratio: float


class _Exchange(NamedTuple):
    name: str
    core: Callable[[], Any]
    ours: Callable[[], Any]
    valid: bool


def rows(rounds: int = 9, *, validation: str = "plan") -> list[Row]:
    """Measure every exchange, the two in turns; medians of the rounds count. A wrong verdict is an error."""
    return [_row(exchange, rounds) for exchange in _exchanges(validation)]


def _row(exchange: _Exchange, rounds: int) -> Row:
    for judge in (exchange.core, exchange.ours):
        if bool(judge()) is exchange.valid:
            raise RuntimeError(f"{exchange.name}: {judge()!r}")
    measured = [(_seconds(exchange.core, 0.02), _seconds(exchange.ours, 0.01)) for _ in range(rounds)]
    core, ours = (statistics.median(each) * 1e6 for each in zip(*measured, strict=True))
    return Row(exchange.name, core, ours, core / ours)


def _seconds(call: Callable[[], Any], span: float) -> float:
    """Seconds of CPU of one call, over at least `span` seconds."""
    calls, began = 0, time.process_time()
    while (spent := time.process_time() - began) < span:
        for _ in range(max(1, calls)):
            call()
        calls += max(1, calls)
    return spent / calls


def _exchanges(validation: str) -> list[_Exchange]:
    assistants, messages = _document("telnyx_assistants", ASSISTANTS), _document("telnyx_messages", MESSAGES)
    events, message = _Side(assistants, validation), _Side(messages, validation)
    path, schedule = "/v2/ai/assistants/a1/scheduled_events", "/v2/messages/schedule"
    create = events.request("create_scheduled_event", path, EVENT)
    answer = events.answer("create_scheduled_event", path, 201, _STORED)
    refused = events.request("create_scheduled_event", path, REFUSED)
    listing = events.request("get_scheduled_events", path, None, "page[size]=20&conversation_channel=phone_call")
    page = events.answer("get_scheduled_events", path, 200, _PAGE)
    return [
        _Exchange("create: request", *create, True),
        _Exchange("create: answer", *answer, True),
        _Exchange("create: both", *_both(create, answer), True),
        _Exchange("list: request", *listing, True),
        _Exchange("list 20: answer", *page, True),
        _Exchange("refused: request", *refused, False),
        _Exchange("schedule: request", *message.request("ScheduleMessage", schedule, MESSAGE), True),
        _Exchange("schedule: answer", *message.answer("ScheduleMessage", schedule, 200, _ANSWER), True),
    ]


def _both(*pairs: tuple[Callable[[], Any], Callable[[], Any]]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    (core, ours), (more_core, more_ours) = pairs
    return lambda: [*core(), *more_core()], lambda: [*ours(), *more_ours()]


class _Side:
    """One document, as openapi-core comes and as we judge by it."""

    def __init__(self, document: Document, validation: str) -> None:
        self.document, self.contract = document, Contract(document, validation)
        self.core = OpenAPI.from_dict(document.tree)

    def request(self, operation: str, path: str, body: Any, query: str = "") -> tuple[Any, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        method = self.document.operations[operation].method
        args = dict(field.split("=") for field in query.split("&")) if query else {}
        sent = MockRequest("https://api.telnyx.com", method, path, args=args, headers=dict(_HEADERS), data=raw)
        decoded = {"assistant_id": "a1"} if "assistants" in path else {}

        def ours() -> Any:
            return self.contract.check_request(
                operation, path=decoded, query=query.encode(), headers=_HEADERS, body=raw, naive_datetime=True
            ).violations

        return lambda: list(self.core.iter_request_errors(sent)), ours

    def answer(self, operation: str, path: str, status: int, body: Any) -> tuple[Any, Any]:
        method = self.document.operations[operation].method
        request = MockRequest("https://api.telnyx.com", method, path)
        response = MockResponse(json.dumps(body).encode(), status, {"content-type": "application/json"})

        def ours() -> Any:
            return self.contract.check_response(operation, status, "application/json", body, ())

        return lambda: list(self.core.iter_response_errors(request, response)), ours


def _document(name: str, files: tuple[str, ...]) -> Document:
    return read_document(name, [SPECS / file for file in files], [SPECS / f"overlays/{name}.yaml"], validate=False)


if __name__ == "__main__":
    for row in rows():
        print(f"{row.name:<20} core {row.core:9.1f} us   ours {row.ours:7.2f} us   1/{row.ratio:.0f}")
