import asyncio

import pytest

from contratempo.provider import Refusal, Response
from contratempo.server.wire import Disconnected, Incoming, encode, header_safe, read_body, send_response


def with_authorization(*values):
    return Incoming("toy", "listThings", "GET", "/", b"", [("authorization", value) for value in values], b"")


def read(*messages, headers=(), limit=10):
    left = list(messages)

    async def receive():
        return left.pop(0)

    return asyncio.run(read_body(receive, list(headers), limit)), left


def part(body, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


def sent(response, **more):
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(send_response(send, response, encode(response.body), **more))
    start, body = messages
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer KEY", "KEY"),
        ("bearer KEY", "KEY"),
        ("BEARER a b", "a b"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Bearer  KEY", None),
        ("Basic a2V5", None),
        ("KEY", None),
        ("", None),
        ("BearerKEY", None),
    ],
)
def test_the_token_of_an_authorization_header(value, token):
    assert with_authorization(value).token == token


def test_without_the_header_there_is_no_token():
    assert with_authorization().token is None


def test_a_header_is_found_by_its_lower_case_name_and_the_first_counts():
    assert with_authorization("one", "two").header("authorization") == "one"
    assert with_authorization("one").header("Authorization") is None


def test_a_body_arrives_in_pieces():
    assert read(part(b"abc"), part(b""), part(b"de", more=False)) == (b"abcde", [])
    assert read({"type": "http.request"}) == (b"", [])


def test_a_body_may_be_as_long_as_the_limit():
    assert read(part(b"x" * 10, more=False), headers=[("content-length", "10")])[0] == b"x" * 10


@pytest.mark.parametrize("length", ["11", "9" * 5_000])
def test_a_length_beyond_the_limit_is_refused_before_anything_is_read(length):
    with pytest.raises(Refusal) as caught:
        read(headers=[("content-length", length)])
    problem = caught.value.problem
    assert (problem.kind, problem.hint) == ("too-large", "raise --max-body-bytes")
    assert "10 bytes" in problem.detail


@pytest.mark.parametrize(
    "headers", [(), [("content-length", "2")], [("content-length", "abc")], [("content-length", "-1")]]
)
def test_pieces_beyond_the_limit_are_refused_whatever_was_announced(headers):
    with pytest.raises(Refusal, match="larger than 10 bytes"):
        read(part(b"x" * 6), part(b"x" * 6), part(b"never read"), headers=headers)


def test_a_client_that_goes_away_is_noticed():
    with pytest.raises(Disconnected):
        read(part(b"abc"), {"type": "http.disconnect"})


def test_an_answer_has_its_length_type_trace_and_headers():
    response = Response(201, {"a": "€"}, {"Retry-After": "1"}, ("rule x", "why"))
    status, headers, body = sent(response)
    assert (status, body) == (201, '{"a":"€"}'.encode())
    assert headers == {
        "content-length": "11",
        "content-type": "application/json",
        "x-mock-trace": "rule x; why",
        "retry-after": "1",
    }


def test_an_answer_to_head_has_the_headers_alone():
    status, headers, body = sent(Response(200, {"a": 1}), with_body=False)
    assert (status, headers["content-length"], body) == (200, "7", b"")


def test_an_answer_without_content_has_no_type():
    assert sent(Response(204)) == (204, {}, b"")
    assert sent(Response(200)) == (200, {"content-length": "0"}, b"")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("as it is; 100", "as it is; 100"),
        ("a\r\nSet-Cookie: x", "a%0D%0ASet-Cookie: x"),
        ("naïve", "na%C3%AFve"),
        ("50%", "50%25"),
        ("\0\x7f", "%00%7F"),
        ("x" * 3_000, "x" * 2_000),
        ("é" * 3_000, ("%C3%A9" * 334)[:2_000]),
    ],
)
def test_no_text_breaks_a_header(text, safe):
    assert header_safe(text) == safe


def test_headers_and_trace_are_made_safe():
    _, headers, _ = sent(Response(200, None, {"X-Echo": "a\r\nb"}, ("über",)))
    assert (headers["x-echo"], headers["x-mock-trace"]) == ("a%0D%0Ab", "%C3%BCber")
