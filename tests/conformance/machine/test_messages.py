"""Histories of messages against a ledger: scheduling, sending, cancelling, replays, and the way to every end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

PROVIDER = "telnyx_messages"
OUTCOMES = ("delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired", "stuck")
LEADS = st.sampled_from((300, 301, 3_600, 86_400, 432_000)).map(lambda seconds: timedelta(seconds=seconds))
OFFSETS = st.sampled_from((0, 5.5, -8))
PICK = st.integers(0, 10**6)
KEPT, TOO_LATE = timedelta(hours=24), timedelta(seconds=60)
NOBODY = "00000000-0000-4000-8000-000000000000"
REFUSED = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text("utf-8"))[PROVIDER]


@dataclass
class Message:
    """What the ledger knows of a message; `answer` is what it was created with, `key` its Idempotency-Key."""

    id: str
    sent: dict[str, Any]
    path: str
    created: datetime
    due: datetime
    answer: dict[str, Any]
    outcome: str = "delivered"
    cancelled: bool = False


class Histories(RuleBasedStateMachine):
    def __init__(self, visiting: Callable[[], Any], instant: Any, written: Any) -> None:
        super().__init__()
        self.visit, self.instant, self.written = visiting(), instant, written
        self.ledger: dict[str, Message] = {}
        self.keys: dict[str, Message] = {}

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.visit.call(PROVIDER, method, f"/messages{path}", **more)

    def good(self, text: str = "Hello, World!") -> dict[str, Any]:
        return {"from": "+18445550001", "to": "+18665550001", "text": text}

    def later(self, lead: timedelta, hours: float = 0) -> str:
        # Without a clock to turn, nothing may come due while the history is played.
        lead = lead if self.visit.control else timedelta(days=3)
        return self.written((self.visit.now() + lead).replace(microsecond=0), hours)

    def chosen(self, pick: int) -> Message:
        return list(self.ledger.values())[pick % len(self.ledger)]

    def enter(self, path: str, sent: dict[str, Any], headers: dict[str, str]) -> Message:
        now, response = self.visit.now(), self.call("POST", path, json=sent, headers=headers)
        assert response.status_code == 200, f"{sent}: {response.text}"
        shown = response.json()["data"]
        due = self.instant(sent["send_at"]) if "send_at" in sent else now
        assert shown["id"] not in self.ledger
        self.ledger[shown["id"]] = message = Message(shown["id"], sent, path, now, due, response.json())
        self.check_shown(message, shown)
        return message

    @initialize(lead=st.none() | LEADS, outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=3))
    def begin(self, lead: timedelta | None, outcomes: list[str]) -> None:
        self.send(lead, "first")
        for outcome in outcomes:
            self.schedule(timedelta(hours=1), 0, "Hello")
            if self.visit.control:
                self.script(len(self.ledger) - 1, outcome)

    @rule(lead=LEADS, hours=OFFSETS, text=st.text(min_size=1, max_size=300))
    def schedule(self, lead: timedelta, hours: float, text: str) -> None:
        self.enter("/schedule", self.good(text) | {"send_at": self.later(lead, hours)}, {})

    @rule(lead=st.none() | LEADS, key=st.none() | st.sampled_from(("first", "second")))
    def send(self, lead: timedelta | None, key: str | None) -> None:
        sent = self.good()
        if lead is not None or not self.visit.control:
            sent["send_at"] = self.later(lead or timedelta(0))
        if key is None:
            self.enter("", sent, {})
        elif self.remembers(key):
            self.repeat(key, same=lead is None, nearly=False)
        else:
            self.keys[key] = self.enter("", sent, self.keyed(key))

    def keyed(self, key: str) -> dict[str, str]:
        return {"Idempotency-Key": f"{self.visit.name}-{key}"}

    def remembers(self, key: str) -> bool:
        return key in self.keys and self.visit.now() - self.keys[key].created < KEPT

    @precondition(lambda self: self.keys)
    @rule(pick=PICK, same=st.booleans(), nearly=st.booleans())
    def repeat_a_key(self, pick: int, same: bool, nearly: bool) -> None:
        self.repeat(list(self.keys)[pick % len(self.keys)], same=same, nearly=nearly)

    def repeat(self, key: str, *, same: bool, nearly: bool) -> None:
        """Use a key again, `nearly` when its day is over: it stands for its first request, and nothing changes."""
        message = self.keys[key]
        if nearly and self.visit.control:
            self.visit.reach(message.created + KEPT - timedelta(seconds=1))
        if not self.remembers(key):
            return
        before, _ = self.everything()
        sent = message.sent if same else message.sent | {"text": "Another"}
        response = self.call("POST", "", json=sent, headers=self.keyed(key))
        assert response.json() == message.answer if same else response.status_code == 422, response.text
        assert self.everything()[0] == before

    def everything(self) -> tuple[dict[str, Any], int | None]:
        shown = {message.id: self.call("GET", f"/{message.id}").json() for message in self.ledger.values()}
        return shown, self.visit.head()

    @rule(case=st.sampled_from(sorted(REFUSED)), path=st.sampled_from(("", "/schedule")))
    def be_refused(self, case: str, path: str) -> None:
        sent = self.good() | {"send_at": self.later(timedelta(days=1))} | REFUSED[case]["change"]
        self.refused(REFUSED[case]["status"], path, json={name: sent[name] for name in sent if sent[name] is not None})

    @rule(form=st.sampled_from(("no token", "no body", "no JSON", "no JSON type", "no key", "no time")))
    def be_refused_for_the_form(self, form: str) -> None:
        status, path, more = {
            "no token": (401, "", {"token": False, "json": self.good()}),
            "no body": (400, "/schedule", {"content": b""}),
            "no JSON": (400, "", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
            "no JSON type": (415, "", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
            "no key": (400, "", {"json": self.good(), "headers": {"Idempotency-Key": "two words"}}),
            "no time": (400, "/schedule", {"json": self.good()}),
        }[form]
        self.refused(status, path, **more)

    def refused(self, status: int, path: str, **more: Any) -> None:
        before = self.everything()
        response = self.call("POST", path, **more)
        assert response.status_code == status if self.visit.control else response.is_client_error, response.text
        assert all(error["code"] and error["title"] for error in response.json()["errors"])
        assert self.everything() == before

    @precondition(lambda self: self.ledger)
    @rule(pick=PICK)
    def retrieve(self, pick: int) -> None:
        self.look_at(self.chosen(pick))

    @precondition(lambda self: self.ledger)
    @rule(pick=PICK, ahead=st.none() | st.sampled_from((61, 60, 0)))
    def cancel(self, pick: int, ahead: int | None) -> None:
        message = self.chosen(pick)
        if ahead is not None and self.visit.control:
            self.visit.reach(message.due - timedelta(seconds=ahead))
        far = message.due - self.visit.now() > TOO_LATE
        if not far and self.too_old(message):
            return
        before, response = self.everything(), self.call("DELETE", f"/{message.id}")
        if far and not message.cancelled:
            assert response.status_code == 200, response.text
            message.cancelled = True
            self.check_shown(message, response.json())
        else:
            assert response.status_code == 403, response.text
            assert self.everything() == before

    @precondition(lambda self: self.ledger and self.visit.control)
    @rule(pick=PICK, outcome=st.sampled_from(OUTCOMES))
    def script(self, pick: int, outcome: str) -> None:
        message = self.chosen(pick)
        self.visit.control.outcomes.script(outcome, resource=message.id)
        if self.visit.now() < message.due:
            message.outcome = outcome

    @precondition(lambda self: self.visit.control)
    @rule(span=st.sampled_from(("0s", "1s", "2s", "59s", "1h", "24h", "next", "idle")))
    def advance(self, span: str) -> None:
        self.visit.advance(span)

    @invariant()
    def time_goes_on(self) -> None:
        self.visit.now()

    def too_old(self, message: Message) -> bool:
        return self.visit.control is not None and self.visit.now() - message.created > timedelta(days=10)

    def look_at(self, message: Message) -> None:
        response = self.call("GET", f"/{message.id}")
        if self.too_old(message):
            assert response.status_code == 404
        else:
            assert response.status_code == 200, response.text
            self.check_shown(message, response.json()["data"])

    def check_shown(self, message: Message, shown: dict[str, Any]) -> None:
        assert shown["id"] == message.id
        assert shown["text"] == message.sent["text"]
        assert shown.get("send_at") == message.sent.get("send_at")
        assert (shown["from"]["phone_number"], shown["direction"]) == (message.sent["from"], "outbound")
        (receiver,) = shown["to"]
        assert receiver["phone_number"] == message.sent["to"]
        assert 1 <= shown["parts"] <= 10
        if self.visit.control:
            assert self.instant(shown["received_at"]) == message.created
            times = {status: at for status, at in self.expected(message) if at <= self.visit.now()}
            assert receiver["status"] == [*times][-1].replace("scheduled", "queued")
            self.check_times(shown, times)

    def check_times(self, shown: dict[str, Any], times: dict[str, datetime]) -> None:
        sent_at, completed_at = shown["sent_at"], shown["completed_at"]
        assert sent_at is None if "sent" not in times else self.instant(sent_at) == times["sent"]
        ends = [times[status] for status in ("delivered", "delivery_failed", "delivery_unconfirmed") if status in times]
        assert not ends or self.instant(completed_at) == ends[0]
        failed = times.keys() & {"delivery_failed", "sending_failed", "expired"}
        assert bool(shown["errors"]) == bool(failed)

    def expected(self, message: Message) -> list[tuple[str, datetime]]:
        """Return the statuses that a message goes through, and when."""
        walk = [("scheduled", message.created)] if message.created < message.due else []
        if message.cancelled:
            return [*walk, ("cancelled", message.created)]
        transitions = self.visit.rules[PROVIDER]["lifecycles"]["message"]["status"]["transitions"]
        walk.append(("queued", message.due))
        for cause, seconds in self.visit.rules[PROVIDER]["tables"]["stories"][message.outcome]:
            after = self.visit.seconds(f"{PROVIDER}.{seconds}")
            walk.append((transitions[walk[-1][0]][cause], message.due + after))
        return walk

    def teardown(self) -> None:
        try:
            for key in self.keys:
                self.repeat(key, same=True, nearly=True)
            if self.visit.control:
                self.visit.advance("idle")
            assert self.call("GET", f"/{NOBODY}").status_code == 404
            assert self.call("DELETE", f"/{NOBODY}").status_code == 404
            for message in self.ledger.values():
                self.look_at(message)
            if self.visit.control:
                assert self.visit.resources().keys() == self.ledger.keys()
            self.visit.check_lifecycles()
        finally:
            self.leave()

    def leave(self) -> None:
        if self.visit.control is None:
            for message in self.ledger.values():
                self.call("DELETE", f"/{message.id}")
        self.visit.close()


@pytest.mark.timeout(3600)
def test_messages_keep_to_the_ledger(visiting: Any, play: Any, instant: Any, written: Any) -> None:
    play(partial(Histories, visiting(PROVIDER), instant, written), histories=30, steps=20)
