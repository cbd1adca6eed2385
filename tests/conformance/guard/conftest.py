"""What the tests of the guard share: a deployment that records what reaches it, and a guard before it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contratempo.conformance.book import open_book
from contratempo.conformance.door import Asked, Refused
from contratempo.conformance.guard.gate import Gate
from contratempo.conformance.guard.pace import Pace
from contratempo.conformance.guard.permit import Permit
from contratempo.conformance.guard.proxy import Guard
from contratempo.conformance.guard.record import Record
from contratempo.conformance.wire import Answer

NOW = datetime(2030, 3, 15, 9, tzinfo=UTC)
TOKEN = "the-token-of-this-deployment"
BASES = {"telnyx_assistants": "/v2", "telnyx_messages": "/v2", "temphone": "/v1"}
TARGETS = {"temphone": ("ctc_mine00",)}


class Upstream:
    """Takes down what reaches it; `says` answers."""

    origin = "https://deployment.example"

    def __init__(self, says: Callable[[Asked], Answer], clock: Callable[[], float]) -> None:
        self.says, self.clock = says, clock
        self.seen: list[Asked] = []
        self.at: list[float] = []

    def send(self, method: str, target: str, headers: Any, body: bytes) -> Answer:
        self.seen.append(Asked(method, target, tuple(headers.items()), body))
        self.at.append(self.clock())
        return self.says(self.seen[-1])

    def close(self) -> None:
        """Nothing is open."""


class Post:
    """A guard of a provider before an upstream; its clock moves only when somebody waits."""

    def __init__(self, file: Path, provider: str, level: Any, **limits: Any) -> None:
        self.provider, self.base, self.seconds = provider, BASES[provider], 0.0
        kept = {
            "targets": TARGETS.get(provider, ("+13125550199",)),
            "senders": ("+13125550198",),
            "assistants": ("mine",),
        }
        self.permit = Permit(level, **({**kept, "max_requests": 10**6, "max_creates": 10**6, "rate": 1_000} | limits))
        self.upstream = Upstream(self.created, lambda: self.seconds)
        self.record = Record(file)
        self.record.begin(provider, f"https://deployment.example{self.base}", "run")
        gate = Gate(self.permit, open_book(provider, "effective"), self.base, TOKEN, lambda: NOW)
        pace = Pace(self.permit.rate, lambda: self.seconds, self.wait, lambda: NOW)
        self.guard = Guard(gate, self.record, self.upstream, pace, lambda: NOW)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def created(self, asked: Asked) -> Answer:
        number = len(self.upstream.seen)
        shown = {"scheduled_event_id": f"e{number}", "data": {"id": f"m{number}", "call_id": f"c{number}"}}
        if self.provider == "telnyx_assistants":
            del shown["data"]
        return Answer(201, {"content-type": "application/json"}, json.dumps(shown).encode())

    def ask(self, method: str, path: str, body: Any = None, token: str | None = TOKEN, **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            fields.setdefault("authorization", f"Bearer {token}")
        if content:
            fields.setdefault("content-type", "application/json")
        return self.guard.answer(Asked(method, self.base + path, tuple(fields.items()), content))

    def reason(self, *call: Any, **more: Any) -> str:
        """Return why a request was kept back, "" when it was sent on."""
        try:
            self.ask(*call, **more)
        except Refused as refused:
            return refused.reason
        return ""

    def good(self, **changes: Any) -> dict[str, Any]:
        """Return a body that may be sent, with changes; None leaves a member out."""
        due = (NOW + timedelta(days=3)).isoformat()
        bodies = {
            "telnyx_assistants": {
                "telnyx_conversation_channel": "phone_call",
                "telnyx_end_user_target": "+13125550199",
                "telnyx_agent_target": "+13125550198",
                "scheduled_at_fixed_datetime": due,
            },
            "telnyx_messages": {"to": "+13125550199", "from": "+13125550198", "text": "Hello", "send_at": due},
            "temphone": {"contact_id": "ctc_mine00", "scheduled_at": due, "initial_message": "Hello"},
        }
        return {name: value for name, value in (bodies[self.provider] | changes).items() if value is not None}

    @property
    def place(self) -> str:
        places = {"telnyx_assistants": "/ai/assistants/mine/scheduled_events", "telnyx_messages": "/messages/schedule"}
        return places.get(self.provider, "/calls/scheduled")


@pytest.fixture
def post(tmp_path: Path) -> Callable[..., Post]:
    """Return a maker of guards."""
    return lambda provider="telnyx_assistants", level="full", **limits: Post(
        tmp_path / "created.jsonl", provider, level, **limits
    )


@pytest.fixture
def now() -> datetime:
    """Return the instant of the guards' wall clock."""
    return NOW
