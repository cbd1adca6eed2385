"""Repeated creates with an `Idempotency-Key`."""

import json

import pytest


def total(api):
    return api.list()[1]["meta"]["total_results"]


def test_the_same_key_and_request_make_one_event(api):
    first = api.create(key="k")
    api.advance(7200)
    assert api.create(key="k") == first
    assert api.trace == ("Idempotency-Key replayed",)
    assert total(api) == 1


def test_the_order_of_members_makes_no_difference(api, phone):
    first = api.create(key="k")
    assert api.create(dict(reversed(phone.items())), key="k") == first


def test_another_request_with_the_same_key_is_refused(api):
    api.create(key="k")
    status, body = api.create(key="k", telnyx_end_user_target="+13125550009")
    assert status == 422
    assert body["detail"][0]["loc"] == ["header", "idempotency-key"]
    assert api.trace[0] == "rule telnyx_assistants.idempotency_mismatch"
    assert total(api) == 1


def test_or_it_starts_afresh_where_the_rule_says_so(api):
    api.set(idempotency_mismatch="fresh")
    _, first = api.create(key="k")
    _, second = api.create(key="k", telnyx_end_user_target="+13125550009")
    assert second["scheduled_event_id"] != first["scheduled_event_id"]
    assert api.create(key="k", telnyx_end_user_target="+13125550009") == (201, second)


@pytest.mark.parametrize("changed", [{"key": "l"}, {"key": "k", "assistant": "a2"}, {}])
def test_another_key_or_assistant_makes_another_event(api, changed):
    _, first = api.create(key="k")
    assert api.create(**changed)[1]["scheduled_event_id"] != first["scheduled_event_id"]


def test_a_key_whose_event_was_deleted_starts_afresh_unless_the_rule_replays(api):
    _, first = api.create(key="k")
    api.delete(first["scheduled_event_id"])
    _, second = api.create(key="k")
    assert api.retrieve(second["scheduled_event_id"])[0] == 200
    api.delete(second["scheduled_event_id"])
    api.set(idempotency_of_deleted="replay")
    assert api.create(key="k") == (201, second)


def test_callers_do_not_share_keys(api, phone):
    headers = [("content-type", "application/json"), ("idempotency-key", "k")]
    first, second = (
        api.send(
            "create_scheduled_event",
            {"assistant_id": "a1"},
            headers=headers,
            body=json.dumps(phone).encode(),
            caller=caller,
        )
        for caller in ("c1", "c2")
    )
    assert first[1]["scheduled_event_id"] != second[1]["scheduled_event_id"]


def test_a_refused_request_leaves_its_key_unused(api):
    assert api.create(key="k", scheduled_at_fixed_datetime="2020-01-01T00:00:00Z")[0] == 400
    assert api.create(key="k")[0] == 201


def test_a_key_lapses_after_24_hours(api):
    later = {"scheduled_at_fixed_datetime": "2026-03-09T00:00:00Z"}
    _, first = api.create(key="k", **later)
    api.advance(24 * 3600 - 1)
    assert api.create(key="k", **later)[1] == first
    api.advance(1)
    assert api.create(key="k", **later)[1]["scheduled_event_id"] != first["scheduled_event_id"]
