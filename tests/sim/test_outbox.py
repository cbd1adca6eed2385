"""The outbox: every attempt handed out once, what is done with dropped in time, and all of it taken back at will."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from contratempo.sim import outbox as module
from contratempo.sim.outbox import Outbox
from contratempo.sim.undo import UndoLog
from contratempo.sim.webhooks import Policy, Receipt, Webhook

DELIVERED, FAILED, CAPTURED = (Receipt(state) for state in ("delivered", "failed", "captured"))


@pytest.fixture
def undo() -> UndoLog:
    return UndoLog()


@pytest.fixture
def outbox(undo: UndoLog) -> Outbox:
    return Outbox(undo)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, undo: UndoLog) -> Outbox:
    """One that keeps three."""
    monkeypatch.setattr(module, "OUTBOX_KEPT", 3)
    return Outbox(undo)


def add(outbox: Outbox, identifier: str, urls: tuple[str, ...] = ("one", "two"), attempts: int = 3) -> Webhook:
    number, policy = outbox.total + 1, Policy(attempts)
    webhook = Webhook(identifier, number, "bell", "rung", "a", 0, urls, b"{}", policy)
    outbox.add(webhook)
    return webhook


def send(outbox: Outbox, identifier: str, *receipts: Receipt) -> Webhook:
    """Add one and have its attempts end so; one after the other."""
    webhook = add(outbox, identifier)
    for receipt in receipts:
        webhook = outbox.open(outbox.get(identifier), 0)
        outbox.take(0, 0)
        webhook, _ = outbox.close(identifier, len(webhook.attempts), receipt)
    outbox.trim()
    return webhook


def whole(outbox: Outbox) -> dict[str, Any]:
    waiting = list(outbox._outgoing)
    return {**outbox.dump(), "changes": list(outbox.changes), "changed": outbox.changes.total, "waiting": waiting}


@pytest.mark.parametrize(
    ("urls", "attempts", "turns"),
    [
        (("one", "two"), 3, [("one", 1), ("one", 2), ("one", 3), ("two", 1), ("two", 2), ("two", 3)]),
        (("one",), 2, [("one", 1), ("one", 2)]),
        (("one", "two"), 1, [("one", 1), ("two", 1)]),
        (("one",), 1, [("one", 1)]),
        (("one", "one"), 1, [("one", 1), ("one", 1)]),
        (("one", "two", "three"), 1, [("one", 1), ("two", 1), ("three", 1)]),
    ],
)
def test_attempts_go_round_the_addresses_and_then_it_failed(outbox, urls, attempts, turns):
    webhook = add(outbox, "w", urls, attempts)
    while webhook.status == "pending":
        webhook = outbox.open(webhook, 7)
        webhook, _ = outbox.close("w", len(webhook.attempts), FAILED)
    assert [(each.url, each.tally) for each in webhook.attempts] == turns
    assert [each.number for each in webhook.attempts] == list(range(1, len(turns) + 1))
    assert webhook.status == "failed"


@pytest.mark.parametrize(("tried", "turn"), [(0, ("one", 1)), (1, ("one", 1)), (3, ("one", 3)), (4, ("two", 1))])
def test_an_extra_attempt_goes_where_the_last_one_went(outbox, tried, turn):
    send(outbox, "w", *[FAILED] * tried)
    webhook = outbox.get("w")
    extra = outbox.open(webhook, 9, extra=True)
    last = extra.attempts[-1]
    assert ((last.url, last.tally), last.number, last.extra) == (turn, tried + 1, True)
    assert extra.status == webhook.status
    again = outbox.open(outbox.get("w"), 9, extra=True).attempts[-1]
    assert (again.url, again.tally) == turn


def test_each_attempt_is_handed_out_once_in_order(outbox):
    first, second = add(outbox, "w1"), add(outbox, "w2")
    assert not outbox.waiting
    for webhook in (second, first):
        outbox.open(webhook, 5)
    assert outbox.waiting
    taken = outbox.take(epoch=3, branch=4)
    assert [(each.webhook, each.attempt, each.epoch, each.branch, each.at) for each in taken] == [
        ("w2", 1, 3, 4, 5),
        ("w1", 1, 3, 4, 5),
    ]
    assert (outbox.waiting, outbox.take(3, 4)) == (False, [])


@pytest.mark.parametrize(("identifier", "number"), [("other", 1), ("w", 0), ("w", -1), ("w", 1), ("w", 3)])
def test_an_attempt_that_is_not_under_way_is_not_closed(outbox, identifier, number):
    webhook = send(outbox, "w", FAILED)
    outbox.open(webhook, 1)
    before = whole(outbox)
    assert outbox.close(identifier, number, DELIVERED) is None
    assert whole(outbox) == before


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (DELIVERED, FAILED, "delivered"),
        (DELIVERED, CAPTURED, "delivered"),
        (CAPTURED, FAILED, "captured"),
        (CAPTURED, DELIVERED, "delivered"),
        (FAILED, FAILED, "pending"),
        (FAILED, CAPTURED, "captured"),
        (FAILED, DELIVERED, "delivered"),
    ],
)
@pytest.mark.parametrize("extra_first", [True, False])
def test_of_an_attempt_and_its_double_the_better_counts(outbox, first, second, status, extra_first):
    outbox.open(outbox.open(add(outbox, "w"), 0), 0, extra=True)
    outbox.close("w", 1 + extra_first, first)
    outbox.close("w", 2 - extra_first, second)
    assert outbox.get("w").status == status


@pytest.mark.parametrize("status", ["dropped", "held", "failed", "captured"])
@pytest.mark.parametrize(("receipt", "bettered"), [(FAILED, None), (CAPTURED, "captured"), (DELIVERED, "delivered")])
def test_a_redelivery_can_only_better_a_webhook(outbox, status, receipt, bettered):
    webhook = replace(add(outbox, "w"), status=status)
    outbox.put(webhook)
    outbox.open(webhook, 0, extra=True)
    outbox.close("w", 1, receipt)
    assert outbox.get("w").status == (bettered or status)


@pytest.mark.parametrize("receipts", [[DELIVERED], [CAPTURED], [FAILED] * 6])
def test_too_many_are_trimmed_oldest_done_first(small, receipts):
    send(small, "waits")
    for number in range(5):
        send(small, f"w{number}", *receipts)
    assert [each.id for each in small] == ["waits", "w3", "w4"]
    assert (small.total, len(small), small.get("w0")) == (6, 3, None)


def test_what_is_not_done_with_is_never_trimmed(small):
    for number in range(5):
        send(small, f"w{number}")
    held = replace(small.get("w0"), status="held")
    small.put(held)
    small.trim()
    assert len(small) == 5
    for number in range(1, 5):
        small.open(small.get(f"w{number}"), 0)
        small.close(f"w{number}", 1, CAPTURED)
    small.trim()
    assert [each.id for each in small] == ["w0", "w3", "w4"]


def test_the_oldest_goes_first_whichever_was_done_with_first(small):
    for number in range(4):
        send(small, f"w{number}")
    for number in (2, 1, 3):
        small.open(small.get(f"w{number}"), 0)
        small.close(f"w{number}", 1, DELIVERED)
    small.trim()
    assert [each.id for each in small] == ["w0", "w2", "w3"]


def test_what_is_being_sent_once_more_is_not_trimmed_before_its_receipt(small):
    for number in range(3):
        send(small, f"w{number}", DELIVERED)
    small.open(small.get("w0"), 0, extra=True)
    add(small, "w3")
    small.trim()
    assert [each.id for each in small] == ["w0", "w2", "w3"]
    assert [each.webhook for each in small.take(0, 0)] == ["w0"]
    small.close("w0", 2, FAILED)
    add(small, "w4")
    small.trim()
    assert [each.id for each in small] == ["w2", "w3", "w4"]


def test_what_is_taken_back_leaves_the_outbox_as_it_was(small, undo):
    for number in range(4):
        send(small, f"w{number}", FAILED)
    small.hold(small.get("w0"))
    small.hold(small.get("w1"))
    undo.commit()
    before = whole(small)
    small.hold(small.get("w2"))
    small.release("a")
    small.hold(small.get("w3"))
    add(small, "new")
    small.open(small.get("new"), 0)
    small.close("w1", 1, DELIVERED)
    small.open(small.get("w1"), 0, extra=True)
    undo.roll_back()
    assert whole(small) == before
    assert small.release("a") == ["w0", "w1"]


def test_the_first_to_be_kept_back_is_forgotten_when_taken_back(outbox, undo):
    before = whole(outbox)
    outbox.hold(add(outbox, "w"))
    assert outbox.dump()["held"] == {"a": ["w"]}
    undo.roll_back()
    assert whole(outbox) == before
    assert (outbox.release("a"), outbox.release("a")) == ([], [])


def test_a_dump_is_the_same_to_the_byte_after_a_release_was_taken_back(outbox, undo):
    for resource in "ab":
        outbox.hold(replace(add(outbox, f"w{resource}"), resource=resource))
    undo.commit()
    before = json.dumps(outbox.dump())
    outbox.release("a")
    undo.roll_back()
    assert json.dumps(outbox.dump()) == before


def test_a_trim_does_not_change_by_what_was_taken_back(small, undo):
    for number in range(3):
        send(small, f"w{number}", DELIVERED)
    undo.commit()
    small.open(small.get("w0"), 0, extra=True)
    undo.roll_back()
    send(small, "w3", DELIVERED)
    assert [each.id for each in small] == ["w1", "w2", "w3"]


def test_a_dump_is_no_part_of_the_outbox(outbox):
    outbox.hold(add(outbox, "w0"))
    before = outbox.dump()
    outbox.hold(add(outbox, "w1"))
    assert before["held"] == {"a": ["w0"]}


def test_a_loaded_outbox_sends_again_what_was_under_way_in_the_order_it_left(outbox):
    for number in range(3):
        add(outbox, f"w{number}")
    for place in (2, 0):
        outbox.open(outbox.get(f"w{place}"), 0)
    outbox.take(0, 0)
    outbox.open(outbox.get("w1"), 0)
    outbox.open(outbox.get("w0"), 0, extra=True)
    outbox.close("w2", 1, FAILED)
    outbox.open(outbox.get("w2"), 1)
    copy = Outbox(UndoLog())
    copy.load(outbox.dump())
    assert copy.dump() == outbox.dump()
    sent = [(each.webhook, each.attempt) for each in copy.take(0, 0)]
    assert sent == [("w0", 1), ("w1", 1), ("w0", 2), ("w2", 2)]
    assert [each.order for each in copy.open(copy.get("w1"), 2).attempts] == [3, 6]
