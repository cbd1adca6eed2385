"""Two worlds lived in by turns, in any order: nothing of the one is ever seen in the other."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

START: Final = "2026-03-15T09:00:00Z"
NUMBERS: Final = {"left": "+12125550111", "right": "+12125550222"}
EVENTS: Final = "/v2/ai/assistants/asst_1/scheduled_events"
LISTS: Final = ("resources", "requests", "webhooks", "timeline", "sink/mine")
READS: Final = (
    *(f"/_mock/{name}?limit=1000" for name in LISTS),
    *(f"/_mock/{name}" for name in ("outcomes", "faults", "rules", "clock")),
    EVENTS,
)
STREAM: Final = "/_mock/stream"
"""Its ids tell the server and the world, so it is looked through and not compared."""
HEADERS: Final = {"host": "127.0.0.1:4010", "content-type": "application/json"}
MESSAGE: Final = {"from": "+12125550100"}
CALL: Final = {"scheduled_at": "2026-03-15T11:00:00Z"}
EVENT: Final = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
}


class Life:
    """A world, and steps of a life in it, which mark with its name whatever they write; `ids` are those it made."""

    def __init__(self, attack: Any, name: str) -> None:
        world = attack.service.worlds.create(id=name, clock=START, seed=f"seed of {name}")
        self.attack, self.name, self.key = attack, name, world.api_key
        self.mark, self.number = f"mark of {name}", NUMBERS[name]
        self.ids: list[str] = []

    @property
    def marks(self) -> list[str]:
        """What must be seen nowhere else."""
        return [self.mark, f"ctc_{self.name}", self.number, self.key, *self.ids]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = HEADERS | {"authorization": f"Bearer {self.key}"} | headers
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()]
        raw = b"" if body is None else json.dumps(body).encode()
        target, _, query = path.partition("?")
        answer = asyncio.run(self.attack.exchange(method, target, query.encode(), pairs, raw))
        assert answer.status < 500
        return answer

    def make(self, path: str, body: dict[str, Any], **headers: str) -> None:
        answer = self.call("POST", path, body, **headers)
        if answer.status in (200, 201):  # else the clock is past what is wished for
            self.ids += _ids(answer.body)

    def event(self) -> None:
        self.make(EVENTS, EVENT | {"telnyx_end_user_target": self.number})

    def keyed_event(self) -> None:
        self.make(EVENTS, EVENT | {"telnyx_end_user_target": self.number}, idempotency_key="the-same")

    def message(self) -> None:
        address = f"http://127.0.0.1:4010/_mock/sink/{self.name}"
        self.make("/v2/messages", MESSAGE | {"to": self.number, "text": self.mark, "webhook_url": address})

    def scheduled_call(self) -> None:
        self.make("/v1/calls/scheduled", CALL | {"contact_id": f"ctc_{self.name}", "initial_message": self.mark})

    def cancel(self) -> None:
        for each in self.ids[-1:]:
            self.call("POST", f"/_mock/resources/{each}/cancel")

    def script(self) -> None:
        self.call("POST", "/_mock/outcomes", {"outcomes": ["busy"], "match": {"to": self.number}})

    def fault(self) -> None:
        self.call("POST", "/_mock/faults", {"fault": {"kind": "reset"}, "match": {"resource": self.mark}})

    def rule(self) -> None:
        self.call("PATCH", "/_mock/rules", {"temphone.ring_seconds": len(self.name)})

    def sink(self) -> None:
        self.call("POST", "/_mock/sink/mine", {"mark": self.mark}, x_mock_world=self.name)

    def wrong(self) -> None:
        self.call("POST", "/v2/mesages", {"text": self.mark})

    def advance(self) -> None:
        self.call("POST", "/_mock/clock/advance", {"by": "30m"})

    def idle(self) -> None:
        self.call("POST", "/_mock/clock/advance", {"to": "idle"})

    def reset(self) -> None:
        self.call("POST", "/_mock/reset")

    def shown(self, *paths: str) -> dict[str, str]:
        """What can be read of this world, by where."""
        return {path: self.call("GET", path).raw.decode() for path in paths}


STEPS: Final = (
    Life.event, Life.keyed_event, Life.message, Life.scheduled_call, Life.cancel, Life.script, Life.fault, Life.rule,
    Life.sink, Life.wrong, Life.advance, Life.idle, Life.reset,
)  # fmt: skip
LIVES: Final = st.lists(st.tuples(st.sampled_from(sorted(NUMBERS)), st.sampled_from(STEPS)), min_size=4, max_size=24)
FEW: Final = settings(max_examples=max(20, settings().max_examples // 3))


def _ids(body: Any) -> Iterator[str]:
    record = body.get("data", body)
    yield from (record[name] for name in ("scheduled_event_id", "id", "call_id") if name in record)


def lived(attack: Any, steps: Any, *names: str) -> list[Life]:
    """The lives of worlds made anew, after the steps that are theirs."""
    for world in attack.service.worlds:
        if world.id != "default":
            attack.service.worlds.delete(world.id)
    lives = {name: Life(attack, name) for name in names}
    for name, step in steps:
        if name in lives:
            step(lives[name])
    return list(lives.values())


def _without_real_time(value: Any) -> Any:
    if isinstance(value, dict):
        real = ("received_at", "seconds")
        return {name: _without_real_time(inner) for name, inner in value.items() if name not in real}
    return [_without_real_time(inner) for inner in value] if isinstance(value, list) else value


@FEW
@given(LIVES)
def test_nothing_of_one_world_is_seen_in_the_other(attack, steps):
    left, right = lived(attack, steps, "left", "right")
    for life, other in ((left, right), (right, left)):
        for path, text in life.shown(*READS, STREAM).items():
            assert [mark for mark in other.marks if mark in text] == [], path
        for each in other.ids[-3:]:
            codes = [life.call("GET", path % each).status for path in ("/_mock/resources/%s", "/v2/messages/%s")]
            codes += [life.call("DELETE", f"{EVENTS}/{each}").status]
            assert set(codes) <= {400, 404, 422}


@FEW
@given(LIVES)
def test_a_world_is_the_same_whatever_happens_in_the_other(attack, steps):
    """Its records, transitions, webhooks, journal and clock are those that it would have had alone."""
    together = [life.shown(*READS) for life in lived(attack, steps, "left", "right")]
    for name, shown in zip(("left", "right"), together, strict=True):
        (life,) = lived(attack, steps, name)
        for path, text in life.shown(*READS).items():
            assert _without_real_time(json.loads(text)) == _without_real_time(json.loads(shown[path])), path
