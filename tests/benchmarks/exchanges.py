"""The exchanges that are measured, as bytes on the wire, and the one document from which Prism serves them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VENDORED = Path(__file__).resolve().parents[2] / "specs" / "telnyx"
NOW = "2025-04-01T00:00:00Z"
EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+13125550100",
    "telnyx_agent_target": "+13125550101",
    "scheduled_at_fixed_datetime": "2025-04-15T13:07:28.764Z",
    "conversation_metadata": {"customer": "acme", "priority": 3},
    "dynamic_variables": {"first_name": "Ada"},
    "max_retries_client_errors": 2,
    "retry_interval_secs": 600,
}
CHAT = {
    "telnyx_conversation_channel": "sms_chat",
    "telnyx_end_user_target": "+13125550100",
    "telnyx_agent_target": "+13125550101",
    "scheduled_at_fixed_datetime": "2025-04-16T13:07:28.764Z",
    "text": "See you at nine.",
}
REFUSED = {**EVENT, "telnyx_conversation_channel": "carrier_pigeon", "max_retries_client_errors": 11}
UNREFUSED = {**EVENT, "conversation_metadata": "no object"}  # nothing but the document refuses it
MESSAGE = {
    "from": "+13125550101",
    "to": "+13125550100",
    "text": "Your appointment is tomorrow at nine.",
    "type": "SMS",
    "send_at": "2025-04-03T13:07:00Z",
}


@dataclass(frozen=True)
class Exchange:
    """One request and the status that answers it."""

    name: str
    method: str
    path: str
    body: Any
    status: int

    def wire(self, base: str, port: int) -> bytes:
        """Write the request as HTTP/1.1 bytes, to `127.0.0.1:port`, under the base path `base`."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = (
            f"{self.method} {base}{self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer KEY_bench\r\n"
        )
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return f"{head}{kind}Accept: application/json\r\n\r\n".encode() + body


_EVENTS = "/ai/assistants/{}/scheduled_events"
_LISTED = _EVENTS.format("assistant-listed")
_FILTER = "conversation_channel=phone_call&from_date=2025-04-02T00:00:00Z&page%5Bsize%5D=20&page%5Bnumber%5D=2"
CREATE = Exchange("create", "POST", _EVENTS.format("assistant-created"), EVENT, 201)
LIST = Exchange("list 20", "GET", f"{_LISTED}?{_FILTER}", None, 200)
REFUSE = Exchange("refused", "POST", CREATE.path, REFUSED, 422)
SCHEDULE = Exchange("schedule", "POST", "/messages/schedule", MESSAGE, 200)
EXCHANGES = (CREATE, LIST, REFUSE, SCHEDULE)
SEEDS = tuple(Exchange("seed", "POST", _LISTED, body, 201) for body in (EVENT, CHAT)) * 100
UNCHECKED = Exchange("unchecked create", "POST", CREATE.path, UNREFUSED, 201)
SEED, SEEDED = SEEDS[0], len(SEEDS)
RESET = Exchange("reset", "POST", "/_mock/reset", None, 200)
PAGE_SIZE = 20


def merged_document(page: Any = None) -> dict[str, Any]:
    """Merge the vendored documents, as Prism serves only one, and give the list an example: `page`, or 20 events."""
    merged: dict[str, Any] = {}
    for file in sorted(VENDORED.glob("*.yaml")):
        _merge(merged, yaml.safe_load(file.read_text("utf-8")))
    get = merged["paths"][_EVENTS.format("{assistant_id}")]["get"]
    get["responses"]["200"]["content"]["application/json"]["example"] = page or {
        "meta": {"total_pages": 5, "total_results": 100, "page_number": 2, "page_size": PAGE_SIZE},
        "data": [{**EVENT, "assistant_id": "assistant-listed", "status": "pending"} for _ in range(PAGE_SIZE)],
    }
    return merged


def _merge(into: dict[str, Any], tree: dict[str, Any]) -> None:
    for key, value in tree.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into.setdefault(key, value)
