"""How an answer is framed, and what comes of an application that does not make a whole one."""

import asyncio

import pytest

GET = b"GET / HTTP/1.1\r\nHost: mock\r\n\r\n"


def replies(*messages, then=None):
    """Return an application that sends messages, whatever was asked."""

    async def app(scope, receive, send):
        for message in messages:
            await send(message)
        if then is not None:
            await then(scope, receive, send)

    return app


def start(status=200, *headers):
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data=b"", *, more=False):
    return {"type": "http.response.body", "body": data, "more_body": more}


def lines(client):
    head, _, rest = client.transport.written.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), rest


@pytest.mark.parametrize(
    ("sent", "messages", "framing", "rest"),
    [
        (GET, [start(), body(b"ab", more=True), body(b"c")], [b"transfer-encoding: chunked"],
         b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
        (b"GET / HTTP/1.0\r\n\r\n", [start(), body(b"ab")], [b"connection: close"], b"ab"),
        (GET, [start(204), body()], [], b""),
        (b"HEAD / HTTP/1.1\r\nHost: mock\r\n\r\n", [start(200, (b"content-length", b"2")), body(b"ab")],
         [b"content-length: 2"], b""),
        (GET, [start(299, (b"Connection", b"close")), body()],
         [b"transfer-encoding: chunked", b"connection: close"], b"0\r\n\r\n"),
        (GET, [start(200, (b"transfer-encoding", b"chunked")), body()], [b"transfer-encoding: chunked"],
         b"0\r\n\r\n"),
    ],
)  # fmt: skip
def test_how_an_answer_is_framed(door, sent, messages, framing, rest):
    async def play(door):
        return lines(await door.connect().send(sent))

    head, sent_body = door(play, app=replies(*messages))
    assert head[1:] == [b"date: today", *framing]
    assert sent_body == rest


def test_the_head_of_a_stream_goes_out_before_there_is_anything_to_tell(door):
    app = replies(start(), then=lambda scope, receive, send: asyncio.sleep(9))

    async def play(door):
        return (await door.connect().send(GET)).statuses

    assert door(play, app=app) == [200]


def fails(scope, receive, send):
    raise LookupError("on purpose")


@pytest.mark.parametrize(
    ("messages", "then", "outcome"),
    [
        ([], fails, "500 ending"),
        ([], None, "500 ending"),
        ([body()], None, "500 ending"),
        ([start(), start()], None, "200 aborted"),
        ([start(200, (b"content-length", b"9"))], fails, "500 ending"),
        ([start(200, (b"content-length", b"9")), body(b"x", more=True), body()], None, "200 aborted"),
        ([start(200, (b"content-length", b"1")), body(b"xx")], None, "500 ending"),
        ([start(), body(b"x", more=True)], None, "200 aborted"),
        ([start(), body(b"x")], fails, "200 open"),
    ],
)
def test_an_application_that_fails_harms_its_own_answer_only(door, messages, then, outcome):
    async def play(door):
        return (await door.connect().send(GET)).outcome

    assert door(play, app=replies(*messages, then=then)) == outcome
