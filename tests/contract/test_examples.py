import time

import pytest
from hypothesis import given
from hypothesis import strategies as st


def made(tools, schema, **components):
    contract = tools.contract_of(tools.answer_of(schema), components=components)
    status, body = contract.example_response("op")
    assert contract.check_response("op", status, "application/json", body) == ()
    return body


def test_every_vendored_operation_has_a_valid_example(assistants, messages):
    for contract in (assistants, messages):
        for operation in contract.document.operations:
            status, body = contract.example_response(operation)
            assert body
            assert contract.check_response(operation, status, "application/json", body) == ()


def test_an_example_is_the_same_each_time_and_nobodys_to_change(assistants):
    _, first = assistants.example_response("create_scheduled_event")
    first["telnyx_agent_target"] = "changed"
    assert assistants.example_response("create_scheduled_event")[1]["telnyx_agent_target"] == "string"


def test_the_vendors_own_example_comes_first(messages):
    status, body = messages.example_response("ScheduleMessage")
    assert (status, body["data"]["id"]) == (200, "40385f64-5717-4562-b3fc-2c963f66afa6")


def test_the_first_valid_example_of_the_media_type_is_taken(tools):
    examples = {
        "bad": {"value": "x"},
        "far": {"externalValue": "https://example.com"},
        "good": {"$ref": "#/components/examples/five"},
    }
    media_type = {"schema": {"type": "integer"}, "examples": examples}
    operation = {"responses": {"200": {"description": "fine", "content": {"application/json": media_type}}}}
    contract = tools.contract_of(operation, components={"examples": {"five": {"value": 5}}})
    assert contract.example_response("op") == (200, 5)
    media_type["example"] = 7
    assert tools.contract_of(operation, components={"examples": {"five": {"value": 5}}}).example_response("op") == (
        200,
        7,
    )


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ({"201": {"description": "a"}, "200": {"description": "b"}, "400": {"description": "c"}}, (200, None)),
        ({"2XX": {"description": "a"}}, (200, None)),
        ({"default": {"description": "a", "content": {"application/json": {"schema": {"const": 1}}}}}, (200, 1)),
        ({"404": {"description": "a"}}, (200, None)),
        ({"204": {"description": "a"}}, (204, None)),
        ({"200": {"description": "a", "content": {"text/plain": {"schema": {"const": "x"}}}}}, (200, None)),
        ({"200": {"description": "a", "content": {"application/problem+json": {}}}}, (200, {})),
    ],
)
def test_the_answer_is_the_lowest_success(tools, responses, expected):
    assert tools.contract_of({"responses": responses}).example_response("op") == expected


def test_an_answer_may_be_a_reference(tools):
    answer = {"description": "fine", "content": {"application/json": {"schema": {"const": 1}}}}
    contract = tools.contract_of(
        {"responses": {"200": {"$ref": "#/components/responses/R"}}}, components={"responses": {"R": answer}}
    )
    assert contract.example_response("op") == (200, 1)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"example": "stated", "type": "string"}, "stated"),
        ({"example": 5, "type": "string"}, "string"),
        ({"examples": [1, "second"], "type": "string"}, "second"),
        ({"const": [1]}, [1]),
        ({"enum": ["a", "b"]}, "a"),
        ({"default": 3, "type": "integer"}, 3),
        (True, {}),
        ({}, {}),
        ({"prefixItems": [{"type": "null"}, {"type": ["null"]}], "type": "array"}, [None, None]),
        ({"type": ["null", "integer"]}, 0),
        ({"type": "boolean"}, True),
        ({"type": "string", "minLength": 8}, "stringst"),
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "string", "minLength": 0}, "string"),
        ({"format": "date-time"}, "2026-01-15T09:30:00Z"),
        ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
        ({"type": "string", "pattern": "^[+][0-9]+$"}, "+15550100000"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMaximum": -3}, -4),
        ({"type": "integer", "maximum": 3}, 0),
        ({"type": "integer", "minimum": 5, "multipleOf": 4}, 8),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 5}, 1),
        ({"type": "array", "items": {"type": "integer"}}, [0]),
        ({"items": {"type": "integer"}, "minItems": 2}, [0, 0]),
        ({"type": "array", "maxItems": 0}, []),
        ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "minItems": 3}, [1, 2, {}]),
        ({"properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["b"]}, {"a": 1, "b": 2}),
        ({"required": ["a"]}, {"a": "string"}),
        ({"required": ["a"], "additionalProperties": {"const": 5}}, {"a": 5}),
        ({"type": "object", "minProperties": 2}, {"key1": "string", "key2": "string"}),
        ({"allOf": [{"minimum": 3, "type": "integer"}, {"minimum": 5}]}, 5),
        (
            {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}, "required": ["b"]}]},
            {"a": 1, "b": 2},
        ),
        ({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 0.5}]}, 0),
        ({"anyOf": [False, {"const": 2}]}, 2),
        ({"anyOf": [{"type": "string", "pattern": "^(?=a)b$"}, {"const": 2}]}, 2),
        (
            {"properties": {"a": {"const": 1}, "b": {"type": "string"}}, "not": {"required": ["b"]}, "required": ["a"]},
            {"a": 1},
        ),
    ],
)
def test_a_schema_makes_a_valid_value(tools, schema, value):
    assert made(tools, schema) == value


def test_recursive_schemas_end(tools):
    tree = {
        "type": "object",
        "properties": {"value": {"type": "integer"}, "children": {"items": {"$ref": "#/components/schemas/T"}}},
    }
    assert "value" in made(tools, {"$ref": "#/components/schemas/T"}, schemas={"T": tree})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 10**999, "multipleOf": 7}, -(-(10**999) // 7) * 7),
        ({"type": "integer", "maximum": -(10**999), "multipleOf": 7}, -(10**999) // 7 * 7),
        ({"type": "integer", "minimum": 10**999}, 10**999),
    ],
)
def test_numbers_may_be_of_any_size(tools, schema, value):
    assert made(tools, schema) == value


def endless(pattern):
    return {"type": "array", "uniqueItems": True, "minItems": 2_000, "items": {"pattern": pattern, "type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "multipleOf": 1e-300, "minimum": 1e300},
        {"type": "integer", "multipleOf": 0.5, "minimum": 10**999},
        {"type": "object", "required": [f"v{number}" for number in range(20_000)]},
        {"type": "object", "minProperties": 10**9},
        {"type": "object", "minProperties": 2_000, "propertyNames": {"pattern": "^[a-z]{3}[0-9]{3}$"}},
        endless("^[a-z]{1,100}$"),
        endless("^(a|b|c){5,20}$"),
    ],
    ids=["tiny", "large", "required", "members", "names", "items", "letters"],
)
def test_what_takes_too_long_to_make_is_given_up(tools, schema):
    began = time.process_time()
    tools.contract_of(tools.answer_of(schema)).example_response("op")
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"t": {"$ref": "#/components/schemas/T"}}, "required": ["t"]},
        {"type": "array", "items": {"$ref": "#/components/schemas/T"}, "minItems": 1},
    ],
)
def test_what_no_value_satisfies_still_ends(tools, schema):
    contract = tools.contract_of(
        tools.answer_of({"$ref": "#/components/schemas/T"}), components={"schemas": {"T": schema}}
    )
    status, body = contract.example_response("op")
    assert (status, type(body)) == (200, dict if schema["type"] == "object" else list)


simple = st.sampled_from(
    [
        {"type": "integer", "minimum": 2},
        {"type": "string", "format": "date"},
        {"type": ["boolean", "null"]},
        {"enum": ["x", None]},
    ]
)
schemas = st.recursive(
    simple,
    lambda inner: (
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 2)})
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda properties: {"type": "object", "properties": properties, "required": sorted(properties)[:1]}
        )
        | st.lists(inner, min_size=1, max_size=2).map(lambda branches: {"anyOf": branches})
    ),
    max_leaves=6,
)


@given(schemas)
def test_made_values_are_valid(tools, schema):
    made(tools, {"type": "array", "items": schema, "minItems": 1})
