"""The law: what the plan accepts, openapi-core accepts, as it comes and as we arrange it, with the same values."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contratempo.contract.body import decode_body
from contratempo.contract.contract import Contract
from contratempo.contract.plan.agreement import Disagreement
from contratempo.contract.plan.decoding import UNREAD, decode_plain
from contratempo.contract.source import DocumentError

_PATIENT = {"suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}


@pytest.fixture(scope="session")
def law(judges, anything) -> Any:
    """Return the law of schemas as a test, for `count` of them."""

    def make(count: int) -> Any:
        schema = anything["schemas"]

        @settings(max_examples=count, **_PATIENT)
        @given(schema, schema, schema, st.lists(anything["values"], min_size=10, max_size=20), st.booleans())
        def law(root: Any, first: Any, second: Any, values: list[Any], naive: bool) -> None:
            _hold(judges, root, {"A": first, "B": second}, values, naive=naive)

        return law

    return make


def _hold(judges: Any, root: Any, others: dict[str, Any], values: list[Any], *, naive: bool = False) -> None:
    try:
        both = judges(root, others, naive=naive)
    except DocumentError:
        return
    plan = both.plan()
    for value in values if plan is not None else ():
        if plan(value):
            assert naive or both.core(value)  # which knows no naive date-times
            assert both.ours(value)


def test_what_the_plan_accepts_openapi_core_accepts(law):
    law(4 * settings().max_examples)()


def test_the_law_notices_a_plan_that_says_yes_too_often(judges, monkeypatch):
    monkeypatch.setattr(judges, "plan", lambda self: lambda value: True)
    with pytest.raises(AssertionError):
        _hold(judges, {"type": "string"}, {}, ["a", 1])


_KEYS = st.sampled_from(['"a"', '"b"', '"é"', '"\\u0061"', '"\\u0022"', '"\\""', '"a" ', "a"])
_TOKENS = st.sampled_from([
    "1", "1.0", "-0", "-0.0", "1e5", "1e400", "9" * 20, "9" * 5000, "0.1", "NaN", "true", "null", '"x"', '"\\u0022"',
    '"\\ud800"', '"\\ud83d\\ude00"', '"\t"', "[]", "[1,]", "01", '{"a":1,"a":1}', " ", "\ufeff1", '"\\n"', "",
])  # fmt: skip
_LITERAL = st.recursive(
    _TOKENS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(_KEYS, inner), max_size=3).map(lambda pairs: f"{{{','.join(map(':'.join, pairs))}}}")
    ),
    max_leaves=5,
)


@given(_LITERAL.map(str.encode) | st.binary(max_size=8) | st.integers(60, 70).map(lambda n: b"[" * n + b"]" * n))
def test_what_is_decoded_plainly_is_what_the_strict_decoder_gives(raw):
    value = decode_plain(raw)
    assert value is UNREAD or repr(value) == repr(decode_body(raw))


_MEMBERS = {"n": {"type": "integer", "minimum": 1, "default": 20}, "s": {"type": "string"}, "odd name": {}}
_DEEP = {"type": "object", "properties": _MEMBERS, "required": ["s"]}
_SPREAD = {"type": "object", "properties": {"q": {"type": "integer"}}}


@pytest.fixture(scope="session")
def parameters(tools) -> list[Contract]:
    """Return contracts with parameters of every kind."""
    deep = {"style": "deepObject", "explode": True}
    common = [
        tools.parameter("id", {"type": ["integer", "string"], "maxLength": 3}, "path", required=True),
        tools.parameter("n", {"type": "integer", "maximum": 9, "default": 5}),
        tools.parameter("q", {"type": "number"}),
        tools.parameter("b", {"type": ["boolean", "null"]}),
        tools.parameter("at", {"type": "string", "format": "date-time"}),
        tools.parameter("many", {"type": "array", "items": {"type": "integer"}}),
        tools.parameter("page", _DEEP, **deep),
        tools.parameter("X-Key", {"type": "string", "minLength": 1}, "header"),
        tools.parameter("X-Count", {"type": "integer", "default": 3}, "header"),
        tools.parameter("X-List", {"type": "array", "items": {"type": "integer"}}, "header"),
    ]
    kinds: list[list[Any]] = [
        [], [tools.parameter("must", {"type": "integer"}, required=True)],
        [tools.parameter("c", {"type": "integer"}, "cookie")], [tools.parameter("o", _SPREAD)],
        [tools.parameter("X-Must", {"type": "integer"}, "header", required=True)],
        [tools.parameter("c", {"type": "integer"}, "cookie", required=True)],
        [tools.parameter("page[s]", {"type": "integer"})], [tools.parameter("filter[s]", {"type": "integer"})],
    ]  # fmt: skip
    body = tools.body_of({"type": "object", "properties": {"a": {"type": "integer"}}}, required=True)
    schemes = {
        "bearer": {"type": "http", "scheme": "bearer"}, "key": {"type": "apiKey", "in": "header", "name": "X-Api"},
        "asked": {"type": "apiKey", "in": "query", "name": "n"}, "tls": {"type": "mutualTLS"},
        "oauth": {"type": "oauth2", "flows": {}},
    }  # fmt: skip
    asked: list[Any] = [
        [],
        [{"bearer": []}, {"key": []}],
        [{"asked": []}],
        [{"oauth": [], "key": []}],
        [{}],
        [{"tls": []}],
        [],
        [],
    ]
    known = {"securitySchemes": schemes}
    return [
        tools.contract_of({"parameters": [*common, *more], "security": security, **body}, components=known)
        for more, security in zip(kinds, asked, strict=True)
    ]


_NAMES = [
    "n", "q", "b", "at", "many", "page[n]", "page%5Bs%5D", "page%5bn%5d", "page[s]", "page[x]", "page", "page[]",
    "filter[s]", "filter%5Bs%5D", "c", "must", "o", "zz", "%6e", "",
]  # fmt: skip
_WIRE = [
    "1", "7", "007", "-1", "1_0", "٣", "1.5", "1e3", "true", "TRUE", "null", "", "abcd", "%31", "+", "%2B", "%ff",
    "%00", "%C3%A9", "2025-04-15T13:07:28Z", "2025-04-15T13:07:28%2B00:00", "2025-04-15T13:07:28", "9" * 30, "a\n", "é",
]  # fmt: skip
_FIELD = st.tuples(st.sampled_from(_NAMES), st.sampled_from(_WIRE)).map("=".join) | st.sampled_from(
    ["n", "&", "=", "b&"]
)
_HEADER = st.tuples(
    st.sampled_from(
        ["x-key", "x-count", "x-list", "x-must", "cookie", "x-api", "authorization", "content-type", "accept"]
    ),
    st.sampled_from([*_WIRE, "c=5", "Bearer k", "bearer k", "Basic a", "Bearer  k", "application/json", "text/plain",
                     "Application/JSON; charset=utf-8", "\udcff"]),
)  # fmt: skip
_BODIES = [b"", b"{}", b'{"a":1}', b'{"a":1.0}', b'{"a":"x"}', b'{"a":1,"a":2}', b"[", b"NaN", b'{"a":1e400}', b"\xff"]


@given(st.data())
def test_requests_are_judged_alike_whatever_is_sent(parameters, tools, data):
    contract = data.draw(st.sampled_from(parameters))
    headers = data.draw(st.lists(_HEADER, max_size=4))
    if data.draw(st.booleans()):
        headers = [("authorization", "Bearer k"), ("x-api", "k"), ("content-type", "application/json"), *headers]
    query = "&".join(data.draw(st.lists(_FIELD, max_size=4)))
    sent = {
        "path": {"id": data.draw(st.sampled_from(_WIRE))},
        "headers": headers,
        "body": data.draw(st.sampled_from(_BODIES)),
        "query": query.encode() if data.draw(st.booleans()) else query, "naive": data.draw(st.booleans()),
    }  # fmt: skip
    tools.ask(contract, **sent)


def test_a_plan_that_differs_is_told_with_both_verdicts_and_values(tools, monkeypatch):
    contract = tools.contract_of(tools.body_of({"type": "object"}))
    plan = contract._plans.request("op", False)
    monkeypatch.setattr(plan, "body", lambda raw, content_type: (True, {"a": 1.0}))
    with pytest.raises(Disagreement, match=r"op: the plan says .*'a': 1\.0.* openapi-core says .*'a': 1\}"):
        tools.ask(contract, body=b'{"a": 1}')
    monkeypatch.setattr(plan, "body", lambda raw, content_type: (True, None))
    with pytest.raises(Disagreement, match=r"openapi-core says .*'required'|openapi-core says .*kind='type'"):
        tools.ask(contract, body=b"[]")


def test_an_answer_over_which_the_plan_differs_is_told(tools, monkeypatch):
    contract = tools.contract_of(tools.answer_of({"type": "object"}))
    monkeypatch.setattr(contract._plans.answer("op"), "accepts", lambda *answer: True)
    with pytest.raises(Disagreement, match="kind='type'"):
        contract.check_response("op", 200, "application/json", [])
    assert contract.check_response("op", 200, "application/json", {}) == ()


def test_openapi_core_alone_asks_no_plan(tools, monkeypatch):
    document = tools.contract_of(tools.answer_of({"type": "object"})).document
    contract = Contract(document, "core")
    monkeypatch.setattr(contract, "_plans", None)
    assert tools.ask(contract).violations == ()
    assert contract.check_response("op", 200, "application/json", {}) == ()
    assert contract.check_response("op", 200, "application/json", json.loads("[]"))


def test_by_default_the_plan_alone_accepts(tools, monkeypatch):
    contract = Contract(tools.contract_of(tools.answer_of({"type": "object"})).document)
    monkeypatch.setattr(contract, "_judged_response", None)
    assert tools.ask(contract).violations == ()
    assert contract.check_response("op", 200, "application/json", {}) == ()
