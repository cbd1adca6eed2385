"""A story that test_determinism has told in processes of their own; `story.py SEED [DATE]` prints what came of it."""

import json
import sys
from contextlib import ExitStack
from typing import Any

import httpx2
import time_machine

from contratempo.sim.saved import dump
from contratempo.testing import MockServer

EVENTS = "/v2/ai/assistants/asst_1/scheduled_events"
CALL = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+12125550101",
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
    "max_retries_client_errors": 2,
    "retry_interval_secs": 600,
    "conversation_metadata": {"b": 1, "a": "x", "ü": True},
}
CHAT = {name: CALL[name] for name in list(CALL)[:4]} | {"telnyx_conversation_channel": "sms_chat", "text": "Hi"}
MESSAGE = {"from": "+12125550100", "to": "+12125550131", "text": "Grüße 🎉", "send_at": "2026-03-15T10:00:00+01:00"}
VISIT = {
    "contact_id": "ctc_berlin",
    "scheduled_at": "2026-03-29T02:30:00",
    "initial_message": "Hi",
    "metadata": {"z": 1, "a": [2]},
}
CALLS: list[tuple[str, str, Any]] = [
    ("POST", EVENTS, CALL),
    ("POST", EVENTS, CHAT),
    ("POST", "/v2/messages/schedule", MESSAGE | {"send_at": "2026-03-15T11:00:00+01:00"}),
    ("POST", "/v2/messages/schedule", MESSAGE | {"send_at": "long ago"}),
    ("POST", "/v2/messages", {name: MESSAGE[name] for name in ("from", "to", "text")}),
    ("POST", "/v1/calls/scheduled", VISIT),
    ("POST", "/_mock/outcomes", {"outcomes": ["busy", "no-answer", "completed"]}),
    ("PATCH", "/_mock/rules", {"telnyx_assistants.naive_datetime": "reject"}),
    ("POST", "/_mock/clock/advance", {"by": "65m"}),
    ("POST", EVENTS, CALL | {"scheduled_at_fixed_datetime": "2026-03-15T11:00:00"}),
    ("GET", f"{EVENTS}?page[size]=1", None),
    ("POST", "/_mock/clock/advance", {"to": "idle"}),
    ("GET", EVENTS, None),
    ("GET", "/_mock/resources", None),
    ("GET", "/_mock/timeline", None),
    ("GET", "/_mock/requests", None),
    ("GET", "/_mock/rules", None),
]


def tell(seed: str) -> dict[str, Any]:
    """Return every answer, and the world in the end."""
    with MockServer(clock="2026-03-15T09:00:00Z", seed=seed, validation="both") as server:
        headers = {"authorization": "Bearer key"}
        with httpx2.Client(base_url=server.origin, headers=headers) as client:
            answers = [client.request(method, path, json=body) for method, path, body in CALLS]
        assert server._bound is not None
        world = dump(server._bound.service.worlds.default.simulation)
    said = [[answer.status_code, answer.headers.get("x-mock-trace"), _timeless(answer.json())] for answer in answers]
    return {"answers": said, "world": world}


def _timeless(body: Any) -> Any:
    """Return an answer without what the journal of requests tells of real time."""
    for row in body.get("requests", ()):
        row.pop("received_at", None), row.pop("seconds", None)
    return body


if __name__ == "__main__":
    with ExitStack() as stack:
        if len(sys.argv) > 2:
            stack.enter_context(time_machine.travel(sys.argv[2]))
        print(json.dumps(tell(sys.argv[1])))
