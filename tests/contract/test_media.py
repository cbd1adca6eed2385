import fnmatch

import pytest

from contratempo.contract.answers import Wish
from contratempo.contract.media import best

TOKEN = ("authorization", "Bearer key")


@pytest.mark.parametrize(
    "value",
    [
        "application/json; x",
        "application/json; a=b=c",
        "application/json;charset=utf-8",
        "APPLICATION/JSON ; charset=bogus",
    ],
)
def test_parameters_of_a_content_type_are_ignored(create, value):
    assert create(headers=[TOKEN, ("content-type", value)]).violations == ()


@pytest.mark.parametrize(
    "headers", [[], [("content-type", "")], [("content-type", "text/plain")], [("content-type", ";")]]
)
def test_a_wrong_or_missing_content_type_is_told(create, headers, tools):
    checked = create(headers=[TOKEN, *headers])
    assert tools.told(checked) == [("content-type", "", "media-type")]
    assert checked.violations[0].limit == ["application/json"]


def test_media_type_ranges_are_understood(tools):
    operation = {"requestBody": {"content": {"application/*": {"schema": {"type": "integer"}}, "text/plain": {}}}}
    contract = tools.contract_of(operation)
    kinds = {
        media_type: tools.told(tools.ask(contract, body=b'"x"', headers=[("content-type", media_type)]))
        for media_type in (
            "application/json",
            "application/merge-patch+json",
            "application/xml",
            "text/plain",
            "image/png",
        )
    }
    assert kinds == {
        "application/json": [("body", "", "type")],
        "application/merge-patch+json": [("body", "", "type")],
        "application/xml": [],  # not JSON: not judged
        "text/plain": [],
        "image/png": [("content-type", "", "media-type")],
    }


def test_json_without_a_schema_is_any_json(tools):
    contract = tools.contract_of({"requestBody": {"content": {"application/json": {}}}})
    assert tools.ask(contract, body=b"[1]").body == [1]


@pytest.mark.parametrize(
    ("accept", "found"),
    [("text/*", "text/plain"), ("*", "application/hal+json"), ("*/*", "application/hal+json"), ("image/*", "image/*"),
     ("application/*+json", "application/hal+json"), ("image/png", "image/*"), ("text/p*n*", None),
     ("text/?lain", None), ("text/plain*plain", None), ("text/[a-z]*", None), ("text", None)],
)  # fmt: skip
def test_of_what_a_client_accepts_no_pattern_is_made(monkeypatch, accept, found):
    monkeypatch.setattr(fnmatch, "fnmatchcase", None)  # which keeps 32,768 of them, a megabyte each
    assert best(["text/plain", "image/*", "application/hal+json"], accept) == found


@pytest.mark.parametrize(("before", "found"), [(99, "text/plain"), (100, None), (20_000, None)])
def test_a_hundred_accepted_ranges_are_looked_at(before, found):
    accept = ",".join([*(f"x/{number}" for number in range(before)), "text/plain"])
    assert best(["text/plain"], accept) == found


def test_text_json_is_json(tools):
    content = {"text/json": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}}
    contract = tools.contract_of(
        {"requestBody": {"content": content}, "responses": {"200": {"description": "d", "content": content}}}
    )
    headers = [("content-type", "text/json; charset=utf-8")]
    assert tools.told(tools.ask(contract, body=b'{"a": "x"}', headers=headers)) == [("body", "/a", "type")]
    assert not tools.ask(contract, body=b'{"a": 1}', headers=headers).violations
    made = contract.answers("op").answer(Wish())
    assert (made.media_type, made.body) == ("text/json", b'{"a":0}')
