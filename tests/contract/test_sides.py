"""The two sides of a document: what is only read is not asked for, and what is only written is not answered."""

import pytest

from contratempo.contract.sides import asked

THING = {
    "type": "object",
    "required": ["id", "name", "key"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "key": {"type": "string", "writeOnly": True},
    },
}


@pytest.fixture(scope="module")
def contract(tools):
    return tools.contract_of({**tools.body_of(THING), **tools.answer_of(THING)})


def test_what_is_only_read_is_not_asked_for(tools, contract):
    assert tools.told(tools.ask(contract, body=b'{"name": "n", "key": "k"}')) == []
    assert tools.told(tools.ask(contract, body=b'{"name": "n", "id": "i"}')) == [("body", "/key", "required")]


def test_what_is_only_written_is_not_answered(tools, contract):
    answer = lambda body: tools.told(contract.check_response("op", 200, "application/json", body))  # noqa: E731
    assert answer({"id": "i", "name": "n"}) == []
    assert answer({"key": "k", "name": "n"}) == [("body", "/id", "required")]


def test_the_plan_knows_both_sides(contract):
    plan = contract._plans.request("op", False)
    assert plan.body(b'{"name":"n","key":"k"}', "application/json")[0]
    assert not plan.body(b'{"name":"n","id":"i"}', "application/json")[0]
    answers = contract._plans.answer("op")
    assert answers.accepts(200, "application/json", {"id": "i", "name": "n"}, ())
    assert not answers.accepts(200, "application/json", {"key": "k", "name": "n"}, ())


@pytest.mark.parametrize("held", [{"$ref": "#/components/schemas/N"}, {"allOf": [{"$ref": "#/components/schemas/N"}]}])
def test_the_mark_may_stand_behind_a_reference(tools, held):
    named = {"N": {"type": "string", "readOnly": True}}
    held = held if "$ref" in held else {**held, "readOnly": True}
    schema = {"type": "object", "required": ["n", "other"], "properties": {"n": held}}
    contract = tools.contract_of(tools.body_of(schema), components={"schemas": named})
    assert tools.told(tools.ask(contract, body=b"{}")) == [("body", "/other", "required")]


def test_a_long_chain_of_references_is_not_followed_to_its_end(tools):
    schemas = {f"C{number}": {"$ref": f"#/components/schemas/C{number + 1}"} for number in range(20)}
    schemas["C20"] = {"type": "string", "readOnly": True}
    schema = {"type": "object", "required": ["c"], "properties": {"c": {"$ref": "#/components/schemas/C0"}}}
    contract = tools.contract_of(tools.body_of(schema), components={"schemas": schemas})
    assert tools.told(tools.ask(contract, body=b"{}")) == [("body", "/c", "required")]


def test_a_tree_that_is_no_text_is_walked(tools):
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"readOnly": True, "enum": ["\ud800"]}}}
    assert asked({"schema": schema})["schema"]["required"] == []
