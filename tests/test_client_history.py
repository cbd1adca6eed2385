"""The client of history: what it asks for checkpoints, rewinds, forks, plans, saved worlds and the stream."""

import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from contratempo.client import Checkpoint, Control, ControlError, ControlUnreachable

NOON = "2026-03-15T12:00:00Z"
MARK = {"name": "calm", "head": 7, "now": NOON, "branch": 0}
MOVED = {
    "at": NOON, "provider": "toy", "resource": "job-1", "attempt": 2, "from": "pending", "to": "busy", "cause": "busy",
    "kind": "call", "state": "planned",
}  # fmt: skip
REWOUND = {
    "now": NOON, "head": 9, "branch": 1, "position": 7, "undone_count": 3, "undone_commands": 2,
    "unsent_impossible": 1, "undone": [MOVED],
}  # fmt: skip
CLOCK = {"now": NOON, "mode": "frozen", "rate": 1.0, "next_due": None, "head": 4}


class Wire:
    """Answers everything alike, and keeps what was asked last."""

    def __init__(self, answer, status=200):
        self.answer = answer
        self.status = status

    def __call__(self, request):
        self.asked = request
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, str):
            return httpx2.Response(self.status, text=self.answer)
        return httpx2.Response(204) if self.answer is None else httpx2.Response(self.status, json=self.answer)

    def control(self, **more):
        return Control("http://mock:4010", transport=httpx2.MockTransport(self), **more)

    @property
    def said(self):
        content = self.asked.content
        line = f"{self.asked.method} {self.asked.url.raw_path.decode().removeprefix('/_mock')}"
        return (line, json.loads(content)) if content else line


@pytest.mark.parametrize(
    ("arguments", "body"),
    [({}, {}), ({"name": "calm"}, {"name": "calm"}), ({"replace": True}, {"replace": True})],
)
def test_a_checkpoint_is_made(arguments, body):
    wire = Wire(MARK, 201)
    made = wire.control().checkpoints.create(**arguments)
    assert made == Checkpoint("calm", 7, datetime(2026, 3, 15, 12, tzinfo=UTC))
    assert wire.said == ("POST /checkpoints", body)


def test_checkpoints_are_listed_and_deleted():
    wire = Wire({"head": 9, "first": 0, "checkpoints": [MARK]})
    (listed,) = wire.control().checkpoints.list()
    assert listed.head == 7
    wire.answer = None
    wire.control().checkpoints.delete(listed)
    assert wire.said == "DELETE /checkpoints/calm"
    wire.control().checkpoints.delete("a.b")
    assert wire.said == "DELETE /checkpoints/a.b"


@pytest.mark.parametrize(("name", "path"), [(".", "/faults/%2E"), ("..", "/faults/%2E%2E"), ("a/..", "/faults/a%2F..")])
def test_a_name_of_dots_leads_nowhere_else(name, path):
    wire = Wire(None)
    wire.control().faults.delete(name)
    assert wire.said == f"DELETE {path}"


@pytest.mark.parametrize(
    ("position", "named"),
    [
        ("calm", {"checkpoint": "calm"}),
        (Checkpoint("moved", 7, datetime(2026, 3, 15, tzinfo=UTC)), {"head": 7}),
        (0, {"head": 0}),
        (datetime(2026, 3, 15, 12, tzinfo=UTC), {"to": NOON}),
    ],
)
def test_a_position_is_a_name_a_checkpoint_a_head_or_an_instant(position, named):
    wire = Wire(REWOUND)
    assert wire.control().rewind(position).undone[0].was == "pending"
    assert wire.said == ("POST /rewind", named)
    wire.control().rewind(position, dry_run=True, wait_turn=True)
    assert wire.said[1] == {**named, "dry_run": True, "wait_turn": True}
    wire.answer = {"id": "w2", "api_key": "k", "now": NOON, "head": 7}
    assert wire.control().fork(position).head == 7
    assert wire.said == ("POST /fork", named)


def test_a_fork_has_a_name_and_may_deliver():
    wire = Wire({"id": "w2", "api_key": "k", "now": NOON, "head": 7}, 201)
    assert wire.control(world="w1").fork(id="w2", deliver=True).api_key == "k"
    assert wire.said == ("POST /fork", {"id": "w2", "deliver": True})
    assert wire.asked.headers["X-Mock-World"] == "w1"


def test_a_world_is_saved_and_loaded():
    wire = Wire({"world": {}})
    assert wire.control().state() == {"world": {}}
    assert wire.said == "GET /state"
    wire.control().state("calm")
    assert wire.said == "GET /state?checkpoint=calm"
    wire.answer = CLOCK
    assert wire.control().load({"world": {}}).head == 4
    assert wire.said == ("PUT /state", {"world": {}})
    wire.control().load({}, anyway=True, deliver=True)
    assert wire.said == ("PUT /state?anyway=true&deliver=true", {})


@pytest.mark.parametrize("position", [b"x", 1.5, True, ["calm"], datetime(2026, 3, 15).date()])
def test_what_is_no_position_is_told_with_what_would_be(position):
    for call in (Wire(CLOCK).control().rewind, Wire(CLOCK).control().fork, Wire(CLOCK).control().state):
        with pytest.raises(TypeError, match="is no position in history: give a checkpoint or its name, a head"):
            call(position)


@pytest.mark.parametrize(
    ("horizon", "sent"), [("24h", "24h"), (90, "90"), (1.5, "1.5"), (1e-6, "0.000001"), (timedelta(hours=1), "3600")]
)
def test_what_is_planned_is_asked_for_by_a_horizon(horizon, sent):
    wire = Wire({"now": NOON, "head": 3, "planned_to": NOON, "transitions": [MOVED]})
    outlook = wire.control().outlook(horizon=horizon, state="planned", limit=5)
    assert wire.said == f"GET /timeline?limit=5&horizon={sent}&state=planned"
    assert (outlook.planned_to, outlook.head) == (datetime(2026, 3, 15, 12, tzinfo=UTC), 3)
    assert [row.state for row in wire.control().timeline(horizon=horizon)] == ["planned"]


def test_a_world_may_start_as_a_saved_one():
    wire = Wire({"id": "w", "api_key": "k", "now": NOON}, 201)
    wire.control().worlds.create(fixtures="retry-storm")
    assert wire.said == ("POST /worlds", {"fixtures": "retry-storm"})


def test_the_stream_is_followed():
    wire = Wire(': hello\n\nid: 1.2\nevent: clock\ndata: {"now":1}\n\n: still here\n\ndata:2\n\n')
    events = list(wire.control(world="w").follow("1.1"))
    assert [(each.id, each.event, each.data) for each in events] == [("1.2", "clock", {"now": 1}), ("", "message", 2)]
    assert wire.asked.headers["Last-Event-ID"] == "1.1"
    assert wire.asked.headers["Accept"] == "text/event-stream"
    assert wire.asked.headers["X-Mock-World"] == "w"


def test_a_stream_that_is_refused_or_breaks_is_told():
    refused = Wire({"type": "urn:contratempo:problem:not-found", "detail": "There is no world w."}, 404)
    with pytest.raises(ControlError, match="no world w"):
        next(refused.control().follow())
    with pytest.raises(ControlUnreachable, match="refused"):
        next(Wire(httpx2.ConnectError("refused")).control().follow())
