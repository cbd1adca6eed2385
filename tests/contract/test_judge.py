"""Parameters of paths, headers and cookies."""

from pathlib import Path

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import make_document
from contratempo.contract.engine import Engine, MemoPath
from contratempo.contract.source import DocumentError

OBJECT = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "string", "default": "x"}},
    "required": ["a"],
}


@pytest.mark.parametrize("value", ["a\nb", "a\0", "\x7f", "a\udcff"])
def test_control_characters_and_broken_text_in_a_path_are_told(listing, value, tools):
    assert tools.told(listing(path={"assistant_id": value})) == [("path", "/assistant_id", "encoding")]


@pytest.mark.parametrize("value", ["a/b", "%", "é", "..", "x y", "\ufffd"])
def test_all_other_text_in_a_path_is_fine(listing, value):
    assert listing(path={"assistant_id": value}).path == {"assistant_id": value}


def test_path_parameters_are_cast_and_those_of_the_path_item_count(tools):
    document = tools.document_of()
    item = document["paths"]["/things/{id}"]
    item["parameters"] = [
        tools.parameter("id", {"type": "integer"}, "path", required=True),
        tools.parameter("q", {"type": "integer"}),
    ]
    item["post"]["parameters"] = [tools.parameter("q", {"type": "boolean"})]
    contract = Contract(make_document("example", document, Path("x.yaml")))
    checked = tools.ask(contract, path={"id": "5"}, query="q=true")
    assert (checked.path, checked.query) == ({"id": 5}, {"q": True})
    assert tools.told(tools.ask(contract, path={"id": "x"})) == [("path", "/id", "type")]


def test_header_parameters_are_found_in_any_case_and_told_in_lower_case(tools):
    schema = {"type": "string", "minLength": 3}
    contract = tools.contract_of({"parameters": [tools.parameter("Idempotency-Key", schema, "header")]})
    assert tools.ask(contract, headers=[("idempotency-key", "abc")]).headers == {"idempotency-key": "abc"}
    assert tools.told(tools.ask(contract, headers=[("idempotency-key", "a")])) == [
        ("header", "/idempotency-key", "minLength")
    ]
    assert tools.ask(contract, headers=[]).headers == {}


def test_a_missing_required_header_is_told(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("X-A", {}, "header", required=True)]})
    assert tools.told(tools.ask(contract)) == [("header", "/x-a", "required")]


def test_a_declared_header_sent_twice_is_told_and_a_list_is_joined(tools):
    array = {"type": "array", "items": {"type": "integer"}}
    operation = {"parameters": [tools.parameter("X-One", {}, "header"), tools.parameter("X-Many", array, "header")]}
    contract = tools.contract_of(operation)
    headers = [("x-one", "1"), ("x-one", "2"), ("x-many", "1,2"), ("x-many", "3"), ("x-other", "a"), ("x-other", "b")]
    checked = tools.ask(contract, headers=headers)
    assert tools.told(checked) == [("header", "/x-one", "duplicate")]
    assert checked.headers["x-many"] == [1, 2, 3]


def test_objects_in_headers_are_read(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("X-A", OBJECT, "header", explode=True)]})
    assert tools.ask(contract, headers=[("x-a", "a=1,b=c=d")]).headers == {"x-a": {"a": 1, "b": "c=d"}}
    assert tools.told(tools.ask(contract, headers=[("x-a", "a")])) == [("header", "/x-a", "syntax")]


def test_header_parameters_that_openapi_says_to_ignore_are_ignored(tools):
    names = ["Accept", "Content-Type", "Authorization"]
    described = {name: tools.parameter(name, {"const": "x"}, "header", required=True) for name in names}
    referred = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    for parameters in (list(described.values()), referred):
        contract = tools.contract_of({"parameters": [*parameters]}, components={"parameters": described})
        assert tools.ask(contract, headers=[]).violations == ()


def test_a_default_that_its_schema_does_not_allow_takes_no_place(tools):
    schema = {"type": "array", "items": {"type": "string"}, "default": "one,two"}
    contract = tools.contract_of({"parameters": [tools.parameter("access", schema)]})
    assert tools.ask(contract).violations == ()
    assert tools.told(tools.ask(contract, query=b"access=a&access=b")) == []
    needed = tools.contract_of({"parameters": [tools.parameter("access", schema, required=True)]})
    assert tools.told(tools.ask(needed)) == [("query", "/access", "required")]


def test_cookies_are_parameters(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("c", {"type": "integer"}, "cookie", required=True)]})
    assert tools.ask(contract, headers=[("cookie", "a=b; c=5")]).violations == ()
    assert tools.told(tools.ask(contract, headers=[("cookie", "c=x")])) == [("cookie", "/c", "type")]
    assert tools.told(tools.ask(contract)) == [("cookie", "/c", "required")]


def test_a_header_that_no_json_text_stands_for_is_told(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("X-A", {"type": "string", "minLength": 1}, "header")]})
    assert tools.told(tools.ask(contract, headers=[("x-a", "\udcff")])) == [("header", "/x-a", "json")]


def test_asking_again_for_what_is_absent_keeps_no_frames_of_who_asked():
    absent = MemoPath.from_dict({"a": {}}) / "b"
    with pytest.raises(KeyError) as first:
        absent.read_value()
    with pytest.raises(KeyError) as second:
        absent.read_value()
    assert first.value is not second.value


def test_schemas_that_cannot_be_compiled_together_are_refused_though_each_alone_could_be(tools, monkeypatch):
    def refuse(engine, schema):
        raise DocumentError("too much at once")

    monkeypatch.setattr(Engine, "compiled", refuse)
    monkeypatch.setattr(Engine, "create", lambda engine, spec, schema: None)
    with pytest.raises(DocumentError, match="too much at once"):
        Contract(make_document("doc", tools.document_of(), Path("doc.yaml")))
