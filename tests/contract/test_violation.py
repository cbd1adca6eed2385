import jsonschema_rs
import pytest

from contratempo.contract.violation import Site, Violation, message_of, violations


def found(schema, value, at=()):
    return list(
        violations(
            Site("body", at), jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(value)
        )
    )


def told(schema, value):
    return [(each.pointer, each.kind) for each in found(schema, value)]


def test_a_violation_knows_its_pointer():
    assert Violation("body", ("a/b", 0), "type", "is wrong").pointer == "/a~1b/0"
    assert Violation("body", (), "type", "is wrong").pointer == ""


def test_a_missing_member_is_located_at_its_name():
    (violation,) = found({"properties": {"a": {"required": ["b"]}}}, {"a": {}})
    assert violation == Violation("body", ("a", "b"), "required", "is required")


def test_each_missing_member_is_a_violation_of_its_own():
    assert told({"required": ["a", "b"]}, {}) == [("/a", "required"), ("/b", "required")]


def test_what_a_then_requires_is_required():
    schema = {"if": {"properties": {"channel": {"const": "sms"}}}, "then": {"required": ["text"]}}
    assert told(schema, {"channel": "sms"}) == [("/text", "required")]
    assert told(schema, {"channel": "phone"}) == []


def test_what_one_member_requires_of_another_is_required():
    assert told({"dependentRequired": {"a": ["b"]}}, {"a": 1}) == [("/b", "required")]


def test_the_location_is_prefixed():
    (violation,) = found({"properties": {"size": {"minimum": 1}}}, {"size": 0}, at=("page",))
    assert (violation.path, violation.value, violation.limit) == (("page", "size"), 0, 1)


@pytest.mark.parametrize(
    ("schema", "value", "kind", "limit", "message"),
    [
        ({"type": "integer"}, "x", "type", ["integer"], "must be of type: integer"),
        ({"type": ["integer", "null"]}, "x", "type", ["integer", "null"], "must be of type: integer, null"),
        ({"enum": ["a", 1]}, "x", "enum", ["a", 1], "must be one of: a, 1"),
        ({"const": "a"}, "x", "const", "a", "must be a"),
        ({"const": {"a": 1}}, "x", "const", {"a": 1}, 'must be {"a": 1}'),
        ({"format": "uuid"}, "x", "format", "uuid", "must be a valid uuid"),
        ({"minLength": 2}, "x", "minLength", 2, "must have at least 2 characters"),
        ({"maxItems": 0}, [1], "maxItems", 0, "must have at most 0 items"),
        ({"exclusiveMinimum": 1}, 1, "exclusiveMinimum", 1, "must be greater than 1"),
        ({"pattern": "^a"}, "x", "pattern", "^a", "must match ^a"),
        ({"uniqueItems": True}, [1, 1], "uniqueItems", None, "must not repeat an item"),
        ({"not": {}}, 1, "not", {}, "is a value that is excluded"),
        (False, 1, "false", None, "is not allowed here"),
        (
            {"propertyNames": {"maxLength": 0}},
            {"a": 1},
            "propertyNames",
            None,
            "does not satisfy the keyword propertyNames",
        ),
        ({"contains": {"const": 1}}, [], "contains", None, "lacks an item that is asked for"),
    ],
)
def test_a_violation_says_what_was_found_and_what_is_asked_for(schema, value, kind, limit, message):
    (violation,) = found(schema, value)
    assert (violation.kind, violation.value, violation.limit, violation.message) == (kind, value, limit, message)


def test_long_limits_are_cut_short():
    assert len(message_of("pattern", "x" * 1000)) < 250


def test_members_too_many_are_located_at_their_names():
    schema = {"properties": {"a": {}}, "additionalProperties": False}
    assert told(schema, {"a": 1, "b": 2, "c": 3}) == [("/b", "additionalProperties"), ("/c", "additionalProperties")]
    assert told({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"a": 1, "b": 2}) == [
        ("/b", "unevaluatedProperties")
    ]
    assert told({"additionalProperties": False}, {"a": 1})[0][1] == "additionalProperties"
    assert told({"properties": {"a": False}}, {"a": 1}) == [("/a", "false")]


def test_of_several_types_none_is_told_as_one_type_violation():
    schema = {"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}
    (violation,) = found(schema, {"a": None})
    assert (violation.pointer, violation.kind, violation.limit) == ("/a", "type", ["string", "integer"])


PHONE = {"properties": {"channel": {"const": "phone"}, "duration": {"type": "integer"}}, "required": ["channel"]}
SMS = {"properties": {"channel": {"const": "sms"}, "text": {"type": "string"}}, "required": ["channel", "text"]}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_the_form_that_was_meant_is_the_one_reported(keyword):
    schema = {"items": {keyword: [PHONE, SMS]}}
    assert told(schema, [{"channel": "sms"}]) == [("/0/text", "required")]
    assert told(schema, [{"channel": "phone", "duration": "x"}]) == [("/0/duration", "type")]


def test_a_form_of_another_type_is_not_the_one_that_was_meant():
    schema = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "object", "required": ["a", "b"]}]}
    assert told(schema, {}) == [("/a", "required"), ("/b", "required")]


def test_where_no_form_was_evidently_meant_the_choice_is_reported():
    schema = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert told(schema, {}) == [("", "anyOf")]
    assert told({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}) == [("", "oneOf")]


def test_a_single_form_is_just_that_form():
    assert told({"anyOf": [{"required": ["a"]}]}, {}) == [("/a", "required")]


def test_more_than_one_form_of_one_is_reported():
    assert told({"oneOf": [{}, {"type": "integer"}]}, 1) == [("", "oneOf")]


def test_forms_inside_forms_are_looked_into():
    inner = {"properties": {"b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
    assert told({"anyOf": [{"properties": {"a": inner}}]}, {"a": {"b": 1}}) == [("/a/b", "type")]


def test_a_violation_is_described_without_the_value():
    found = Violation("body", ("to", 0), "type", "must be of type: string", value="secret")
    assert found.describe() == {"location": "body", "pointer": "/to/0", "kind": "type", "message": found.message}
