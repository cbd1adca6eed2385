import asyncio
import base64
import json

import pytest

from contratempo.provider import Request
from contratempo.server.control import sink
from contratempo.server.noting import BODY_KEPT
from contratempo.server.signing import Signer

SIGNER = Signer.derived("a seed")
BODY = b'{"data": {"event_type": "message.sent"}}'


@pytest.fixture
def receive(plane):
    """Send bytes with headers to a sink of the default world and return what it keeps of them."""

    def receive(raw=BODY, name="mine", **headers):
        sent = tuple((key.replace("_", "-"), value) for key, value in headers.items())
        request = Request("receiveAtSink", {"name": name}, body=json.loads(raw), raw=raw, sent=sent)
        answer = asyncio.run(sink.receive_at_sink(plane.service, plane.world, request))
        assert not plane.service.contract.check_response("receiveAtSink", 200, "application/json", answer.body, ())
        return plane("listSink", path={"name": name}).body["received"][-1]

    return receive


def signed(raw, timestamp="1773565200", signer=SIGNER):
    signature = base64.b64encode(signer.sign(f"{timestamp}|".encode() + raw)).decode()
    return {"telnyx_timestamp": timestamp, "telnyx_signature_ed25519": signature}


def test_what_comes_is_kept_as_it_came(receive):
    row = receive(content_type="application/json", user_agent="telnyx-webhooks")
    assert row == {
        "number": 1,
        "at": "2026-03-15T09:00:00Z",
        "received_at": "2026-03-15T09:00:00Z",
        "headers": [["content-type", "application/json"], ["user-agent", "telnyx-webhooks"]],
        "body": {"data": {"event_type": "message.sent"}},
        "signature": "none",
    }


def test_a_sink_takes_what_is_posted_through_the_document(plane):
    head = plane.simulation.head
    assert plane("receiveAtSink", {"a": 1}, path={"name": "mine"}).body == {"received": 1}
    assert plane("receiveAtSink", [None], path={"name": "mine"}).body == {"received": 2}
    listed = plane("listSink", path={"name": "mine"}).body
    assert (listed["total"], [row["body"] for row in listed["received"]]) == (2, [{"a": 1}, [None]])
    assert plane.simulation.head == head


@pytest.mark.parametrize(
    "raw", [b" null ", b"0.5", b'""', b"[]", b"12345678901234567890123", b'{"\\u0000": "\\ud83d\\ude00"}']
)
def test_any_json_is_taken(receive, raw):
    assert receive(raw)["body"] == json.loads(raw)


def test_a_body_that_is_long_is_not_kept(receive):
    raw = json.dumps("x" * BODY_KEPT).encode()
    assert receive(raw)["body"] == f"{len(raw)} bytes, too long to keep"


def test_a_signature_is_checked_over_the_bytes_that_came(receive):
    assert receive(**signed(BODY))["signature"] == "valid"
    assert receive(BODY.replace(b" ", b"", 1), **signed(BODY))["signature"] == "invalid"
    assert receive(**signed(BODY) | {"telnyx_timestamp": "1773565201"})["signature"] == "invalid"
    assert receive(**signed(BODY, signer=Signer.derived("other")))["signature"] == "invalid"


@pytest.mark.parametrize(
    "headers",
    [
        {"telnyx_timestamp": "1773565200"},
        {"telnyx_signature_ed25519": signed(BODY)["telnyx_signature_ed25519"]},
        {"telnyx_timestamp": "1773565200", "telnyx_signature_ed25519": "not base64 é"},
    ],
)
def test_half_a_signature_is_an_invalid_one(receive, headers):
    assert receive(**headers)["signature"] == "invalid"


def test_secrets_are_not_kept(receive):
    secret = "very-much-so"
    raw = json.dumps({"list": [secret, 1], secret: f"a {secret}"}).encode()
    row = receive(raw, authorization=f"Bearer {secret}", cookie="a=b", x_mock_token="t", x_other=secret)
    assert row["headers"] == [["x-other", "[REDACTED]"]]
    assert row["body"] == {"list": ["[REDACTED]", 1], "[REDACTED]": "a [REDACTED]"}


def test_sinks_do_not_meet(plane, receive):
    receive(name="a")
    receive(name="b")
    assert receive(name="a")["number"] == 3
    assert plane("emptySink", path={"name": "a"}).status == 204
    assert plane("listSink", path={"name": "a"}).status == 404
    assert plane("listSink", path={"name": "b"}).body["total"] == 1
    assert receive(name="a")["number"] == 4


def test_worlds_have_sinks_of_their_own(plane, receive):
    receive()
    plane("createWorld", {"id": "other"})
    assert plane("listSink", path={"name": "mine"}, world="other").status == 404
    assert plane("listSink", path={"name": "mine"}).status == 200


def test_more_than_the_limit_is_the_latest_or_what_comes_after_a_number(plane, receive):
    for _ in range(4):
        receive()

    def numbers(**query):
        answer = plane("listSink", path={"name": "mine"}, **query).body
        return answer["total"], [row["number"] for row in answer["received"]]

    assert numbers(limit=2) == (4, [3, 4])
    assert numbers(limit=2, since=1) == (3, [2, 3])
    assert numbers(since=4) == (0, [])


def test_a_reset_empties_every_sink(plane, receive):
    receive()
    plane("resetWorld")
    assert plane("listSink", path={"name": "mine"}).status == 404


def test_a_sink_to_which_nothing_has_come_says_what_to_do(plane):
    response = plane("listSink", path={"name": "mine"})
    assert (response.status, response.body["type"]) == (404, "urn:contratempo:problem:sink-empty")
    assert response.body["hint"].startswith("give /_mock/sink/mine of this server as an address for webhooks")


@pytest.mark.parametrize("operation", ["listSink", "receiveAtSink", "emptySink"])
@pytest.mark.parametrize("name", ["Mine", ".mine", "a" * 65, "a%20b"])
def test_a_name_that_is_none_is_refused(plane, operation, name):
    body = {} if operation == "receiveAtSink" else None
    response = plane(operation, body, path={"name": name})
    assert response.status == 422
    assert response.body["violations"][0]["pointer"] == "/name"
