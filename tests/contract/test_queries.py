"""Queries: traps that openapi-core falls into have a test here."""

import pytest


def test_deep_objects_are_cast_and_defaults_filled_in(listing):
    assert listing("page[size]=5").query == {"page": {"size": 5, "number": 1}}
    assert listing(b"page%5Bnumber%5D=3&conversation_channel=sms_chat").query == {
        "page": {"size": 20, "number": 3},
        "conversation_channel": "sms_chat",
    }


def test_an_absent_page_has_its_defaults(listing):
    assert listing().query == {"page": {"size": 20, "number": 1}}


def test_defaults_are_not_shared_between_requests(listing):
    listing().query["page"]["size"] = 99
    assert listing().query["page"]["size"] == 20


@pytest.mark.parametrize("value", ["abc", "1_0", " 7 ", "٣", "0x1", "1.5", "1e2", "+5", "", "9" * 5000])
def test_what_only_python_takes_for_an_integer_is_located_at_its_member(listing, value, tools):
    checked = listing(f"page[size]={value.replace('+', '%2B')}")
    assert tools.told(checked) == [("query", "/page/size", "type")]
    assert checked.violations[0].path == ("page", "size")


def test_a_member_out_of_bounds_is_told(listing, tools):
    assert tools.told(listing("page[size]=0&page[number]=0")) == [
        ("query", "/page/size", "minimum"),
        ("query", "/page/number", "minimum"),
    ]
    assert tools.told(listing("page[size]=101")) == [("query", "/page/size", "maximum")]


def test_large_page_numbers_are_integers(listing):
    assert listing(f"page[number]={10**30}").query["page"]["number"] == 10**30


@pytest.mark.parametrize(
    "query", ["page[size]=1&page=2", "page[size]=1&page[]=2", "xpage[size]=9", "page[x][y]=1", "page[=1", "&&=&["]
)
def test_what_looks_like_a_deep_object_and_is_none_is_no_crash(listing, query):
    checked = listing(query)
    assert checked.violations == ()
    assert checked.query["page"]["number"] == 1


@pytest.mark.parametrize("query", ["page=2", "page[]=1", "page[]=1&page[]=2"])
def test_what_stands_in_the_place_of_a_deep_object_is_no_object(listing, query):
    (found,) = listing(query).violations
    assert (found.location, found.pointer, found.kind) == ("query", "/page", "type")


def test_another_parameters_members_are_not_taken(listing):
    assert listing("xpage[size]=9").query["page"]["size"] == 20


def test_unknown_members_are_for_the_schema_to_judge(tools, listing):
    assert listing("page[other]=1").violations == ()
    schema = {"type": "object", "properties": {"size": {"type": "integer"}}, "additionalProperties": False}
    contract = tools.contract_of({"parameters": [tools.parameter("page", schema, style="deepObject", explode=True)]})
    assert tools.told(tools.ask(contract, query="page[other]=1")) == [("query", "/page/other", "additionalProperties")]
    for stranger in ("page[]=1&page[size]=1", "page[@][x]=1", "page[a]b]=1", "page[[a]=1", "page[a][]=1"):
        (found,) = tools.ask(contract, query=stranger).violations
        assert found.kind == "additionalProperties", stranger


def test_deep_objects_have_objects_and_lists_in_them(tools):
    price = {"type": "object", "properties": {"gte": {"type": "integer"}, "lt": {"type": "integer"}}}
    tags = {"type": "array", "items": {"type": "integer"}}
    schema = {"type": "object", "properties": {"price": price, "tags": tags}}
    contract = tools.contract_of({"parameters": [tools.parameter("filter", schema, style="deepObject", explode=True)]})
    asked = tools.ask(contract, query="filter[price][gte]=5&filter[price][lt]=9&filter[tags][]=1&filter[tags][]=2")
    assert (asked.violations, asked.query) == ((), {"filter": {"price": {"gte": 5, "lt": 9}, "tags": [1, 2]}})
    assert tools.told(tools.ask(contract, query="filter[price][gte]=x")) == [("query", "/filter/price/gte", "type")]
    assert tools.told(tools.ask(contract, query="filter[price]=1&filter[price][gte]=x")) == [
        ("query", "/filter/price/gte", "type")
    ]


def test_a_deep_object_is_as_deep_as_eight_brackets_and_no_deeper(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("q", {}, style="deepObject", explode=True)]})
    deep, levels = tools.ask(contract, query="q" + "[a]" * 1_000 + "=1").query["q"], 0
    while isinstance(deep, dict):
        (deep,), levels = deep.values(), levels + 1
    assert levels == 9


def test_what_is_deeper_than_a_member_is_judged_as_such(listing, tools):
    assert tools.told(listing("page[size][x]=1")) == [("query", "/page/size", "type")]


def test_of_a_member_sent_twice_the_last_counts(listing):
    assert listing("page[size]=1&page[size]=2").query["page"]["size"] == 2


def test_an_unescaped_plus_is_refused_with_a_hint(listing):
    (violation,) = listing(b"from_date=2030-01-01T00:00:00+00:00").violations
    assert (violation.path, violation.kind) == (("from_date",), "format")
    assert "%2B" in violation.message
    assert listing(b"from_date=2030-01-01T00:00:00%2B00:00").query["from_date"] == "2030-01-01T00:00:00+00:00"


def test_naive_dates_in_a_query_are_valid_where_they_are_allowed(listing):
    assert listing("from_date=2030-01-01T00:00:00", naive=True).violations == ()


def test_an_empty_value_is_a_value(tools, listing):
    assert tools.told(listing("from_date=")) == [("query", "/from_date", "format")]
    contract = tools.contract_of({"parameters": [tools.parameter("q", {"type": "string"})]})
    assert tools.ask(contract, query="q=").query == {"q": ""}


@pytest.mark.parametrize("query", [b"from_date=%ff", b"from_date=\xff", b"other=%c3%28"])
def test_a_query_that_is_not_utf8_is_told_once(listing, query, tools):
    ((location, _, kind),) = tools.told(listing(query))
    assert (location, kind) == ("query", "encoding")


def test_a_name_that_is_not_utf8_is_not_repeated(listing, tools):
    assert tools.told(listing(b"%ff=1")) == [("query", "", "encoding")]


def test_unknown_parameters_are_ignored(listing):
    assert listing("more=1").query == {"page": {"size": 20, "number": 1}}
