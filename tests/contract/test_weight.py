"""What judging costs: told from the schemas alone, and refused before it is paid."""

import json
import time

import pytest

from contratempo.contract.casting import resolver
from contratempo.contract.weight import Growth, TooHeavy, Weights

REF = "#/components/schemas/"
COMPOUND = {"type": "object", "properties": {"all": {"type": "array", "items": {"$ref": REF + "Filter"}}}}
FILTER = {
    "Filter": {"oneOf": [{"$ref": REF + "And"}, {"$ref": REF + "Or"}, {"$ref": REF + "Is"}]},
    "And": {**COMPOUND, "required": ["op"]},
    "Or": {**COMPOUND, "required": ["op", "or"]},
    "Is": {"type": "object", "required": ["op", "is"], "maxProperties": 2},
}


def growth_of(schema, **schemas) -> Growth:
    tree = {"components": {"schemas": schemas}}
    weights = Weights(resolver(tree))
    list(weights.reached(schema, ("here",)))
    return weights.growth(schema)


S = {"type": "string"}
ANY = {"anyOf": [S, S, S]}


@pytest.mark.parametrize(
    ("schema", "total", "forms"),
    [
        (S, (1, 0), (0, 0)),
        (True, (1, 0), (0, 0)),
        ({"$ref": REF + "S"}, (1, 0), (0, 0)),
        ({"allOf": [S, ANY]}, (6, 0), (3, 0)),
        ({"not": S, "if": S, "then": ANY, "else": True}, (8, 0), (3, 0)),
        ({"dependentSchemas": {"a": S}}, (2, 0), (0, 0)),
        ({"properties": {"a": S, "b": ANY}}, (1, 4, 0), (0, 3, 0)),
        ({"properties": {"a": True, "b": S}, "additionalProperties": ANY}, (1, 4, 0), (0, 3, 0)),
        ({"properties": {"a": ANY}, "additionalProperties": ANY}, (1, 4, 0), (0, 3, 0)),
        ({"properties": {"a": ANY}, "patternProperties": {"a": ANY}}, (1, 8, 0), (0, 6, 0)),
        ({"propertyNames": ANY, "additionalProperties": S}, (1, 5, 0), (0, 3, 0)),
        ({"prefixItems": [S, ANY], "items": S}, (1, 4, 0), (0, 3, 0)),
        ({"items": S, "contains": ANY}, (1, 5, 0), (0, 3, 0)),
        ({"anyOf": [{"items": S}, {"items": ANY}]}, (3, 5, 0), (2, 5, 0)),
        ({"allOf": [{"properties": {"a": S}}, {"additionalProperties": ANY}]}, (3, 5, 0), (0, 3, 0)),
        ({"allOf": [{"additionalProperties": ANY}, {"properties": {"a": S}}]}, (3, 5, 0), (0, 3, 0)),
        ({"allOf": [{"properties": {"a": S}}, {"properties": {"b": S}}]}, (3, 1, 0), (0, 0, 0)),
        ({"anyOf": [S, S], "unevaluatedProperties": S}, (5, 1, 0), (4, 0, 0)),
        ({"anyOf": [{"unevaluatedItems": S}]}, (2, 1, 0), (1, 1, 0)),
    ],
)
def test_all_that_apply_at_a_depth_are_counted(schema, total, forms):
    growth = growth_of(schema, S=S)
    assert (growth.total, growth.forms) == (total, forms)


def test_a_tree_of_one_form_does_not_grow_and_one_of_two_doubles():
    plain = {"type": "object", "properties": {"children": {"items": {"$ref": REF + "Node"}}}}
    assert growth_of({"$ref": REF + "Node"}, Node=plain).most[-1] == 1
    growing = growth_of({"$ref": REF + "Filter"}, **FILTER)
    assert growing.total[:7] == (4, 2, 8, 4, 16, 8, 32)
    assert growing.at(3) == 8
    assert growing.at(1_000) > 10**9


def test_what_has_grown_once_is_taken_from_there():
    tree = {"components": {"schemas": FILTER}}
    weights = Weights(resolver(tree))
    inner = weights.growth({"$ref": REF + "Filter"})
    outer = weights.growth({"properties": {"filter": {"$ref": REF + "Filter"}}})
    assert outer.total[1:60] == inner.total[:59]


def test_schemas_that_double_in_place_are_too_heavy():
    schemas = {f"S{n}": {"allOf": [{"$ref": f"{REF}S{n + 1}"}] * 2} for n in range(20)}
    with pytest.raises(TooHeavy) as refused:
        growth_of({"items": {"$ref": REF + "S0"}}, **schemas, S20=S)
    assert refused.value.at[:2] == ("components", "schemas")


def test_a_circle_in_place_ends():
    assert growth_of({"$ref": REF + "A"}, A={"dependentSchemas": {"a": {"$ref": REF + "A"}}}).total == (2, 0)


@pytest.fixture(scope="module")
def filters(tools):
    return tools.contract_of(tools.body_of({"$ref": REF + "Filter"}), components={"schemas": FILTER})


def nested(levels, inmost):
    return inmost if not levels else {"op": "and", "all": [nested(levels - 1, inmost)]}


@pytest.mark.parametrize(
    ("levels", "found"),
    [(2, ("body", "", "oneOf")), (9, ("body", "", "anyOf")), (30, ("body", "", "depth"))],
)
def test_forms_in_forms_are_judged_as_far_as_time_allows(tools, filters, levels, found):
    began = time.process_time()
    checked = tools.ask(filters, body=json.dumps(nested(levels, {"is": 1})).encode())
    assert tools.told(checked) == [found]
    assert time.process_time() - began < 2


def test_many_parts_of_one_form_are_no_matter(tools):
    schema = {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}
    contract = tools.contract_of(tools.body_of(schema))
    assert tools.told(tools.ask(contract, body=json.dumps([1, None] * 50_000).encode())) == []


def test_wrong_parts_too_many_to_tell_are_told_as_one(tools):
    schema = {"type": "object", "properties": {"urls": {"type": "array", "items": {"type": "string"}}}}
    contract = tools.contract_of(tools.body_of(schema))
    asked = [tools.ask(contract, body=json.dumps({"urls": [5] * count}).encode()) for count in (10, 30_000)]
    assert tools.told(asked[0]) == [("body", f"/urls/{index}", "type") for index in range(10)]
    assert tools.told(asked[1]) == [("body", "", "anyOf")]


def test_many_schemas_in_a_row_are_compiled_together_and_judged(tools):
    began = time.process_time()
    schemas = {f"S{n}": {"type": "object", "properties": {"n": {"$ref": f"{REF}S{(n + 1) % 800}"}}} for n in range(800)}
    contract = tools.contract_of(tools.body_of({"$ref": REF + "S0"}), components={"schemas": schemas})
    assert tools.told(tools.ask(contract, body=b'{"n": {"n": 5}}')) == [("body", "/n/n", "type")]
    assert time.process_time() - began < 15
