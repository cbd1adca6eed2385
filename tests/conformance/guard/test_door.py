"""The guard's door, over a real socket: what is not one plain HTTP request goes nowhere, and answers say why."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from contratempo.conformance.door import printable
from contratempo.conformance.guard.proxy import Door
from contratempo.conformance.wire import Answer

GOOD = b"GET /v2/conform HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /v2/conform HTTP/1.1\r\nHost: a\r\n"
RAW = {
    "garbage": b"\x00\x01\x02\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "HTTP/1.0": b"GET /v2/conform HTTP/1.0\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /v2/conform\r\n\r\n",
    "two at once": GOOD + GOOD,
    "one behind a body": POST + b"Content-Length: 0\r\n\r\nGET /v2/conform HTTP/1.1\r\nHost: a\r\n\r\n",
    "absolute": b"GET http://other.example/v2/conform HTTP/1.1\r\nHost: a\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tunnel": b"CONNECT other.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "chunked": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both lengths": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n",
    "no host": b"GET /v2/conform HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /v2/conform HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a space before the colon": b"GET /v2/conform HTTP/1.1\r\nHost : a\r\n\r\n",
    "an upgrade": b"GET /v2/conform HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "waiting for 100": POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    "two tokens": b"GET /v2/conform HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "cut off": POST + b"Content-Length: 10\r\n\r\nabc",
    "elsewhere": b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n",
    "a fragment": b"GET /v2/conform#y HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.fixture
def door(post: Any) -> Iterator[tuple[Any, Door]]:
    here = post(level="full")
    opened = Door(here.guard)
    yield here, opened
    opened.close()


def say(door: Door, content: bytes) -> bytes:
    with socket.create_connection(door.server_address[:2], timeout=30) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
        heard = b""
        try:
            while piece := line.recv(65_536):
                heard += piece
        except ConnectionResetError:
            pass
    return heard


@pytest.mark.parametrize("name", RAW)
def test_what_is_not_one_plain_request_goes_nowhere(name: str, door: tuple[Any, Door]) -> None:
    here, opened = door
    say(opened, RAW[name])
    assert here.upstream.seen == []
    assert b" 201 " in say(opened, GOOD), "it still answers"


def test_a_refusal_says_why_and_a_forged_one_does_not_pass(door: tuple[Any, Door]) -> None:
    here, opened = door
    heard = say(opened, b"PUT /v2/conform HTTP/1.1\r\nHost: a\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 401 ")
    assert b"x-contract-guard: credentials: " in heard.lower()
    here.upstream.says = lambda _: Answer(200, {"x-contract-guard": "forged", "location": "http://b"}, b"{}")
    assert b"forged" not in say(opened, GOOD)


def test_a_refusal_of_head_has_no_body(door: tuple[Any, Door], capfd: pytest.CaptureFixture[str]) -> None:
    here, opened = door
    heard = say(opened, b"HEAD /v2/other HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"x-contract-guard: " in heard.lower()
    assert heard.endswith(b"\r\n\r\n")
    assert here.upstream.seen == []
    opened.close()
    assert capfd.readouterr().err == ""


def test_a_reason_forges_no_header() -> None:
    assert printable("a\r\nb: c\x7f\u2028é") == "a??b: c???"


def test_a_redirect_is_handed_on_and_not_followed(door: tuple[Any, Door]) -> None:
    here, opened = door
    here.upstream.says = lambda _: Answer(302, {"location": "http://other.example/"}, b"")
    assert say(opened, GOOD).startswith(b"HTTP/1.1 302 ")
    assert len(here.upstream.seen) == 1
