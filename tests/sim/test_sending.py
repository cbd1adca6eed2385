"""Sending: retries on virtual time, receipts that still mean something, and what faults make of a webhook."""

from collections.abc import Callable
from typing import Any

import pytest

from contratempo.sim import outbox
from contratempo.sim.instants import SECOND
from contratempo.sim.saved import dump

ONE, TWO = "http://one.test/hook", "http://two.test/hook"


def after(simulation: Any, webhook: str) -> list[tuple[float, str, int]]:
    """When each attempt was, in seconds since the first, at which address and which there."""
    attempts = simulation.outbox.get(webhook).attempts
    return [((each.at - attempts[0].at) / SECOND, each.url, each.tally) for each in attempts]


def failing(times: int) -> Callable[[Any], str]:
    """A receiver that fails so many attempts of each webhook."""
    return lambda delivery: "failed" if delivery.attempt <= times else "delivered"


def status(simulation: Any, webhook: str) -> str:
    return simulation.outbox.get(webhook).status


def sent(simulation: Any) -> list[str]:
    """The webhooks whose attempts are to be made."""
    return [delivery.webhook for delivery in simulation.deliveries()]


def test_a_webhook_goes_out_with_the_command_that_emits_it(world, call):
    simulation = world()
    identifier = call(simulation, "emit", resource="a1")
    (delivery,) = simulation.deliveries()
    assert (delivery.webhook, delivery.attempt, delivery.tally, delivery.url) == (identifier, 1, 1, ONE)
    assert (delivery.provider, delivery.event, delivery.resource) == ("bell", "rung", "a1")
    assert (delivery.body, delivery.at, delivery.timeout) == (f'{{"id":"{identifier}"}}'.encode(), simulation.now, 2.0)
    assert (delivery.spoilt, simulation.head, simulation.deliveries()) == (False, 1, [])


def test_without_an_address_there_is_no_webhook_and_no_fault_is_used_up(world, call):
    simulation = world()
    call(simulation, "fault", kind="drop")
    before = dump(simulation)
    assert call(simulation, "emit", urls=()) is None
    assert dump(simulation) | {"head": 0} == before | {"head": 0}


def test_retries_come_after_one_two_and_four_seconds_then_at_the_other_address_then_it_failed(world, call, advance):
    simulation = world()
    identifier = call(simulation, "emit")
    advance(simulation, 3600, failing(9))
    turns = [(0, ONE, 1), (1, ONE, 2), (3, ONE, 3), (7, TWO, 1), (8, TWO, 2), (10, TWO, 3)]
    assert (after(simulation, identifier), status(simulation, identifier)) == (turns, "failed")
    assert len(simulation.timers) == 0


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 1), (2, 3), (3, 7), (5, 10)])
def test_an_attempt_that_is_delivered_ends_it(world, call, advance, failures, seconds):
    simulation = world()
    identifier = call(simulation, "emit")
    advance(simulation, 3600, failing(failures))
    assert (after(simulation, identifier)[-1][0], len(after(simulation, identifier))) == (seconds, failures + 1)
    assert (status(simulation, identifier), len(simulation.timers)) == ("delivered", 0)


def test_a_captured_attempt_ends_it(world, call, advance):
    simulation = world()
    identifier = call(simulation, "emit")
    advance(simulation, 3600, lambda delivery: "captured")
    assert (len(after(simulation, identifier)), status(simulation, identifier)) == (1, "captured")


def test_one_attempt_at_each_address(world, call, advance):
    simulation = world()
    identifier = call(simulation, "emit", attempts=1)
    advance(simulation, 3600, failing(9))
    assert after(simulation, identifier) == [(0, ONE, 1), (1, TWO, 1)]


def test_one_address_alone(world, call, advance):
    simulation = world()
    identifier = call(simulation, "emit", urls=(ONE,), attempts=2)
    advance(simulation, 3600, failing(9))
    assert after(simulation, identifier) == [(0, ONE, 1), (1, ONE, 2)]
    assert status(simulation, identifier) == "failed"


@pytest.mark.parametrize(("late", "second"), [(0, 1), (0.5, 1), (1, 1), (1.5, 1.5), (60, 60)])
def test_the_delay_counts_from_the_attempt_and_one_past_due_runs_at_once(world, call, run, receive, late, second):
    simulation = world()
    identifier = call(simulation, "emit")
    (delivery,) = simulation.deliveries()
    run(simulation, late)
    assert receive(simulation, delivery)
    assert simulation.outbox.waiting is (late >= 1)
    run(simulation, 10)
    assert after(simulation, identifier) == [(0, ONE, 1), (second, ONE, 2)]


def test_a_receipt_is_a_command_and_noted_with_its_attempt(world, call, receive):
    simulation = world()
    identifier = call(simulation, "emit")
    (delivery,) = simulation.deliveries()
    fields = {"state": "failed", "status": 500, "reason": "status 500", "seconds": 0.25, "answer": "no"}
    assert receive(simulation, delivery, receipt=fields)
    (attempt,) = simulation.outbox.get(identifier).attempts
    assert {name: getattr(attempt, name) for name in fields} == fields
    assert (simulation.head, list(simulation.outbox.changes)[-1]) == (2, identifier)


@pytest.mark.parametrize(
    "changed", [{"epoch": 1}, {"branch": 1}, {"webhook": "another"}, {"attempt": 2}, {"attempt": 0}]
)
@pytest.mark.parametrize("state", ["failed", "delivered"])
def test_a_stale_receipt_changes_nothing(world, call, receive, changed: dict[str, Any], state: str):
    simulation = world()
    call(simulation, "emit")
    (delivery,) = simulation.deliveries()
    before, changes = dump(simulation), simulation.outbox.changes.total
    assert receive(simulation, delivery, state, **changed) is False
    assert (dump(simulation), simulation.outbox.changes.total) == (before, changes)


@pytest.mark.parametrize("state", ["failed", "delivered", "captured"])
def test_a_receipt_received_twice_counts_once(world, call, receive, state):
    simulation = world()
    call(simulation, "emit")
    (delivery,) = simulation.deliveries()
    assert receive(simulation, delivery, state)
    before = dump(simulation)
    assert receive(simulation, delivery, "delivered") is False
    assert dump(simulation) == before


def test_a_receipt_from_before_a_reset_is_stale_though_the_webhook_is_there_again(world, call, receive):
    simulation = world()
    identifier = call(simulation, "emit")
    (old,) = simulation.deliveries()
    simulation.apply({"kind": "reset"})
    assert (len(simulation.outbox), simulation.outbox.waiting, simulation.epoch) == (0, False, 1)
    assert call(simulation, "emit") == identifier
    assert receive(simulation, old, "delivered") is False
    (new,) = simulation.deliveries()
    assert receive(simulation, new, "delivered")


def test_reset_forgets_what_was_to_be_sent_and_what_was_kept_back(world, call, run):
    simulation = world()
    for kind, members in (("reorder", {}), ("delay", {"seconds": 5})):
        call(simulation, "fault", kind=kind, **members)
        call(simulation, "emit")
    simulation.apply({"kind": "reset"})
    call(simulation, "emit")
    assert (len(sent(simulation)), run(simulation), len(simulation.outbox)) == (1, 0, 1)


# redeliveries


@pytest.mark.parametrize(("failures", "url", "tally"), [(0, ONE, 1), (2, ONE, 3), (5, TWO, 3), (9, TWO, 3)])
def test_redelivering_is_one_more_attempt_at_the_address_tried_last(world, call, advance, failures, url, tally):
    simulation = world()
    identifier = call(simulation, "emit")
    advance(simulation, 60, failing(failures))
    before = status(simulation, identifier)
    call(simulation, "redeliver", id=identifier)
    assert status(simulation, identifier) == before
    advance(simulation, 60, failing(99))
    assert after(simulation, identifier)[-1][1:] == (url, tally)
    assert (len(after(simulation, identifier)), status(simulation, identifier)) == (min(failures + 1, 6) + 1, before)


def test_a_redelivery_that_arrives_makes_it_delivered(world, call, advance):
    simulation = world()
    identifier = call(simulation, "emit")
    advance(simulation, 60, failing(9))
    call(simulation, "redeliver", id=identifier)
    advance(simulation, 0, failing(0))
    assert status(simulation, identifier) == "delivered"


@pytest.mark.parametrize("state", ["delivered", "captured"])
def test_a_redelivery_that_arrives_cancels_the_retry_to_come(world, call, receive, run, state):
    simulation = world()
    identifier = call(simulation, "emit")
    receive(simulation, *simulation.deliveries())
    call(simulation, "redeliver", id=identifier)
    assert len(simulation.timers) == 1
    receive(simulation, *simulation.deliveries(), state)
    assert (status(simulation, identifier), len(simulation.timers), run(simulation)) == (state, 0, 0)


def test_a_redelivery_that_fails_leaves_the_retry_to_come(world, call, receive, advance):
    simulation = world()
    identifier = call(simulation, "emit")
    receive(simulation, *simulation.deliveries())
    call(simulation, "redeliver", id=identifier)
    advance(simulation, 60, failing(2))
    assert after(simulation, identifier) == [(0, ONE, 1), (0, ONE, 1), (1, ONE, 2)]
    assert status(simulation, identifier) == "delivered"


def test_a_retry_that_fails_after_a_redelivery_arrived_changes_nothing(world, call, receive):
    simulation = world()
    identifier = call(simulation, "emit")
    call(simulation, "redeliver", id=identifier)
    regular, extra = simulation.deliveries()
    receive(simulation, extra, "delivered")
    receive(simulation, regular, "failed")
    assert (status(simulation, identifier), len(simulation.timers)) == ("delivered", 0)


def test_what_is_not_there_cannot_be_redelivered(world, call):
    simulation = world()
    with pytest.raises(KeyError):
        call(simulation, "redeliver", id="w")
    assert simulation.head == 0


def test_of_too_many_that_wait_more_are_dropped(world, call, monkeypatch):
    monkeypatch.setattr(outbox, "UNFINISHED_KEPT", 2)
    simulation = world()
    webhooks = [call(simulation, "emit") for _ in range(3)]
    assert [status(simulation, webhook) for webhook in webhooks] == ["pending", "pending", "dropped"]
    assert sent(simulation) == webhooks[:2]
