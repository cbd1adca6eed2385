"""What a request meets, in the vendor's style and on the wire, without a socket."""

import asyncio
import json

import pytest

from contratempo.provider import Response
from contratempo.server import faults
from contratempo.server.connection import WIRE
from contratempo.server.showing import outline
from contratempo.server.wire import Incoming
from contratempo.sim.faults import REQUEST_KINDS, Fault

THING = {"name": "a"}
INCOMING = Incoming("toy", "getThing", "GET", "/t1/things/x", b"", [], b"")


class FakeWire:
    def __init__(self):
        self.ended = []

    def close(self):
        self.ended.append("closed")

    def reset(self):
        self.ended.append("reset")


@pytest.fixture
def app(toy_app):
    return toy_app()


def add(app, kind, *, match=None, times=1, **members):
    simulation = app.service.worlds.default.simulation
    simulation.faults.add(Fault(f"flt_{len(simulation.faults)}", match or {}, {"kind": kind, **members}, times))


def things(app):
    return len(app.service.worlds.default.simulation.records)


def row(app):
    return outline(list(app.service.worlds.default.simulation.journal.requests)[-1])


def exchange(app, method="POST", target="/t1/things", body=THING):
    """Call an application over a wire; return the messages sent and how the wire ended."""
    wire, sent, raw = FakeWire(), [], json.dumps(body).encode()
    headers = {"host": "127.0.0.1", "authorization": "Bearer key", "content-type": "application/json"}
    scope = {
        "type": "http", "method": method, "path": target, "raw_path": target.encode(), "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "extensions": {WIRE: wire},
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent, wire.ended


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 429, 500, 503])
def test_a_status_comes_in_the_vendors_style_and_nothing_is_done(app, client, status):
    add(app, "status", status=status)
    answer = client(app)("POST", "/t1/things", THING)
    assert (answer.status, list(answer.body)) == (status, ["why"])
    assert (things(app), row(app)["fault"]) == (0, {"id": "flt_0", "kind": "status"})
    assert client(app)("POST", "/t1/things", THING).status == 201


def test_it_says_in_how_many_seconds_to_try_again(app, client):
    add(app, "status", status=503, retry_after=2.5)
    assert client(app)("GET", "/t1/things").headers["retry-after"] == "2.5"


def test_the_trace_names_the_fault_and_how_often_it_struck(app, client):
    add(app, "status", status=500, times=3)
    assert client(app)("GET", "/t1/things").headers["x-mock-trace"] == "fault flt_0: status (status 500), strike 1 of 3"
    add(app, "latency", seconds=0, times=None)
    assert client(app)("GET", "/t1/things").headers["x-mock-trace"] == "fault flt_1: latency (seconds 0), strike 1"


@pytest.mark.parametrize(("kind", "ended"), [("reset", "reset"), ("empty", "closed")])
def test_a_connection_may_end_before_anything_is_done(app, kind, ended):
    add(app, kind)
    assert exchange(app) == ([], [ended])
    assert (things(app), row(app)["status"]) == (0, None)


def test_a_connection_may_end_after_it_is_done(app):
    add(app, "drop_after_commit")
    assert exchange(app) == ([], ["closed"])
    assert (things(app), row(app)["status"]) == (1, 201)


def test_half_an_answer_promises_the_whole(app):
    add(app, "truncated")
    (start, half), ended = exchange(app)
    length = next(int(value) for name, value in start["headers"] if name == b"content-length")
    assert (half["more_body"], ended, things(app)) == (True, ["closed"], 1)
    assert len(half["body"]) == length // 2


def test_a_malformed_answer_is_whole_and_no_json(app, client):
    add(app, "malformed")
    answer = client(app)("POST", "/t1/things", THING)
    assert (answer.status, int(answer.headers["content-length"])) == (201, len(answer.raw))
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json.loads(answer.raw)
    assert things(app) == 1


@pytest.mark.parametrize(
    ("method", "target"),
    [("POST", "/t1/things"), ("GET", "/t1/things"), ("DELETE", "/t1/things/x"), ("GET", "/t1/things/x")],
)
def test_what_breaks_the_contract_does(app, client, toy_contracts, method, target):
    client(app)("POST", "/t1/things", THING)
    add(app, "breaks_contract")
    answer = client(app)(method, target, THING if method == "POST" else None)
    contract = toy_contracts["toy", ()]
    operation = {"POST": "createThing", "DELETE": "deleteThing"}.get(
        method, "getThing" if "x" in target else "listThings"
    )
    assert contract.check_response(operation, answer.status, "application/json", answer.body)


def test_a_document_that_takes_any_answer_is_not_broken(toy_contracts):
    class Anything:
        def check_response(self, *judged):
            return ()

    broken = faults.breaking(Anything(), "getThing", Response(200, {"name": "a"}))
    assert broken is None
    marked = faults.marked(
        Fault("flt_0", {}, {"kind": "breaks_contract"}, struck=1), Anything(), INCOMING, Response(200, [])
    )
    assert marked.body == []
    assert marked.trace == ("fault flt_0: breaks_contract, strike 1 of 1; the document takes any answer",)


def test_an_answer_without_a_body_gets_one_to_break_the_contract(app, client):
    made = client(app)("POST", "/t1/things", THING).body
    add(app, "breaks_contract")
    answer = client(app)("DELETE", f"/t1/things/{made['id']}")
    assert (answer.status, things(app)) == (200, 0)


def test_a_delay_is_waited_for(app, client, monkeypatch):
    slept, really = [], faults.asyncio.sleep

    async def sleep(seconds):
        if seconds == 1.5:
            slept.append(seconds)
        else:  # another server's, in another thread
            await really(seconds)

    monkeypatch.setattr(faults.asyncio, "sleep", sleep)
    add(app, "latency", seconds=1.5)
    assert client(app)("POST", "/t1/things", THING).status == 201
    assert slept == [1.5]


@pytest.mark.parametrize("match", [{"operation": "getThing"}, {"provider": "other"}, {"resource": "y"}])
def test_what_does_not_match_is_not_struck(app, client, match):
    add(app, "status", match=match, status=500)
    assert client(app)("POST", "/t1/things", THING).status == 201
    assert row(app)["fault"] is None


def test_a_resource_is_what_the_path_names(app, client):
    made = client(app)("POST", "/t1/things", THING).body
    add(app, "status", match={"resource": made["id"]}, status=500)
    assert client(app)("GET", f"/t1/things/{made['id']}").status == 500


def test_invalid_requests_are_struck_only_when_asked_for(app, client):
    add(app, "status", status=500, times=None)
    assert client(app)("POST", "/t1/things", {}).status == 422
    add(app, "status", match={"invalid": True}, status=503, times=None)
    assert client(app)("POST", "/t1/things", {}).status == 503
    assert client(app)("POST", "/t1/things", THING).status == 500


def test_an_invalid_request_may_be_answered_late_or_not_at_all(app):
    add(app, "drop_after_commit", match={"invalid": True})
    assert exchange(app, body={}) == ([], ["closed"])
    assert row(app)["status"] == 422


def test_who_has_no_token_and_what_has_no_path_meet_no_fault(app, client):
    add(app, "status", status=500, times=None)
    assert client(app)("GET", "/t1/things", headers={"authorization": None}).status == 401
    assert client(app)("GET", "/t1/nothing").status == 404
    assert client(app)("GET", "/_mock/clock").status == 200


def test_a_strike_is_a_command_and_a_miss_is_none(app, client):
    simulation = app.service.worlds.default.simulation
    client(app)("GET", "/t1/things")
    assert simulation.head == 0
    add(app, "status", status=500)
    client(app)("GET", "/t1/things")
    assert simulation.head == 1


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_each_kind_strikes_a_read_once_and_is_over(app, client, kind):
    add(app, kind, **({"status": 500} if kind == "status" else {"seconds": 0} if kind == "latency" else {}))
    sent, ended = exchange(app, method="GET")
    whole = [message for message in sent if message["type"] == "http.response.start" and message["status"] == 200]
    assert (kind, bool(whole and not ended)) == (kind, kind in ("latency", "malformed", "breaks_contract"))
    assert client(app)("GET", "/t1/things").body == []
