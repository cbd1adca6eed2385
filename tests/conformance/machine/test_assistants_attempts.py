"""Histories of calls and texts that come to all kinds of ends: attempts, retries and their instants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

PROVIDER = "telnyx_assistants"
PATH = "/ai/assistants/assistant_id/scheduled_events"
CALL_ENDS = ("completed", "busy", "no-answer", "failed", "canceled")
CALLS = st.lists(st.sampled_from((*CALL_ENDS, "stuck")), min_size=1, max_size=4)
TEXTS = st.lists(st.sampled_from(("delivered", "delivery_failed", "sending_failed", "expired")), min_size=1, max_size=2)
LEADS = st.sampled_from((1, 60, 3_600, 86_400)).map(lambda seconds: timedelta(seconds=seconds))
RETRIES = st.none() | st.tuples(st.integers(1, 3), st.sampled_from((60, 600, 86_400)))
PICK = st.integers(0, 10**6)


@dataclass
class Event:
    """What the ledger knows of an event; `scripts` are (dispatches before it, outcomes)."""

    id: str
    sent: dict[str, Any]
    scripts: list[tuple[int, list[str]]] = field(default_factory=list)

    @property
    def is_call(self) -> bool:
        return bool(self.sent["telnyx_conversation_channel"] == "phone_call")

    @property
    def budget(self) -> int:
        return int(self.sent.get("max_retries_client_errors", 0))

    @property
    def is_stuck(self) -> bool:
        ends = self.ends()
        return self.is_call and len(ends) <= self.budget and ends[-1:] != ["completed"]

    def outcome(self, dispatch: int) -> str:
        """Return what a dispatch meets, counted from 0; the newest script that was there decides."""
        for before, outcomes in reversed(self.scripts):
            if before <= dispatch:
                return outcomes[min(dispatch - before, len(outcomes) - 1)]
        return "completed" if self.is_call else "delivered"

    def ends(self) -> list[str]:
        """Return how every attempt of a call ends, until one is completed, stuck, or the last."""
        ends: list[str] = []
        for dispatch in range(self.budget + 1):
            if (outcome := self.outcome(dispatch)) == "stuck":
                break
            ends.append(outcome)
            if outcome == "completed":
                break
        return ends


class Histories(RuleBasedStateMachine):
    def __init__(self, visiting: Callable[[], Any], instant: Any, written: Any) -> None:
        super().__init__()
        self.visit, self.instant, self.written = visiting(), instant, written
        self.ledger: dict[str, Event] = {}

    def call(self, method: str, event: str = "", **more: Any) -> httpx2.Response:
        return self.visit.call(PROVIDER, method, PATH + event, **more)

    def chosen(self, pick: int) -> Event:
        return list(self.ledger.values())[pick % len(self.ledger)]

    def enter(self, lead: timedelta, more: dict[str, Any], outcomes: list[str] | None) -> None:
        sent = {
            "telnyx_end_user_target": "+13125550001",
            "telnyx_agent_target": "+13125550002",
            "scheduled_at_fixed_datetime": self.written(self.visit.now() + lead),
            **more,
        }
        response = self.call("POST", json=sent)
        assert response.status_code == 201, response.text
        event = Event(response.json()["scheduled_event_id"], sent)
        self.ledger[event.id] = event
        if outcomes is not None:
            self.scripted(event, outcomes)

    def scripted(self, event: Event, outcomes: list[str]) -> None:
        self.visit.control.outcomes.script(*outcomes, resource=event.id)
        event.scripts.append((self.visit.dispatches(event.id), outcomes))

    @initialize(lead=LEADS, retries=RETRIES, outcomes=CALLS)
    def begin(self, lead: timedelta, retries: Any, outcomes: list[str]) -> None:
        self.schedule_a_call(lead, retries, outcomes)

    @rule(lead=LEADS, retries=RETRIES, outcomes=st.none() | CALLS)
    def schedule_a_call(self, lead: timedelta, retries: Any, outcomes: list[str] | None) -> None:
        budget = {"max_retries_client_errors": retries[0], "retry_interval_secs": retries[1]} if retries else {}
        self.enter(lead, {"telnyx_conversation_channel": "phone_call"} | budget, outcomes)

    @rule(lead=LEADS, outcomes=st.none() | TEXTS)
    def schedule_a_text(self, lead: timedelta, outcomes: list[str] | None) -> None:
        self.enter(lead, {"telnyx_conversation_channel": "sms_chat", "text": "Hello"}, outcomes)

    @precondition(lambda self: self.ledger)
    @rule(pick=PICK, calls=CALLS, texts=TEXTS)
    def script(self, pick: int, calls: list[str], texts: list[str]) -> None:
        event = self.chosen(pick)
        self.scripted(event, calls if event.is_call else texts)

    @rule(span=st.sampled_from(("0s", "1s", "2s", "59s", "10m", "1h", "24h", "next", "idle")))
    def advance(self, span: str) -> None:
        self.visit.advance(span)

    @precondition(lambda self: self.ledger)
    @rule(pick=PICK, seconds=st.sampled_from((0, 1)))
    def approach(self, pick: int, seconds: int) -> None:
        """Go to the very instant of an event, or just before."""
        event = self.chosen(pick)
        if self.visit.reach(self.scheduled(event.sent) - timedelta(seconds=seconds)):
            assert self.shown(event)["status"] == ("pending" if seconds else "in_progress")

    @precondition(lambda self: self.ledger)
    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        """What is left of a deleted event's attempts does not happen."""
        event = self.chosen(pick)
        assert self.call("DELETE", f"/{event.id}").status_code == 204
        del self.ledger[event.id]

    @invariant()
    def events_are_as_expected(self) -> None:
        self.visit.now()
        for event in self.ledger.values():
            shown = self.shown(event)
            if event.is_call:
                self.check_attempts(event, shown)
            elif shown["status"] in ("completed", "failed"):
                assert shown["status"] == ("completed" if event.outcome(0) == "delivered" else "failed")
            assert bool(shown.get("errors")) == (shown["status"] == "failed")

    def shown(self, event: Event) -> dict[str, Any]:
        response = self.call("GET", f"/{event.id}")
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown

    def scheduled(self, shown: dict[str, Any]) -> datetime:
        moment: datetime = self.instant(shown["scheduled_at_fixed_datetime"])
        return moment

    def check_attempts(self, event: Event, shown: dict[str, Any]) -> None:
        attempts, ends = shown.get("call_attempts", []), event.ends()
        made = [attempt["call_status"] for attempt in attempts]
        assert made == ends[: len(made)]
        assert [attempt["attempt_number"] for attempt in attempts] == list(range(1, len(made) + 1))
        if shown["status"] in ("completed", "failed"):
            assert made == ends
            assert shown["call_status"] == ends[-1]
            assert shown["status"] == ("completed" if ends[-1] == "completed" else "failed")
        self.check_instants(event, shown, [self.instant(attempt["attempted_at"]) for attempt in attempts])

    def check_instants(self, event: Event, shown: dict[str, Any], started: list[datetime]) -> None:
        """The first attempt is at the event's time, each other an interval after the end of the one before."""
        moves = self.visit.transitions(event.id)
        ended = [move.at for move in moves if move.kind == "call" and move.to in CALL_ENDS]
        assert len(ended) == len(started)
        interval = timedelta(seconds=event.sent.get("retry_interval_secs", 0))
        due = [self.scheduled(event.sent), *(at + interval for at in ended)]
        assert started == due[: len(started)]
        assert self.scheduled(shown) == due[shown["retry_count"]]
        if shown["status"] == "pending":
            assert shown["retry_count"] == len(started)

    def teardown(self) -> None:
        try:
            self.visit.advance("idle")
            self.events_are_as_expected()
            for event in self.ledger.values():
                wanted = ("in_progress",) if event.is_stuck else ("completed", "failed")
                assert self.shown(event)["status"] in wanted
            self.visit.check_lifecycles()
        finally:
            self.visit.close()


@pytest.mark.timeout(3600)
def test_attempts_keep_to_the_ledger(visiting: Any, play: Any, instant: Any, written: Any) -> None:
    visit = visiting(PROVIDER, clock=True)
    play(partial(Histories, visit, instant, written), histories=25, steps=20)
