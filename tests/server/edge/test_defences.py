"""The defences of the edge: each refuses its attack, which succeeds where that defence is taken away."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httptools
import pytest

from contratempo.server.edge import exchange, head, reading
from contratempo.server.edge.connection import Connection
from contratempo.server.edge.exchange import Exchange
from contratempo.server.edge.limits import LIMITS, UNLIMITED
from contratempo.server.edge.line import Line

GET = b"GET / HTTP/1.1\r\nHost: mock\r\n"
POST = b"POST / HTTP/1.1\r\nHost: mock\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"\r\n"
Attack = Callable[[Any], Any]


@dataclass(frozen=True)
class Defence:
    """What is defended: `held` is what comes of the attack, `lost` what comes of it without the defence."""

    name: str
    attack: Attack
    held: Any
    lost: Any
    without: dict[str, float] = field(default_factory=dict)
    take_away: Callable[[pytest.MonkeyPatch], None] = lambda patch: None
    limits: dict[str, float] = field(default_factory=dict)
    app: Any = None


def sends(*parts: bytes, every: float = 0, wait: float = 0) -> Attack:
    """An attack of one client; its outcome is the client's."""

    async def attack(door: Any) -> Any:
        client = await door.connect().send(*parts, every=every)
        return (await client.wait(wait)).outcome

    return attack


def without_check(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    kept = tuple(each for each in head.CHECKS if each[1].__name__ != name)
    assert len(kept) == len(head.CHECKS) - 1
    return lambda patch: patch.setattr(head, "CHECKS", kept)


def lenient(**flags: bool) -> Callable[[pytest.MonkeyPatch], None]:
    """Have the parser pass over what it is strict about."""

    def make(protocol: Any) -> httptools.HttpRequestParser:
        parser = real(protocol)
        parser.set_dangerous_leniencies(**flags)
        return parser

    real = httptools.HttpRequestParser
    return lambda patch: patch.setattr(reading.httptools, "HttpRequestParser", make)


def limit(name: str, attack: Attack, held: Any, lost: Any, of: str, **more: Any) -> Defence:
    return Defence(name, attack, held, lost, without={of: UNLIMITED}, **more)


def check(name: str, attack: Attack, of: str, held: str = "400 ending", lost: str = "200 open") -> Defence:
    return Defence(name, attack, held, lost, take_away=without_check(of))


def strict(name: str, *parts: bytes, **flags: bool) -> Defence:
    return Defence(name, sends(*parts), "400 ending", "200 open", take_away=lenient(**flags))


async def many_clients(door: Any) -> list[str]:
    clients = [door.connect() for _ in range(4)]
    return [(await client.send(GET + END)).outcome for client in clients]


async def silent_surplus(door: Any) -> str:
    door.connect()
    return (await door.connect().wait(5)).outcome


async def never_reads(door: Any) -> str:
    client = door.connect()
    client.transport.stuck = True
    await client.send(GET + END)
    return (await client.wait(40)).outcome


async def never_reads_the_end(door: Any) -> str:
    client = door.connect()
    client.transport.stuck = True
    client.connection.pause_writing = lambda: None  # little is waiting: too little to hold the server up
    await client.send(GET + b"Connection: close\r\n\r\n")
    return (await client.wait(40)).outcome


async def goes_on_after_a_refusal(door: Any) -> str:
    return (await door.connect().send(b"nonsense\r\n\r\n", *[b"x"] * 40, every=0.1)).outcome


async def pipelines(door: Any) -> str:
    client = door.connect()
    client.connection.data_received((GET + END) * 5_000)
    waiting = len(client.connection._waiting)
    await client.wait(1)
    for _ in range(5_000):
        await client.wait(0)
    assert client.statuses == [200] * 5_000
    return "few" if waiting < 200 else "all"


async def floods(door: Any) -> str:
    client = await door.connect().send(POST + b"Content-Length: 9000000\r\n\r\n", *[b"x" * 60_000] * 3)
    return "waits" if not client.transport.reading else "is read"


async def ends_early(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers without reading."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def never_answers(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(1_000)


async def streams(scope: Any, receive: Any, send: Any) -> None:
    """An application that has more to send than a client takes."""
    await send({"type": "http.response.start", "status": 200})
    for _ in range(100):
        await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})


def answers_with(name: bytes, value: bytes) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"0"), (name, value)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return app


async def header_of_the_answer(door: Any) -> int:
    return (await door.connect().send(GET + END)).statuses[0]


def unchecked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exchange, "field_line", lambda name, value: b"%s: %s\r\n" % (name, value))


async def body_of_head(door: Any) -> bytes:
    client = await door.connect().send(b"HEAD / HTTP/1.1\r\nHost: mock\r\n\r\n")
    return client.transport.written.partition(b"\r\n\r\n")[2]


async def refused_in_mid_flow(door: Any) -> bool:
    client = await door.connect().send(b"nonsense\r\n\r\n")
    return client.transport.reading and not client.transport.closing


HUGE = [b"x-huge: ", *[b"x" * 1_000] * 70, b"\r\n"]
MANY = [b"x-%d: %s\r\n" % (number, b"x" * 900) for number in range(80)]
SLOW = [GET, *[b"x: y\r\n"] * 40]

DEFENCES = [
    limit("a huge header", sends(GET, *HUGE, END), "431 ending", "200 open", "head_bytes"),
    limit("many large headers", sends(GET, b"".join(MANY), END), "431 ending", "200 open", "head_bytes"),
    limit("many headers", sends(GET, b"a: b\r\n" * 100, END), "431 ending", "200 open", "headers"),
    limit("a long target", sends(b"GET /%s HTTP/1.1\r\nHost: mock\r\n\r\n" % (b"x" * 9_000)), "414 ending", "200 open",
          "target_bytes"),
    limit("many trailers", sends(CHUNKED, b"0\r\n", b"a: b\r\n" * 101, END), "431 ending", "200 open", "trailers"),
    limit("a huge trailer", sends(CHUNKED, b"0\r\n", *HUGE, END), "400 ending", "200 open", "framing_bytes"),
    limit("huge chunk extensions", sends(CHUNKED, *[b"1;a=%s\r\nx\r\n" % (b"x" * 1_000)] * 70, b"0\r\n\r\n"),
          "400 ending", "200 open", "framing_bytes"),
    limit("a head that stops", sends(GET, wait=10.5), "408 ending", "open", "head_seconds"),
    limit("a head that drips", sends(*SLOW, every=0.3), "408 closed", "open", "head_seconds"),
    limit("a client that says nothing", sends(wait=11), "closed", "open", "head_seconds"),
    limit("a second head that stops", sends(GET + END, GET, wait=10.5), "408 ending", "200 open", "head_seconds"),
    limit("a client that only sends empty lines", sends(*[b"\r\n"] * 20, every=1), "closed", "open", "head_seconds"),
    limit("a body that stops", sends(POST + b"Content-Length: 9\r\n\r\nx", wait=15.5), "408 ending", "open",
          "gap_seconds", limits={"body_seconds": UNLIMITED}),
    limit("a body that drips", sends(POST + b"Content-Length: 9\r\n\r\n", *[b"x"] * 7, every=9), "408 closed", "open",
          "body_seconds"),
    limit("a client that keeps its connection", sends(GET + END, wait=31), "200 closed", "200 open", "idle_seconds"),
    limit("a client that never reads", never_reads, "200 aborted", "200 open", "write_seconds", app=streams),
    limit("a client that never reads the end", never_reads_the_end, "200 aborted", "200 open", "write_seconds"),
    limit("a client that goes on after a refusal", goes_on_after_a_refusal, "405 closed", "405 ending",
          "linger_seconds"),
    limit("a connection too many", many_clients, ["200 open", "200 open", "503 ending", "503 ending"], ["200 open"] * 4,
          "connections", limits={"connections": 2}),
    limit("connections far too many", many_clients, ["200 open", "503 ending", "aborted", "aborted"],
          ["200 open", "503 ending", "503 ending", "503 ending"], "surplus", limits={"connections": 1, "surplus": 1}),
    limit("a connection too many that says nothing", silent_surplus, "closed", "open", "surplus_seconds",
          limits={"connections": 1}),
    limit("a body that nobody reads", floods, "waits", "is read", "read_ahead_bytes", app=never_answers),
    Defence("a thousand requests at once", pipelines, "few", "all", without={"piece_bytes": 10**9}),
    check("HTTP/0.9", sends(b"GET / HTTP/0.9\r\nHost: mock\r\n\r\n"), "check_version", lost="200 closed"),
    check("HTTP/2.0", sends(b"GET / HTTP/2.0\r\nHost: mock\r\n\r\n"), "check_version", lost="200 closed"),
    check("a tunnel", sends(b"CONNECT mock:80 HTTP/1.1\r\nHost: mock\r\n\r\n"), "check_method", held="405 ending",
          lost="400 ending"),  # it is no path, either
    check("no host", sends(b"GET / HTTP/1.1\r\n\r\n"), "check_host"),
    check("two hosts", sends(GET + b"Host: other\r\n\r\n"), "check_host"),
    check("a fragment", sends(b"GET /a#b HTTP/1.1\r\nHost: mock\r\n\r\n"), "check_target"),
    check("a target of another host", sends(b"GET http://other/a HTTP/1.1\r\nHost: mock\r\n\r\n"), "check_target"),
    check("a target that is no path", sends(b"OPTIONS * HTTP/1.1\r\nHost: mock\r\n\r\n"), "check_target"),
    check("a coding before chunked", sends(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
          "check_coding"),
    check("chunks in HTTP/1.0", sends(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
          "check_coding", lost="200 closed"),
    check("an unknown expectation", sends(GET + b"Expect: wonders\r\n\r\n"), "check_expectation", held="417 ending"),
    check("a websocket", sends(GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), "check_upgrade"),
    strict("a bare line feed", GET + b"a: b\nc: d\r\n\r\n", lenient_optional_cr_before_lf=True),
    strict("a folded header", GET + b"a: b\r\n c\r\n\r\n", lenient_headers=True),
    strict("a control character", GET + b"a: b\x01\r\n\r\n", lenient_headers=True),
    strict("length and chunks", POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           lenient_chunked_length=True),
    strict("a space after a chunk's size", CHUNKED + b"1 \r\nx\r\n0\r\n\r\n", lenient_spaces_after_chunk_size=True),
    strict("a chunk longer than said", CHUNKED + b"1\r\nx0\r\n\r\n", lenient_optional_crlf_after_chunk=True),
    Defence("a header in a header", header_of_the_answer, 500, 200, take_away=unchecked,
            app=answers_with(b"x-a", b"b\r\nx-c: d")),
    Defence("a line feed in a header", header_of_the_answer, 500, 200, take_away=unchecked,
            app=answers_with(b"x-a", b"b\nx-c: d")),
    Defence("a NUL in a header", header_of_the_answer, 500, 200, take_away=unchecked, app=answers_with(b"x-a", b"\0")),
    Defence("a letter beyond ASCII in a header", header_of_the_answer, 500, 200, take_away=unchecked,
            app=answers_with(b"x-a", "ł".encode())),
    Defence("a header name that is two", header_of_the_answer, 500, 200, take_away=unchecked,
            app=answers_with(b"x-a: b\r\nx-c", b"d")),
    Defence("a body for HEAD", body_of_head, b"", b"1",
            take_away=lambda patch: patch.setattr(exchange, "has_body", lambda method, status: True)),
    Defence("a request after a body that nobody read", sends(POST + b"Content-Length: 9\r\n\r\n"), "200 ending",
            "200 open", app=ends_early, take_away=lambda patch: patch.setattr(Exchange, "_is_read", lambda self: True)),
    Defence("a reset that overtakes a refusal", refused_in_mid_flow, True, False,
            take_away=lambda patch: patch.setattr(Line, "_linger", Line._end)),
]  # fmt: skip


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda defence: defence.name)
def test_a_defence_holds_and_without_it_the_attack_succeeds(defence, door, monkeypatch):
    given = replace(LIMITS, **defence.limits)
    assert door(defence.attack, given, defence.app) == defence.held
    defence.take_away(monkeypatch)
    assert door(defence.attack, replace(given, **defence.without), defence.app) == defence.lost


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        POST + b"Content-Length: 1, 2\r\n\r\nab",
        POST + b"Content-Length: +1\r\n\r\na",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\na",
        POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        CHUNKED + b"fffffffffffffffff\r\n",
        CHUNKED + b"-1\r\n",
        GET + b"a : b\r\n\r\n",
        GET + b"a: \0\r\n\r\n",
        GET + b"a: b\rc: d\r\n\r\n",
        (GET + END).replace(b"\r\n", b"\n"),
        b"GET / HTTP/3.7\r\nHost: mock\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_the_parser_s_own_strictness(door, sent):
    """No leniency of its takes these away: an upgrade that did would be seen here."""
    outcome = door(sends(sent))
    assert re.fullmatch("(400|405) ending", outcome), outcome


def test_the_limits_are_those_that_are_written_down():
    assert (LIMITS.head_bytes, LIMITS.headers, LIMITS.head_seconds) == (65_536, 100, 10)
    assert (LIMITS.gap_seconds, LIMITS.body_seconds, LIMITS.connections) == (15, 60, 1_000)
    assert Connection.__mro__[1] is Line
