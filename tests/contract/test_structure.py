"""The structure of a document: what the schema of OpenAPI does not say, and where it trips."""

from pathlib import Path

import openapi_spec_validator.schemas
import pytest

from contratempo.contract.document import make_document
from contratempo.contract.servers import ServerError, server_of
from contratempo.contract.source import DocumentError, load


def test_a_parameter_described_twice_is_refused(tools):
    twice = [tools.parameter("q", {}), tools.parameter("q", {}, description="again")]
    tree = tools.document_of({"parameters": [tools.parameter("id", {}, "path", required=True), *twice]})
    with pytest.raises(DocumentError, match="the query parameter 'q' is described twice"):
        make_document("example", tree, Path("x.yaml"))


def test_where_the_validator_trips_the_document_is_refused(tools, monkeypatch):
    class Tripping:
        def validate(self, document):
            raise KeyError("stumbled")

    monkeypatch.setattr(openapi_spec_validator.schemas, "openapi_v31_schema_validator", Tripping())
    with pytest.raises(DocumentError, match="stumbled"):
        make_document("example", tools.document_of(), Path("x.yaml"))


def test_an_address_with_a_lone_brace_is_refused():
    with pytest.raises(ServerError, match="cannot be used"):
        server_of([{"url": "https://example.com/{v1"}])


def test_a_name_that_no_file_can_have_is_refused():
    with pytest.raises(DocumentError, match="not the name of a file"):
        load(Path("a\0b.yaml"))


@pytest.mark.parametrize(
    "name", ["requestBody", "responses", "parameters", "headers", "examples", "links", "callbacks"]
)
def test_a_property_may_be_called_as_a_part_of_openapi(tools, name):
    ref = {"$ref": "#/components/schemas/S"}
    held = {"properties": {name: ref, "x": {"properties": {name: {"type": "array", "items": ref}}}}}
    tree = tools.document_of(components={"schemas": {"S": {"type": "string"}, name: {"items": ref}, "held": held}})
    assert make_document("example", tree, Path("x.yaml")).tree["components"]["schemas"]["S"] == {"type": "string"}


def test_what_is_referred_to_as_a_header_is_one(tools):
    responses = {"200": {"description": "d", "headers": {"X": {"$ref": "#/components/schemas/S"}}}}
    tree = tools.document_of({"responses": responses}, components={"schemas": {"S": {"type": "string"}}})
    with pytest.raises(DocumentError, match="of another kind"):
        make_document("example", tree, Path("x.yaml"))


@pytest.mark.parametrize(
    ("key", "value", "what", "where"),
    [
        ("requestBody", {"required": "yes", "content": {}}, "is not of type .boolean", "/requestBody/required"),
        ("responses", {"200": {"content": {}}}, '"description" is a required property', "/responses/200"),
        ("responses", {"200": {"$ref": 5}}, "5 is not of type", "/responses/200/$ref"),
    ],
)
def test_of_what_may_be_a_reference_is_told_what_is_wrong_with_it(tools, key, value, what, where):
    tree = {**tools.document_of({key: value}), "openapi": "3.0.3"}
    with pytest.raises(DocumentError, match=what) as caught:
        make_document("example", tree, Path("x.yaml"))
    assert caught.value.pointer == f"/paths/~1things~1{{id}}/post{where}"


def test_what_is_missing_at_the_top_has_no_pointer_to_tell(tools):
    tree = tools.document_of()
    del tree["info"]
    with pytest.raises(DocumentError) as caught:
        make_document("example", tree, Path("x.yaml"))
    assert str(caught.value).startswith('x.yaml: not a valid OpenAPI document: "info" is a required property. mend')
