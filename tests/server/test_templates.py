"""Path templates: what a regular expression finds, in time that only grows with the path."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import compile_path

from contratempo.server.routing import Routing
from contratempo.server.templates import Template, parameters_of

WORDS = st.text("ab-", max_size=2)
SEGMENTS = st.lists(WORDS, min_size=1, max_size=5)
TEXTS = st.text("ab-", max_size=12)


@given(st.lists(SEGMENTS, min_size=1, max_size=3), st.data())
def test_it_finds_what_the_regular_expression_of_the_router_finds(segments, data):
    numbers = iter(range(100))
    written = ["".join(f"{{p{next(numbers)}}}{word}" if at else word for at, word in enumerate(s)) for s in segments]
    path = "/" + "/".join(written)
    filled = re.sub(r"\{p\d+\}", lambda _: data.draw(TEXTS), path)
    text = data.draw(st.sampled_from([filled, filled + "a", filled[:-1], filled + "/"]))
    expected, found = compile_path(path)[0].match(text), Template(path).match(text)
    assert (found and found.groupdict()) == (expected and expected.groupdict())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5.json", ["5", ".json"]),
        ("a.b.xml", ["a.b", ".xml"]),
        ("ab", ["a", "b"]),
        (".a", [".", "a"]),
        ("a.", ["a", "."]),
    ],
)
def test_of_two_parameters_with_nothing_between_the_second_is_an_extension(text, found):
    assert parameters_of("{id}{format}", text) == found
    assert parameters_of("x{id}{format}y", f"x{text}y") == found


def test_a_path_without_parameters_has_matched_too():
    matched = Template("/a").match("/a")
    assert matched
    assert matched.groupdict() == {}


SLOW = [
    ("{x}-{y}-{z}.json", "-" * 1_500),
    ("{a}{b}{c}{d}.json", "x" * 400),
    ("{x}-{y}.{z}", "a-b.c" + "-" * 8_000),
    ("{x}-" * 100 + "{y}!", "-" * 8_000),
]


@pytest.mark.parametrize(("segment", "text"), SLOW)
def test_no_path_keeps_it_busy(segment, text):
    began = time.process_time()
    parameters_of(segment, text)
    assert time.process_time() - began < 0.1


def test_no_path_keeps_the_server_busy(client, document):
    async def unrouted(scope, receive, send):
        assert scope["extensions"]["connexion_routing"]["operation_id"] is None
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    ask = client(Routing(unrouted, [document("a", {"/{x}-{y}-{z}.json": ["get"]})]))
    began = time.process_time()
    assert ask("GET", "/t1/" + "-" * 1_500).status == 404
    assert time.process_time() - began < 1
