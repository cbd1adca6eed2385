"""Histories of scheduled events against a ledger: echoes, lists, pages, filters, deletions, repeats, refusals."""

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

PROVIDER = "telnyx_assistants"
REFUSED = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text("utf-8"))[PROVIDER]
KEPT = timedelta(hours=24)
LEADS = st.sampled_from((1, 60, 600, 3_600, 86_400)).map(lambda seconds: timedelta(seconds=seconds))
OFFSETS = st.sampled_from((0, 5.5, -8))
PICK = st.integers(0, 10**6)
KEYS = st.none() | st.sampled_from(("first", "second"))
SHORT = st.text(max_size=5)
EXTRAS = st.fixed_dictionaries(
    {},
    optional={
        "conversation_metadata": st.dictionaries(SHORT, SHORT | st.integers() | st.booleans()),
        "dynamic_variables": st.dictionaries(SHORT, SHORT, max_size=2),
        # A number that is always busy, so that the event's time is rewritten.
        "telnyx_end_user_target": st.just("+13125550120"),
    },
)
RETRIES = {"max_retries_client_errors": 2, "retry_interval_secs": 600}


@dataclass(frozen=True)
class Event:
    """What the ledger knows of an event; `answer` is what it was created with."""

    id: str
    assistant: str
    sent: dict[str, Any]
    created: datetime
    answer: dict[str, Any]


class Histories(RuleBasedStateMachine):
    def __init__(self, visiting: Callable[[], Any], instant: Any, written: Any) -> None:
        super().__init__()
        self.visit, self.instant, self.written = visiting(), instant, written
        self.ledger: dict[str, Event] = {}
        self.keys: dict[tuple[str, str], Event] = {}
        self.assistants = [f"{self.visit.name}-a", f"{self.visit.name}-b"]

    def call(self, method: str, assistant: str, event: str = "", **more: Any) -> httpx2.Response:
        return self.visit.call(PROVIDER, method, f"/ai/assistants/{assistant}/scheduled_events{event}", **more)

    def page(self, assistant: str, **params: Any) -> dict[str, Any]:
        response = self.call("GET", assistant, params=params)
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page

    def listed(self, assistant: str, **filters: Any) -> list[dict[str, Any]]:
        page = self.page(assistant, **{"page[size]": 100}, **filters)
        assert page["meta"]["total_results"] == len(page["data"])
        return list(page["data"])

    def everything(self) -> Any:
        return [self.listed(assistant) for assistant in self.assistants], self.visit.head()

    def chosen(self, pick: int) -> Event:
        return list(self.ledger.values())[pick % len(self.ledger)]

    def scheduled(self, shown: dict[str, Any]) -> datetime:
        moment: datetime = self.instant(shown["scheduled_at_fixed_datetime"])
        return moment

    def good(self, lead: timedelta = timedelta(days=1), hours: float = 0) -> dict[str, Any]:
        # Without a clock to turn, nothing may come due while the history is played.
        lead = lead if self.visit.control else lead + timedelta(days=365)
        return {
            "telnyx_conversation_channel": "phone_call",
            "telnyx_end_user_target": "+13125550001",
            "telnyx_agent_target": "+13125550002",
            "scheduled_at_fixed_datetime": self.written((self.visit.now() + lead).replace(microsecond=0), hours),
        }

    def enter(self, assistant: str, sent: dict[str, Any], headers: dict[str, str]) -> Event:
        response = self.call("POST", assistant, json=sent, headers=headers)
        assert response.status_code == 201, f"{sent}: {response.text}"
        shown = response.json()
        event = Event(shown["scheduled_event_id"], assistant, sent, self.visit.now(), shown)
        assert event.id not in self.ledger
        assert shown["status"] == "pending"
        self.ledger[event.id] = event
        self.check_echo(shown)
        return event

    @initialize(lead=LEADS, leads=st.lists(LEADS, min_size=1, max_size=7))
    def begin(self, lead: timedelta, leads: list[timedelta]) -> None:
        self.schedule_a_call(0, lead, 0, {}, "first")
        self.schedule_many(0, leads)

    @rule(assistant=st.integers(0, 1), lead=LEADS, hours=OFFSETS, extras=EXTRAS, key=KEYS)
    def schedule_a_call(self, assistant: int, lead: timedelta, hours: float, extras: Any, key: str | None) -> None:
        name, sent = self.assistants[assistant], self.good(lead, hours) | RETRIES | extras
        if key is None:
            self.enter(name, sent, {})
        elif self.remembers(name, key):
            self.repeat(name, key, same=not extras, nearly=False)
        else:
            self.keys[name, key] = self.enter(name, sent, self.keyed(key))

    @rule(assistant=st.integers(0, 1), leads=st.lists(LEADS, min_size=2, max_size=7))
    def schedule_many(self, assistant: int, leads: list[timedelta]) -> None:
        for lead in leads:
            self.enter(self.assistants[assistant], self.good(lead), {})

    @rule(assistant=st.integers(0, 1), lead=LEADS, hours=OFFSETS, extras=EXTRAS, text=st.text(min_size=1, max_size=9))
    def schedule_a_text(self, assistant: int, lead: timedelta, hours: float, extras: Any, text: str) -> None:
        sent = self.good(lead, hours) | extras | {"telnyx_conversation_channel": "sms_chat", "text": text}
        self.enter(self.assistants[assistant], sent, {})

    @rule(case=st.sampled_from(sorted(REFUSED)))
    def be_refused(self, case: str) -> None:
        sent = self.good() | REFUSED[case]["change"]
        self.refused(REFUSED[case]["status"], json={name: sent[name] for name in sent if sent[name] is not None})

    @rule(form=st.sampled_from(("no token", "no body", "no JSON", "no JSON type", "no key")))
    def be_refused_for_the_form(self, form: str) -> None:
        status, more = {
            "no token": (401, {"token": False, "json": self.good()}),
            "no body": (422, {"content": b""}),
            "no JSON": (422, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
            "no JSON type": (422, {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
            "no key": (400, {"json": self.good(), "headers": {"Idempotency-Key": "two words"}}),
        }[form]
        self.refused(status, **more)

    def refused(self, status: int, **more: Any) -> None:
        before = self.everything()
        response = self.call("POST", self.assistants[0], **more)
        wanted = {status} if self.visit.control else {400, 401, 403, 409, 415, 422}
        assert response.status_code in wanted, response.text
        assert self.everything() == before

    def keyed(self, key: str) -> dict[str, str]:
        return {"Idempotency-Key": f"{self.visit.name}-{key}"}

    def remembers(self, assistant: str, key: str) -> bool:
        """Say whether a key of an assistant's was used within a day."""
        return (assistant, key) in self.keys and self.visit.now() - self.keys[assistant, key].created < KEPT

    @precondition(lambda self: self.keys)
    @rule(pick=PICK, same=st.booleans(), nearly=st.booleans())
    def repeat_a_key(self, pick: int, same: bool, nearly: bool) -> None:
        self.repeat(*list(self.keys)[pick % len(self.keys)], same=same, nearly=nearly)

    def repeat(self, assistant: str, key: str, *, same: bool, nearly: bool) -> None:
        """Use a key again, `nearly` when its day is over: it stands for its first request, and nothing changes.

        When its event was deleted the same request makes a new one.
        """
        event = self.keys[assistant, key]
        if nearly and self.visit.control:
            self.visit.reach(event.created + KEPT - timedelta(seconds=1))
        sent = event.sent if same else event.sent | {"telnyx_end_user_target": "+13125550003"}
        if event.id in self.ledger and self.remembers(assistant, key):
            before, _ = self.everything()
            response = self.call("POST", assistant, json=sent, headers=self.keyed(key))
            assert response.json() == event.answer if same else response.status_code == 422, response.text
            assert self.everything()[0] == before
        elif same and self.visit.now() < self.scheduled(event.sent):
            self.keys[assistant, key] = self.enter(assistant, sent, self.keyed(key))

    @rule(assistant=st.integers(0, 1), size=st.integers(1, 4))
    def walk_the_pages(self, assistant: int, size: int) -> None:
        name = self.assistants[assistant]
        whole, again = self.listed(name), self.listed(name)
        assert whole == again
        assert {shown["scheduled_event_id"] for shown in whole} == {
            event.id for event in self.ledger.values() if event.assistant == name
        }
        age = list(self.ledger).index
        in_order = sorted(whole, key=lambda shown: (self.scheduled(shown), age(shown["scheduled_event_id"])))
        assert whole == in_order or self.visit.control is None
        total = -(-len(whole) // size)
        pages = [self.page(name, **{"page[size]": size, "page[number]": number + 1}) for number in range(total + 1)]
        for number, page in enumerate(pages):
            assert page["meta"] == {
                "total_pages": total, "total_results": len(whole), "page_number": number + 1, "page_size": size,
            }  # fmt: skip
            assert page["data"] == whole[number * size : (number + 1) * size]

    @precondition(lambda self: self.ledger)
    @rule(
        near=st.tuples(PICK, PICK), bounds=st.tuples(st.booleans(), st.booleans()), hours=OFFSETS,
        shifts=st.tuples(*[st.sampled_from((-1, 0, 1))] * 2), channel=st.sampled_from((None, "phone_call", "sms_chat")),
    )  # fmt: skip
    def filter_the_list(self, near: Any, bounds: Any, hours: float, shifts: Any, channel: str | None) -> None:
        whole = {name: self.listed(name) for name in self.assistants}
        instants = [self.scheduled(shown) for listed in whole.values() for shown in listed]
        low, high = (
            instants[pick % len(instants)] + timedelta(seconds=shift) if asked else None
            for pick, shift, asked in zip(near, shifts, bounds, strict=True)
        )
        filters = {"from_date": low and self.written(low, hours), "to_date": high and self.written(high, hours)}
        sent = {name: value for name, value in (filters | {"conversation_channel": channel}).items() if value}
        for name, listed in whole.items():
            assert self.listed(name, **sent) == [
                shown
                for shown in listed
                if (low is None or low <= self.scheduled(shown))
                and (high is None or self.scheduled(shown) <= high)
                and channel in (None, shown["telnyx_conversation_channel"])
            ]

    @precondition(lambda self: self.ledger)
    @rule(pick=PICK, delete=st.booleans())
    def look_for_it(self, pick: int, delete: bool) -> None:
        """An event is found under its own assistant until it is deleted, and nowhere else."""
        event = self.chosen(pick)
        other = next(name for name in self.assistants if name != event.assistant)
        assert self.call("GET", other, f"/{event.id}").status_code == 404
        assert self.call("DELETE", other, f"/{event.id}").status_code == 404
        response = self.call("GET", event.assistant, f"/{event.id}")
        self.check_echo(response.json())
        assert response.json() in self.listed(event.assistant)
        if delete:
            assert self.call("DELETE", event.assistant, f"/{event.id}").status_code == 204
            del self.ledger[event.id]
            assert self.call("GET", event.assistant, f"/{event.id}").status_code == 404
            assert self.call("DELETE", event.assistant, f"/{event.id}").status_code == 404

    @precondition(lambda self: self.visit.control)
    @rule(span=st.sampled_from(("0s", "1s", "59s", "10m", "1h", "24h", "next", "idle")))
    def advance(self, span: str) -> None:
        self.visit.advance(span)

    @invariant()
    def time_goes_on(self) -> None:
        self.visit.now()

    def check_echo(self, shown: dict[str, Any]) -> None:
        event = self.ledger[shown["scheduled_event_id"]]
        expected = event.sent | {"assistant_id": event.assistant, "created_at": event.answer["created_at"]}
        if shown["retry_count"]:
            del expected["scheduled_at_fixed_datetime"]
        assert shown.items() >= expected.items(), f"{expected} was sent, {shown} is shown"

    def teardown(self) -> None:
        try:
            for assistant, key in self.keys:
                self.repeat(assistant, key, same=True, nearly=True)
            for event in self.ledger.values():
                self.check_echo(self.call("GET", event.assistant, f"/{event.id}").json())
            if self.visit.control:
                assert self.visit.resources().keys() == self.ledger.keys()
            self.visit.check_lifecycles()
        finally:
            self.leave()

    def leave(self) -> None:
        if self.visit.control is None:
            for event in self.ledger.values():
                self.call("DELETE", event.assistant, f"/{event.id}")
        self.visit.close()


@pytest.mark.timeout(3600)
def test_lists_keep_to_the_ledger(visiting: Any, play: Any, instant: Any, written: Any) -> None:
    play(partial(Histories, visiting(PROVIDER), instant, written), histories=25, steps=20)


@pytest.mark.timeout(3600)
def test_lists_keep_to_the_ledger_where_no_clock_can_be_turned(
    visiting: Any, play: Any, instant: Any, written: Any
) -> None:
    play(partial(Histories, visiting(PROVIDER, blind=True), instant, written), histories=4, steps=15)
