"""The proxy passes on what it gets, to one place and nowhere else, and says so where it answers itself."""

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from contratempo.conformance.door import Door

OWN = "x-contract-proxy"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what came, in a body that is coded; set two cookies, and say what is this connection's alone."""
    body = (await receive())["body"]
    came = {
        "method": scope["method"],
        "target": f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}",
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": body.decode("latin-1"),
    }
    headers = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-encoding", b"gzip"), (b"x-odd", b"\xe9")]
    headers += [(b"connection", b"x-hop"), (b"x-hop", b"1"), (b"x-contract-violations", b"forged")]
    await send({"type": "http.response.start", "status": 418, "headers": headers})
    await send({"type": "http.response.body", "body": gzip.compress(json.dumps(came).encode())})


@pytest.fixture(scope="module")
def before_echo(serving_app: Any, stand: Any) -> Iterator[tuple[str, Any]]:
    """Stand before a deployment that answers with what came."""
    with serving_app(echo) as origin, stand(origin, "telnyx_messages") as here:
        yield origin, here


@pytest.fixture
def before(speaking: Any, stand: Any) -> Iterator[Any]:
    """Return a maker of proxies before deployments that say given bytes, and of what those heard."""
    with ExitStack() as stack:

        def make(*says: bytes, silent: bool = False, held: bool = False, **wish: Any) -> tuple[Any, list[bytes]]:
            origin, heard = stack.enter_context(speaking(*says, silent=silent, held=held))
            return stack.enter_context(stand(origin, "telnyx_messages", **({"real": True} | wish))), heard

        yield make


def test_a_request_arrives_as_it_was_but_for_its_host(before_echo: Any, client: httpx2.Client) -> None:
    origin, here = before_echo
    headers = [("X-A", "1"), ("X-A", "2"), ("Authorization", "Bearer T"), ("Cookie", "c=1"), ("Accept-Encoding", "br")]
    headers += [("Connection", "x-mine"), ("X-Mine", "1"), ("TE", "trailers"), ("User-Agent", "app")]
    request = client.build_request("PATCH", here.url, content=b"\x00\xff", headers=headers)
    request.extensions["target"] = b"/v2/a%2Fb/%7e?q=%zz&q=+"
    came = client.send(request).json()
    assert (came["method"], came["target"], came["body"]) == ("PATCH", "/v2/a%2Fb/%7e?q=%zz&q=+", "\x00\xff")
    sent = [("x-a", "1"), ("x-a", "2"), ("authorization", "Bearer T"), ("cookie", "c=1"), ("user-agent", "app")]
    ours = [("accept-encoding", "identity"), ("content-length", "2"), ("host", origin.removeprefix("http://"))]
    assert sorted(map(tuple, came["headers"])) == sorted([*sent, *ours, ("accept", "*/*")])


def test_an_answer_comes_back_as_it_was(before_echo: Any, client: httpx2.Client) -> None:
    answer = client.get(f"{before_echo[1].url}/x")
    assert answer.status_code == 418
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["x-odd"] == "é"
    assert not {"x-hop", "x-contract-violations"} & set(answer.headers)


def test_a_connection_takes_one_request_after_another(before_echo: Any) -> None:
    head = b"HEAD /v2/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    post = b"POST /v2/2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(before_echo[1].address, timeout=30) as line:
        line.sendall(head + post)
        heard = b""
        while b" 100 Continue" not in heard:
            heard += line.recv(65_536)
        line.sendall(b"x" + b"GET /v2/3 HTTP/1.0\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        heard += b"".join(iter(lambda: line.recv(65_536), b""))
    assert [heard.count(b" 418 "), heard.count(b" 100 ")] == [2, 1]
    assert heard.count(b"HTTP/1.1 403") == 1, "the last one names no host"


POST = b"POST /v2/x HTTP/1.1\r\nHost: localhost\r\n"
ELSEWHERE = {
    "another host": (b"GET /v2/x HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"403"),
    "an odd host": (b"GET /v2/x HTTP/1.1\r\nHost: \xe9vil\xff\r\n\r\n", b"403"),
    "two hosts": (b"GET /v2/x HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b"400"),
    "another place": (b"GET /_mock/worlds HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
    "a neighbour": (b"GET /v2x HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
    "dots": (b"GET /v2/../_mock/worlds HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    "hidden dots": (b"GET /v2/%2e%2e%2f_mock HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    "an absolute target": (b"GET http://evil.example/v2/x HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    "a tunnel": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    "all of it": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
    "garbage": (b"\x16\x03\x01\r\n\r\n", b"400"),
    "too large": (POST + b"Content-Length: 9000000\r\n\r\n" + b"x" * 9_000_000, b"413"),
}  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE)
def test_nothing_leads_elsewhere(name: str, before: Any) -> None:
    here, heard = before(ANSWERED)
    content, status = ELSEWHERE[name]
    try:
        said = here.talk(content)
    except (ConnectionResetError, BrokenPipeError):
        said = b""  # it does not read to the end what is too large
    assert heard == []
    assert not said or (said.startswith(b"HTTP/1.1 " + status) and OWN.encode() in said)
    assert any(line.startswith(f"answered {status.decode()} itself: ") for line in here.said)


def test_a_host_that_is_allowed_is_answered(before: Any) -> None:
    here, heard = before(ANSWERED, hosts=("proxy.internal",))
    assert here.talk(b"GET /v2/x HTTP/1.1\r\nHost: Proxy.internal:4020\r\n\r\n").startswith(b"HTTP/1.1 200 OK")
    assert len(heard) == 1


def test_a_redirect_is_handed_on_and_not_followed(before: Any, client: httpx2.Client) -> None:
    here, heard = before(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
    answer = client.get(f"{here.url}/x")
    assert (answer.status_code, answer.headers["location"]) == (302, "http://169.254.169.254/")
    assert len(heard) == 1


def test_who_is_dead_is_told_and_asked_again(client: httpx2.Client, stand: Any, serving_app: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with stand(f"http://127.0.0.1:{port}", "telnyx_messages") as here:
        for _ in range(2):
            answer = client.get(f"{here.url}/messages/m", headers={"authorization": "Bearer T"})
            assert (answer.status_code, answer.headers[OWN].partition(":")[0]) == (502, "unreachable")
            assert answer.text.startswith("contratempo proxy: unreachable: http://127.0.0.1:")
        assert len(here.said) == 2
        assert here.verdict().exit_code == 5
        assert "127.0.0.1" in here.verdict().error


def test_who_is_slow_is_cut_off_and_that_is_told(before: Any, client: httpx2.Client) -> None:
    here, _ = before(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: ", ANSWERED, silent=True, patience=0.3)
    for _ in range(2):
        answer = client.get(f"{here.url}/messages/m")
        assert (answer.status_code, answer.headers[OWN].partition(":")[0]) == (504, "late")
    assert client.get(f"{here.url}/other").status_code == 200
    assert here.broken() == {"answers.no-server-error"}


BROKEN = {
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_half_an_answer_is_none(name: str, before: Any, client: httpx2.Client) -> None:
    here, heard = before(BROKEN[name], ANSWERED)
    answer = client.post(f"{here.url}/messages/schedule", json={})
    assert (answer.status_code, answer.headers[OWN].partition(":")[0]) == (502, "broken off")
    assert len(heard) == 1, "a create is not sent twice"


@pytest.mark.parametrize(("method", "statuses"), [("GET", [200, 200]), ("POST", [200, 502])])
def test_only_what_does_no_more_goes_again_where_an_idle_connection_was_closed(
    method: str, statuses: list[int], before: Any, client: httpx2.Client
) -> None:
    here, heard = before(ANSWERED, ANSWERED, held=True)
    assert [client.request(method, f"{here.url}/x").status_code for _ in range(2)] == statuses
    assert len(heard) == 3 - (method == "POST")


def test_an_answer_that_does_not_end_is_not_passed_on(
    monkeypatch: pytest.MonkeyPatch, before: Any, client: httpx2.Client
) -> None:
    monkeypatch.setattr("contratempo.conformance.proxy.upstream.LARGEST", 1_000)
    here, _ = before(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000)
    assert client.get(f"{here.url}/x").headers[OWN].startswith("too long: ")


def test_what_cannot_be_read_goes_through_unjudged(before: Any, client: httpx2.Client) -> None:
    """A body in a coding that nobody asked for, and one that would fill the memory."""
    bomb = gzip.compress(bytes(40 * 1_048_576))
    for coding, content in ((b"br", b"\x0b\x02\x80"), (b"gzip", bomb), (b"gzip", b"no gzip")):
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding, len(content))
        here, _ = before(head + content)
        with client.stream("GET", f"{here.url}/messages/m", headers={"accept-encoding": "gzip"}) as answer:
            assert b"".join(answer.iter_raw()) == content
        assert here.verdict().requests == 0
        assert here.verdict().notes == ("1 not judged: a path or coding that is none of the document's",)


def test_a_crowd_is_kept_out(before_echo: Any) -> None:
    here = before_echo[1].proxy
    door = Door(("127.0.0.1", 0), here.answer, here.refuse, strict=False, most=1)
    with socket.create_connection(("127.0.0.1", door.port)) as first:
        with socket.create_connection(("127.0.0.1", door.port), timeout=30) as second:
            assert second.recv(100).startswith(b"HTTP/1.1 503 ")
        first.sendall(b"GET /v2/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b" 418 " in first.recv(65_536), "who is in is served"
    door.close()


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """Answer whatever comes with the same text, and take down where it was for."""
    PLAIN.append(scope["path"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


PLAIN: list[str] = []


def test_who_has_no_control_plane_is_not_asked_for_the_time_again(
    serving_app: Any, stand: Any, client: httpx2.Client
) -> None:
    with serving_app(plain) as origin, stand(origin, "telnyx_messages") as here:
        for _ in range(3):
            client.get(f"{here.url}/messages/m")
    assert ["/_mock/contracts", "/_mock/clock", *["/v2/messages/m"] * 3] == PLAIN


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_what_has_no_length_is_not_said_to_be_empty(before: Any, client: httpx2.Client) -> None:
    """The length of an answer to HEAD is that of the answer to GET."""
    here, _ = before(CHUNKED, b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
    assert [client.head(f"{here.url}/x").headers.get("content-length") for _ in range(2)] == [None, "7"]


@pytest.mark.parametrize(
    ("taken", "asked"),
    [("br, GZIP ; q=0.5", b"gzip"), ("gzip;q=0, *", b"identity"), ("*;q=0.00", b"identity"), ("br, *", b"gzip")],
)
def test_no_coding_is_asked_for_that_the_application_refuses(
    taken: str, asked: bytes, before: Any, client: httpx2.Client
) -> None:
    here, heard = before(ANSWERED)
    client.get(f"{here.url}/x", headers={"accept-encoding": taken})
    assert b"\r\naccept-encoding: %b\r\n" % asked in heard[0]


def test_who_says_nothing_is_waited_for_once(before: Any, client: httpx2.Client) -> None:
    here, heard = before(b"", b"", ANSWERED, silent=True, patience=0.3, real=False, profile="spec")
    assert client.get(f"{here.url}/messages/m").status_code == 504
    assert client.get(f"{here.url}/messages/m").status_code == 200
    assert [each.partition(b" HTTP")[0] for each in heard] == [b"GET /_mock/clock", *[b"GET /v2/messages/m"] * 2]
