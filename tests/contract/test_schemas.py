from pathlib import Path

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import make_document
from contratempo.contract.schemas import schemas
from contratempo.contract.source import DocumentError


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "text"}, "/type"),
        ({"properties": {"a": {"minimum": "1"}}}, "/properties/a/minimum"),
        ({"$ref": "#/components/schemas/Fine", "allOf": None}, "/allOf"),
        (5, ""),
    ],
)
def test_what_is_no_schema_is_refused_where_it_stands(tools, schema, pointer):
    document = tools.document_of(components={"schemas": {"Fine": {}, "Bad": schema}})
    with pytest.raises(DocumentError) as caught:
        make_document("example", document, Path("x.yaml"))
    assert caught.value.pointer == "/components/schemas/Bad" + pointer


def test_what_a_schema_refers_to_has_to_be_one(tools):
    document = tools.document_of(tools.body_of({"$ref": "#/info/title"}))
    with pytest.raises(DocumentError) as caught:
        make_document("example", document, Path("x.yaml"))
    assert "not a" in caught.value.what
    assert "mend it" in caught.value.hint


@pytest.mark.parametrize("pattern", ["(", "(?P<python>a)(?P=python)", "[a"])
def test_a_pattern_that_cannot_be_compiled_is_refused_before_any_request(tools, pattern):
    with pytest.raises(DocumentError):
        tools.contract_of(components={"schemas": {"A": {"pattern": pattern}}})


@pytest.mark.parametrize(
    "pattern", [r"^[^\x00]{1,1020}\.csv$", r"^urn:[a-z0-9][-.a-z0-9]{0,62}:x:(\w{0,62})?:\d{12}?:[^/].{0,1023}$"]
)
def test_a_pattern_may_count_to_a_thousand(tools, pattern):
    contract = tools.contract_of(tools.body_of({"type": "string", "pattern": pattern}))
    assert [each.kind for each in tools.ask(contract, body=b'"x"').violations] == ["pattern"]


def test_a_dynamic_reference_is_refused(tools):
    with pytest.raises(DocumentError, match=r"a \$dynamicRef cannot be used") as caught:
        tools.contract_of(components={"schemas": {"A": {"items": {"$dynamicRef": "#T"}}}})
    assert caught.value.pointer == "/components/schemas/A"


def test_a_dialect_of_its_own_is_not_fetched(tools):
    dialect = "http://127.0.0.1:9/dialect"
    schema = {"$schema": dialect, "$id": "http://127.0.0.1:9/id", "type": "integer"}
    with pytest.raises(DocumentError, match="dialect"):
        tools.contract_of(jsonSchemaDialect=dialect)
    contract = tools.contract_of(tools.body_of(schema))
    assert [each.kind for each in tools.ask(contract, body=b'"x"').violations] == ["type"]


def test_schemas_are_found_where_they_are_judged_by():
    tree = {
        "paths": {"/schema": {"get": {"parameters": [{"name": "a", "schema": {}}], "default": {"schema": {}}}}},
        "components": {"schemas": {"A": {"properties": {"schema": {}}}}},
    }
    assert list(schemas(tree)) == [
        ("paths", "/schema", "get", "parameters", 0, "schema"),
        ("components", "schemas", "A"),
    ]


def test_a_tree_too_deep_for_the_engine_is_refused(vendored):
    tree = dict(vendored["telnyx_messages"].tree)
    deep: dict = {}
    node = deep
    for _ in range(300):
        node["not"] = node = {}
    tree["components"] = {**tree["components"], "schemas": {**tree["components"]["schemas"], "Deep": deep}}
    document = vendored["telnyx_messages"]
    with pytest.raises(DocumentError, match="not usable"):
        Contract(type(document)(document.name, tree, document.base, document.origin, document.operations))


def test_true_and_false_are_schemas(tools):
    schemas = {"Any": True, "None": False}
    anything = {
        "parameters": [tools.parameter("q", True)],
        **tools.body_of({"$ref": "#/components/schemas/Any"}),
        **tools.answer_of(True),
    }
    contract = tools.contract_of(anything, components={"schemas": schemas})
    assert tools.ask(contract, query="q=1", body=b"[1]").query == {"q": "1"}
    assert contract.check_response("op", 200, "application/json", 5) == ()
    nothing = tools.contract_of(tools.body_of({"$ref": "#/components/schemas/None"}), components={"schemas": schemas})
    assert [each.kind for each in tools.ask(nothing, body=b"1").violations] == ["false"]
