"""What is sent, and how answers are read."""

import json
import random
import re

import exchanges
import hostile
import load
import pytest


@pytest.mark.parametrize(
    ("answer", "complete"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-le", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\ndate: today\r\n\r\n", True),
    ],
)
def test_an_answer_is_complete_when_all_of_it_came(answer: bytes, complete: bool):
    assert load.is_complete(answer) is complete


def test_an_exchange_is_written_with_its_length():
    head, _, body = exchanges.CREATE.wire("/v2", 4010).partition(b"\r\n\r\n")
    assert head.startswith(
        b"POST /v2/ai/assistants/assistant-created/scheduled_events HTTP/1.1\r\nHost: 127.0.0.1:4010"
    )
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == exchanges.EVENT


def test_the_peers_document_answers_the_page_that_we_answer():
    paths = exchanges.merged_document({"data": ["ours"]})["paths"]
    listed = paths["/ai/assistants/{assistant_id}/scheduled_events"]
    assert listed["get"]["responses"]["200"]["content"]["application/json"]["example"] == {"data": ["ours"]}
    assert {"post", "get"} <= set(listed)
    assert "/messages/schedule" in paths


def test_hostile_calls_are_the_same_for_the_same_seed_and_their_lengths_are_true():
    calls = [hostile.chosen(random.Random(seed)) for seed in range(300)]
    assert calls == [hostile.chosen(random.Random(seed)) for seed in range(300)]
    assert {call.kind for call in calls} == {"call", "control", "hostile", "no HTTP"}
    for call in calls:
        head, _, body = call.data.partition(b"\r\n\r\n")
        if call.kind != "no HTTP" and (length := re.search(rb"Content-Length: (\d+)", head)):
            assert int(length[1]) == len(body)
