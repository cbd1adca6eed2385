"""Answers of operations that nobody has modelled, and what their refusals say."""

from pathlib import Path

import msgspec
import pytest

from contratempo.contract import contract as contracts
from contratempo.contract import generation
from contratempo.contract.answers import NotAnswerable, Wish
from contratempo.contract.contract import Contract
from contratempo.contract.document import make_document

PROBLEM = {"type": "about:blank", "title": "No", "status": 400, "detail": "It is late."}
USUAL = Wish()
REQUIRED = {"required": True, "schema": {"type": "string"}}
IMPOSSIBLE = {"type": "object", "not": {}}


def bare(tools, responses, **more):
    tree = tools.document_of({"responses": {"200": {"description": "fine"}, **responses}}, **more)
    return Contract(make_document("example", tree, Path("example.yaml"), bare=True), "both")


def content(schema, media_type="application/json", **more):
    return {"description": "d", "content": {media_type: {"schema": schema, **more}}}


def refused(tools, schema):
    made = bare(tools, {"400": content(schema)}).answers("op").refusal(400, "application/problem+json", PROBLEM)
    return made.media_type, made.value


def answered(tools, response, wish=USUAL, **more):
    return bare(tools, {"200": response}, **more).answers("op").answer(wish)


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_that_has_no_content_in_http_has_none_whatever_is_described(tools, status):
    described = {**content({"type": "object"}), "headers": {"X": REQUIRED}}
    contract = bare(tools, {str(status): described})
    assert contract.answers("op").answer(Wish(status)).body is None
    assert tools.told(contract.check_response("op", status, None, None)) == [("header", "/x", "required")]


def test_a_status_that_only_leads_on_is_no_answer(tools):
    answers = bare(tools, {"200": {"description": "d"}, "101": {"description": "d"}}).answers("op")
    with pytest.raises(NotAnswerable, match="Status 101 only leads on") as caught:
        answers.answer(Wish(101))
    assert (caught.value.kind, answers.answer(USUAL).status) == ("wish", 200)
    document = tools.document_of()
    document["paths"]["/things/{id}"]["post"]["responses"] = {"101": {"description": "d"}, "409": {"description": "d"}}
    contract = Contract(make_document("example", document, Path("x.yaml"), bare=True), "both")
    ((_, said),) = contract.unanswerable()
    assert "501: Status 101 only leads on" in said
    assert contract.answers("op").answer(Wish(409)).status == 409


def test_headers_that_say_how_an_answer_is_sent_are_made_only_where_they_are_required(tools):
    text = {"schema": {"type": "string"}}
    headers = {"Date": text, "Content-Encoding": text, "Content-Length": REQUIRED, "Content-Type": REQUIRED}
    made = answered(tools, {"description": "d", "headers": headers})
    assert list(made.headers) == ["Content-Length"]


@pytest.mark.parametrize("name", ["X Rate", "X-Gr\u00f6\u00dfe", "X:y", "X\n", ""])
def test_a_header_whose_name_cannot_be_sent_is_not(tools, name):
    text = {"schema": {"type": "string"}}
    assert answered(tools, {"description": "d", "headers": {name: text, "X-A": text}}).headers == {"X-A": "string"}
    with pytest.raises(NotAnswerable, match=r"(?s)header/.* is required"):
        answered(tools, {"description": "d", "headers": {name: REQUIRED}})


@pytest.mark.parametrize("media_type", ["text/pl\u00e4in", "text/plain\n+x"])
def test_a_media_type_that_cannot_be_sent_is_told(tools, media_type):
    with pytest.raises(NotAnswerable, match="is no media type that can be sent"):
        answered(tools, content({"type": "string"}, media_type))


def test_a_refusal_says_what_is_the_matter_where_there_is_room(tools):
    text = {"type": "string"}
    schema = {"type": "object", "required": ["message", "title"], "additionalProperties": False}
    told = {**schema, "properties": {"message": text, "title": {**text, "maxLength": 1, "example": "x"}}}
    assert refused(tools, told) == ("application/json", {"message": "It is late.", "title": "x"})


def test_a_refusal_that_cannot_be_made_is_a_problem(tools):
    assert refused(tools, IMPOSSIBLE) == ("application/problem+json", PROBLEM)


def test_a_refusal_without_content_has_none(tools):
    answers = bare(tools, {"400": {"description": "d", "headers": {"X": REQUIRED}}}).answers("op")
    assert answers.refusal(400, "application/problem+json", PROBLEM).body is None


def test_an_answer_that_cannot_be_made_is_told_with_its_place(tools):
    contract = bare(tools, {"200": content({"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}})})
    with pytest.raises(NotAnswerable, match="No answer of status 200 could be made that the document allows: body/a"):
        contract.answers("op").answer(Wish())
    ((operation, why),) = contract.unanswerable()
    assert operation == "op"
    assert "give the document an example" in why


def test_an_example_that_is_invalid_is_passed_over(tools):
    examples = {"bad": {"value": 1}, "good": {"value": "g"}}
    assert answered(tools, content({"type": "string"}, examples=examples)).value == "g"
    assert answered(tools, content({"type": "integer"}, example="bad")).value == 0


def test_headers_are_those_that_can_be_sent(tools):
    headers = {
        "X-Known": {"$ref": "#/components/headers/N"},
        "Content-Type": {"schema": {"type": "string"}},
        "X-Odd": {"schema": {"type": "string"}, "example": "é"},
        "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}, "example": [1, 2]},
        "X-Json": {"content": {"application/json": {"schema": {"type": "object", "example": {"a": 1}}}}},
    }
    known = {"headers": {"N": {"schema": {"type": "integer"}, "example": 5}}}
    made = answered(tools, {"description": "d", "headers": headers}, components=known)
    assert made.headers == {"X-Known": "5", "X-List": "1,2", "X-Json": '{"a":1}'}


@pytest.mark.parametrize(
    ("described", "sent"),
    [
        ("text/*", "text/plain"),
        ("*/*", "application/json"),
        ("image/*", "image/octet-stream"),
        ("A/B; c=d", "a/b"),
        ("application/json; charset=utf-8", "application/json"),
    ],
)
def test_a_range_is_answered_with_one_of_its_types(tools, described, sent):
    assert answered(tools, content({"type": "string"}, described)).media_type == sent


def test_the_best_of_what_is_accepted_is_chosen(tools):
    response = {"description": "d", "content": {"text/plain": {"schema": {"type": "string"}}, "application/json": {}}}
    kind = lambda accept: answered(tools, response, Wish(accept=accept)).media_type  # noqa: E731
    assert kind("application/json;q=0.1, text/plain;q=0.5") == "text/plain"
    assert kind("text/plain;level=1;q=none, */*;q=0.2") == "application/json"
    with pytest.raises(NotAnswerable):
        kind("application/json;q=x, text/plain;q=0")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"dependentSchemas": {"a": {"required": ["b"]}}, "properties": {"b": {"const": 1}}}, {"b": 1}),
        ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, "b"),
        ({"properties": {"a": True, "b": False}, "type": "object"}, {"a": {}}),
        (
            {"type": "object", "minProperties": 2, "propertyNames": {"pattern": "^x+$"}},
            {"x": "string", "xx": "string"},
        ),
        (
            {
                "type": "object", "required": ["a"], "dependentRequired": {"a": ["b"]}, "maxProperties": 2,
                "properties": {"c": {"const": 3}, "a": {"const": 1}, "b": {"const": 2}},
            },
            {"a": 1, "b": 2},
        ),
        (
            {
                "type": "object", "required": ["bx"], "additionalProperties": False,
                "patternProperties": {"^a": {"const": 1}, "^b": {"const": 2}},
            },
            {"bx": 2},
        ),
        ({"type": "object", "patternProperties": {"^a$": {"const": 1}}, "required": ["z"]}, {"z": "string"}),
    ],
)  # fmt: skip
def test_values_are_made_of_every_keyword(tools, schema, value):
    assert answered(tools, content(schema)).value == value


def test_what_is_compiled_is_kept_within_bounds(tools, monkeypatch):
    monkeypatch.setattr(contracts, "_COMPILED_KEPT", 2)
    schema = {"type": "object", "properties": {name: {"type": "string", "minLength": 2} for name in "abcd"}}
    contract = bare(tools, {"200": content(schema)})
    assert set(contract.answers("op").answer(Wish()).value) == set("abcd")
    assert len(contract._compiled) == 2


def test_a_name_of_a_response_that_is_taken_is_left_alone(tools):
    taken = {"responses": {"MockRefusal": {"description": "theirs"}}}
    tree = bare(tools, {}, components=taken).document.tree
    assert tree["components"]["responses"]["MockRefusal"] == {"description": "theirs"}
    assert "MockRefusal_" in tree["components"]["responses"]


def test_a_certificate_is_shown_elsewhere(tools):
    schemes = {"securitySchemes": {"cert": {"type": "mutualTLS"}}}
    contract = bare(tools, {}, components=schemes, security=[{"cert": []}])
    assert contract.credentials("op", b"", []) == ({"cert": ""},)
    assert tools.told(tools.ask(contract, headers=[])) == []
    assert contract.challenge("op")


def test_null_is_a_body(tools):
    made = answered(tools, content({"type": "null"}))
    assert (made.value, made.body) == (None, msgspec.json.encode(None))


def test_what_takes_long_to_look_for_is_not_looked_for_to_the_end(tools, monkeypatch):
    monkeypatch.setattr("contratempo.contract.contract.MOST_ASKED", -1)
    contract = tools.contract_of(tools.answer_of({"type": "string"}))
    ((operation, why),) = contract.unanswerable()
    assert operation == "op"
    assert "not tried" in why


def test_what_it_is_late_for_is_not_looked_for(tools):
    contract = tools.contract_of(tools.answer_of({"type": "string"}))
    assert list(contract.unanswerable(lambda: False)) == []
    ((_, said),) = contract.unanswerable(lambda: True)
    assert "not tried" in said


def test_that_there_is_no_answer_is_found_but_once(tools, monkeypatch):
    answers = bare(tools, {"200": content(IMPOSSIBLE)}).answers("op")
    told = []
    for _ in range(3):
        with pytest.raises(NotAnswerable) as caught:
            answers.answer(USUAL)
        told.append((caught.value.kind, str(caught.value), caught.value.hint))
        monkeypatch.setattr(answers, "_valid", None)
        monkeypatch.setattr(answers, "_check", None)
    assert len(set(told)) == 1


def test_few_failures_are_kept_and_none_by_chance(tools):
    answers = bare(tools, {"200": content({}), "2XX": content(IMPOSSIBLE)}).answers("op")
    for wish in (Wish(209, dynamic=True), *(Wish(code) for code in range(210, 300))):
        with pytest.raises(NotAnswerable):
            answers.answer(wish, lambda _: 0)
    assert [code for code, _, _ in answers._failures] == list(range(210, 274))


def test_what_a_client_writes_is_not_kept_with_failures(tools):
    answers = bare(tools, {"200": content(IMPOSSIBLE)}).answers("op")
    for accept in ("text/a", "text/b", "application/*", "application/json;q=0.5", "application/*;q=1"):
        for example in (None, "none such"):
            with pytest.raises(NotAnswerable):
                answers.answer(Wish(example=example, accept=accept))
    assert list(answers._failures) == [(200, "application/json", None)]


def test_a_failure_is_that_of_one_media_type(tools):
    described = {"description": "d", "content": {"application/json": {"schema": IMPOSSIBLE}, "text/plain": {}}}
    answers = bare(tools, {"200": described}).answers("op")
    with pytest.raises(NotAnswerable):
        answers.answer(USUAL)
    assert answers.answer(Wish(accept="text/plain")).media_type == "text/plain"


def test_a_schema_that_asks_for_itself_without_end_is_soon_given_up(tools, monkeypatch):
    made = []
    fold = generation.fold
    monkeypatch.setattr(generation, "fold", lambda schema, *rest: made.append(schema) or fold(schema, *rest))
    own = {"$ref": "#/components/schemas/A"}
    schema = {"type": "object", "required": ["a", "b", "c"], "properties": {"a": own, "b": own, "c": own}}
    contract = bare(tools, {"200": content(own)}, components={"schemas": {"A": schema}})
    with pytest.raises(NotAnswerable):
        contract.answers("op").answer(USUAL)
    assert len(made) < 10_000


@pytest.mark.parametrize(
    "discriminator", [{"propertyName": 5}, {"propertyName": "k", "mapping": {"a": [1], "b": None}}, {}, "k",
                      {"propertyName": "k", "mapping": "x"}]
)  # fmt: skip
def test_a_discriminator_that_says_nothing_is_passed_over(tools, discriminator):
    schema = {"oneOf": [{"$ref": "#/components/schemas/A"}], "discriminator": discriminator}
    held = {"schemas": {"A": {"type": "object", "properties": {"k": {"type": "string"}}}}}
    assert answered(tools, content(schema), components=held).value["k"] in ("A", "string")


def test_a_status_that_only_the_mock_describes_cannot_be_wished_for(tools):
    answers = bare(tools, {"200": content({}), "404": {"description": "d"}}).answers("op")
    with pytest.raises(NotAnswerable, match="describes no answer of status 500") as caught:
        answers.answer(Wish(500))
    assert (caught.value.kind, caught.value.hint) == ("wish", "wish for one of 200, 404")
    assert answers.refusal(500, "application/problem+json", PROBLEM | {"status": 500}).value["status"] == 500


def test_a_wish_that_cannot_be_met_is_told_without_a_full_stop(tools):
    for wish in (Wish(500), Wish(example="none such"), Wish(accept="text/csv")):
        with pytest.raises(NotAnswerable) as caught:
            answered(tools, content({}), wish)
        assert not str(caught.value).endswith(".")


LIST = {"type": "array", "items": {"type": "integer"}}


def test_json_is_not_passed_off_as_xml(tools):
    both = {"description": "d", "content": {"application/xml": {"schema": LIST}, "application/json": {"schema": LIST}}}
    browser = Wish(accept="text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert answered(tools, both, browser).media_type == "application/json"
    with pytest.raises(NotAnswerable) as caught:
        answered(tools, both, Wish(accept="application/xml"))
    assert (caught.value.kind, caught.value.hint) == ("media-type", "accept application/json")


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml; charset=utf-8", "application/soap+xml"])
def test_xml_is_answered_from_a_text_and_is_not_made_up(tools, media_type):
    written = content(LIST, media_type, example="<list><i>1</i></list>")
    for wish in (USUAL, Wish(dynamic=True)):
        assert answered(tools, written, wish).body == b"<list><i>1</i></list>"
    assert answered(tools, content({"type": "string", "example": "<svg/>"}, "image/svg+xml")).body == b"<svg/>"
    ((operation, why),) = bare(tools, {"200": content(LIST, media_type)}).unanswerable()
    assert operation == "op"
    assert why.endswith("XML is not made up (give the document an example of it that is a text)")


def test_an_example_of_xml_that_is_no_text_cannot_be_wished_for(tools):
    both = {"text": {"value": "<list/>"}, "object": {"value": ["a"]}}
    written = content(LIST, "application/xml", examples=both)
    assert answered(tools, written, Wish(example="text")).body == b"<list/>"
    with pytest.raises(NotAnswerable) as caught:
        answered(tools, written, Wish(example="object"))
    assert (caught.value.kind, caught.value.hint) == ("wish", "wish for one of text")
