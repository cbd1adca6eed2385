"""The suite's requests made fit: what it sends reaches only what is allowed, and what the contract refuses stays so."""

import json
from datetime import timedelta
from typing import Any

import pytest

from contratempo.conformance.book import open_book
from contratempo.conformance.guard.adapt import Adaptation
from contratempo.conformance.intent import intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.probes import PLANS
from contratempo.conformance.rule import LEVELS
from contratempo.conformance.tally import Tally
from contratempo.conformance.visit import Visit, read_exchange
from contratempo.conformance.vocabulary import VOCABULARIES

PROVIDERS = ["telnyx_assistants", "telnyx_messages", "temphone"]


class Way:
    """A wire into a guard, as the suite sees it."""

    origin = "https://deployment.example"

    def __init__(self, here: Any) -> None:
        from contratempo.conformance.door import Asked, Refused
        from contratempo.conformance.guard.proxy import _refusal

        self.here, self.asked, self.refused, self.refusal = here, Asked, Refused, _refusal

    def send(self, method: str, target: str, headers: Any, body: bytes) -> Any:
        try:
            return self.here.guard.answer(self.asked(method, target, tuple(headers.items()), body))
        except self.refused as refused:
            return self.refusal(refused)

    def close(self) -> None:
        """Nothing is open."""


def visit_of(here: Any, level: Any, now: Any) -> Visit:
    book = open_book(here.provider, "effective")
    ledger = Ledger(book, VOCABULARIES[here.provider], real=True)
    token = here.guard.gate.token
    visit = Visit(Way(here), here.base, token, book, ledger, Tally(()), lambda: now, lambda _: None, level=level)
    visit.adapt = Adaptation(here.permit, book, lambda: now, "run")
    return visit


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("level", LEVELS)
def test_most_of_the_plan_can_be_sent(provider: str, level: Any, post: Any, now: Any) -> None:
    here = post(provider, level)
    visit = visit_of(here, level, now)
    for probe in PLANS[provider]:
        if LEVELS.index(probe.level) <= LEVELS.index(level) and not probe.needs:
            probe.run(visit)
    kept_back = sum(visit.withheld.values())
    assert visit.requests == len(here.upstream.seen)
    assert kept_back <= visit.requests // 3 + 3, visit.withheld.most_common()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_the_contract_refuses_stays_so(provider: str, post: Any, now: Any) -> None:
    here = post(provider)
    visit = visit_of(here, "full", now)
    adapt, pairs = visit.adapt, []
    visit.adapt = lambda *call: pairs.append((call, adapt(*call))) or pairs[-1][1]  # type: ignore[func-returns-value, misc]
    for probe in PLANS[provider]:
        if not probe.needs:
            probe.run(visit)
    book, ledger = visit.book, Ledger(visit.book, VOCABULARIES[provider], real=True)

    def asks(method: str, path: str, body: bytes, headers: Any) -> str:
        seen = {"method": method, "path": path, "query": "", "content": b"", "wall": now}
        return intent(read_exchange(book, headers=headers, sent_bytes=body, **seen), ledger)

    judged = [(asks(*call), asks(call[0], path, body, call[3])) for call, (path, body) in pairs]
    assert judged.count(("invalid", "invalid")) >= 40
    assert {after for before, after in judged if before == "invalid"} == {"invalid"}


def test_a_value_of_the_wrong_type_is_left_alone(post: Any, now: Any) -> None:
    here = post()
    adapt = Adaptation(here.permit, open_book(here.provider, "effective"), lambda: now, "run")
    sent = here.good(telnyx_end_user_target=13125550001, telnyx_agent_target="+13125550002")
    path, body = adapt("POST", "/ai/assistants/x/scheduled_events", json.dumps(sent).encode(), {})
    assert path == here.place
    assert json.loads(body)["telnyx_end_user_target"] == 13125550001
    assert json.loads(body)["telnyx_agent_target"] == "+13125550198"


def test_an_instant_moves_beyond_the_lead_and_keeps_its_spelling(post: Any, now: Any) -> None:
    here = post()
    adapt = Adaptation(here.permit, open_book(here.provider, "effective"), lambda: now, "run")
    spelt = (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.5+00:00")
    sent = here.good(scheduled_at_fixed_datetime=spelt)
    body = json.loads(adapt("POST", here.place, json.dumps(sent).encode(), {"content-type": "application/json"})[1])
    assert body["scheduled_at_fixed_datetime"] == "2030-03-18" + spelt[10:]
    assert body["conversation_metadata"] == {"contratempo": "run-1"}


def test_what_the_guard_keeps_back_is_no_finding(post: Any, now: Any) -> None:
    here = post(max_requests=0)
    visit = visit_of(here, "full", now)
    judged: list[Any] = []
    visit.tally.judge = lambda seen, ledger: judged.append(seen) or {}  # type: ignore[func-returns-value, method-assign]
    x = visit.send("POST", here.place, json=here.good())
    assert x.status == 429
    assert (judged, visit.ledger.history, visit.requests) == ([], [], 0)
    assert list(visit.withheld) == ["requests: all 0 are spent (--max-requests)"]
