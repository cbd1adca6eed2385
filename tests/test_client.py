import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from contratempo.client import Control, ControlError, ControlUnreachable

CLOCK = {"now": "2026-03-15T09:00:00Z", "mode": "frozen", "rate": 1.0, "next_due": None, "head": 4}
MOVED = {
    "at": "2026-03-15T10:00:00.5Z", "provider": "toy", "resource": "job-1", "attempt": 2, "from": "pending", "to": None,
    "cause": "delete", "kind": "status", "state": "fired",
}  # fmt: skip
SCRIPT = {"id": "out_1", "match": {"to": "+1"}, "outcomes": [{"status": "busy"}], "then": "repeat", "used": 0}
ROW = {
    "number": 7, "at": "2026-03-15T09:00:00Z", "provider": "toy", "operation": "create_job", "method": "POST",
    "path": "/toy/jobs", "query": "", "status": 201, "verdict": "accepted", "violations": [], "trace": ["example"],
    "request": {"a": 1}, "response": None, "resource": "job-1",
}  # fmt: skip
WEBHOOK = {
    "id": "hook/1", "number": 3, "provider": "toy", "event": "job.done", "resource": "job-1", "at": CLOCK["now"],
    "urls": ["http://a/", "http://b/"], "status": "pending", "fault": None, "body": {"x": 1}, "attempts": [],
}  # fmt: skip
ATTEMPT = {
    "number": 1, "tally": 1, "url": "http://a/", "at": CLOCK["now"], "state": "failed", "status": 500,
    "reason": "status 500", "seconds": 0.1, "answer": "", "extra": False,
}  # fmt: skip
FAULT = {
    "id": "flt_1", "match": {"event": "job.done"}, "fault": {"kind": "delay", "seconds": 60}, "times": None,
    "probability": 1, "struck": 4,
}  # fmt: skip
KEPT = {
    "number": 9, "at": CLOCK["now"], "received_at": "2026-07-01T00:00:00Z", "headers": [["a", "b"], ["a", "c"]],
    "body": None, "signature": "valid",
}  # fmt: skip
RESOURCE = {
    "id": "job/1", "provider": "toy", "kind": "job", "status": "pending", "due": "2026-03-15T10:00:00Z",
    "record": {"x": 1},
}  # fmt: skip
RULE = {
    "name": "toy.past", "summary": "s", "value": "reject", "default": "reject", "values": ["reject", "run_now"],
    "origin": "default", "source": "docs", "confidence": "high", "note": "",
}  # fmt: skip
CONTRACT = {
    "provider": "toy", "title": "Toy", "version": "1", "base_url": "http://h/toy", "variable": None, "document": "http://h/d",
    "operations": [
        {"operation": "create_job", "method": "POST", "path": "/toy/jobs", "modelled": True, "documented": ["201"],
         "seen": {"201": 2}},
    ],
}  # fmt: skip


class Wire:
    """Answers what it is given, one answer a call, the last one again and again; keeps what was sent."""

    def __init__(self, *answers, status=200):
        self.answers = list(answers)
        self.status = status
        self.sent = []

    def __call__(self, request):
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(204) if answer is None else httpx2.Response(self.status, json=answer)

    def control(self, url="http://mock:4010", **more):
        return Control(url, transport=httpx2.MockTransport(self), **more)

    @property
    def body(self):
        return json.loads(self.sent[-1].content)

    @property
    def line(self):
        return f"{self.sent[-1].method} {self.sent[-1].url.raw_path.decode()}"


@pytest.mark.parametrize(
    "url", ["http://mock:4010", "http://mock:4010/", "http://mock:4010/_mock", "http://mock:4010/_mock/"]
)
def test_the_control_plane_is_below_the_origin(url):
    wire = Wire(CLOCK)
    wire.control(url).clock.get()
    assert str(wire.sent[0].url) == "http://mock:4010/_mock/clock"


def test_the_clock_is_read_in_utc():
    clock = Wire({**CLOCK, "next_due": "2026-03-15T10:00:00Z"}).control().clock.get()
    assert clock.now == datetime(2026, 3, 15, 9, tzinfo=UTC)
    assert clock.next_due == datetime(2026, 3, 15, 10, tzinfo=UTC)
    assert Wire(CLOCK).control().clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("span", "wish"),
    [
        ("24h", {"by": "24h"}),
        ("PT1H", {"by": "PT1H"}),
        (90, {"by": 90}),
        (1.5, {"by": 1.5}),
        (timedelta(hours=1, milliseconds=5), {"by": 3600.005}),
        ("next", {"to": "next"}),
        ("idle", {"to": "idle"}),
        ("2026-03-15T12:00:00+02:00", {"to": "2026-03-15T10:00:00Z"}),
        ("2026-03-15T12:00:00", {"to": "2026-03-15T12:00:00Z"}),
        ("not-an-instant", {"to": "not-an-instant"}),
        (datetime(2026, 3, 15, 12, 0, 0, 5, tzinfo=UTC), {"to": "2026-03-15T12:00:00.000005Z"}),
        (datetime(2026, 3, 15, 12), {"to": "2026-03-15T12:00:00Z"}),
    ],
)
def test_an_advance_says_how_far(span, wish):
    wire = Wire({"now": CLOCK["now"], "head": 5, "fired_count": 1, "fired": [MOVED], "undelivered": 0})
    advance = wire.control().clock.advance(span)
    assert wire.line == "POST /_mock/clock/advance"
    assert wire.body == {**wish, "wait": "webhooks", "wait_turn": False}
    assert (advance.head, advance.fired_count, advance.undelivered) == (5, 1, 0)
    assert (advance.fired[0].was, advance.fired[0].to, advance.fired[0].attempt) == ("pending", None, 2)


def test_an_advance_may_wait_its_turn_and_not_for_webhooks():
    wire = Wire({"now": CLOCK["now"], "head": 5, "fired_count": 0, "fired": [], "undelivered": 0})
    wire.control().clock.advance(1, wait="none", wait_turn=True)
    assert wire.body == {"by": 1, "wait": "none", "wait_turn": True}


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (lambda clock: clock.freeze(), {"mode": "frozen"}),
        (lambda clock: clock.run(60), {"mode": "running", "rate": 60}),
        (lambda clock: clock.set(now=datetime(2026, 3, 15, 12)), {"now": "2026-03-15T12:00:00Z"}),
    ],
)
def test_the_clock_is_changed(change, sent):
    wire = Wire(CLOCK)
    assert change(wire.control().clock).head == 4
    assert (wire.line, wire.body) == ("PUT /_mock/clock", sent)


def test_outcomes_are_scripted_for_what_matches():
    wire = Wire(SCRIPT)
    script = wire.control().outcomes.script(
        "busy", {"status": "completed", "talk": 3}, to="+1", sender="+2", operation="o"
    )
    assert wire.body == {
        "match": {"to": "+1", "from": "+2", "operation": "o"},
        "outcomes": ["busy", {"status": "completed", "talk": 3}],
        "then": "repeat",
    }
    assert (script.id, script.outcomes) == ("out_1", ({"status": "busy"},))


def test_outcomes_are_listed_deleted_and_cleared():
    magic = {"target": "+1 xxx 555 0120", "outcomes": ["busy"], "summary": "always busy"}
    outcomes = Wire({"scripts": [SCRIPT], "magic": [magic]}).control().outcomes
    assert [script.id for script in outcomes.list()] == ["out_1"]
    assert [target.outcomes for target in outcomes.magic()] == [("busy",)]
    wire = Wire(None)
    wire.control().outcomes.delete("a/b")
    assert wire.line == "DELETE /_mock/outcomes/a%2Fb"
    wire.control().outcomes.clear()
    assert wire.line == "DELETE /_mock/outcomes"


def test_resources_are_listed_read_and_canceled():
    wire = Wire({"total": 1, "resources": [RESOURCE]})
    (listed,) = wire.control().resources.list(provider="toy", limit=5)
    assert listed.record == {"x": 1}
    assert wire.line == "GET /_mock/resources?provider=toy&offset=0&limit=5"
    wire = Wire({**RESOURCE, "status": None, "due": None, "record": None})
    assert wire.control().resources.get("job/1").due is None
    assert wire.line == "GET /_mock/resources/job%2F1"
    assert wire.control().resources.cancel("job/1").status is None
    assert wire.line == "POST /_mock/resources/job%2F1/cancel"


def test_requests_are_listed_and_cleared():
    wire = Wire({"total": 1, "requests": [ROW]})
    (row,) = wire.control().requests.list(operation="create_job", since=6)
    assert (row.number, row.trace, row.request, row.response) == (7, ("example",), {"a": 1}, None)
    assert wire.line == "GET /_mock/requests?since=6&limit=100&operation=create_job"
    wire = Wire(None)
    wire.control().requests.clear()
    assert wire.line == "DELETE /_mock/requests"


def test_a_row_tells_of_faults_near_misses_and_real_time():
    near = {"provider": "toy", "operation": "create_job", "method": "POST", "path": "/toy/jobs", "differs": "the path"}
    told = {
        "world": "w", "received_at": "2026-07-01T00:00:00.5Z", "seconds": 0.25, "rule": "toy.past", "hint": "later",
        "fault": {"id": "flt_1", "kind": "reset"}, "near_miss": near, "status": None,
        "violations": [{"location": "body", "pointer": "", "kind": "type", "message": "no", "document": None}],
    }  # fmt: skip
    (row,) = Wire({"total": 1, "requests": [ROW | told]}).control().requests.list()
    assert (row.received_at.year, row.seconds, row.rule, row.status) == (2026, 0.25, "toy.past", None)
    assert (row.fault["kind"], row.near_miss, row.violations[0]["document"]) == ("reset", near, None)


def test_webhooks_are_listed_and_read_with_their_attempts():
    wire = Wire({"total": 1, "webhooks": [WEBHOOK | {"attempts": [ATTEMPT]}]})
    (webhook,) = wire.control().webhooks.list(event="job.done", since=2)
    assert wire.line == "GET /_mock/webhooks?since=2&limit=100&event=job.done"
    assert (webhook.urls, webhook.body, webhook.reason) == (("http://a/", "http://b/"), {"x": 1}, "status 500")
    assert (webhook.attempts[0].status, webhook.attempts[0].at) == (500, webhook.at)
    wire = Wire(WEBHOOK | {"fault": {"id": "flt_1", "kind": "drop"}})
    webhook = wire.control().webhooks.get("hook/1")
    assert (wire.line, webhook.reason, webhook.fault["kind"]) == ("GET /_mock/webhooks/hook%2F1", None, "drop")


def test_a_webhook_is_sent_once_more():
    wire = Wire(WEBHOOK)
    webhook = wire.control().webhooks.redeliver("hook/1")
    wire.control().webhooks.redeliver(webhook)
    assert [request.url.raw_path for request in wire.sent] == [b"/_mock/webhooks/hook%2F1/redeliver"] * 2
    assert wire.sent[0].method == "POST"


def test_the_public_key_is_read():
    wire = Wire({"public_key": "a2V5"})
    assert wire.control().webhooks.public_key() == "a2V5"
    assert wire.line == "GET /_mock/webhooks/public-key"


def test_a_sink_is_read_and_emptied():
    wire = Wire({"total": 1, "received": [KEPT]})
    sink = wire.control().sink("mine")
    assert sink.url == "http://mock:4010/_mock/sink/mine"
    (row,) = sink.list(since=8)
    assert wire.line == "GET /_mock/sink/mine?since=8&limit=100"
    assert (row.headers, row.body, row.signature, row.received_at.month) == ((("a", "b"), ("a", "c")), None, "valid", 7)
    wire = Wire(None)
    wire.control().sink("mine").clear()
    assert wire.line == "DELETE /_mock/sink/mine"


def test_a_sink_to_which_nothing_has_come_is_empty():
    empty = {"type": "urn:contratempo:problem:sink-empty", "detail": "Nothing has come."}
    assert Wire(empty, status=404).control().sink("mine").list() == ()
    unknown = {"type": "urn:contratempo:problem:not-found", "detail": "There is no world 'x'."}
    with pytest.raises(ControlError, match="no world 'x'"):
        Wire(unknown, status=404).control().sink("mine").list()


@pytest.mark.parametrize(
    ("add", "sent"),
    [
        (lambda faults: faults.add("reset"), {"match": {}, "fault": {"kind": "reset"}}),
        (
            lambda faults: faults.add("status", status=429, retry_after=0, invalid=False),
            {"match": {"invalid": False}, "fault": {"kind": "status", "status": 429, "retry_after": 0}},
        ),
        (
            lambda faults: faults.add("delay", seconds=60, event="e", resource="r", provider="p"),
            {"match": {"provider": "p", "resource": "r", "event": "e"}, "fault": {"kind": "delay", "seconds": 60}},
        ),
    ],
)
def test_a_fault_is_added_for_what_matches(add, sent):
    wire = Wire(FAULT)
    fault = add(wire.control().faults)
    assert (wire.line, wire.body) == ("POST /_mock/faults", {**sent, "times": 1, "probability": 1.0})
    assert (fault.id, fault.kind, fault.times, fault.struck) == ("flt_1", "delay", None, 4)


def test_a_fault_may_last_and_strike_by_chance():
    wire = Wire(FAULT)
    wire.control().faults.add("empty", times=None, probability=0.5)
    assert (wire.body["times"], wire.body["probability"]) == (None, 0.5)


def test_faults_are_listed_deleted_and_cleared():
    (fault,) = Wire({"faults": [FAULT]}).control().faults.list()
    wire = Wire(None)
    faults = wire.control().faults
    faults.delete(fault)
    faults.delete("a/b")
    faults.clear()
    lines = [f"{request.method} {request.url.raw_path.decode()}" for request in wire.sent]
    assert lines == ["DELETE /_mock/faults/flt_1", "DELETE /_mock/faults/a%2Fb", "DELETE /_mock/faults"]


def test_a_wait_asks_again_until_enough_have_come():
    short = {"satisfied": False, "count": 0, "requests": []}
    wire = Wire(short, {"satisfied": True, "count": 1, "requests": [ROW]})
    assert wire.control().requests.wait(timeout=12, status=201)[0].number == 7
    bodies = [json.loads(request.content) for request in wire.sent]
    assert bodies == [{"match": {"status": 201}, "count": 1, "timeout_seconds": 5.0}] * 2


def test_a_wait_that_is_over_tells_what_came_instead():
    short = {"satisfied": False, "count": 0, "requests": []}
    wire = Wire(short, short, {"total": 1, "requests": [ROW]})
    with pytest.raises(TimeoutError) as caught:
        wire.control().requests.wait(2, timeout=7, operation="other")
    assert "waited for 2 requests (operation=other), 0 came" in str(caught.value)
    assert "7 POST /toy/jobs -> 201 (create_job)" in str(caught.value)
    assert [json.loads(request.content)["timeout_seconds"] for request in wire.sent[:2]] == [5.0, 2.0]


def test_what_nothing_is_called_is_not_asked_for():
    wire, wrong = Wire(), {"operaton": "create_job"}
    control = wire.control()
    for call in (control.requests.list, control.requests.wait, control.webhooks.list, control.timeline):
        with pytest.raises(TypeError, match=r"nothing is called 'operaton' here; there are .*resource"):
            call(**wrong)
    assert wire.sent == []


def test_rules_are_read_and_set():
    wire = Wire({"rules": [RULE]})
    rules = wire.control().rules
    assert rules.get("toy.past").values == ("reject", "run_now")
    with pytest.raises(KeyError, match=r"there is no rule 'toy\.future': names are in full"):
        rules.get("toy.future")
    rules.set({"toy.past": "run_now", "toy.other": None})
    assert (wire.line, wire.body) == ("PATCH /_mock/rules", {"toy.past": "run_now", "toy.other": None})


@pytest.mark.parametrize(
    "clock", [datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00"]
)
def test_a_world_is_made_as_it_is_told(clock):
    wire = Wire({"id": "w", "api_key": "KEY", "now": "2026-01-01T00:00:00Z"})
    assert wire.control().worlds.create(id="w", clock=clock, profile="lenient").api_key == "KEY"
    assert wire.body == {"id": "w", "clock": "2026-01-01T00:00:00Z", "profile": "lenient"}


def test_worlds_are_listed_and_deleted():
    state = {"id": "w", "now": CLOCK["now"], "mode": "frozen", "rate": 1, "head": 0, "records": 2, "planned": 3}
    (world,) = Wire({"worlds": [state]}).control().worlds.list()
    assert (world.records, world.planned, world.rate) == (2, 3, 1.0)
    wire = Wire(None)
    wire.control().worlds.delete("w")
    assert wire.line == "DELETE /_mock/worlds/w"


def test_contracts_are_listed_and_read():
    (contract,) = Wire({"profile": "spec", "contracts": [CONTRACT]}).control().contracts.list()
    assert contract.operations[0].seen == {"201": 2}
    wire = Wire({"openapi": "3.1.0"})
    assert wire.control().contracts.document("toy") == {"openapi": "3.1.0"}
    assert wire.line == "GET /_mock/contracts/toy/openapi.json"


def test_the_timeline_is_asked_for_a_stretch():
    wire = Wire({"now": CLOCK["now"], "transitions": [MOVED]})
    (moved,) = wire.control().timeline(since=datetime(2026, 3, 15), resource="job-1", limit=3)
    assert (moved.at.microsecond, moved.kind, moved.state) == (500_000, "status", "fired")
    assert wire.line == "GET /_mock/timeline?from=2026-03-15T00%3A00%3A00Z&resource=job-1&limit=3"


def test_a_reset_tells_the_clock():
    wire = Wire(CLOCK)
    assert wire.control().reset().head == 4
    assert (wire.line, wire.sent[0].content) == ("POST /_mock/reset", b"")


def test_the_world_and_the_token_are_sent():
    wire = Wire(CLOCK)
    with wire.control(world="mine", token="secret") as control:
        control.clock.get()
        control.for_world("other").clock.get()
        control.for_world(None).clock.get()
    assert [request.headers.get("x-mock-world") for request in wire.sent] == ["mine", "other", None]
    assert {request.headers["x-mock-token"] for request in wire.sent} == {"secret"}
    assert control.world == "mine"


def test_a_refusal_says_what_and_what_to_do():
    problem = {
        "type": "urn:contratempo:problem:not-found", "title": "Not found", "status": 404,
        "detail": "There is no world 'x'.", "hint": "POST /_mock/worlds makes one",
    }  # fmt: skip
    with pytest.raises(ControlError) as caught:
        Wire(problem, status=404).control().clock.get()
    assert (caught.value.status, caught.value.kind, caught.value.violations) == (404, "not-found", [])
    assert str(caught.value) == (
        "GET http://mock:4010/_mock/clock answered 404: There is no world 'x'. What to do: POST /_mock/worlds makes one"
    )


def test_violations_are_carried():
    problem = {"type": "x", "detail": "no", "violations": [{"pointer": "/by"}]}
    with pytest.raises(ControlError) as caught:
        Wire(problem, status=422).control().clock.advance("x")
    assert caught.value.violations == [{"pointer": "/by"}]


def test_an_empty_address_names_the_command_that_starts_a_server():
    with pytest.raises(ControlUnreachable, match="contratempo serve"):
        Wire(httpx2.ConnectError("refused")).control().clock.get()


def test_something_else_at_the_address_is_told():
    control = Control(
        "http://mock", transport=httpx2.MockTransport(lambda request: httpx2.Response(200, text="<html>"))
    )
    with pytest.raises(ControlUnreachable, match="status 200 with a body that is not JSON"):
        control.clock.get()


def test_a_refusal_that_is_no_problem_is_an_error_all_the_same():
    with pytest.raises(ControlError, match="answered 502"):
        Wire([1], status=502).control().clock.get()


def test_readiness_is_asked_again_until_it_is():
    pauses = []
    wire = Wire(httpx2.ConnectError("refused"), httpx2.ReadTimeout("slow"), {"status": "ready"})
    assert wire.control(world="not-yet-made").ready(1.0, pauses.append)
    assert (len(pauses), len(wire.sent)) == (2, 3)
    assert "x-mock-world" not in wire.sent[0].headers


def test_readiness_is_given_up_after_the_wait():
    pauses = []
    assert not Wire(httpx2.ConnectError("refused")).control().ready(0.5, pauses.append)
    assert sum(pauses) == pytest.approx(0.5)
    assert not Wire({"type": "x"}, status=503).control().ready()
