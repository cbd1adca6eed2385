"""What counts as a difference between two answers, and what is each deployment's own."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contratempo.conformance.book import open_book
from contratempo.conformance.drift.difference import Difference, differences
from contratempo.conformance.drift.place import answer_place
from contratempo.conformance.drift.remedies import ANY_KEY, UNKNOWN, every_setting, remedy
from contratempo.conformance.exchange import Exchange, read_json
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.vocabulary import VOCABULARIES
from contratempo.contract.source import load
from contratempo.data import data_root

EVENT = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+1", "telnyx_agent_target": "+2",
    "scheduled_at_fixed_datetime": "2026-03-15T15:00:00Z", "scheduled_event_id": "e1", "assistant_id": "a",
    "created_at": "2026-03-15T09:00:00Z", "status": "pending", "retry_count": 0, "retry_attempts": [], "errors": [],
}  # fmt: skip
CREATE, LIST = "create_scheduled_event", "get_scheduled_events"


def answer(operation: str, status: int, body: Any, **headers: str) -> Exchange:
    fields = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(body).encode()
    return Exchange(
        "telnyx_assistants", "GET" if operation == LIST else "POST", "/x", operation=operation, status=status,
        answer_headers=fields, content=content, json=read_json(content),
    )  # fmt: skip


Told = Callable[..., list[Difference]]


@pytest.fixture(scope="module")
def told() -> Told:
    """Return what tells how a mock's answer and a real one differ."""
    contract = open_book("telnyx_assistants", "effective").contract

    def tell(mock: Exchange, real: Exchange) -> list[Difference]:
        place = answer_place(contract, str(mock.operation), mock.status)
        return list(differences(mock, real, place, "scheduled_event_id"))

    return tell


def made(**change: Any) -> Exchange:
    return answer(CREATE, 201, {name: value for name, value in (EVENT | change).items() if value != "left out"})


def test_what_is_each_ones_own_is_no_difference(told: Told) -> None:
    own = {"scheduled_event_id": "x", "created_at": "2030-01-01T00:00:00Z", "assistant_id": "b", "retry_count": 9}
    assert told(made(), made(**own)) == []


CHANGES = {
    "an optional member": ({"conversation_id": "c"}, Difference("member", "conversation_id", "absent", "string", True)),
    "a required one": ({"assistant_id": "left out"}, Difference("member", "assistant_id", "string", "absent")),
    "one that nobody knows": ({"extra": 1}, Difference("member", "extra", "absent", "number")),
    "null, which it may not be": ({"conversation_id": None}, Difference("member", "conversation_id", "absent", "null")),
    "another type": ({"scheduled_event_id": 7}, Difference("type", "scheduled_event_id", "string", "number")),
    "another word": ({"status": "completed"}, Difference("word", "status", '"pending"', '"completed"')),
}


@pytest.mark.parametrize("name", CHANGES)
def test_shape_and_words_are_differences(name: str, told: Told) -> None:
    change, difference = CHANGES[name]
    assert told(made(), made(**change)) == [difference]


def test_members_that_whoever_sends_chooses_are_none(told: Told) -> None:
    assert told(made(conversation_metadata={"a": "b"}), made(conversation_metadata={"contratempo": "run-1"})) == []


def test_of_records_in_lists_those_of_one_kind_are_compared(told: Told) -> None:
    def listed(*events: Any) -> Exchange:
        return answer(LIST, 200, {"data": events, "meta": {"page_number": 1}})

    sms = EVENT | {"telnyx_conversation_channel": "sms_chat", "text": "Hi"}
    assert told(listed(EVENT), listed(sms)) == []
    assert told(listed(EVENT, sms), listed(sms, sms, EVENT)) == []
    assert told(listed(), listed(sms)) == []
    found = told(listed(EVENT, sms), listed(EVENT, sms | {"text": 1}))
    assert found == [Difference("type", "data[].text", "string", "number")]


def test_another_status_is_all_that_is_told(told: Told) -> None:
    assert told(made(), answer(CREATE, 404, {})) == [Difference("status", "status", "201", "404")]
    assert told(made(), answer(CREATE, 0, {})) == [Difference("status", "status", "201", "no answer")]


def refusal(*types: str, **headers: str) -> Exchange:
    return answer(CREATE, 422, {"detail": [{"loc": ["body"], "msg": each, "type": each} for each in types]}, **headers)


def test_codes_are_compared_as_far_as_both_go(told: Told) -> None:
    assert told(refusal("missing"), refusal("missing", "enum")) == []
    assert told(refusal("missing"), refusal("enum")) == [Difference("code", "detail[].type", "missing", "enum")]


def test_headers_that_mean_something_are_compared(told: Told) -> None:
    assert told(refusal(allow="GET, POST"), refusal(allow="post,get", date="now", server="x")) == []
    assert told(refusal(allow="GET"), refusal(allow="GET, PUT")) == [Difference("header", "allow", "GET", "GET, PUT")]
    assert told(refusal(), refusal(retry_after="3")) == [Difference("header", "retry-after", "absent", "present")]
    assert told(refusal(retry_after="9"), refusal(retry_after="3")) == []


def test_another_type_of_content_is_told(told: Told) -> None:
    assert told(refusal(), refusal(content_type="text/html"))[0].kind == "media type"


SHOWN = {
    ("telnyx_assistants", "member", "data[].call_duration", "absent", "null"): "unset_fields=null",
    ("telnyx_assistants", "member", "errors", "null", "absent"): "unset_fields=absent",
    ("telnyx_assistants", "type", "call_duration", "number", "null"): "unset_fields=null",
    ("telnyx_messages", "word", "data.to[].status", '"queued"', '"scheduled"'): "scheduled_status=scheduled",
    ("telnyx_messages", "type", "data.cost.amount", "string", "number"): "cost_amount=number",
    ("telnyx_messages", "word", "data.from.line_type", '"VoIP"', '"long_code"'): "sender_line_type=long_code",
    ("temphone", "status", "status", "201", "200"): "success_status=200",
}


@pytest.mark.parametrize("shown", SHOWN)
def test_what_an_answer_shows_may_be_a_rules_matter(shown: Any) -> None:
    provider, kind, place, mock, real = shown
    x = Exchange(provider, "GET", "/x", status=200)
    ledger = Ledger(open_book(provider, "effective"), VOCABULARIES[provider])
    assert remedy(Difference(kind, place, mock, real), x, x, (), ledger) == f"{provider}.{SHOWN[shown]}"
    assert remedy(Difference(kind, place, mock, "else"), x, x, (), ledger) == UNKNOWN


def test_every_rule_that_may_be_named_is_one_and_has_the_value() -> None:
    for setting, value in every_setting():
        provider, _, name = setting.partition(".")
        rule = load(data_root("specs") / "rules" / f"{provider}.yaml")["rules"][name]
        assert value in map(str, rule["values"]), setting


def test_a_token_that_only_the_mock_asks_for_is_its_servers_matter() -> None:
    ledger = Ledger(open_book("temphone", "effective"), VOCABULARIES["temphone"])
    told = {}
    for auth in ("unknown", "malformed", "none"):
        mock, real = (
            Exchange("temphone", "POST", "/x", operation="scheduleCall", status=each, auth=auth) for each in (401, 200)
        )
        told[auth] = remedy(Difference("status", "status", "401", "200"), mock, real, (), ledger)
    assert told == {"unknown": ANY_KEY, "malformed": UNKNOWN, "none": UNKNOWN}
