import pytest


@pytest.mark.parametrize(
    ("schema", "sent", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "number"}, "5", 5),
        ({"type": "number"}, "-1.5e2", -150.0),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "False", False),
        ({"type": "string"}, "5", "5"),
        ({"type": ["integer", "null"]}, "5", 5),
        ({"type": ["integer", "null"]}, "null", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "5", 5),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "5", "5"),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "true", True),
        ({"allOf": [{"$ref": "#/components/schemas/N"}, {"minimum": 1}]}, "5", 5),
        ({"$ref": "#/components/schemas/N"}, "5", 5),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": [None, True, 0.5]}, "0.5", 0.5),
        ({"const": 3}, "3", 3),
        ({"enum": [[1], {"a": 1}, "x"]}, "x", "x"),
        ({}, "5", "5"),
        ({"type": "array", "items": {"type": "integer"}}, "5", [5]),
        ({"type": "array"}, "5", ["5"]),
    ],
)
def test_values_are_cast_to_what_the_schema_speaks_of(tools, schema, sent, value):
    components = {"schemas": {"N": {"type": "integer"}}}
    contract = tools.contract_of({"parameters": [tools.parameter("q", schema)]}, components=components)
    assert tools.ask(contract, query=f"q={sent}").query == {"q": value}


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        ({"type": "number"}, "1e999"),
        ({"type": "number"}, "nan"),
        ({"type": "number"}, "inf"),
        ({"type": "number"}, "1_0"),
        ({"type": "boolean"}, "1"),
        ({"type": "boolean"}, "yes"),
        ({"type": ["integer", "null"]}, "x"),
        ({"type": "null"}, "x"),
    ],
)
def test_values_that_cannot_be_cast_are_told_as_of_another_type(tools, schema, sent):
    contract = tools.contract_of({"parameters": [tools.parameter("q", schema)]})
    assert tools.told(tools.ask(contract, query=f"q={sent}")) == [("query", "/q", "type")]


@pytest.mark.parametrize(
    ("more", "query", "value"),
    [
        ({}, "q=1&q=2", [1, 2]),
        ({"explode": False}, "q=1,2", [1, 2]),
        ({"style": "pipeDelimited", "explode": False}, "q=1%7C2", [1, 2]),
        ({"style": "spaceDelimited", "explode": False}, "q=1%202", [1, 2]),
    ],
)
def test_arrays_are_read_in_their_style(tools, more, query, value):
    schema = {"type": "array", "items": {"type": "integer"}}
    contract = tools.contract_of({"parameters": [tools.parameter("q", schema, **more)]})
    assert tools.ask(contract, query=query).query == {"q": value}


@pytest.mark.parametrize(
    ("items", "more", "value"),
    [
        ({"type": "integer"}, {}, []),
        ({"type": "string", "minLength": 1}, {}, []),
        ({"type": "string"}, {"minItems": 1}, [""]),
    ],
)
@pytest.mark.parametrize("style", ["form", "pipeDelimited", "spaceDelimited"])
def test_a_list_of_nothing_is_empty_where_it_may_be(tools, style, items, more, value):
    schema = {"type": "array", "items": items, **more}
    contract = tools.contract_of({"parameters": [tools.parameter("q", schema, style=style, explode=False)]})
    checked = tools.ask(contract, query="q=")
    assert (checked.violations, checked.query) == ((), {"q": value})


def test_a_list_of_nothing_that_may_not_be_empty_is_told_of_its_item(tools):
    schema = {"allOf": [{"type": "array", "items": {"type": "integer"}}, {"minItems": 1}]}
    contract = tools.contract_of({"parameters": [tools.parameter("q", schema, explode=False)]})
    assert tools.told(tools.ask(contract, query="q=")) == [("query", "/q/0", "type")]


OBJECT = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "string", "default": "x"}},
    "required": ["a"],
}


@pytest.mark.parametrize(("more", "query"), [({}, "a=1&c=2"), ({"explode": False}, "q=a,1")])
def test_objects_are_read_in_their_style(tools, more, query):
    contract = tools.contract_of({"parameters": [tools.parameter("q", OBJECT, **more)]})
    assert tools.ask(contract, query=query).query == {"q": {"a": 1, "b": "x"}}


def test_an_object_of_which_nothing_is_sent_is_missing(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("q", OBJECT, required=True)]})
    assert tools.told(tools.ask(contract, query="c=1")) == [("query", "/q", "required")]


def test_a_style_that_cannot_be_read_is_told(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("q", OBJECT, explode=False)]})
    assert tools.told(tools.ask(contract, query="q=a,1,b")) == [("query", "/q", "syntax")]


@pytest.mark.parametrize(
    ("style", "explode", "schema", "sent", "value"),
    [
        ("label", False, {"type": "integer"}, ".5", 5),
        ("label", True, {"type": "string"}, ".a.b", "a.b"),
        ("label", False, {"type": "array", "items": {"type": "integer"}}, ".3,4", [3, 4]),
        ("label", True, {"type": "array", "items": {"type": "integer"}}, ".3.4", [3, 4]),
        ("label", True, {"type": "object", "properties": {"R": {"type": "integer"}}}, ".R=1.G=2", {"R": 1, "G": "2"}),
        ("label", False, {"type": "object", "properties": {"R": {"type": "integer"}}}, ".R,1", {"R": 1}),
        ("matrix", False, {"type": "string"}, ";id=a,b", "a,b"),
        ("matrix", False, {"type": "array"}, ";id=3,4", ["3", "4"]),
        ("matrix", True, {"type": "array"}, ";id=3;id=4", ["3", "4"]),
        ("matrix", False, {"type": "object"}, ";id=R,1", {"R": "1"}),
        ("matrix", True, {"type": "object"}, ";R=1;G=2", {"R": "1", "G": "2"}),
    ],
)
def test_labels_and_matrices_in_a_path_are_read(tools, style, explode, schema, sent, value):
    described = tools.parameter("id", schema, "path", required=True, style=style, explode=explode)
    checked = tools.ask(tools.contract_of({"parameters": [described]}), path={"id": sent})
    assert (checked.violations, checked.path) == ((), {"id": value})


@pytest.mark.parametrize(("style", "sent"), [("label", "5"), ("matrix", "id=5"), ("matrix", ";other=5")])
def test_a_label_or_matrix_without_its_mark_cannot_be_read(tools, style, sent):
    described = tools.parameter("id", {"type": "string"}, "path", required=True, style=style)
    checked = tools.ask(tools.contract_of({"parameters": [described]}), path={"id": sent})
    assert tools.told(checked) == [("path", "/id", "syntax")]


def test_scalar_defaults_are_filled_in(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("n", {"type": "integer", "default": 7})]})
    assert tools.ask(contract).query == {"n": 7}
    assert tools.ask(contract, query="n=8").query == {"n": 8}


def test_defaults_beside_or_behind_references_are_found(tools):
    member = {"allOf": [{"$ref": "#/components/schemas/N"}]}
    schema = {"type": "object", "properties": {"a": member, "b": {"$ref": "#/components/schemas/N", "default": 9}}}
    parameters = [
        tools.parameter("q", schema, style="deepObject", explode=True),
        tools.parameter("n", {"$ref": "#/components/schemas/N"}),
    ]
    contract = tools.contract_of(
        {"parameters": parameters}, components={"schemas": {"N": {"type": "integer", "default": 7}}}
    )
    assert tools.ask(contract).query == {"q": {"a": 7, "b": 9}, "n": 7}


def test_a_missing_required_parameter_is_told(tools):
    contract = tools.contract_of({"parameters": [tools.parameter("q", {}, required=True)]})
    assert tools.told(tools.ask(contract)) == [("query", "/q", "required")]


def test_a_deprecated_parameter_is_no_warning(tools):
    contract = tools.contract_of(
        {"parameters": [tools.parameter("q", {"type": "string"}, deprecated=True, allowEmptyValue=True)]}
    )
    assert tools.ask(contract, query="q=").query == {"q": ""}


def test_a_parameter_of_a_media_type_is_json(tools):
    described = {"name": "q", "in": "query", "content": {"application/json": {"schema": {"required": ["a"]}}}}
    contract = tools.contract_of({"parameters": [described]})
    assert tools.ask(contract, query="q=%7B%22a%22:1%7D").query == {"q": {"a": 1}}
    assert tools.told(tools.ask(contract, query="q={}")) == [("query", "/q/a", "required")]
    assert tools.told(tools.ask(contract, query="q={")) == [("query", "/q", "syntax")]


def test_recursive_parameters_do_not_hang(tools):
    schemas = {"T": {"type": "object", "properties": {"t": {"$ref": "#/components/schemas/T"}}}}
    operation = {
        "parameters": [tools.parameter("t", {"$ref": "#/components/schemas/T"}, style="deepObject", explode=True)]
    }
    contract = tools.contract_of(operation, components={"schemas": schemas})
    assert tools.told(tools.ask(contract, query="t[t]=1")) == [("query", "/t/t", "type")]
