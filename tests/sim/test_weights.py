"""What snapshots weigh: what their world has no longer, so that memory is bounded and history is long."""

import pytest

from contratempo.sim import history, idempotency, journal, outbox, records, shelves, snapshot
from contratempo.sim.history import Place
from contratempo.sim.rewinding import Rebuild, fork, rewind_to

LIMITS = (
    (history, "HISTORY_BYTES_KEPT"), (history, "SNAPSHOT_BYTES_KEPT"), (history, "SPACING"), (records, "OPEN_KEPT"),
    (journal, "TRANSITIONS_KEPT"), (outbox, "OUTBOX_KEPT"), (idempotency, "KEYS_KEPT"), (shelves, "SHELF"),
)  # fmt: skip


@pytest.fixture
def little(monkeypatch):
    """A world's limits, each some five hundredth of what it is."""
    for module, name in LIMITS:
        monkeypatch.setattr(module, name, getattr(module, name) // 500 or 1)


def weight(simulation, before):
    return snapshot.take(simulation).weight_after(before)


def test_history_stays_long_and_within_its_limit_whatever_has_happened(little, world, call, run):
    simulation, limit = world(), history.HISTORY_BYTES_KEPT
    for _ in range(2_500):
        call(simulation, "set", after=5, times=2)
        run(simulation, 1)
        kept = simulation.history
        assert kept.weight <= limit
        assert not kept.first or kept.weight > limit / 4
    assert kept.first > 1_000
    assert kept.snapshot_weight <= history.SNAPSHOT_BYTES_KEPT


def test_a_snapshot_weighs_nothing_but_its_pointers_while_its_world_has_all_that_it_has(world, call):
    simulation = world()
    for number in range(50):
        call(simulation, "set", after=500, to=str(number))
    assert weight(simulation, None) == 50 * 2 * 8


def test_what_comes_and_goes_between_two_snapshots_is_in_neither(world, call):
    simulation = world()
    for _ in range(5):
        call(simulation, "set", after=500)
    before = snapshot.take(simulation)
    for _ in range(300):
        call(simulation, "set", after=1)
        call(simulation, "remove")
    assert simulation.churned.replaced > 30_000
    assert weight(simulation, before) < 5_000


def test_what_was_changed_is_in_the_snapshot_before(world, call, run):
    simulation = world()
    for _ in range(100):
        call(simulation, "set", after=500)
    before = snapshot.take(simulation)
    run(simulation, 500)
    assert 100 * 300 < weight(simulation, before) < 100 * 700


def test_a_snapshot_has_no_more_than_there_was(world, call):
    simulation = world()
    call(simulation, "set", after=500)
    before = snapshot.take(simulation)
    for _ in range(100):
        call(simulation, "tune", tone="dong")
    assert weight(simulation, before) < 2_000


def test_what_was_on_a_branch_that_was_left_is_in_its_snapshots(world, call):
    simulation = world()
    for _ in range(50):
        call(simulation, "set", after=500)
    before = snapshot.take(simulation)
    rewind_to(simulation, Place(simulation.head - 40))
    assert 10_000 < weight(simulation, before) < 20_000
    forked = fork(simulation, Rebuild(simulation, Place(simulation.head)).finished(), simulation.origin)
    call(forked, "set", after=500)
    assert 10_000 < weight(forked, before) < 20_000


def test_the_oldest_snapshot_weighs_what_comes_after_where_history_begins(little, world, call, run):
    simulation = world()
    while not simulation.history.first:
        call(simulation, "set", after=5)
        run(simulation, 1)
    kept = simulation.history
    first = next(iter(kept.snapshots.values()))
    assert first.weight_after(kept.base) > first.weight_after(None)
    assert kept.snapshot_weight >= first.weight_after(kept.base)


def test_what_a_world_keeps_so_many_of_goes_on_in_its_snapshots(world, call, receive, monkeypatch):
    monkeypatch.setattr(journal, "TRANSITIONS_KEPT", 10)
    monkeypatch.setattr(outbox, "OUTBOX_KEPT", 10)
    monkeypatch.setattr(idempotency, "KEYS_KEPT", 10)
    simulation = world()

    def live(numbers):
        for number in numbers:
            call(simulation, "set", after=500, to=str(number))
            call(simulation, "emit", resource=str(number))
            receive(simulation, simulation.deliveries()[0], "delivered")

    live(range(10))
    before, pointers = snapshot.take(simulation), weight(simulation, None)
    assert (pointers, weight(simulation, before)) == (3 * 10 * 8, pointers)
    live(range(10, 14))
    assert 4 * (130 + 1_200 + 300) < weight(simulation, before) - pointers < 4 * (130 + 1_200 + 300) + 10 * 300
    live(range(14, 40))
    assert 10 * (130 + 1_200 + 300) < weight(simulation, before) - pointers < 10 * (130 + 1_200 + 300 + 700)


def test_webhooks_that_wait_are_in_a_snapshot_as_they_were(world, call):
    simulation = world()
    for _ in range(10):
        call(simulation, "emit")
    before = snapshot.take(simulation)
    assert weight(simulation, before) - weight(simulation, None) == 10 * 400
