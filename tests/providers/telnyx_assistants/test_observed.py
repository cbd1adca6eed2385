"""What the guides and SDKs say the live service sends, where the vendored document says otherwise."""

from pathlib import Path

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.data import data_root
from contratempo.providers.telnyx_assistants import provider

UNSET = {"conversation_id", "conversation_metadata", "dynamic_variables", "errors"}
UNSET_CALL = UNSET | {"call_status", "call_duration", "retry_interval_secs", "dispatched_at"}


@pytest.fixture(scope="module")
def observed_contract():
    specs = data_root("specs")
    overlays = [specs / "overlays" / f"telnyx_assistants{suffix}.yaml" for suffix in ("", "_observed")]
    return Contract(read_document(provider.name, [specs / Path(part) for part in provider.documents], overlays), "both")


@pytest.fixture
def observed(make_api, observed_contract):
    api = make_api()
    api.contract = observed_contract
    api.set(unset_fields="null")
    return api


def nulls(shown):
    return {name for name, value in shown.items() if value is None}


def test_a_new_event_has_null_for_what_is_not_set(observed, phone, sms):
    assert nulls(observed.create(phone)[1]) == UNSET_CALL
    assert nulls(observed.create(sms)[1]) == UNSET
    assert [nulls(event) for event in observed.list()[1]["data"]] == [UNSET_CALL, UNSET]


def test_a_document_without_nulls_finds_every_one_of_them(observed, contract, phone):
    event = observed.create(phone)[1]
    pointer = "#/components/schemas/ScheduledPhoneCallEventResponse"
    assert {found.path[0] for found in contract.check_schema(pointer, event)} == UNSET_CALL


def test_a_call_that_nobody_answered_has_no_duration(observed, phone):
    identifier = observed.create(phone, max_retries_client_errors=1, retry_interval_secs=60)[1]["scheduled_event_id"]
    observed.script("busy", "completed")
    observed.run_to("2026-03-01T12:00:00Z")
    event = observed.retrieve(identifier)[1]
    assert [attempt["call_duration"] for attempt in event["call_attempts"]] == [None, 60]
    assert event["call_duration"] == 60
    assert nulls(event) == {"conversation_metadata", "dynamic_variables", "errors"}


def test_a_call_that_does_not_ring_yet_has_no_call_status(observed, phone):
    identifier = observed.create(phone)[1]["scheduled_event_id"]
    observed.run_to(phone["scheduled_at_fixed_datetime"])
    event = observed.retrieve(identifier)[1]
    assert (event["status"], event["call_status"]) == ("in_progress", None)


def test_an_interval_that_is_null_is_none(observed, phone, sms):
    assert observed.create(sms, retry_interval_secs=None)[0] == 201
    status, event = observed.create(phone, retry_interval_secs=None)
    assert (status, event["retry_interval_secs"]) == (201, None)
    assert observed.create(phone, retry_interval_secs=None, max_retries_client_errors=1)[0] == 400
    observed.set(interval_required="default")
    assert (
        observed.create(phone, retry_interval_secs=None, max_retries_client_errors=1)[1]["retry_interval_secs"] == 600
    )


def test_elsewhere_an_interval_that_is_null_is_invalid(api, sms):
    assert api.create(sms, retry_interval_secs=None)[0] == 422
