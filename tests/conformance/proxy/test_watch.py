"""What is known of a customer, and when it is not used: at the same time, after a rewind, in the moment of a change."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from contratempo.conformance.book import open_book
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.proxy.clock import Reading
from contratempo.conformance.proxy.watch import Watch
from contratempo.conformance.rules import RULES
from contratempo.conformance.visit import read_exchange

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
ID = "40385f64-5717-4562-b3fc-2c963f66afa6"
ME = ("Bearer K", "")


class Seen:
    """A watch whose stopwatch stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.book = open_book("telnyx_messages", "effective")
        rules = [each for each in RULES.values() if "telnyx_messages" in each.providers and not each.need]
        self.watch = Watch(self.book, rules, lambda: self.seconds)

    def exchange(self, method: str, path: str, status: int, answer: bytes, body: bytes = b"") -> Exchange:
        json = {"content-type": "application/json"}
        return read_exchange(
            self.book, method=method, path=path, query="", headers=json if body else {}, sent_bytes=body,
            status=status, answer_headers=json, content=answer, elapsed=0.0, now=None, wall=NOON, url="http://d/v2",
        )  # fmt: skip

    def create(self) -> Exchange:
        sent = b'{"from":"+18445550001","to":"+18665550001","text":"Hello"}'
        return self.exchange("POST", "/messages", 200, b'{"data":{"id":"%s"}}' % ID.encode(), sent)

    def lost(self) -> Exchange:
        return self.exchange("GET", f"/messages/{ID}", 404, b'{"errors":[{"code":"10005","title":"Not found"}]}')

    def judged(self, x: Exchange, reading: Reading | None = None) -> set[str]:
        with self.watch.flight(ME, "K", reading) as flight:
            return {each.rule.id for each in self.watch.judge(flight, x)}


LOST = {"messages.retrieve.found"}


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_what_was_created_is_missed(seen: Seen) -> None:
    seen.judged(seen.create())
    seen.seconds += 3
    assert seen.judged(seen.lost()) == LOST


def test_after_a_change_a_deployment_may_take_a_moment(seen: Seen) -> None:
    settling = {each.id for each in RULES.values() if each.settles}
    assert settling >= LOST
    seen.judged(seen.create())
    seen.seconds += 1
    assert seen.judged(seen.lost()) == set()


def test_of_what_goes_on_at_the_same_time_nothing_is_held_against_the_other(seen: Seen) -> None:
    with seen.watch.flight(ME, "K", None) as reading, seen.watch.flight(ME, "K", None) as creating:
        seen.watch.judge(creating, seen.create())
        seen.seconds += 3
        assert seen.watch.judge(reading, seen.lost()) == []
    assert seen.judged(seen.lost()) == LOST, "but the create is known from then on"


def test_others_do_not_cross(seen: Seen) -> None:
    seen.judged(seen.create())
    seen.seconds += 3
    with seen.watch.flight(("Bearer other", ""), "other", None), seen.watch.flight(ME, "K", None) as mine:
        assert {each.rule.id for each in seen.watch.judge(mine, seen.lost())} == LOST


def test_what_another_token_has_removed_is_not_missed(seen: Seen) -> None:
    seen.judged(seen.create())
    for identifier, lost in (("3f0c4d3a-8d3e-4d7d-8a5b-1c11aa22bb33", LOST), (ID, set())):
        with seen.watch.flight(("Bearer other", ""), "other", None) as other:
            seen.watch.judge(other, seen.exchange("DELETE", f"/messages/{identifier}", 200, b"{}"))
        seen.seconds += 3
        assert seen.judged(seen.lost()) == lost


@pytest.mark.parametrize(("head", "minute", "known"), [(5, 0, True), (9, 5, True), (4, 0, False), (9, -1, False)])
def test_a_world_that_went_back_is_another(head: int, minute: int, known: bool, seen: Seen) -> None:
    seen.judged(seen.create(), Reading(NOON, 5))
    seen.seconds += 3
    later = Reading(NOON.replace(hour=12 if minute >= 0 else 11, minute=minute % 60), head)
    assert seen.judged(seen.lost(), later) == (LOST if known else set())


def test_memory_is_bounded(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contratempo.conformance.proxy.watch._EXCHANGES", 10)
    monkeypatch.setattr("contratempo.conformance.proxy.watch._CUSTOMERS", 3)
    for number in range(25):
        seen.judged(seen.create())
        with seen.watch.flight((str(number), ""), "", None):
            pass
    kept: Any = seen.watch._customers
    assert len(kept) <= 3
    assert all(len(each.ledger.history) <= 10 for each in kept.values())


def test_large_bodies_are_not_kept_for_long(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contratempo.conformance.proxy.watch._BYTES", 1_000)
    make: Callable[[], Exchange] = seen.create
    for _ in range(100):
        seen.judged(make())
    assert all(len(each.ledger.history) < 20 for each in seen.watch._customers.values())
