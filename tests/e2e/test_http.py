import json
import socket

import pytest

from contratempo.testing import MockServer

EVENTS = "/v2/ai/assistants/asst_1/scheduled_events"
EVENT = json.dumps(
    {
        "telnyx_conversation_channel": "phone_call",
        "telnyx_end_user_target": "+12125550101",
        "telnyx_agent_target": "+12125550100",
        "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
    }
).encode()


@pytest.fixture
def say(server, world):
    """Send raw bytes, {key} filled in, and return the head and the body of each answer until the server closes."""
    address = ("127.0.0.1", int(server.origin.rpartition(":")[2]))

    def exchange(head, body=b""):
        filled = head.replace("{key}", world.api_key).replace("\n", "\r\n")
        with socket.create_connection(address, 20) as client:
            client.sendall(f"{filled}\r\nHost: mock\r\nConnection: close\r\n\r\n".encode() + body)
            raw = client.makefile("rb").read()
        status, _, rest = raw.partition(b"\r\n")
        headers, _, body = rest.partition(b"\r\n\r\n")
        return int(status.split()[1]), headers.decode().lower().splitlines(), body

    return exchange


AUTHORIZED = "Authorization: Bearer {key}\nContent-Type: application/json"


def test_a_chunked_body_is_read(say):
    halves = [EVENT[:50], EVENT[50:]]
    body = b"".join(b"%x\r\n%s\r\n" % (len(half), half) for half in halves) + b"0\r\n\r\n"
    status, _, answer = say(f"POST {EVENTS} HTTP/1.1\n{AUTHORIZED}\nTransfer-Encoding: chunked", body)
    assert (status, json.loads(answer)["status"]) == (201, "pending")


def test_a_huge_body_is_refused_before_it_comes(say):
    status, headers, answer = say(f"POST {EVENTS} HTTP/1.1\n{AUTHORIZED}\nContent-Length: 99999999")
    assert (status, "connection: close" in headers) == (413, True)
    assert json.loads(answer)


def test_a_huge_chunked_body_is_refused_where_it_gets_too_long():
    with MockServer(max_body_bytes=1_000, validation="both") as small, socket.socket() as client:
        client.settimeout(20)
        client.connect(("127.0.0.1", int(small.origin.rpartition(":")[2])))
        head = "Host: mock\r\nAuthorization: Bearer k\r\nTransfer-Encoding: chunked"
        client.sendall(f"POST {EVENTS} HTTP/1.1\r\n{head}\r\n\r\n".encode())
        client.sendall(b"800\r\n" + b"x" * 0x800)
        assert client.recv(12) == b"HTTP/1.1 413"


def test_head_is_get_without_the_body(say):
    status, headers, body = say(f"HEAD {EVENTS} HTTP/1.1\n{AUTHORIZED}")
    assert (status, body) == (200, b"")
    assert "content-type: application/json" in headers
    assert not any(header == "content-length: 0" for header in headers)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"OPTIONS {EVENTS}", 405),
        (f"TRACE {EVENTS}", 405),
        (f"PATCH {EVENTS}", 405),
        (f"GET {EVENTS}/", 404),
        (f"GET /{EVENTS}", 404),
        (f"GET {EVENTS}/a%2Fb", 404),
        (f"GET {EVENTS}/%2e%2e", 404),
        (f"GET {EVENTS}/%ff", 404),
        (f"GET {EVENTS}/..", 404),
        ("GET /v2", 404),
        ("GET /", 404),
        (f"GET {EVENTS}?from_date=2026-01-01T00:00:00+00:00", 422),
        (f"GET {EVENTS}?from_date=2026-01-01T00:00:00%2B00:00", 200),
    ],
)
def test_requests_that_a_library_would_not_send(say, line, status):
    answered, headers, body = say(f"{line} HTTP/1.1\n{AUTHORIZED}")
    assert answered == status
    assert not any(header.startswith("location") for header in headers)
    assert json.loads(body)


def test_methods_are_told_where_they_are_refused(say):
    _, headers, _ = say(f"PUT {EVENTS} HTTP/1.1\n{AUTHORIZED}")
    assert "allow: get, head, post" in headers


def test_credentials_of_other_forms_are_none(say):
    for value in ("Bearer", "Bearer ", "Bearer  {key}", "Basic {key}", "{key}"):
        assert say(f"GET {EVENTS} HTTP/1.1\nAuthorization: {value}")[0] == 401
    assert say(f"GET {EVENTS} HTTP/1.1\nAuthorization: Bearer {{key}}\nAuthorization: Bearer {{key}}")[0] == 401


def test_what_is_no_http_is_400(say):
    assert say("GET / HTTP/1.1\nno colon")[0] == 400


def test_nobody_is_told_what_the_server_is_made_of(say):
    assert not any(header.startswith("server") for header in say(f"GET {EVENTS} HTTP/1.1\n{AUTHORIZED}")[1])
