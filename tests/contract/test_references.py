from pathlib import Path

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import make_document, read_document
from contratempo.contract.references import references
from contratempo.contract.source import DocumentError


def refused(document) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        make_document("example", document, Path("example.yaml"))
    return caught.value


def with_schemas(tools, **schemas):
    return tools.document_of(tools.body_of({"$ref": "#/components/schemas/A"}), components={"schemas": schemas})


@pytest.mark.parametrize(
    "ref",
    ["http://127.0.0.1:9/x.yaml", "https://example.com/x#/a", "file:///etc/hostname", "//example.com/x", "http://[x"],
)
def test_remote_references_are_refused_before_anything_is_fetched(tools, ref):
    error = refused(with_schemas(tools, A={"properties": {"a": {"$ref": ref}}}))
    assert "is remote" in error.what
    assert error.pointer == "/components/schemas/A/properties/a/$ref"


@pytest.mark.parametrize("ref", ["../../../etc/hostname", "/etc/hostname", "../outside.yaml#/a"])
def test_references_that_leave_the_folder_are_refused(write, tools, ref):
    write("a: {}", "outside.yaml")
    path = write(with_schemas(tools, A={"$ref": ref}), "inside/document.yaml")
    with pytest.raises(DocumentError, match="leaves the folder") as caught:
        read_document("example", [path])
    assert "hostname" not in caught.value.hint


def test_a_link_to_the_outside_is_refused(write, tools, tmp_path):
    outside = write("type: string", "outside.yaml")
    path = write(with_schemas(tools, A={"$ref": "link.yaml"}), "inside/document.yaml")
    (path.parent / "link.yaml").symlink_to(outside)
    with pytest.raises(DocumentError, match="leaves the folder"):
        read_document("example", [path])


def test_references_that_lead_nowhere_are_refused(tools):
    error = refused(with_schemas(tools, A={"items": {"$ref": "#/components/schemas/B"}}))
    assert "leads nowhere" in error.what
    assert error.pointer == "/components/schemas/A/items/$ref"


@pytest.mark.parametrize(
    ("anchors", "said"), [([], "neither a JSON pointer nor an $anchor"), (["name", "name"], "an $anchor of several")]
)
def test_plain_names_that_are_no_anchors_are_refused(tools, anchors, said):
    parts = [{"$anchor": name} for name in anchors]
    error = refused(with_schemas(tools, A={"$ref": "#name"}, B={"prefixItems": parts}))
    assert said in error.what
    assert error.pointer == "/components/schemas/A/$ref"


def test_anchors_lead_to_their_schemas(write, tools):
    write({"b": {"$anchor": "word", "type": "string"}, "c": {"$ref": "#word"}}, "more.yaml")
    parts = {"n": {"$ref": "#size"}, "w": {"$ref": "more.yaml#word"}, "c": {"$ref": "more.yaml#/c"}}
    path = write(with_schemas(tools, A={"properties": parts}, B={"items": {"$anchor": "size", "type": "integer"}}))
    contract = Contract(read_document("example", [path]), "both")
    assert not tools.ask(contract, body=b'{"n": 1, "w": "a", "c": "a"}').violations
    told = tools.told(tools.ask(contract, body=b'{"n": "a", "w": 1, "c": 1}'))
    assert sorted(told) == [("body", "/c", "type"), ("body", "/n", "type"), ("body", "/w", "type")]


@pytest.mark.parametrize("ref", ["#/components/schemas/rate estimate", "#%2Fcomponents/schemas/rate%20estimate"])
def test_references_may_be_escaped_or_not(tools, ref):
    tree = with_schemas(tools, **{"A": {"$ref": ref}, "rate estimate": {"type": "integer"}})
    contract = Contract(make_document("example", {**tree, "openapi": "3.0.3"}, Path("example.yaml")), "both")
    assert not tools.ask(contract, body=b"1").violations
    assert tools.told(tools.ask(contract, body=b'"a"')) == [("body", "", "type")]


@pytest.mark.parametrize("part", [{"allOf": [{"type": "object"}]}, {"type": "object", "enum": [{}]}])
def test_what_is_within_a_schema_that_may_be_null_is_found(tools, part):
    """Such a schema of OpenAPI 3.0 becomes one of two alternatives, so that what is within moves."""
    within = {**part, "properties": {"a b": {"type": "integer"}}, "nullable": True}
    bodies = {"#/components/schemas/B/properties/a b": b"1", "#/components/schemas/B": b"null"}
    for ref, body in bodies.items():
        tree = with_schemas(tools, A={"properties": {"x": {"$ref": ref}}}, B=within)
        contract = Contract(make_document("example", {**tree, "openapi": "3.0.3"}, Path("example.yaml")), "both")
        assert not tools.ask(contract, body=b'{"x": %s}' % body).violations
        assert tools.told(tools.ask(contract, body=b'{"x": "a"}')) != []


def test_what_is_known_to_be_valid_may_refer_to_nothing(tools):
    """Nobody looks then: what moves is followed as far as there is something."""
    nothing = "#/components/schemas/C/items"
    tree = with_schemas(tools, A={"nullable": True, "oneOf": [{"type": "string"}]}, B={"items": {"$ref": nothing}})
    document = make_document("example", {**tree, "openapi": "3.0.3"}, Path("example.yaml"), validate=False)
    assert document.tree["components"]["schemas"]["B"]["items"]["$ref"] == nothing


def test_what_stands_beside_a_reference_is_not_referred_to_in_3_0(tools):
    beside = {"$ref": "#/components/schemas/C", "properties": {"a": {"type": "string"}}}
    tree = with_schemas(tools, A={"$ref": "#/components/schemas/B/properties/a"}, B=beside, C={"type": "object"})
    assert "leads into what stands beside a $ref" in refused({**tree, "openapi": "3.0.3"}).what
    assert make_document("example", tree, Path("example.yaml")).operations


def test_a_schema_that_is_itself_is_refused_with_the_chain(tools):
    error = refused(with_schemas(tools, A={"$ref": "#/components/schemas/A"}))
    assert "#/components/schemas/A -> #/components/schemas/A" in error.what


def test_two_schemas_that_are_each_other_are_refused_with_the_chain(tools):
    error = refused(with_schemas(tools, A={"$ref": "#/components/schemas/B"}, B={"$ref": "#/components/schemas/A"}))
    assert "#/components/schemas/A -> #/components/schemas/B -> #/components/schemas/A" in error.what


@pytest.mark.parametrize(
    "part", [{"allOf": [{"$ref": "#/components/schemas/A"}]}, {"if": {}, "then": {"$ref": "#/components/schemas/A"}}]
)
def test_a_schema_that_combines_itself_is_refused(tools, part):
    assert "comes back to itself" in refused(with_schemas(tools, A=part)).what


def test_a_place_in_a_list_may_be_referred_to(tools):
    document = with_schemas(tools, A={"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/A/anyOf/0"}]})
    assert make_document("example", document, Path("example.yaml")).operations
    document = with_schemas(tools, A={"$ref": "#/components/schemas/B/examples/0"}, B={"examples": [{"type": "null"}]})
    assert refused(document).pointer == "/components/schemas/A/$ref"


@pytest.mark.parametrize("forward", [True, False])
def test_endless_chains_are_refused(tools, forward):
    numbers = range(150) if forward else reversed(range(150))
    chain = {f"C{number}": {"$ref": f"#/components/schemas/C{number + 1}"} for number in numbers}
    assert "more than 100 references" in refused(with_schemas(tools, A={}, **chain, C150={})).what


def test_recursive_schemas_are_fine(tools):
    tree = {"type": "object", "properties": {"children": {"items": {"$ref": "#/components/schemas/A"}}}}
    contract = Contract(make_document("example", with_schemas(tools, A=tree), Path("x.yaml")))
    (violation,) = tools.ask(contract, body=b'{"children": [{"children": [5]}]}').violations
    assert violation.pointer == "/children/0/children/0"


def test_other_files_of_the_folder_are_bundled(write, tools):
    own = "document.yaml#/components/schemas/D"
    members = {"b": {"$ref": "more/b.yaml"}, "c": {"$ref": "#/C"}, "d": {"$ref": own}}
    write({"A": {"properties": members}, "C": {"type": "integer"}}, "a.yaml")
    write("$ref: '../a.yaml#/C'", "more/b.yaml")
    document = tools.document_of(tools.body_of({"$ref": "a.yaml#/A"}), components={"schemas": {"D": {"type": "null"}}})
    made = read_document("example", [write(document)])
    kinds = {
        each.pointer: each.limit
        for each in tools.ask(Contract(made), body=b'{"b": "x", "c": "x", "d": "x"}').violations
    }
    assert kinds == {"/b": ["integer"], "/c": ["integer"], "/d": ["null"]}


def test_a_file_that_is_not_there_is_refused(write, tools):
    with pytest.raises(DocumentError, match="cannot be read"):
        read_document("example", [write(with_schemas(tools, A={"$ref": "none.yaml"}))])


def test_examples_and_defaults_may_speak_of_references(tools):
    data = {"$ref": "https://example.com/not-a-reference"}
    schema = {
        "properties": {"$ref": {"type": "string"}, "example": {"type": "object"}},
        "default": data,
        "examples": [data],
    }
    operation = tools.body_of(schema)
    operation["requestBody"]["content"]["application/json"]["examples"] = {"one": {"value": data}}
    operation["x-more"] = data
    contract = tools.contract_of(operation)
    assert not tools.ask(contract, body=b'{"$ref": "x", "example": {}}').violations


def test_references_tell_where_they_stand():
    tree = {
        "a": [{"$ref": "#/b"}],
        "properties": {"$ref": {"$ref": "#/c"}},
        "example": {"$ref": "#/d"},
        "x-e": {"$ref": "#/e"},
    }
    assert [at for at, _ in references(tree)] == [("a", 0), ("properties", "$ref")]
