"""Parameters: what the plan leaves to openapi-core, each for a reason that a request shows; both judge them here."""

import pytest

_DEEP = {"type": "object", "properties": {"s": {"type": "string"}}}
_SPREAD = {"type": "object", "properties": {"n": {"type": "integer"}}}
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}


@pytest.fixture
def planned(tools):
    """Ask both; then say whether the plan accepted the parameters."""

    def planned(parameters, query="", headers=(), path=None):
        contract = tools.contract_of({"parameters": parameters})
        path = path or {"id": "1"}
        tools.ask(contract, query=query, headers=list(headers), path=path)
        return contract._plans.request("op", False).parameters(path, query, dict(headers)) is not None

    return planned


def test_a_field_that_two_parameters_read_is_left(planned, tools):
    deep = tools.parameter("page", {**_DEEP, "maxProperties": 0}, style="deepObject", explode=True)
    assert not planned([deep, tools.parameter("page[n]", _NUMBER)], "page[n]=1")
    assert planned([tools.parameter("page[n]", _NUMBER)], "page%5Bn%5D=1")


def test_members_that_stand_among_other_fields_are_left(planned, tools):
    spread = tools.parameter("o", {**_SPREAD, "required": ["m"]})
    assert not planned([spread, tools.parameter("n", _NUMBER)], "n=1")


@pytest.mark.parametrize("cookie", ["c=5", "c=x", "d=1"])
def test_cookies_are_left_where_they_are_described(planned, tools, cookie):
    assert not planned([tools.parameter("c", _NUMBER, "cookie")], headers=[("cookie", cookie)])
    assert planned([tools.parameter("n", _NUMBER)], headers=[("cookie", cookie)])


@pytest.mark.parametrize("query", ["s=%ff", "s=%00", "s=é", b"s=\xff".decode("latin-1"), "s=1&s=2", "more=1", "s=1&"])
def test_queries_that_are_not_plain_are_left(planned, tools, query):
    assert not planned([tools.parameter("s", _TEXT)], query)


@pytest.mark.parametrize("query", ["s=%C3%A9", "s=a+b", "s=", "s"])
def test_plain_queries_are_planned(planned, tools, query):
    assert planned([tools.parameter("s", _TEXT)], query)


@pytest.mark.parametrize("query", ["", "s=1"])
def test_a_required_parameter_that_is_missing_is_left(planned, tools, query):
    must = tools.parameter("must", _NUMBER, required=True)
    assert not planned([must, tools.parameter("s", _TEXT)], query)
    assert planned([must, tools.parameter("s", _TEXT)], "must=1")


@pytest.mark.parametrize("more", ["a\udcff", "a\n"])
def test_what_is_no_text_in_a_path_is_left_even_where_it_is_not_described(planned, more):
    assert not planned([], path={"id": "1", "more": more})
    assert planned([], path={"id": "1", "more": "x"})


@pytest.mark.parametrize("number", ["²", "٣", "1_0"])
def test_only_ascii_digits_are_an_integer(planned, tools, number):
    assert not planned([tools.parameter("X-N", _NUMBER, "header")], headers=[("x-n", number)])


def test_a_parameter_that_may_be_a_list_of_lists_is_left_when_it_is_sent(planned, tools):
    many = tools.parameter("many", {"type": "array", "items": _NUMBER})
    assert not planned([many], "many=1")
    assert planned([many])


def test_defaults_that_hold_lists_are_not_shared_between_requests(tools):
    nested = {"type": "array", "items": {"type": "array"}, "default": [[1]]}
    for schema in (nested, {"type": "array", "default": [1]}):
        contract = tools.contract_of({"parameters": [tools.parameter("many", schema)]})
        tools.ask(contract).query["many"].append(2)
        assert tools.ask(contract).query["many"] == schema["default"]


def test_header_names_that_differ_in_case_alone_are_left(planned, tools):
    twice = [tools.parameter("X-A", _TEXT, "header"), tools.parameter("x-a", _NUMBER, "header")]
    assert not planned(twice, headers=[("x-a", "1")])


def test_a_value_that_no_engine_takes_is_left(tools, monkeypatch):
    plan = tools.contract_of()._plans.request("op", False)
    monkeypatch.setattr(plan._parameters, "accepted", lambda *sent: int("x"))
    assert plan.parameters({}, "", {}) is None


def test_a_body_that_is_encoded_in_parts_is_left(tools):
    contract = tools.contract_of(tools.body_of({"type": "object"}))
    body = contract.document.tree["paths"]["/things/{id}"]["post"]["requestBody"]
    assert contract._plans.request("op", False).body(b"{}", "application/json")[0]
    body["content"]["application/json"]["encoding"] = {"a": {"contentType": "text/plain"}}
    encoded = type(contract)(contract.document, "both")
    assert not encoded._plans.request("op", False).body(b"{}", "application/json")[0]


@pytest.mark.parametrize(
    ("style", "sent", "value"), [("label", ".5", "5"), ("matrix", ";id=5", "5"), ("simple", "5", "5")]
)
def test_a_value_in_the_path_with_marks_before_it_is_left_to_openapi_core(tools, style, sent, value):
    described = tools.parameter("id", {"type": "string"}, "path", required=True, style=style)
    contract = tools.contract_of({"parameters": [described]})
    assert tools.ask(contract, path={"id": sent}).path == {"id": value}
    accepted = contract._plans.request("op", False).parameters({"id": sent}, "", {})
    assert (accepted is not None) == (style == "simple")
