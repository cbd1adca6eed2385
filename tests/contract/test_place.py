"""What the judge walked to, told as a place of the document."""

import pytest

from contratempo.contract.place import place

TREE = {
    "paths": {"/x": {"$ref": "#/components/pathItems/X"}},
    "components": {
        "pathItems": {
            "X": {
                "parameters": [
                    {"name": "Accept", "in": "header", "schema": {}},
                    {"name": "q", "in": "query", "schema": {"type": "string"}},
                ]
            }
        },
        "schemas": {
            "A": {"type": "object", "allOf": [{"required": ["a"]}]},
            "Pure": {"$ref": "#/components/schemas/A", "description": "no sibling that counts"},
            "Beside": {"$ref": "#/components/schemas/A", "minProperties": 1, "allOf": [{"maxProperties": 2}]},
            "Number": {"type": "integer", "format": "int32", "maximum": 5},
            "Named": {"properties": {"$ref": {"type": "string"}}},
            "Yes": True,
            "Part": {"$ref": "#/components/schemas/A/allOf/0"},
        },
    },
}
ITEM, SCHEMAS = ("components", "pathItems", "X"), ("components", "schemas")


@pytest.mark.parametrize(
    ("walked", "found"),
    [
        ((), ()),
        ((*SCHEMAS, "A", "type"), (*SCHEMAS, "A", "type")),
        ((*SCHEMAS, "A", "allOf", "0", "required"), (*SCHEMAS, "A", "allOf", 0, "required")),
        ((*SCHEMAS, "Pure", "$ref", "type"), (*SCHEMAS, "A", "type")),
        ((*SCHEMAS, "Pure", "type"), (*SCHEMAS, "A", "type")),
        ((*SCHEMAS, "Pure", "allOf", "0", "required"), (*SCHEMAS, "A", "allOf", 0, "required")),
        ((*SCHEMAS, "Part", "required"), (*SCHEMAS, "A", "allOf", 0, "required")),
        ((*SCHEMAS, "Beside", "minProperties"), (*SCHEMAS, "Beside", "minProperties")),
        ((*SCHEMAS, "Beside", "allOf"), (*SCHEMAS, "Beside", "allOf")),
        ((*SCHEMAS, "Beside", "allOf", "0", "$ref", "type"), (*SCHEMAS, "A", "type")),
        ((*SCHEMAS, "Beside", "allOf", "1", "maxProperties"), (*SCHEMAS, "Beside", "allOf", 0, "maxProperties")),
        ((*SCHEMAS, "Number", "minimum"), (*SCHEMAS, "Number", "format")),
        ((*SCHEMAS, "Number", "maximum"), (*SCHEMAS, "Number", "maximum")),
        ((*SCHEMAS, "Named", "properties", "$ref", "type"), (*SCHEMAS, "Named", "properties", "$ref", "type")),
        (("paths", "/x", "parameters", "1", "schema", "type"), (*ITEM, "parameters", 1, "schema", "type")),
        (("paths", "/x", "parameters", "2"), (*ITEM, "parameters")),
        (("paths", "/x", "parameters", "x"), (*ITEM, "parameters")),
        ((*SCHEMAS, "A", "nothing", "type"), (*SCHEMAS, "A")),
        ((*SCHEMAS, "A", "type", "nothing"), (*SCHEMAS, "A", "type")),
        ((*SCHEMAS, "Yes", "type"), (*SCHEMAS, "Yes")),
    ],
)
def test_references_are_followed_and_what_was_rewritten_is_undone(walked, found):
    assert place(TREE, walked) == found
