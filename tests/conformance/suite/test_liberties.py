"""What the documents leave open is let be where it once was not, and what lies beside it is not."""

import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from contratempo.conformance.exchange import Receipt, Tick, read_json
from contratempo.conformance.instants import HOUR
from contratempo.conformance.rules import RULES
from contratempo.conformance.tally import Failure, Tally
from contratempo.conformance.verdict import result_of
from contratempo.conformance.wire import AsgiWire

NOW = datetime(2026, 3, 15, 9, tzinfo=UTC)
EVENTS = "/ai/assistants/a/scheduled_events"
EVENT = {
    "scheduled_event_id": "e1",
    "assistant_id": "a",
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+1",
    "telnyx_agent_target": "+2",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
    "status": "pending",
}
META = {"total_pages": 1, "total_results": 1, "page_number": 1, "page_size": 20}


def after_a_create(shown: Any) -> Any:
    suite = shown("telnyx_assistants")
    suite.note(suite.seen("POST", EVENTS, 201, EVENT, body=EVENT))
    return suite


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("x_unknown=1", None),
        ("page[number]=2", None),
        ("page[number]=3&page[size]=1", None),
        ("from_date=2026-03-15T10:00:00Z&to_date=2026-03-15T09:00:00Z", None),
        ("page[number]=1&page[size]=1", 1),
        ("conversation_channel=phone_call", 1),
    ],
)
def test_a_query_may_be_refused_where_nobody_says_what_it_means(shown: Any, query: str, found: int | None) -> None:
    suite = after_a_create(shown)
    x = suite.seen("GET", EVENTS, 422, {"detail": []}, query=query)
    said = suite.say("requests.valid-query-accepted", x)
    assert (None if said is None else len(said)) == found


def test_a_second_page_that_is_there_may_not_be_refused(shown: Any) -> None:
    suite = after_a_create(shown)
    suite.note(suite.seen("POST", EVENTS, 201, EVENT | {"scheduled_event_id": "e2"}, body=EVENT))
    x = suite.seen("GET", EVENTS, 404, {"detail": "Invalid page."}, query="page[number]=2&page[size]=1")
    assert suite.say("requests.valid-query-accepted", x)


def test_integers_may_be_written_with_a_point_and_are_counted(shown: Any) -> None:
    suite = after_a_create(shown)
    for total, wrong in ((1.0, 0), (2.0, 1)):
        meta = {name: float(value) for name, value in META.items()} | {"total_results": total}
        x = suite.seen("GET", EVENTS, 200, {"meta": meta, "data": [EVENT]})
        assert len(suite.say("lists.total-results", x)) == wrong


def test_a_401_may_have_no_body_where_it_has_a_challenge(shown: Any) -> None:
    suite = shown("telnyx_assistants")
    for status, answered, wrong in ((401, {"www-authenticate": "Bearer"}, 0), (401, {}, 1), (422, {}, 1)):
        x = suite.seen("GET", EVENTS, status, auth="none", answered=answered)
        assert len(suite.say("errors.listed", x)) == wrong


@pytest.mark.parametrize("status", [408, 411, 413, 414, 431])
def test_what_nobody_has_read_is_refused_in_words_of_the_servers_own(shown: Any, status: int) -> None:
    for provider, path, rules in (
        ("telnyx_assistants", f"{EVENTS}/e1", ["errors.listed"]),
        ("telnyx_messages", "/messages/40385f64-5717-4562-b3fc-2c963f66afa6", ["errors.messages", "errors.cancel"]),
    ):
        suite = shown(provider)
        for rule in rules:
            method = "DELETE" if rule == "errors.cancel" else "GET"
            plain = {"content": b"Too Long", "answered": {"content-type": "text/plain"}}
            assert suite.say(rule, suite.seen(method, path, status, **plain)) is None
            assert suite.say(rule, suite.seen(method, path, 400, **plain))


def test_another_customers_use_of_a_key_says_nothing_of_ones_own(shown: Any) -> None:
    suite, key = shown("telnyx_assistants"), {"idempotency-key": "k"}
    body = {name: value for name, value in EVENT.items() if name.startswith(("telnyx", "scheduled_at"))}
    suite.note(suite.seen("POST", EVENTS, 201, EVENT, body=body, headers=key))
    suite.note(
        suite.seen("POST", EVENTS, 201, EVENT | {"scheduled_event_id": "e2"}, body=body, headers=key, auth="other")
    )
    assert suite.say("keys.replay", suite.seen("POST", EVENTS, 201, EVENT, body=body, headers=key)) == []


def test_what_is_gone_may_be_told_so(shown: Any) -> None:
    suite = after_a_create(shown)
    for status, wrong in ((410, 0), (418, 1)):
        x = suite.seen("GET", f"{EVENTS}/e1", status, {"detail": "It was deleted."})
        assert len(suite.say("answers.documented-status", x)) == wrong


def test_a_delete_of_what_is_not_there_may_be_told_as_done_and_deletes_nothing(shown: Any) -> None:
    suite = after_a_create(shown)
    suite.note(suite.seen("DELETE", "/ai/assistants/b/scheduled_events/e1", 204))
    for rule in ("events.delete.gone", "events.retrieve.found"):
        assert not suite.say(rule, suite.seen("GET", f"{EVENTS}/e1", 200, EVENT))
    assert suite.say("events.retrieve.found", suite.seen("GET", f"{EVENTS}/e1", 404))
    theirs = suite.seen("DELETE", f"{EVENTS}/e1", 204, auth="other")
    assert suite.say("access.customers", theirs) == []
    assert suite.say("access.customers", suite.seen("GET", f"{EVENTS}/e1", 200, EVENT, auth="other"))


def after_a_call(shown: Any) -> Any:
    suite = shown("temphone")
    sent = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-15T10:00:00Z", "initial_message": "Hi"}
    sent["webhook_url"] = f"{suite.ledger.receiver}/once/1"
    suite.note(suite.seen("POST", "/calls/scheduled", 200, {"data": sent | {"call_id": "call_1"}}, body=sent))
    suite.ledger.scripted("call_1", ("completed",))
    return suite


def receipt(suite: Any, body: bytes, status: int = 200) -> Receipt:
    now = suite.ledger.made["call_1"].by.now + HOUR
    return Receipt("/once/1", {"content-type": "application/json"}, body, read_json(body), status, 1, 0.0, now)


def test_webhooks_of_a_page_without_a_form_have_any(shown: Any) -> None:
    suite = after_a_call(shown)
    told = receipt(suite, b'{"type": "call.started", "call": {"call_id": "call_1"}}')
    assert [suite.say(rule, told) for rule in ("webhooks.known", "webhooks.call-once")] == [None, None]
    assert suite.say("webhooks.call-schema", told)
    assert RULES["webhooks.call-schema"].source == "assumed"
    stranger = receipt(suite, b'{"event": "call.started", "data": {"call_id": "call_2"}}')
    assert suite.say("webhooks.known", stranger)


def test_an_event_of_a_call_may_be_called_by_the_pages_word_alone(shown: Any) -> None:
    suite = after_a_call(shown)
    for status, wrong in (("in_progress", 0), ("scheduled", 1)):
        told = f'{{"event": "started", "data": {{"call_id": "call_1", "status": "{status}"}}}}'
        assert len(suite.say("webhooks.call-status", receipt(suite, told.encode()))) == wrong
    assert (
        suite.say("webhooks.call-status", receipt(suite, b'{"event": "rang", "data": {"call_id": "call_1"}}')) is None
    )


def test_what_is_told_in_another_form_is_not_missed(shown: Any) -> None:
    suite = after_a_call(shown)
    tick = Tick(suite.ledger.made["call_1"].by.now, suite.ledger.made["call_1"].by.now + 40 * HOUR)
    assert len(suite.say("webhooks.call-told", tick)) == 2
    suite.note(receipt(suite, b'{"type": "started", "call": {}}'))
    assert suite.say("webhooks.call-told", tick) is None


def test_a_guess_of_ours_warns_and_fails_nobody() -> None:
    for rule in RULES.values():
        tally = Tally((rule,), {rule.id: 1}, {rule.id: 1}, {rule.id: Failure("wrong", "a probe", Tick(NOW, NOW))})
        state = result_of(rule, tally, "", "pass", real=False).state
        assert state == ("warn" if rule.source == "assumed" else "fail")


def test_that_a_call_is_told_again_is_a_guess(shown: Any) -> None:
    suite = after_a_call(shown)
    suite.note(receipt(suite, b'{"event": "call.started", "data": {"call_id": "call_1"}}', status=500))
    tick = Tick(suite.ledger.made["call_1"].by.now, suite.ledger.made["call_1"].by.now + 40 * HOUR)
    assert suite.say("webhooks.call-again", tick)
    assert RULES["webhooks.call-again"].source == "assumed"
    assert "temphone" not in RULES["webhooks.again"].providers


def test_an_occurred_at_that_the_page_does_not_know_may_be_left_out(shown: Any) -> None:
    suite = after_a_call(shown)
    for member, wrong in ((b"", None), (b', "occurred_at": "soon"', ["occurred_at is 'soon'"])):
        told = receipt(suite, b'{"event": "call.started", "data": {"call_id": "call_1"}' + member + b"}")
        assert suite.say("webhooks.occurred-at", told) == wrong


async def deflated(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-encoding", b"deflate")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": zlib.compress(b'{"data": []}')})


def test_an_answer_may_be_deflated() -> None:
    wire = AsgiWire(deflated, lambda: 0.0)
    assert wire.send("GET", "/", {}, b"").content == b'{"data": []}'
    wire.close()


def test_what_is_refused_before_anybody_looks_for_a_token_says_nothing_of_tokens(shown: Any) -> None:
    suite = shown("telnyx_assistants")
    said = {
        status: suite.say("access.token-needed", suite.seen("GET", EVENTS, status, auth="none"))
        for status in (414, 401, 400, 200)
    }
    assert [None if each is None else len(each) for each in said.values()] == [None, 0, 1, 1]
