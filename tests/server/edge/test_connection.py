"""What a connection does for clients that behave: order, framing, and how it ends."""

import asyncio

import pytest

from contratempo.server.connection import WIRE

GET = b"GET /%b HTTP/1.1\r\nHost: mock\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: mock\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: mock\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nx: y\r\n\r\n"
)
LIKE_HEAD = b"POST / HTTP/1.1\r\nHost: mock\r\nContent-Length: 1\r\n\r\n1"  # whose body stands in its head, too
CHUNKED_HEAD = CHUNKED[: CHUNKED.index(b"3;a")]


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


@pytest.mark.parametrize("sent", [POST, CHUNKED])
@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_however_a_request_is_split_it_is_the_same(door, sent, size):
    async def play(door):
        client = await door.connect().send(*[sent[at : at + size] for at in range(0, len(sent), size)])
        return door.seen, client.outcome

    assert door(play) == ([("POST", "/", b"hello")], "200 open")


@pytest.mark.parametrize("before", [(), (POST,)])
@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_however_it_is_split_a_method_that_is_none_is_refused_for_its_target(door, before, size):
    sent = b"get /a HTTP/1.1\r\nHost: mock\r\n\r\n"

    async def play(door):
        client = await door.connect().send(*before, *[sent[at : at + size] for at in range(0, len(sent), size)])
        await client.wait(1)
        return client.statuses[-1:], b"x-target: /a\r\n" in client.transport.written

    assert door(play) == ([405], True)


@pytest.mark.parametrize(
    "before", [GET, POST, CHUNKED, GET + POST, POST + CHUNKED + GET, LIKE_HEAD, CHUNKED + LIKE_HEAD]
)
@pytest.mark.parametrize("more", [-1, 1, 3, 7, 1_000])
def test_a_method_that_is_none_right_after_other_requests_is_refused_for_its_target(door, before, more):
    """However far the piece goes in which the others end, or with what it was begun."""
    sent = before + b"g@t /a HTTP/1.1\r\nHost: mock\r\n\r\n" + GET

    async def play(door):
        client = await door.connect().send(sent[: len(before) + more], sent[len(before) + more :], every=0.1)
        await client.wait(1)
        return client.statuses[-1:], b"x-target: /a\r\n" in client.transport.written

    assert door(play) == ([405], True)


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02", b"get\n", b"get /" + b"x" * 9_000])
def test_what_is_no_beginning_of_a_line_is_refused_at_once(door, sent):
    async def play(door):
        client = await door.connect().send(sent)
        return client.statuses

    assert door(play)[0] in {400, 405}


def test_a_method_that_is_none_has_the_time_of_any_head_for_its_target(door):
    async def play(door):
        client = await door.connect().send(POST)
        await client.send(b"get /")
        await client.wait(9)
        before = client.statuses
        await client.wait(2)
        return before, client.statuses

    assert door(play) == ([200], [200, 408])


def test_answers_come_in_the_order_of_the_requests(door):
    async def play(door):
        client = await door.connect().send(GET % b"a" + POST + CHUNKED + GET % b"d")
        await client.wait(1)
        return [path for _, path, _ in door.seen], client.statuses, client.outcome

    assert door(play) == (["/a", "/", "/", "/d"], [200] * 4, "200 open")


def test_a_refusal_waits_for_the_answers_before_it(door):
    async def play(door):
        client = await door.connect().send(GET % b"a" + POST + b"GET / HTTP/1.1\r\nno colon\r\n\r\n" + GET % b"d")
        return [path for _, path, _ in door.seen], client.statuses, client.outcome

    assert door(play) == (["/a", "/"], [200, 200, 400], "400 ending")


@pytest.mark.parametrize("broken", [b"zz\r\n", b"5\r\nhello0\r\n\r\n"])
def test_a_body_that_breaks_while_others_are_answered_is_refused_in_its_turn(door, broken):
    async def play(door):
        client = await door.connect().send(GET % b"a" + CHUNKED_HEAD + broken)
        return [path for _, path, _ in door.seen], client.statuses

    assert door(play) == (["/a"], [200, 400])


def test_a_body_that_breaks_is_refused_and_the_application_hears_that_nobody_is_there(door):
    heard = []

    async def app(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            pass
        heard.append(message["type"])
        await send(start())
        await send(body())

    async def play(door):
        return (await door.connect().send(CHUNKED_HEAD, b"zz\r\n")).statuses

    assert (door(play, app=app), heard) == ([400], ["http.disconnect"])


def test_a_body_that_breaks_after_the_answer_has_begun_ends_the_connection(door):
    app = replies(start(), body(b"x", more=True), then=lambda scope, receive, send: asyncio.sleep(9))

    async def play(door):
        return (await door.connect().send(CHUNKED_HEAD, b"zz\r\n")).outcome

    assert door(play, app=app) == "200 closed"


def test_a_refusal_knows_its_target_as_soon_as_it_is_known(door):
    async def play(door):
        sent = [
            b"FOO /v1/a HTTP/1.1\r\n\r\n",
            b"GET /v1/\xff HTTP/1.1\r\n\r\n",
            b"GET /v1/a HTTP/1.1\r\nno colon\r\n\r\n",
        ]
        clients = [await door.connect().send(each) for each in sent]
        halves = await door.connect().send(b"FO", b"O /v1/", b"a HTTP/1.1\r\n\r\n")
        heads = [lines(each)[0] for each in (*clients, halves)]
        return [[each for each in head if each.startswith(b"x-target")] for head in heads]

    known = [b"x-target: /v1/a"], [b"x-target: /v1/"]
    assert door(play) == [known[0], known[1], known[0], known[0]]


@pytest.mark.parametrize("head", [b"GET / HTTP/1.0\r\n", b"GET / HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n"])
def test_a_client_that_wants_one_answer_gets_one(door, head):
    async def play(door):
        client = await door.connect().send(head + b"\r\n" + GET % b"b")
        return lines(client)[0][-1], client.statuses, client.outcome

    assert door(play) == (b"connection: close", [200], "200 closed")


@pytest.mark.parametrize("sent", [POST, CHUNKED])
@pytest.mark.parametrize("size", [1, 50, 1_000])
def test_an_offer_of_h2c_is_passed_over(door, sent, size):
    """Java's client makes it with every first request, whatever its body."""

    async def play(door):
        offer = b"Host: mock\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
        raw = sent.replace(b"Host: mock\r\n", offer) + GET % b"b"
        client = await door.connect().send(*[raw[at : at + size] for at in range(0, len(raw), size)])
        return door.seen, client.outcome

    assert door(play) == ([("POST", "/", b"hello"), ("GET", "/b", b"")], "200 open")


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a%2Fb?x[y]=%20", "/a/b", b"x[y]=%20"),
        (b"//a", "//a", b""),
        (b"http://MOCK/a?b", "/a", b"b"),
        (b"http://mock", "/", b""),
    ],
)
def test_what_the_application_sees_of_a_request(door, target, path, query):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)
        await replies(start(204), body())(scope, receive, send)

    async def play(door):
        await door.connect().send(b"GET %b HTTP/1.1\r\nHOST: mock\r\nX-A: \xe9\r\n\r\n" % target)

    door(play, app=app)
    scope = seen[0]
    assert (scope["path"], scope["query_string"], scope["method"], scope["http_version"]) == (path, query, "GET", "1.1")
    assert scope["headers"] == [(b"host", b"mock"), (b"x-a", b"\xe9")]
    assert WIRE in scope["extensions"]


def test_a_client_that_asks_first_is_told_to_go_on(door):
    async def play(door):
        client = await door.connect().send(POST[:-5].replace(b"Content", b"Expect: 100-Continue\r\nContent"))
        told = client.statuses
        return told, (await client.send(b"hello")).statuses

    assert door(play) == ([100], [100, 200])


def test_a_client_that_does_not_wait_to_be_told_is_not(door):
    async def play(door):
        return (await door.connect().send(POST.replace(b"Content", b"Expect: 100-continue\r\nContent"))).statuses

    assert door(play) == [200]


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_fault_ends_the_connection_and_nothing_more_is_said(door, end):
    async def app(scope, receive, send):
        await send(start(200, (b"content-length", b"9")))
        await send(body(b"half", more=True))
        getattr(scope["extensions"][WIRE], end)()
        await send(body(b"other"))
        assert (await receive())["type"] == "http.disconnect"

    async def play(door):
        client = await door.connect().send(GET % b"")
        return client.transport.written.endswith(b"half"), client.outcome

    assert door(play, app=app) == (True, {"close": "200 closed", "reset": "200 aborted"}[end])


def test_the_application_hears_that_its_client_has_gone(door):
    heard = []

    async def app(scope, receive, send):
        heard.extend([(await receive())["type"], (await receive())["type"]])

    async def play(door):
        client = await door.connect().send(GET % b"")
        client.transport.close()
        await client.wait(0)

    door(play, app=app)
    assert heard == ["http.request", "http.disconnect"]


def test_a_client_that_reads_again_gets_the_rest(door):
    async def app(scope, receive, send):
        await replies(start(), *[body(b"x" * 10, more=True)] * 3, body())(scope, receive, send)

    async def play(door):
        client = door.connect()
        client.transport.stuck = True
        stuck = (await client.send(GET % b"")).transport.written.count(b"x" * 10)
        client.transport.stuck = False
        client.connection.resume_writing()
        return stuck, (await client.wait(40)).transport.written.count(b"x" * 10), client.outcome

    assert door(play, app=app) == (0, 3, "200 closed")


def test_a_body_is_read_as_fast_as_the_application_takes_it(door):
    async def play(door):
        sent = [b"x" * 70_000] * 3
        client = await door.connect().send(POST[:-5].replace(b": 5", b": 210000"), *sent)
        return len(door.seen[0][2]), client.transport.reading

    assert door(play) == (210_000, True)


@pytest.mark.parametrize(("sent", "outcome"), [([], "closed"), ([GET[:9]], "closed"), ([GET % b""], "200 closed")])
def test_a_server_that_closes_ends_connections_where_nothing_is_under_way(door, sent, outcome):
    async def play(door):
        client = await door.connect().send(*sent)
        client.connection.shutdown()
        return (await client.wait(0)).outcome

    assert door(play) == outcome


def test_a_server_that_closes_lets_an_answer_end(door):
    async def play(door):
        client = await door.connect().send(POST[:-1])
        client.connection.shutdown()
        return (await client.send(POST[-1:])).outcome

    assert door(play) == "200 closed"


def test_a_task_that_is_cancelled_closes_its_connection(door):
    async def play(door):
        client = await door.connect().send(POST[:-1])
        for task in door.state.tasks:
            task.cancel()
        return (await client.wait(0)).outcome, door.state.tasks, door.state.connections

    assert door(play) == ("closed", set(), set())


def test_a_client_that_leaves_without_reading_is_cut_off(door):
    async def play(door):
        client = await door.connect().send(POST[:-1])
        client.transport.stuck = True
        client.connection.eof_received()
        return (await client.wait(31)).outcome

    assert door(play) == "aborted"
