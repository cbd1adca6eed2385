"""Every rule of the guard: a request that it keeps back, and which gets through when the rule is taken away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from contratempo.conformance.guard import gate, harm
from contratempo.conformance.guard.gate import Gate
from contratempo.conformance.guard.pace import Pace

EVENTS = "/ai/assistants/mine/scheduled_events"


def nothing(*_: Any) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Case:
    """A rule: the word it refuses with, where it lives, what it is without, and the request: method, path, changes."""

    word: str
    owner: Any
    name: str
    without: Any
    method: str = "POST"
    path: str = ""
    body: Any = None
    changes: Any = None
    provider: str = "telnyx_assistants"
    level: str = "full"
    limits: Any = None
    more: Any = None


def write(word: str, owner: Any, name: str, without: Any, **changes: Any) -> Case:
    return Case(word, owner, name, without, changes=changes)


def message(word: str, owner: Any, name: str, without: Any, **changes: Any) -> Case:
    return Case(word, owner, name, without, changes=changes, provider="telnyx_messages")


FINE: Callable[..., str] = lambda *_: ""  # noqa: E731
WRITTEN: Callable[..., gate.Passage] = lambda _, __, seen, ___: gate.Passage("read", seen)  # noqa: E731
READ: Callable[..., gate.Passage] = lambda _, __, seen: gate.Passage("read", seen)  # noqa: E731
CASES = {
    "a target that is not allowed": write("targets", harm, "_whom", nothing, telnyx_end_user_target="+13125550001"),
    "a target by its digits": write("targets", harm, "_whom", nothing, telnyx_end_user_target=13125550001),
    "a target in a list": write("targets", harm, "_whom", nothing, telnyx_end_user_target=["+13125550001"]),
    "a sender": write("senders", harm, "_whom", nothing, telnyx_agent_target="+13125550001"),
    "a profile": message(
        "senders", harm, "_whom", nothing, messaging_profile_id="4000eba1-a0c0-4563-9925-b25e842a7cb6"
    ),
    "a member in capitals": message("members", harm, "_others", nothing, TO="+13125550001"),
    "an address that is somebody's": message(
        "addresses", harm, "_addresses", nothing, webhook_url="https://telnyx.com/x"
    ),
    "media that are somebody's": message("addresses", harm, "_addresses", nothing, media_urls=["http://10.0.0.1/x"]),
    "too soon": write("lead", harm, "_when", FINE, scheduled_at_fixed_datetime="2030-03-16T08:00:00Z"),
    "past": write("lead", harm, "_when", FINE, scheduled_at_fixed_datetime="2030-03-15T08:00:00Z"),
    "soon by an offset": write("lead", harm, "_when", FINE, scheduled_at_fixed_datetime="2030-03-16T20:00:00+14:00"),
    "soon where the sun rises first": write(
        "lead", harm, "_when", FINE, scheduled_at_fixed_datetime="2030-03-16T22:00:00"
    ),
    "soon to a sloppy reader": write("lead", harm, "_when", FINE, scheduled_at_fixed_datetime="2030-03-15 9:30"),
    "soon as a number": write("lead", harm, "_when", FINE, scheduled_at_fixed_datetime=1_899_800_000),
    "at once": message("lead", harm, "_when", FINE, send_at=None),
    "a body that is no JSON": Case("body", harm, "_mute", lambda _: True, body=b'{"to": "+13125550001"} {}'),
    "a body in a list": Case("body", harm, "_mute", lambda _: True, body=[{"telnyx_end_user_target": "+13125550001"}]),
    "an assistant": Case("assistants", Gate, "_assistant", nothing, path="/ai/assistants/other/scheduled_events"),
    "a reader's assistant": Case(
        "assistants", Gate, "_assistant", nothing, "GET", "/ai/assistants/other/scheduled_events"
    ),
    "no token": Case("credentials", Gate, "_signed_in", nothing, more={"token": None}),
    "another token": Case("credentials", Gate, "_signed_in", nothing, more={"token": "x"}),
    "another scheme": Case("credentials", Gate, "_signed_in", nothing, more={"authorization": "Basic x"}),
    "another method": Case("method", Gate, "_writing", WRITTEN, "PUT"),
    "a read that is none of the path's": Case(
        "method", gate, "_READS", ("GET", "HEAD", "OPTIONS"), "OPTIONS", "/conform-nowhere"
    ),
    "another's record": Case(
        "removal", Gate, "_removing", lambda _, seen, __: gate.Passage("read", seen), "DELETE", EVENTS + "/e9"
    ),
    "two readings of a path": Case("target", Gate, "_in_place", nothing, "GET", "/conform/../x"),
    "dots behind percent signs": Case("target", Gate, "_in_place", nothing, "GET", "/conform/%252e%252E/x"),
    "a slash behind percent signs": Case("target", Gate, "_in_place", nothing, "GET", "/conform%2fx"),
    "a header of another's": Case("headers", Gate, "_well_formed", nothing, more={"x_http_method_override": "PUT"}),
    "a body encoded": Case("headers", Gate, "_well_formed", nothing, more={"content_encoding": "gzip"}),
    "a body that comes with a read": Case("body", Gate, "_reading", READ, "GET", EVENTS, b"{}"),
    "a path that is not in the document": Case("path", Gate, "_reading", READ, "GET", "/numbers"),
    "what may be accepted": Case("level", gate, "intent", lambda *_: "invalid", level="reject"),
    "a write of a reader": Case("level", Gate, "_writing", WRITTEN, "PUT", "/conform-nowhere", level="read"),
}


def asked(case: Case, post: Any) -> tuple[Any, str]:
    here = post(case.provider, case.level, **(case.limits or {}))
    body = case.body if case.body is not None else here.good(**(case.changes or {}))
    sent = None if case.method in ("GET", "DELETE", "OPTIONS", "PUT") and case.body is None else body
    reason = here.reason(case.method, case.path or here.place, sent, **(case.more or {}))
    return here, reason


@pytest.mark.parametrize("name", CASES)
def test_a_rule_keeps_back_what_it_should(name: str, post: Any) -> None:
    here, reason = asked(CASES[name], post)
    assert reason.split(":")[0] == CASES[name].word, reason
    assert here.upstream.seen == []


@pytest.mark.parametrize("name", CASES)
def test_without_the_rule_it_gets_through(name: str, post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CASES[name].owner, CASES[name].name, CASES[name].without)
    here, reason = asked(CASES[name], post)
    assert reason == ""
    assert len(here.upstream.seen) == 1


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages", "temphone"])
def test_what_is_allowed_gets_through(provider: str, post: Any) -> None:
    here = post(provider)
    assert here.reason("POST", here.place, here.good()) == ""
    assert here.reason("GET", "/conform-nowhere", token=None) == ""


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages", "temphone"])
def test_without_lists_only_what_reaches_nobody_is_written(provider: str, post: Any) -> None:
    here = post(provider, "reject", targets=(), senders=(), assistants=())
    assert here.reason("POST", here.place, {}) == ""
    assert here.reason("POST", here.place, here.good(scheduled_at_fixed_datetime=None, send_at=1, scheduled_at=None))
    assert len(here.upstream.seen) == 1


def test_what_was_created_here_may_be_removed(post: Any) -> None:
    here = post("telnyx_messages")
    here.ask("POST", here.place, here.good())
    assert here.reason("DELETE", "/messages/m1") == ""
    assert here.reason("DELETE", "/messages/m2").startswith("removal")


def test_requests_have_a_budget(post: Any) -> None:
    here = post(max_requests=3)
    reasons = [here.reason("GET", EVENTS) for _ in range(6)]
    assert reasons[:3] == ["", "", ""]
    assert all(reason.startswith("requests") for reason in reasons[3:])
    assert len(here.upstream.seen) == 3


def test_creates_have_a_budget(post: Any) -> None:
    here = post(max_creates=2)
    reasons = [here.reason("POST", EVENTS, here.good()) for _ in range(5)]
    assert all(reason.startswith("creates") for reason in reasons[2:])
    assert len(here.upstream.seen) == 2


def test_what_is_refused_spends_no_create_but_what_is_accepted_does(post: Any) -> None:
    here = post(level="reject", max_creates=2)
    for _ in range(5):
        here.reason("POST", EVENTS, here.good(telnyx_conversation_channel="fax"))
    assert len(here.upstream.seen) == 2  # the upstream accepts everything


def test_requests_keep_to_the_pace(post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = post(rate=2)
    for _ in range(5):
        here.ask("GET", EVENTS)
    assert here.upstream.at == [0, 0.5, 1, 1.5, 2]
    monkeypatch.setattr(Pace, "wait", nothing)
    here.ask("GET", EVENTS)
    assert here.upstream.at[-1] == 2
