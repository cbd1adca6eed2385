"""Histories of TemPhone's calls against a ledger; the vendor has no reading, so that is done on the control plane."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
import yaml
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contratempo.client import ControlError

PROVIDER = "temphone"
ENDS = {"completed": "completed", "busy": "failed", "no-answer": "failed", "failed": "failed", "canceled": "canceled"}
LEADS = st.sampled_from((1, 60, 3_600, 86_400)).map(lambda seconds: timedelta(seconds=seconds))
ZONES = st.sampled_from((None, "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata"))
PICK = st.integers(0, 10**6)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "campaign_id": st.text(max_size=5),
        "max_duration_seconds": st.sampled_from((1, 30, 900)),
        "caller_id": st.just("+1-415-555-0199"),
        "recording_enabled": st.booleans(),
        "webhook_url": st.just("https://webhooks.example/calls"),
        "metadata": st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=2),
    },
)
REFUSED = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text("utf-8"))[PROVIDER]


@dataclass
class Call:
    """What the ledger knows of a call: when it is due, what it meets, and the status in which it was cancelled."""

    id: str
    sent: dict[str, Any]
    answer: dict[str, Any]
    due: datetime
    outcome: str = "completed"
    cancelled: bool = False


class Histories(RuleBasedStateMachine):
    def __init__(self, visiting: Callable[[], Any], instant: Any, written: Any) -> None:
        super().__init__()
        self.visit, self.instant, self.written = visiting(), instant, written
        self.ledger: dict[str, Call] = {}

    def post(self, **more: Any) -> httpx2.Response:
        return self.visit.call(PROVIDER, "POST", "/calls/scheduled", **more)

    def good(self, lead: timedelta = timedelta(days=1)) -> dict[str, Any]:
        lead = lead if self.visit.control else lead + timedelta(days=365)
        moment = (self.visit.now() + lead).replace(microsecond=0)
        return {"contact_id": "ctc_12kd88", "scheduled_at": self.written(moment), "initial_message": "Hi {{name}}"}

    def chosen(self, pick: int) -> Call:
        return list(self.ledger.values())[pick % len(self.ledger)]

    @initialize(outcomes=st.lists(st.sampled_from((*ENDS, "stuck")), min_size=1, max_size=3), options=OPTIONS)
    def begin(self, outcomes: list[str], options: dict[str, Any]) -> None:
        for outcome in outcomes:
            self.schedule(timedelta(hours=1), None, False, options)
            if self.visit.control:
                self.script(len(self.ledger) - 1, outcome)

    @rule(lead=LEADS, zone=ZONES, naive=st.booleans(), options=OPTIONS)
    def schedule(self, lead: timedelta, zone: str | None, naive: bool, options: dict[str, Any]) -> None:
        sent = self.good(lead) | options | ({} if zone is None else {"timezone": zone})
        due = self.instant(sent["scheduled_at"])
        if naive and zone is not None:
            sent["scheduled_at"] = due.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
        response = self.post(json=sent)
        assert response.status_code == 200, f"{sent}: {response.text}"
        envelope = response.json()
        assert (envelope["status"], envelope["data"]["status"]) == ("success", "scheduled")
        call = Call(envelope["data"]["call_id"], sent, envelope["data"], due)
        assert call.id not in self.ledger
        assert call.answer["created_at"] == call.answer["updated_at"]
        self.ledger[call.id] = call
        self.check_echo(call, call.answer)

    @rule(case=st.sampled_from(sorted(REFUSED)))
    def be_refused(self, case: str) -> None:
        sent, said = self.good() | REFUSED[case]["change"], REFUSED[case]
        self.refused(said["status"], said["says"], json={name: sent[name] for name in sent if sent[name] is not None})

    @rule(form=st.sampled_from(("no token", "no body", "no JSON")))
    def be_refused_for_the_form(self, form: str) -> None:
        status, message, more = {
            "no token": (401, "Unauthorized.", {"token": False, "json": self.good()}),
            "no body": (400, "", {"content": b""}),
            "no JSON": (400, "", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        }[form]
        self.refused(status, message, **more)

    def refused(self, status: int, message: str, **more: Any) -> None:
        before = self.everything()
        response = self.post(**more)
        body = response.json()
        assert response.status_code == status, body
        assert (body["status"], body["data"]) == ("error", None)
        assert body["message"].startswith(message)
        assert self.everything() == before

    def everything(self) -> Any:
        return (self.visit.resources(), self.visit.head()) if self.visit.control else None

    @precondition(lambda self: self.ledger and self.visit.control)
    @rule(pick=PICK, outcome=st.sampled_from((*ENDS, "stuck")))
    def script(self, pick: int, outcome: str) -> None:
        call = self.chosen(pick)
        if not self.visit.dispatches(call.id):
            call.outcome = outcome
        self.visit.control.outcomes.script(outcome, resource=call.id)

    @precondition(lambda self: self.ledger and self.visit.control)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        call = self.chosen(pick)
        before = self.everything()
        if before[0][call.id][0] in ("completed", "failed", "canceled"):
            with pytest.raises(ControlError):
                self.visit.control.resources.cancel(call.id)
            assert self.everything() == before
        else:
            assert self.visit.control.resources.cancel(call.id).status == "canceled"
            call.cancelled = True

    @precondition(lambda self: self.visit.control)
    @rule(span=st.sampled_from(("0s", "1s", "9s", "59s", "1h", "24h", "next", "idle")))
    def advance(self, span: str) -> None:
        self.visit.advance(span)

    @invariant()
    def all_are_as_expected(self) -> None:
        self.visit.now()
        if self.visit.control and self.ledger:
            self.read_them_back()

    def read_them_back(self) -> None:
        shown = self.visit.resources()
        assert shown.keys() == self.ledger.keys()
        for call in self.ledger.values():
            status, record = shown[call.id]
            self.check_echo(call, record)
            assert record == call.answer | {"status": status, "updated_at": record["updated_at"]}
            self.check_moves(call, status)

    def check_echo(self, call: Call, shown: dict[str, Any]) -> None:
        defaults = {"max_duration_seconds": 900, "recording_enabled": True, "timezone": "America/Los_Angeles"}
        expected = defaults | call.sent
        if self.instant(expected["scheduled_at"]).tzinfo is None:
            expected["scheduled_at"] = self.written(call.due)
        assert shown.items() >= expected.items(), f"{expected} was sent, {shown} is shown"

    def check_moves(self, call: Call, status: str) -> None:
        moves = {(move.kind, move.cause): move.at for move in self.visit.transitions(call.id)}
        dispatched, answered = moves.get(("status", "dispatch")), moves.get(("call", "answer"))
        if call.cancelled:
            assert status == "canceled"
        elif self.visit.now() < call.due:
            assert status == "scheduled"
        else:
            assert status in ("in_progress", ENDS.get(call.outcome))
        assert dispatched in (None, call.due)
        if answered and ("call", "completed") in moves:
            assert moves["call", "completed"] - answered <= timedelta(seconds=call.answer["max_duration_seconds"])

    def teardown(self) -> None:
        try:
            if self.visit.control:
                self.read_them_back()
                self.visit.advance("idle")
                self.all_is_over()
            self.visit.check_lifecycles()
        finally:
            self.visit.close()

    def all_is_over(self) -> None:
        shown = self.visit.resources()
        for call in self.ledger.values():
            wanted = "canceled" if call.cancelled else ENDS.get(call.outcome, "in_progress")
            assert shown[call.id][0] == wanted, call


@pytest.mark.timeout(3600)
def test_calls_keep_to_the_ledger(visiting: Any, play: Any, instant: Any, written: Any) -> None:
    play(partial(Histories, visiting(PROVIDER), instant, written), histories=30, steps=20)
