"""The overlay, the rules and the fixtures of this provider."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.provider import read_rules
from contratempo.providers.telnyx_assistants import provider

FIXTURES = data_root("fixtures") / "telnyx_assistants"
GATEWAY = {"400", "401", "403", "404", "405", "408", "409", "413", "422", "429", "500"}
LENIENT = {
    name.removeprefix("telnyx_assistants."): value
    for name, value in load(data_root("specs") / "profiles.yaml")["profiles"]["lenient"]["rules"].items()
    if name.startswith("telnyx_assistants.")
}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["telnyx_assistants", "telnyx_assistants_observed", "telnyx_messages_observed"])
def test_every_action_of_the_overlay_names_its_source(name):
    overlay = load(data_root("specs") / "overlays" / f"{name}.yaml")
    known = overlay["x-sources"].keys()
    for action in overlay["actions"]:
        assert action["x-source"].split(" (")[0] in known
        assert action.get("x-assumed") in (None, True)


def test_every_operation_has_a_function_and_documents_every_refusal(contract):
    operations = contract.document.operations
    assert operations.keys() == provider.operations.keys()
    for operation in operations.values():
        responses = contract.document.tree["paths"][operation.path][operation.method]["responses"]
        assert responses.keys() >= GATEWAY


def test_the_channel_tells_the_two_forms_apart(contract):
    event = fixture("sms_chat.response")
    pointer = "#/components/schemas/ScheduledEventResponse"
    assert contract.check_schema(pointer, event) == ()
    del event["text"]
    assert contract.check_schema(pointer, event)


def test_links_lead_from_a_created_event_to_itself(contract):
    tree = contract.document.tree
    responses = tree["paths"]["/ai/assistants/{assistant_id}/scheduled_events"]["post"]["responses"]
    links = responses["201"]["links"].values()
    assert {link["operationId"] for link in links} == {"get_scheduled_event", "delete_scheduled_event"}
    assert {link["parameters"]["event_id"] for link in links} == {"$response.body#/scheduled_event_id"}


def test_every_rule_is_explained_and_every_lifecycle_ends():
    rules = read_rules("telnyx_assistants")
    assert all(rule.summary and rule.source and rule.confidence for rule in rules.rules.values())
    for rule in rules.rules.values():
        rule.check(rule.default)
    status = rules.lifecycles["scheduled_event"]["status"]
    assert [each for each in status.transitions if status.is_terminal(each)] == ["completed", "failed"]


@pytest.mark.parametrize("name", ["phone_call", "sms_chat"])
def test_the_fixtures_are_what_happens(make_api, name):
    api = make_api("fixtures")
    assert api.create(fixture(f"{name}.request"), "assistant_id") == (201, fixture(f"{name}.response"))


def test_the_fixture_of_a_retried_call_is_what_happens(make_api):
    api = make_api("fixtures")
    api.create(fixture("phone_call.request"), "assistant_id")
    api.script("busy", "completed")
    api.advance(24 * 3600)
    assert api.list(assistant="assistant_id") == (200, fixture("list.response"))


@given(
    st.fixed_dictionaries(
        {
            "telnyx_conversation_channel": st.sampled_from(["phone_call", "sms_chat"]),
            "telnyx_end_user_target": TEXTS,
            "telnyx_agent_target": TEXTS,
            "scheduled_at_fixed_datetime": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
            "text": TEXTS,
        },
        optional={
            "conversation_metadata": st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans(), max_size=3),
            "dynamic_variables": st.dictionaries(TEXTS, TEXTS, max_size=3),
            "max_retries_client_errors": st.integers(0, 10),
            "retry_interval_secs": st.integers(60, 86400),
            "call_settings": st.fixed_dictionaries({}, optional={"sip_region": st.just("US")}),
        },
    )
)
def test_with_the_rules_off_nothing_that_the_document_allows_is_refused(make_api, event):
    api = make_api()
    api.set(**LENIENT)
    status, created = api.create(event, "assistant-without-telephony")
    assert status == 201
    for name in event.keys() & created.keys() - {"max_retries_client_errors", "retry_interval_secs"}:
        assert created[name] == event[name]
    api.advance(3600)
    assert api.retrieve(created["scheduled_event_id"], "assistant-without-telephony")[0] == 200
