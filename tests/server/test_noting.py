import gc
import json
import sys

import msgspec
import pytest
from msgspec.structs import replace

from contratempo.contract.violation import Violation
from contratempo.provider import Request, Response
from contratempo.server import noting
from contratempo.server.noting import note
from contratempo.server.showing import outline, shown
from contratempo.server.wire import Incoming
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_instant
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

START = parse_instant("2026-03-15T09:00:00Z")
TOKEN = "CANARY-token-of-the-caller"
KNOWN = "CANARY-known-key"
KEY = "KEY0123456789ABCDEF0123456789ABCDEF_CANARY"

INCOMING = Incoming(
    "toy", "createThing", "POST", "/t1/things", b"a=1", [("authorization", f"Bearer {TOKEN}")], b'{"a":1}'
)
REQUEST = Request("createThing", body={"a": 1})
CREATED = Response(201, {"id": "1"}, trace=("toy",), resource="1")
ANSWER = b'{"id":"1"}'


@pytest.fixture
def simulation():
    return Simulation(Origin("w", "seed", "spec", lambda: Rules({}), {}, {}), Clock(START))


def noted(simulation, incoming=INCOMING, request=REQUEST, response=CREATED, answer=ANSWER, **more):
    note(simulation, incoming, request, response, answer, **more)
    return shown(list(simulation.journal.requests)[-1])


def test_a_row_tells_whose_when_how_long_and_what(simulation):
    row = noted(simulation, received_at=START + 1_500_000, seconds=0.0123456789)
    expected = {
        "number": 1, "world": "w", "at": "2026-03-15T09:00:00Z", "received_at": "2026-03-15T09:00:01.500Z",
        "seconds": 0.012346, "provider": "toy", "operation": "createThing", "method": "POST", "path": "/t1/things",
        "query": "a=1", "status": 201, "verdict": "accepted", "rule": None, "hint": None, "violations": [],
        "fault": None, "near_miss": None, "trace": ["toy"], "request": {"a": 1}, "response": {"id": "1"},
        "resource": "1",
    }  # fmt: skip
    assert row == expected


def test_a_refusal_tells_the_rule_the_hint_and_the_line(simulation):
    violation = Violation("body", ("to",), "required", "is required")
    response = Response(422, {}, violations=(violation,), rule="toy.past", hint="advance the clock")
    row = noted(simulation, response=response, where=lambda each: f"toy.yaml:{len(each.path)}")
    assert (row["verdict"], row["rule"], row["hint"]) == ("refused", "toy.past", "advance the clock")
    assert row["violations"] == [
        {"location": "body", "pointer": "/to", "kind": "required", "message": "is required", "document": "toy.yaml:1"}
    ]
    assert noted(simulation, response=response)["violations"][0]["document"] is None


def test_lines_are_looked_for_only_when_something_was_wrong(simulation):
    noted(simulation, where=lambda _: pytest.fail("nobody asked"))


def test_a_fault_that_keeps_the_answer_back_leaves_no_status(simulation):
    row = noted(simulation, response=Response(0), answer=b"", fault={"id": "f1", "kind": "reset"})
    assert (row["status"], row["verdict"], row["response"]) == (None, "refused", None)
    assert row["fault"] == {"id": "f1", "kind": "reset"}


def test_a_near_miss_is_kept(simulation):
    near = {"provider": "toy", "operation": "createThing", "method": "POST", "path": "/t1/things", "differs": "case"}
    incoming = replace(INCOMING, operation=None, path="/t1/Things")
    row = noted(simulation, incoming, None, Response(404, {}), b"{}", near_miss=near)
    assert (row["operation"], row["near_miss"]) == (None, near)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", None),
        (b'{"to":1}', {"to": 1}),
        (b'{"to":', '{"to":'),
        (b"\xff\x00", "\ufffd\x00"),
        (b"x" * 3_000, "x" * 2_000),
        (b'"' + b"x" * 70_000 + b'"', '"' + "x" * 1_999),
        (b"[" * 60_000, "[" * 2_000),
    ],
)
def test_a_refused_body_is_kept_as_far_as_it_can_be_read(simulation, body, expected):
    assert noted(simulation, replace(INCOMING, body=body), None, Response(400, {}), b"{}")["request"] == expected


def test_paths_queries_and_violations_are_kept_within_bounds(simulation):
    incoming = replace(INCOMING, path="/" + "p" * 60_000, query=b"q" * 60_000)
    violations = (Violation("body", (), "type", "no"),) * 5_000
    row = noted(simulation, incoming, None, Response(422, {}, violations=violations), b"{}")
    assert [len(row[name]) for name in ("path", "query", "violations")] == [2_000, 2_000, 100]


def test_the_control_plane_is_not_noted(simulation):
    note(simulation, replace(INCOMING, provider="control"), REQUEST, CREATED, ANSWER)
    assert len(simulation.journal.requests) == 0


SECRETS = (TOKEN, KNOWN, KEY, "sk_live_CANARY123")


@pytest.mark.parametrize("request_", [REQUEST, None])
def test_secrets_planted_everywhere_are_in_no_row(simulation, request_):
    for secret in SECRETS:
        url = f"https://CANARY:{secret}@h/?token=CANARY#{secret}"
        body = {"a": secret, secret: 1, "webhook_url": url, "token": "CANARY", "deep": [{"password": "CANARY"}]}
        for sent in (json.dumps(body).encode(), f"{{{json.dumps(body)}".encode()):
            incoming = replace(
                INCOMING, path=f"/t1/{secret}/x", query=f"key=CANARY&u={secret}&to%6Ben=CANARY".encode(), body=sent,
                headers=[*INCOMING.headers, ("cookie", "CANARY"), ("x-mock-token", "CANARY")], method=secret,
            )  # fmt: skip
            violations = (Violation("body", (secret,), "enum", f"{secret} is not one of these", secret),)
            response = Response(
                422,
                {},
                {"x-canary": "CANARY"},
                (f"rule: {secret}",),
                resource=secret,
                violations=violations,
                hint=secret,
            )
            near = {"operation": "x", "differs": f"{secret} should be 'things'"}
            told = noted(simulation, incoming, request_, response, sent, near_miss=near, secrets=(KNOWN,))
            assert "CANARY" not in json.dumps(told, ensure_ascii=False), secret
            assert "CANARY" not in repr(list(simulation.journal.requests))


def test_an_outline_has_no_bodies(simulation):
    noted(simulation)
    row = next(iter(simulation.journal.requests))
    assert shown(row).keys() - outline(row).keys() == {"request", "response"}


def test_rows_hold_their_bodies_as_bytes(simulation):
    noted(simulation)
    row = next(iter(simulation.journal.requests))
    assert (row.request, row.response) == (b'{"a":1}', ANSWER)
    assert row.request is INCOMING.body


def held(simulation):
    return sum(len(body) for row in simulation.journal.requests for body in (row.request, row.response))


@pytest.fixture
def bounded(simulation, monkeypatch):
    """Return a noter of bodies with so many characters, in a world whose journal keeps 8 MiB of them."""
    monkeypatch.setattr(noting, "BYTES_KEPT", 8 << 20)

    def add(length):
        body = msgspec.json.encode("x" * length)
        note(simulation, replace(INCOMING, body=body), REQUEST, CREATED, body)

    return add


def test_the_bodies_of_a_world_are_bounded_the_oldest_go_first(simulation, bounded):
    most = 0
    for _ in range(1_500):
        bounded(7_998)
        most = max(most, held(simulation))
    assert noting.BYTES_KEPT * 0.5 < most <= noting.BYTES_KEPT
    assert simulation.journal.requests.weight == sum(row.weight for row in simulation.journal.requests)
    rows, dropped = [shown(row) for row in simulation.journal.requests], "8000 bytes, dropped: the journal of a world"
    assert (len(rows), rows[0]["request"], rows[0]["response"]) == (1_500, *[f"{dropped} keeps 8 MiB"] * 2)
    bare = [row["request"].startswith(dropped) for row in rows]
    assert bare == sorted(bare, reverse=True)
    assert 1_100 < bare.count(True) < 1_280


def test_small_bodies_are_not_worth_dropping(simulation, bounded):
    bounded(5)
    for _ in range(600):
        bounded(7_000)
    rows = [shown(row) for row in simulation.journal.requests]
    assert (rows[0]["request"], rows[1]["request"][:4]) == ("xxxxx", "7002")


def test_a_reset_makes_room(simulation, bounded):
    for _ in range(250):
        bounded(7_998)
    simulation.apply({"kind": "reset"})
    for _ in range(200):
        bounded(7_998)
    assert shown(next(iter(simulation.journal.requests)))["request"] == "x" * 7_998


def test_a_row_is_small(simulation):
    noted(simulation, received_at=START, seconds=0.001)
    row = next(iter(simulation.journal.requests))
    assert not gc.is_tracked(row)
    assert sys.getsizeof(row) + sum(sys.getsizeof(getattr(row, name)) for name in row.__struct_fields__) < 2_048


def test_rows_without_bodies_are_bounded_too(simulation, monkeypatch):
    monkeypatch.setattr(noting, "BYTES_KEPT", 1 << 20)
    violations = (Violation("body", ("a",), "type", "x" * 900),) * 100
    for _ in range(50):
        note(simulation, INCOMING, REQUEST, Response(422, violations=violations), ANSWER)
    requests = simulation.journal.requests
    assert (requests.weight <= 1 << 20, requests.total) == (True, 50)
    assert [row.number for row in requests] == list(range(51 - len(requests), 51))
    assert 5 <= len(requests) <= 11


def test_what_was_no_json_is_dropped_as_well(simulation, monkeypatch):
    for size in (9_000, 70_000):
        note(simulation, replace(INCOMING, body=b"{" * size), None, Response(400), b"")
    monkeypatch.setattr(noting, "BYTES_KEPT", 10 << 10)
    noted(simulation)
    dropped = [shown(row)["request"] for row in simulation.journal.requests][:2]
    assert [text.split(":")[0] for text in dropped] == ["9000 bytes, dropped", "70000 bytes, dropped"]


def test_a_row_says_nothing_of_itself_but_its_number(simulation):
    noted(simulation, replace(INCOMING, body=b'{"password":"CANARY"}', path="/CANARY"))
    row = next(iter(simulation.journal.requests))
    assert (repr(row), str(row)) == ("<exchange 1 of world w>",) * 2


@pytest.mark.parametrize(
    "token", [TOKEN, "12345678", "1.5e+100", "t\u00f6ken-CANARY", 'to"ken-CANARY', "to ken-CANARY"]
)
def test_no_row_has_the_callers_token(simulation, token):
    """Nothing remembers it, so it is taken out when the request is noted; what else looks secret when it is shown."""
    said = json.dumps({"a": token, "n": [f"x{token}y"]})
    for body in {said, said.replace("CANARY", "\\u0043ANARY")}:
        incoming = replace(INCOMING, body=body.encode(), headers=[("authorization", f"Bearer {token}")])
        note(simulation, incoming, REQUEST, CREATED, ANSWER)
    for row in simulation.journal.requests:
        assert (row.clean, shown(row)["request"]) == (True, {"a": "[REDACTED]", "n": ["x[REDACTED]y"]})


def test_a_token_that_an_encoder_hid_is_found(simulation):
    incoming = replace(INCOMING, body=b'{"a":"CANARY\\/token"}', headers=[("authorization", "Bearer CANARY/token")])
    assert noted(simulation, incoming)["request"] == {"a": "[REDACTED]"}


@pytest.mark.parametrize("place", ["path", "query"])
def test_a_token_in_disguise_is_found(simulation, place):
    hidden = "".join(f"%{ord(letter):02x}" for letter in TOKEN)
    sent = {"path": f"/t1/{hidden}"} if place == "path" else {"query": f"u={hidden}".encode()}
    assert "CANARY" not in json.dumps(noted(simulation, replace(INCOMING, **sent)))
    assert hidden not in json.dumps(noted(simulation, replace(INCOMING, **sent)))


def test_a_token_that_is_cut_is_cleared_before(simulation):
    row = noted(simulation, replace(INCOMING, path="/" + "p" * 1_990 + TOKEN))
    assert row["path"].endswith("p" * 9 + "[REDACTED]"[:9])


def test_what_is_plain_is_kept_as_it_came(simulation):
    noted(simulation)
    assert not next(iter(simulation.journal.requests)).clean


@pytest.mark.parametrize(
    ("media_type", "answer", "expected"),
    [
        ("text/plain", b"a,b", "a,b"),
        ("text/html; charset=utf-8", f"<p>{KEY}</p>".encode(), "<p>[REDACTED]</p>"),
        ("text/plain", f"of {KNOWN}".encode(), "of [REDACTED]"),
        ("text/plain", b"x" * 3_000, "x" * 2_000),
        ("image/png", b"\x89PNG\xff", "5 bytes of image/png"),
        ("application/problem+json; charset=utf-8", b'{"a":1}', {"a": 1}),
        ("text/plain", b"x" * 70_000, "70000 bytes, too long to keep"),
        ("text/plain", b"", None),
    ],
)
def test_an_answer_that_is_no_json_is_told_as_text_or_by_its_size(simulation, media_type, answer, expected):
    response = Response(200, answer, media_type=media_type)
    assert noted(simulation, response=response, answer=answer, secrets=(KNOWN,))["response"] == expected


def test_a_form_that_was_read_is_told_as_it_was_sent(simulation):
    headers = [("content-type", "application/x-www-form-urlencoded")]
    incoming = replace(INCOMING, headers=headers, body=b"a=1&b=%20")
    assert noted(simulation, incoming, Request("op", body={"a": 1, "b": " "}))["request"] == "a=1&b=%20"


def test_a_text_that_was_dropped_is_told_as_dropped(simulation, monkeypatch):
    monkeypatch.setattr(noting, "BYTES_KEPT", 4_000)
    response = Response(200, b"x" * 3_000, media_type="text/plain")
    noted(simulation, response=response, answer=b"x" * 3_000)
    assert "3000 bytes, dropped" in shown(next(iter(simulation.journal.requests)))["response"]


@pytest.mark.parametrize(
    "query", [b"page%5Bsize%5D=CANARY%2Dtoken-of-the-caller", b"a=CANARY-token-of-the%2Dcaller", b"a=1"]
)
def test_a_token_is_found_in_a_query_however_it_is_encoded(simulation, query):
    noted(simulation, replace(INCOMING, query=query))
    row = list(simulation.journal.requests)[-1]
    assert row.clean == (query != b"a=1")
    assert "token-of" not in row.query


@pytest.mark.parametrize("token", ["CANARY/of+the/caller==", "CANARY~of~the~caller"])
@pytest.mark.parametrize("size", [0, 200_000])
def test_a_token_that_a_member_is_called_stands_in_no_pointer(simulation, token, size):
    sent = json.dumps({"pad": "x" * size, token: 1}).encode()
    violation = Violation("body", (token,), "additionalProperties", "is not allowed")
    incoming = replace(INCOMING, headers=[("authorization", f"Bearer {token}")], body=sent)
    answer = json.dumps({"errors": [{"pointer": violation.pointer}]}).encode()
    row = noted(simulation, incoming, None, Response(422, {}, violations=(violation,)), answer)
    assert row["violations"][0]["pointer"] == row["response"]["errors"][0]["pointer"] == "/[REDACTED]"
    assert "CANARY" not in repr(list(simulation.journal.requests))
