import pytest

from contratempo.contract.source import DocumentError

EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+15550100",
    "telnyx_agent_target": "+15550101",
    "scheduled_at_fixed_datetime": "2025-04-15T13:07:28Z",
    "assistant_id": "a",
}
PAGE = {"meta": {"total_pages": 1, "total_results": 1, "page_number": 1, "page_size": 20}, "data": [EVENT]}


def told(violations):
    return [(each.location, each.pointer, each.kind) for each in violations]


@pytest.fixture
def answer(assistants):
    def answer(status=200, body=PAGE, media_type="application/json", operation="get_scheduled_events", **more):
        return told(assistants.check_response(operation, status, media_type, body, **more))

    return answer


def test_a_valid_answer_has_no_violations(answer):
    assert answer() == []
    assert answer(201, EVENT, operation="create_scheduled_event") == []
    assert answer(media_type="Application/JSON; charset=utf-8") == []


def test_answers_are_always_judged_strictly(answer):
    naive = {**EVENT, "scheduled_at_fixed_datetime": "2025-04-15T13:07:28"}
    assert answer(body={**PAGE, "data": [naive]}) == [("body", "/data/0/scheduled_at_fixed_datetime", "format")]


def test_an_undocumented_status_is_told_with_those_documented(assistants):
    (violation,) = assistants.check_response("get_scheduled_events", 404, "application/json", {})
    assert (violation.location, violation.kind, violation.value) == ("status", "undocumented-status", 404)
    assert violation.limit == ["200", "422"]


def test_a_range_of_statuses_is_understood(messages):
    errors = {"errors": [{"code": "10001", "title": "t"}]}
    assert messages.check_response("ScheduleMessage", 499, "application/json", errors) == ()
    wrong = messages.check_response("ScheduleMessage", 422, "application/json", {"errors": [{}]})
    assert told(wrong) == [("body", "/errors/0/code", "required"), ("body", "/errors/0/title", "required")]
    assert told(messages.check_response("ScheduleMessage", 500, "application/json", errors)) == [
        ("status", "", "undocumented-status")
    ]


def test_a_default_answer_covers_every_status(tools):
    contract = tools.contract_of({"responses": {"default": {"description": "all"}}})
    assert contract.check_response("op", 599, None, None) == ()


@pytest.mark.parametrize("media_type", [None, "", "text/html", ";"])
def test_a_wrong_or_missing_content_type_is_told(answer, media_type):
    assert answer(media_type=media_type) == [("content-type", "", "media-type")]


def test_a_missing_body_is_told(answer):
    assert answer(body=None) == [("body", "", "missing-body")]


def test_an_answer_without_content_needs_none(tools):
    contract = tools.contract_of({"responses": {"204": {"description": "gone"}}})
    assert contract.check_response("op", 204, None, None) == ()


@pytest.mark.parametrize("body", [[], {}, 0, "", False])
def test_empty_bodies_are_bodies(tools, body):
    contract = tools.contract_of(tools.answer_of({}))
    assert contract.check_response("op", 200, "application/json", body) == ()


@pytest.mark.parametrize("body", [{"a": object()}, {"a": "\udcff"}, {1: 2}, [float("nan")]])
def test_what_no_json_text_stands_for_is_told_and_not_raised(tools, body):
    schema = {"items": {"type": "number"}, "properties": {"a": {"pattern": "^[a-z]$"}}, "maxProperties": 1}
    contract = tools.contract_of(tools.answer_of({**schema, "propertyNames": {"minLength": 1}}))
    ((location, _, _),) = told(contract.check_response("op", 200, "application/json", body))
    assert location == "body"


def test_branches_are_told_apart_once_an_overlay_says_how(tools):
    channel = {"telnyx_conversation_channel": {"const": "sms_chat"}}
    sms = {"properties": channel, "required": ["telnyx_conversation_channel", "text"]}
    phone = {
        "properties": {"telnyx_conversation_channel": {"const": "phone_call"}, "call_duration": {"type": "integer"}}
    }
    contract = tools.contract_of(tools.answer_of({"anyOf": [phone, sms]}))
    violations = contract.check_response("op", 200, "application/json", {"telnyx_conversation_channel": "sms_chat"})
    assert told(violations) == [("body", "/text", "required")]


HEADERS = {
    "X-Count": {"required": True, "schema": {"type": ["integer", "null"], "minimum": 1}},
    "Content-Type": {"schema": {"const": "ignored"}},
    "X-Old": {"deprecated": True, "schema": {"type": "string"}},
}


def test_headers_of_an_answer_are_judged(tools):
    contract = tools.contract_of({"responses": {"200": {"description": "fine", "headers": HEADERS}}})
    assert contract.check_response("op", 200, None, None, [("x-count", "5"), ("X-Old", "a")]) == ()
    assert told(contract.check_response("op", 200, None, None, [])) == [("header", "/x-count", "required")]
    assert told(contract.check_response("op", 200, None, None, [("X-COUNT", "0")])) == [
        ("header", "/x-count", "minimum")
    ]


def test_a_value_is_judged_under_a_named_schema(messages):
    assert messages.check_schema("#/components/schemas/messaging_Errors", {"errors": []}) == ()
    assert told(messages.check_schema("#/components/schemas/messaging_Errors", {"errors": 5})) == [
        ("body", "/errors", "type")
    ]


def test_a_schema_is_found_through_references(messages):
    pointer = "#/paths/~1messages~1schedule/post/responses/200/content/application~1json/schema/properties/data"
    assert told(messages.check_schema(pointer, {"parts": 0})) == [("body", "/parts", "minimum")]


def test_a_webhooks_schema_is_found(tools):
    hook = {"post": {**tools.body_of({"type": "object"}), "responses": {"200": {"description": "fine"}}}}
    contract = tools.contract_of(webhooks={"message.sent": hook})
    pointer = "#/webhooks/message.sent/post/requestBody/content/application~1json/schema"
    assert told(contract.check_schema(pointer, [])) == [("body", "", "type")]


def test_a_schema_in_a_list_is_found(tools):
    contract = tools.contract_of(components={"schemas": {"A": {"anyOf": [{}, {"type": "integer"}]}}})
    assert told(contract.check_schema("#/components/schemas/A/anyOf/1", "x")) == [("body", "", "type")]


@pytest.mark.parametrize(
    "pointer",
    ["#/components/schemas/Nobody", "nothing", "#/info/title", "#/info/title/x", "#/servers/7", "#/servers/x"],
)
def test_a_pointer_to_no_schema_is_refused(messages, pointer):
    with pytest.raises(DocumentError) as caught:
        messages.check_schema(pointer, {})
    assert caught.value.pointer == pointer
