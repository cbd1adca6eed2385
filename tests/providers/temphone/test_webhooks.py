"""The webhooks of calls: which go out, when and with what, and what failed attempts lead to."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from contratempo.contract.contract import Contract
from contratempo.data import data_root
from contratempo.provider import Response
from contratempo.providers.temphone import provider, scheduled_call
from contratempo.sim.faults import Fault
from contratempo.sim.instants import SECOND, parse_instant
from contratempo.sim.outcomes import Script
from contratempo.sim.simulation import Simulation

DUE = parse_instant("2026-03-15T15:00:00Z")
HOUR = DUE + 3600 * SECOND
HOOK = "https://example.com/calls"
FIXTURES = data_root("fixtures") / "temphone"
Ask = Callable[..., Response]

# Seconds after the call is due, the webhook, and the call's status in it.
STARTED = (0, "call.started", "in_progress")
TOLD = {
    "completed": [STARTED, (68, "call.completed", "completed")],
    "busy": [STARTED, (2, "call.failed", "failed")],
    "no-answer": [STARTED, (31, "call.failed", "failed")],
    "failed": [STARTED, (1, "call.failed", "failed")],
    "canceled": [STARTED, (6, "call.failed", "canceled")],
    "stuck": [STARTED],
}


def run(simulation: Simulation, until: int | None, **more: Any) -> None:
    simulation.apply({"kind": "run", "until": until, **more})


def told(simulation: Simulation) -> list[tuple[float, str, str]]:
    bodies = [(webhook, json.loads(webhook.body)) for webhook in simulation.outbox]
    return [((each.at - DUE) / SECOND, body["event"], body["data"]["status"]) for each, body in bodies]


def cancel(simulation: Simulation) -> None:
    (record,) = simulation.records.page("scheduled_call").records
    scheduled_call.cancel(simulation, record)


def attempts_until_given_up(simulation: Simulation) -> list[tuple[float, int]]:
    """Fail every attempt and return them as (seconds after the call is due, tally)."""
    seen = []
    while simulation.timers.peek() or simulation.outbox.waiting:
        for each in simulation.deliveries():
            seen.append(((each.at - DUE) / SECOND, each.tally))
            about = {"webhook": each.webhook, "attempt": each.attempt, "epoch": each.epoch, "branch": each.branch}
            assert simulation.apply({"kind": "receipt", **about, "receipt": {"state": "failed", "status": 500}})
        run(simulation, None, limit=1)
    return seen


@pytest.mark.parametrize("outcome", TOLD)
def test_a_call_tells_its_start_and_its_end(ask: Ask, simulation: Simulation, contract: Contract, outcome: str):
    ask(webhook_url=HOOK)
    simulation.outcomes.add(Script("s", {}, [{"status": outcome}]))
    run(simulation, HOUR)
    assert told(simulation) == TOLD[outcome]
    for delivery in simulation.deliveries():
        assert delivery.url == HOOK
        assert contract.check_webhook(delivery.event, provider.webhooks.body(delivery)) == ()


def test_a_call_without_an_address_tells_nobody(ask: Ask, simulation: Simulation):
    ask()
    run(simulation, HOUR)
    assert told(simulation) == []


def test_nothing_is_told_before_the_call_is_due_nor_of_one_that_is_canceled_before(ask: Ask, simulation: Simulation):
    ask(webhook_url=HOOK)
    run(simulation, DUE - 1)
    cancel(simulation)
    run(simulation, HOUR)
    assert told(simulation) == []


@pytest.mark.parametrize("seconds", [0, 5, 20])
def test_canceling_a_call_in_progress_is_its_end(ask: Ask, simulation: Simulation, seconds: int):
    ask(webhook_url=HOOK)
    run(simulation, DUE + seconds * SECOND)
    cancel(simulation)
    run(simulation, HOUR)
    assert told(simulation) == [STARTED, (seconds, "call.failed", "canceled")]


def test_the_body_is_the_call_as_it_stood(ask: Ask, simulation: Simulation):
    call = ask(webhook_url=HOOK, metadata={"key": "value"}).body["data"]
    run(simulation, HOUR)
    started, completed = (json.loads(webhook.body) for webhook in simulation.outbox)
    at, end = "2026-03-15T15:00:00Z", "2026-03-15T15:01:08Z"
    data = call | {"status": "in_progress", "updated_at": at}
    assert started == {"event": "call.started", "occurred_at": at, "data": data}
    assert (completed["occurred_at"], completed["data"]) == (end, call | {"status": "completed", "updated_at": end})


def test_the_webhook_of_the_fixtures_is_what_is_sent(ask: Ask, simulation: Simulation):
    ask(raw=(FIXTURES / "schedule-call.request.json").read_bytes())
    run(simulation, HOUR)
    *_, completed = simulation.deliveries()
    assert provider.webhooks.body(completed) == json.loads((FIXTURES / "call-completed.webhook.json").read_bytes())


def test_the_document_tells_one_event_from_another(ask: Ask, simulation: Simulation, contract: Contract):
    ask(webhook_url=HOOK)
    run(simulation, HOUR)
    started, completed = (provider.webhooks.body(delivery) for delivery in simulation.deliveries())
    for event, other in (("call.started", completed), ("call.completed", started), ("call.failed", completed)):
        assert {each.pointer for each in contract.check_webhook(event, other)} == {"/event", "/data/status"}


def test_a_webhook_is_tried_thrice(ask: Ask, simulation: Simulation):
    ask(contact_id="ctc_stuck0", webhook_url=HOOK)
    run(simulation, DUE)
    assert attempts_until_given_up(simulation) == [(0, 1), (1, 2), (3, 3)]
    assert [webhook.status for webhook in simulation.outbox] == ["failed"]


def test_how_often_and_how_long_are_rules(ask: Ask, simulation: Simulation, set_rules: Callable[..., None]):
    set_rules(webhook_attempts=2, webhook_backoff_seconds=10, webhook_timeout_seconds=0.5)
    ask(contact_id="ctc_stuck0", webhook_url=HOOK)
    run(simulation, DUE)
    assert [webhook.policy.timeout for webhook in simulation.outbox] == [0.5]
    assert attempts_until_given_up(simulation) == [(0, 1), (10, 2)]


def test_only_the_end_has_nothing_that_could_overtake_it(ask: Ask, simulation: Simulation):
    simulation.faults.add(Fault("f1", {}, {"kind": "reorder"}, times=None))
    ask(webhook_url=HOOK)
    run(simulation, HOUR)
    assert [delivery.event for delivery in simulation.deliveries()] == ["call.completed", "call.started"]


def test_nothing_is_signed():
    def sign(message: bytes) -> bytes:
        raise AssertionError(message)

    headers = provider.webhooks.headers(sign, 1_800_000_000, b"{}")
    assert headers == {"user-agent": "temphone-webhooks", "content-type": "application/json"}
