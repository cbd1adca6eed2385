"""Webhooks that meet a fault: dropped, delayed, sent twice, signed wrongly, or put behind the next."""

from collections.abc import Callable
from typing import Any

import pytest

from contratempo.sim.instants import SECOND

ONE = "http://one.test/hook"


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


@pytest.fixture
def struck(world, call) -> Callable[..., Any]:
    """`struck(kind, …)` makes a world whose next webhook meets a fault."""

    def make(kind: str, times: int | None = 1, **members: Any) -> Any:
        simulation = world()
        call(simulation, "fault", kind=kind, times=times, **members)
        return simulation

    return make


def test_a_dropped_webhook_is_never_sent(struck, call, advance):
    simulation = struck("drop")
    dropped, next_one = call(simulation, "emit"), call(simulation, "emit")
    assert sent(simulation) == [next_one]
    advance(simulation, 60, failing(0))
    webhook = simulation.outbox.get(dropped)
    assert (webhook.status, webhook.attempts, webhook.fault) == ("dropped", (), {"id": "f1", "kind": "drop"})


def test_a_dropped_webhook_stays_so_until_a_redelivery_arrives(struck, call, advance):
    simulation = struck("drop")
    identifier = call(simulation, "emit")
    for expected in ("dropped", "dropped", "delivered"):
        call(simulation, "redeliver", id=identifier)
        advance(simulation, 60, failing(2))
        assert status(simulation, identifier) == expected
    assert [turn[1:] for turn in after(simulation, identifier)] == [(ONE, 1)] * 3


def test_a_delayed_webhook_goes_out_later_and_is_retried_from_then(struck, call, advance):
    simulation = struck("delay", seconds=5)
    start, identifier = simulation.now, call(simulation, "emit")
    assert (status(simulation, identifier), sent(simulation)) == ("held", [])
    advance(simulation, 60, failing(1))
    assert [each.at - start for each in simulation.outbox.get(identifier).attempts] == [5 * SECOND, 6 * SECOND]


def test_a_delay_of_nothing_is_none(struck, call):
    simulation = struck("delay", seconds=0)
    identifier = call(simulation, "emit")
    assert sent(simulation) == [identifier]


def test_a_delayed_webhook_that_was_redelivered_before_is_not_sent_again(struck, call, advance, run):
    simulation = struck("delay", seconds=5)
    identifier = call(simulation, "emit")
    call(simulation, "redeliver", id=identifier)
    assert status(simulation, identifier) == "held"
    advance(simulation, 1, failing(0))
    assert (status(simulation, identifier), run(simulation), sent(simulation)) == ("delivered", 0, [])


def test_a_delayed_webhook_whose_redelivery_failed_is_sent_in_time(struck, call, advance):
    simulation = struck("delay", seconds=5)
    identifier = call(simulation, "emit")
    call(simulation, "redeliver", id=identifier)
    advance(simulation, 60, failing(1))
    assert after(simulation, identifier) == [(0, ONE, 1), (5, ONE, 1)]


def test_a_duplicate_is_sent_twice_and_only_the_first_is_retried(struck, call, advance):
    simulation = struck("duplicate")
    identifier = call(simulation, "emit")
    advance(simulation, 60, failing(9))
    turns = after(simulation, identifier)
    assert turns[:3] == [(0, ONE, 1), (0, ONE, 1), (1, ONE, 2)]
    assert (len(turns), status(simulation, identifier)) == (7, "failed")
    assert [each.extra for each in simulation.outbox.get(identifier).attempts] == [False, True, *[False] * 5]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("state", ["delivered", "captured"])
def test_of_a_duplicate_one_that_arrives_is_enough(struck, call, receive, first, state):
    simulation = struck("duplicate")
    identifier = call(simulation, "emit")
    both = simulation.deliveries()
    receive(simulation, both[first], state)
    receive(simulation, both[1 - first], "failed")
    assert (status(simulation, identifier), len(simulation.timers)) == (state, 0)


def test_a_duplicate_that_arrives_after_its_twin_failed_cancels_the_retry(struck, call, receive):
    simulation = struck("duplicate")
    identifier = call(simulation, "emit")
    regular, extra = simulation.deliveries()
    receive(simulation, regular, "failed")
    assert len(simulation.timers) == 1
    receive(simulation, extra, "delivered")
    assert (status(simulation, identifier), len(simulation.timers)) == ("delivered", 0)


def test_every_regular_attempt_is_signed_wrongly_and_a_redelivery_is_not(struck, call, advance):
    spoilt: list[bool] = []
    simulation = struck("bad_signature")
    identifier = call(simulation, "emit")
    advance(simulation, 60, failing(9), lambda delivery: spoilt.append(delivery.spoilt))
    call(simulation, "redeliver", id=identifier)
    call(simulation, "emit")
    assert spoilt == [True] * 6
    assert [delivery.spoilt for delivery in simulation.deliveries()] == [False, False]


def test_a_reordered_webhook_leaves_behind_the_next_of_its_resource(struck, call):
    simulation = struck("reorder")
    first = call(simulation, "emit", resource="a")
    other = call(simulation, "emit", resource="b")
    assert (sent(simulation), status(simulation, first)) == ([other], "held")
    second = call(simulation, "emit", resource="a")
    assert (sent(simulation), status(simulation, first)) == ([second, first], "pending")


def test_two_that_are_kept_back_leave_in_order(struck, call):
    simulation = struck("reorder", times=2)
    made = [call(simulation, "emit") for _ in range(3)]
    assert sent(simulation) == [made[2], made[0], made[1]]


def test_the_last_webhook_of_a_resource_is_not_kept_back(struck, call):
    simulation = struck("reorder", times=None)
    made = [call(simulation, "emit", last=last) for last in (False, True)]
    assert sent(simulation) == made[::-1]
    assert simulation.outbox.get(made[1]).fault is None


@pytest.mark.parametrize(("kind", "members"), [("drop", {}), ("delay", {"seconds": 9})])
def test_one_that_is_dropped_or_delayed_keeps_nobody_back(world, call, kind, members):
    simulation = world()
    call(simulation, "fault", kind=kind, match={"event": "b"}, **members)
    call(simulation, "fault", kind="reorder", match={"event": "a"})
    first = call(simulation, "emit", event="a")
    call(simulation, "emit", event="b")
    assert sent(simulation) == [first]


@pytest.mark.parametrize(("state", "follows"), [("delivered", []), ("captured", []), ("failed", [1])])
def test_one_that_was_kept_back_and_redelivered_is_sent_again_only_if_that_failed(
    struck, call, receive, state, follows
):
    simulation = struck("reorder")
    first = call(simulation, "emit")
    call(simulation, "redeliver", id=first)
    receive(simulation, *simulation.deliveries(), state)
    second = call(simulation, "emit")
    assert sent(simulation) == [second, *[first for _ in follows]]


def test_one_that_was_kept_back_redelivered_and_trimmed_is_passed_over(
    world, call, receive, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("contratempo.sim.outbox.OUTBOX_KEPT", 1)
    simulation = world()
    call(simulation, "fault", kind="reorder")
    first = call(simulation, "emit")
    call(simulation, "redeliver", id=first)
    receive(simulation, *simulation.deliveries(), "delivered")
    call(simulation, "emit", resource="b")
    assert simulation.outbox.get(first) is None
    third = call(simulation, "emit")
    assert sent(simulation)[1:] == [third]
