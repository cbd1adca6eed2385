"""Deliveries against an oracle of plain dicts: each attempt handed out once, in order, no more often than allowed."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.instants import SECOND

ENDS = ("delivered", "captured", "failed", "dropped")
EMITS = st.fixed_dictionaries(
    {
        "resource": st.sampled_from("ab"),
        "last": st.booleans(),
        "attempts": st.integers(1, 3),
        "urls": st.sampled_from([("http://one.test",), ("http://one.test", "http://two.test"), ()]),
    }
)
PLACES = st.fixed_dictionaries({"place": st.integers(0, 9)})
STEPS = st.one_of(
    st.tuples(st.just("emit"), EMITS),
    st.tuples(
        st.just("fault"),
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["drop", "delay", "reorder", "duplicate", "bad_signature"]),
                "times": st.sampled_from([1, 2, None]),
            }
        ),
    ),
    st.tuples(st.sampled_from(["take", "take", "lift_all", "reset"]), st.just({})),
    st.tuples(st.just("again"), PLACES),
    st.tuples(
        st.just("receipt"),
        st.fixed_dictionaries({"place": st.integers(0, 9), "state": st.sampled_from(ENDS[:3])}),
    ),
    st.tuples(st.just("advance"), st.fixed_dictionaries({"seconds": st.sampled_from([0.5, 1, 2, 5])})),
)


class Oracle:
    """What webhooks do, said once more and as plainly as can be; instants in seconds from the start."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rows: dict[str, dict[str, Any]] = {}
        self.faults: list[dict[str, Any]] = []
        self.due: list[tuple[float, str]] = []
        self.out: list[tuple[Any, ...]] = []

    def emit(self, identifier: str, resource: str, last: bool, attempts: int, urls: tuple[str, ...]) -> None:
        fault = self.strikes(last)
        turns = [(url, tally) for url in urls for tally in range(1, attempts + 1)]
        row = {"resource": resource, "turns": turns, "tries": 0, "made": 0, "open": {}, "fault": fault}
        self.rows[identifier] = row | {"status": "pending", "behind": fault == "reorder"}
        if fault in ("reorder", "delay"):
            self.rows[identifier]["status"] = "held"
        if fault == "delay":
            self.due.append((self.now + 2, identifier))
        elif fault == "drop":
            self.rows[identifier]["status"] = "dropped"
        elif fault != "reorder":
            self.attempt(identifier)
        if fault == "duplicate":
            self.attempt(identifier, extra=True)
        if fault != "reorder":
            self.let_follow(resource)

    def strikes(self, last: bool) -> str | None:
        for fault in reversed(self.faults):
            if fault["times"] != 0 and not (last and fault["kind"] == "reorder"):
                fault["times"] = fault["times"] and fault["times"] - 1
                return str(fault["kind"])
        return None

    def let_follow(self, resource: str) -> None:
        for identifier, row in self.rows.items():
            if row["resource"] == resource and row["behind"]:
                row["behind"] = False
                self.go_on(identifier)

    def go_on(self, identifier: str) -> None:
        if self.rows[identifier]["status"] in ("pending", "held"):
            self.attempt(identifier)

    def attempt(self, identifier: str, *, extra: bool = False) -> None:
        row = self.rows[identifier]
        url, tally = row["turns"][max(row["tries"] - 1, 0) if extra else row["tries"]]
        if not extra:
            row["tries"] += 1
            row["status"] = "pending"
        row["made"] += 1
        row["open"][row["made"]] = (extra, tally, self.now)
        spoilt = row["fault"] == "bad_signature" and not extra
        self.out.append((identifier, row["made"], url, tally, self.now, spoilt))

    def receipt(self, identifier: str, number: int, state: str) -> bool:
        row = self.rows.get(identifier)
        if row is None or number not in row["open"]:
            return False
        extra, tally, at = row["open"].pop(number)
        if state != "failed":
            row["status"] = "delivered" if "delivered" in (state, row["status"]) else "captured"
            self.due = [(due, other) for due, other in self.due if other != identifier]
        elif not extra and row["status"] == "pending" and row["tries"] == len(row["turns"]):
            row["status"] = "failed"
        elif not extra and row["status"] == "pending":
            self.due.append((max(self.now, at + 2 ** (tally - 1)), identifier))
        self.advance(0)
        return True

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while self.due and min(self.due, key=lambda entry: entry[0])[0] <= until:
            entry = min(self.due, key=lambda entry: entry[0])  # of equals the first, which is the earliest planned
            self.due.remove(entry)
            self.now = max(self.now, entry[0])
            self.go_on(entry[1])
        self.now = until


class Pair:
    """A world and its oracle, which live through the same steps."""

    def __init__(self, simulation: Any, call: Callable[..., Any], receive: Callable[..., bool]) -> None:
        self.simulation, self.call, self.receive_in = simulation, call, receive
        self.oracle, self.start = Oracle(), simulation.now
        self.taken: list[Any] = []
        self.handed: set[tuple[int, str, int]] = set()

    def emit(self, **request: Any) -> None:
        identifier = self.call(self.simulation, "emit", **request)
        assert (identifier is None) is (not request["urls"])
        if identifier is not None:
            self.oracle.emit(identifier, **request)

    def fault(self, kind: str, times: int | None) -> None:
        self.call(self.simulation, "fault", kind=kind, times=times, **({"seconds": 2} if kind == "delay" else {}))
        self.oracle.faults.append({"kind": kind, "times": times})

    def lift_all(self) -> None:
        self.call(self.simulation, "lift_all")
        self.oracle.faults.clear()

    def again(self, place: int) -> None:
        self.call(self.simulation, "again", place=place)
        if rows := list(self.oracle.rows):
            self.oracle.attempt(rows[place % len(rows)], extra=True)

    def take(self) -> None:
        fresh = self.simulation.deliveries()
        shown = [(e.webhook, e.attempt, e.url, e.tally, (e.at - self.start) / SECOND, e.spoilt) for e in fresh]
        assert shown == self.oracle.out
        once = {(each.epoch, each.webhook, each.attempt) for each in fresh}
        assert len(once) == len(fresh)
        assert not once & self.handed
        self.oracle.out, self.taken, self.handed = [], self.taken + fresh, self.handed | once

    def receipt(self, place: int, state: str) -> None:
        """Answer any attempt that was ever handed out, so an old one too."""
        if self.taken:
            delivery = self.taken[place % len(self.taken)]
            lives = delivery.epoch == self.simulation.epoch
            expected = lives and self.oracle.receipt(delivery.webhook, delivery.attempt, state)
            assert self.receive_in(self.simulation, delivery, state) is expected

    def advance(self, seconds: float) -> None:
        self.simulation.apply({"kind": "run", "until": self.simulation.now + round(seconds * SECOND)})
        self.oracle.advance(seconds)

    def reset(self) -> None:
        self.simulation.apply({"kind": "reset"})
        self.oracle = Oracle()

    def agree(self) -> None:
        rows = list(self.simulation.outbox)
        assert [each.status for each in rows] == [row["status"] for row in self.oracle.rows.values()]
        assert (self.simulation.now - self.start) / SECOND == self.oracle.now
        for webhook in rows:
            check(webhook)
        for resource in "ab":
            untouched = [each for each in rows if each.resource == resource and each.fault is None]
            firsts = [each.attempts[0].order for each in untouched]
            assert firsts == sorted(firsts)


def check(webhook: Any) -> None:
    regular = [(each.url, each.tally) for each in webhook.attempts if not each.extra]
    assert [each.number for each in webhook.attempts] == list(range(1, len(webhook.attempts) + 1))
    assert len(set(regular)) == len(regular) <= len(webhook.urls) * webhook.policy.attempts
    assert all(tally <= webhook.policy.attempts for _, tally in regular)


@given(st.lists(STEPS, min_size=8, max_size=40))
def test_webhooks_do_what_the_oracle_says(world, call, receive, steps):
    pair = Pair(world(), call, receive)
    for step, request in [*steps, ("take", {})]:
        getattr(pair, step)(**request)
        pair.agree()
