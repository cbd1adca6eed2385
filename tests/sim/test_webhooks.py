"""Webhooks: when the next attempt is due, and what the control plane shows."""

import pytest

from contratempo.sim.instants import SECOND
from contratempo.sim.webhooks import Attempt, Policy, Webhook, describe, next_try


def webhook(status: str = "pending", backoff: float = 1.0, attempts: tuple[Attempt, ...] = ()) -> Webhook:
    policy = Policy(backoff=backoff)
    return Webhook("w1", 1, "bell", "rung", "a1", 0, ("http://a", "http://b"), b'{"n":1}', policy, status, attempts)


def attempt(state: str = "failed", *, tally: int = 1, at: int = 0, extra: bool = False) -> Attempt:
    return Attempt(tally, tally, "http://a", at, state, extra=extra)


@pytest.mark.parametrize(
    ("tally", "backoff", "after"), [(1, 1, 1), (2, 1, 2), (3, 1, 4), (1, 0.25, 0.25), (3, 2.5, 10)]
)
def test_the_delay_doubles_and_counts_from_the_attempt(tally: int, backoff: float, after: float):
    closed = attempt(tally=tally, at=5 * SECOND)
    assert next_try(webhook(backoff=backoff), closed) == (5 + after) * SECOND


@pytest.mark.parametrize("status", ["delivered", "captured", "failed", "dropped", "held"])
def test_only_what_is_pending_is_tried_again(status: str):
    assert next_try(webhook(status), attempt()) is None


@pytest.mark.parametrize("closed", [attempt("delivered"), attempt("captured"), attempt(extra=True)])
def test_only_a_regular_attempt_that_failed_leads_to_another(closed: Attempt):
    assert next_try(webhook(), closed) is None


def test_extra_attempts_are_no_tries():
    attempts = (attempt(), attempt(extra=True), attempt("sending", tally=2))
    assert webhook(attempts=attempts).tries == 2


def test_a_webhook_is_described():
    made = Attempt(2, 1, "http://b", 2 * SECOND, "failed", 500, "status", 0.1, "no", extra=True, order=9)
    assert describe(webhook(attempts=(made,))) == {
        "id": "w1", "number": 1, "provider": "bell", "event": "rung", "resource": "a1", "status": "pending",
        "at": "1970-01-01T00:00:00Z", "urls": ["http://a", "http://b"], "body": {"n": 1}, "fault": None,
        "attempts": [
            {
                "number": 2, "tally": 1, "url": "http://b", "at": "1970-01-01T00:00:02Z", "state": "failed",
                "status": 500, "reason": "status", "seconds": 0.1, "answer": "no", "extra": True,
            }
        ],
    }  # fmt: skip
