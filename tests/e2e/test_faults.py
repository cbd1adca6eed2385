"""Faults as the vendor's SDK sees them."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import telnyx as sdk
from telnyx import Telnyx

START = datetime(2026, 3, 15, 9, tzinfo=UTC)
CALL = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_agent_target": "+12125550100",
    "telnyx_end_user_target": "+12125550101",
    "scheduled_at_fixed_datetime": START + timedelta(hours=1),
}
CREATE = "create_scheduled_event"


@pytest.fixture
def make(world):
    """Return a maker of SDK clients for the world."""
    clients = []

    def client(**options):
        clients.append(Telnyx(api_key=world.api_key, base_url=world.url("telnyx_assistants"), **options))
        return clients[-1]

    yield client
    for each in clients:
        each.close()


def create(client, **more):
    return client.ai.assistants.scheduled_events.create("asst_1", **CALL, **more)


def count(client):
    return client.ai.assistants.scheduled_events.list("asst_1").meta.total_results


def test_500_twice_and_then_success(world, make):
    world.faults.add("status", status=500, operation=CREATE, times=2)
    assert create(make()).status == "pending"
    rows = world.requests.list(operation=CREATE)
    assert [row.status for row in rows] == [500, 500, 201]
    assert [row.fault["kind"] if row.fault else None for row in rows] == ["status", "status", None]
    assert world.faults.list()[0].struck == 2


def test_500_once_too_often(world, make):
    world.faults.add("status", status=500, operation=CREATE, times=None)
    with pytest.raises(sdk.InternalServerError):
        create(make(max_retries=1))
    assert len(world.requests.list(operation=CREATE)) == 2


def test_429_with_retry_after_is_obeyed(world, make):
    world.faults.add("status", status=429, retry_after=1, operation=CREATE)
    began = time.monotonic()
    assert create(make()).status == "pending"
    assert time.monotonic() - began >= 1


def test_429_says_so_in_the_vendor_s_style(world, make):
    world.faults.add("status", status=429, retry_after=30, operation=CREATE)
    with pytest.raises(sdk.RateLimitError) as caught:
        create(make(max_retries=0))
    headers = caught.value.response.headers
    assert (headers["retry-after"], headers["x-ratelimit-reset"], headers["x-ratelimit-remaining"]) == ("30", "30", "0")
    assert "fault flt_" in headers["x-mock-trace"]


def test_a_conflict_while_the_first_is_in_progress(world, make):
    world.faults.add("status", status=409, operation=CREATE)
    with pytest.raises(sdk.ConflictError):
        create(make(max_retries=0))


@pytest.mark.parametrize("kind", ["reset", "empty"])
def test_a_connection_that_ends_unanswered_has_done_nothing(world, make, kind):
    world.faults.add(kind, operation=CREATE)
    with pytest.raises(sdk.APIConnectionError):
        create(make(max_retries=0))
    assert count(make()) == 0
    assert world.requests.list(operation=CREATE)[0].status is None


def test_a_reset_is_tried_again(world, make):
    world.faults.add("reset", operation=CREATE)
    assert create(make()).status == "pending"
    assert count(make()) == 1


def test_dropped_after_commit_without_a_key_there_are_two(world, make):
    world.faults.add("drop_after_commit", operation=CREATE)
    create(make())
    assert count(make()) == 2


def test_dropped_after_commit_with_a_key_there_is_one(world, make):
    world.faults.add("drop_after_commit", operation=CREATE)
    create(make(), idempotency_key="once")
    assert count(make()) == 1


def test_a_truncated_answer_is_no_answer(world, make):
    world.faults.add("truncated", operation=CREATE)
    with pytest.raises((sdk.APIConnectionError, sdk.APIError)):
        create(make(max_retries=0))
    assert count(make()) == 1


def test_a_malformed_answer_is_an_error_of_the_reader(world, make):
    world.faults.add("malformed", operation=CREATE)
    with pytest.raises((ValueError, sdk.APIError)):
        create(make(max_retries=0))


def test_an_answer_that_breaks_the_contract_fails_a_strict_reader(world, make):
    world.faults.add("breaks_contract", operation=CREATE)
    with pytest.raises(sdk.APIResponseValidationError):
        create(make(max_retries=0, _strict_response_validation=True))
    assert world.requests.list(operation=CREATE)[0].status == 201


def test_latency_is_real_time(world, make):
    world.faults.add("latency", seconds=0.5, operation=CREATE)
    with pytest.raises(sdk.APITimeoutError):
        create(make(max_retries=0, timeout=0.2))
    began = time.monotonic()
    world.faults.add("latency", seconds=0.5, operation=CREATE)
    create(make(max_retries=0))
    assert time.monotonic() - began >= 0.5


def test_half_of_them_by_seeded_chance(world, make):
    world.faults.add("status", status=500, operation=CREATE, times=None, probability=0.5)
    client, answers = make(max_retries=0), []
    for _ in range(20):
        try:
            create(client)
            answers.append(201)
        except sdk.InternalServerError:
            answers.append(500)
    assert {201, 500} == set(answers)
    assert world.faults.list()[0].struck == answers.count(500)


def test_invalid_requests_meet_only_faults_that_ask_for_them(world, make):
    world.faults.add("status", status=500, operation=CREATE)
    with pytest.raises(sdk.UnprocessableEntityError):
        make(max_retries=0).ai.assistants.scheduled_events.create("asst_1", **{**CALL, "telnyx_agent_target": 5})
    world.faults.add("status", status=503, operation=CREATE, invalid=True)
    with pytest.raises(sdk.InternalServerError):
        make(max_retries=0).ai.assistants.scheduled_events.create("asst_1", **{**CALL, "telnyx_agent_target": 5})
    assert [fault.struck for fault in world.faults.list()] == [0, 1]


def test_reset_takes_faults_away(world, make):
    world.faults.add("status", status=500, times=None)
    world.reset()
    assert world.faults.list() == ()
    assert create(make(max_retries=0)).status == "pending"
