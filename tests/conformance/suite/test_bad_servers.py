"""Servers that are none, or stop being one: the run ends, says why, and counts what it had done until then."""

import json
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest

from contratempo.conformance import Target, Verdict, conform
from contratempo.conformance.run import NeedsPermission
from contratempo.conformance.wire import Answer, AsgiWire, Unreachable

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def agreeable(scope: Any, receive: Any, send: Send) -> None:
    """Answer whatever comes with the same success."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b'{"data": []}'})


async def alive_and_no_more(scope: Any, receive: Any, send: Send) -> None:
    """Say so, and nothing that a control plane would say."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps({"status": "alive"}).encode()})


async def busy(scope: Any, receive: Any, send: Send) -> None:
    """Have no time for anybody."""
    await send({"type": "http.response.start", "status": 429, "headers": [(b"retry-after", b"60")]})
    await send({"type": "http.response.body", "body": b""})


class Failing(AsgiWire):
    """A way to a server that is no more, or breaks off whatever it says, after so many requests."""

    def __init__(self, *given: Any, last: int, then: Any) -> None:
        super().__init__(*given)
        self.left, self.then = last, then

    def send(self, *request: Any) -> Answer:
        self.left -= 1
        return super().send(*request) if self.left >= 0 else self.then()


def gone() -> Answer:
    raise Unreachable("http://testserver: nobody is there")


def cut_off() -> Answer:
    return Answer(0, {}, b"ReadError: the connection was reset")


def failing(references: ModuleType, monkeypatch: pytest.MonkeyPatch, then: Any) -> Verdict:
    server = references.reference("temphone")
    wire = Failing(server, lambda: 0.0, last=60, then=then)
    monkeypatch.setattr(Target, "wire", lambda _: wire)
    return conform(Target(app=server, token=references.KEY), provider="temphone", quick=True)


def test_what_was_done_before_the_server_went_counts(references: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = failing(references, monkeypatch, gone)
    assert (verdict.exit_code, verdict.error) == (5, "http://testserver: nobody is there")
    assert 40 < verdict.requests <= 60
    assert "may be left behind: http://testserver: nobody is there" in verdict.notes[0]


def test_one_that_breaks_off_breaks_the_rule_that_says_so(
    references: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = failing(references, monkeypatch, cut_off)
    assert [name for name, each in verdict.rules.items() if each.state == "fail"] == ["answers.no-server-error"]
    first = verdict.rules["answers.no-server-error"].first
    assert first
    assert first.message == "no answer came: ReadError: the connection was reset"
    assert verdict.exit_code == 1


class Interrupted(AsgiWire):
    """A way on which somebody presses Ctrl-C when the nth world has been made, before that is told."""

    def __init__(self, *given: Any, nth: int) -> None:
        super().__init__(*given)
        self.nth = nth

    def send(self, method: str, target: str, *rest: Any) -> Answer:
        answer = super().send(method, target, *rest)
        self.nth -= (method, target) == ("POST", "/_mock/worlds")
        if self.nth == 0:
            self.nth = -1
            raise KeyboardInterrupt
        return answer


@pytest.mark.parametrize("nth", [1, 2])
def test_a_world_whose_making_was_interrupted_is_deleted(
    nth: int, references: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = references.reference("temphone")
    wire = Interrupted(server, lambda: 0.0, nth=nth)
    monkeypatch.setattr(Target, "wire", lambda _: wire)
    with pytest.raises(KeyboardInterrupt):
        conform(Target(app=server, token=references.KEY), provider="temphone", quick=True)
    assert wire.nth == -1
    assert list(server.worlds) == ["default"]


def test_one_that_agrees_to_everything_has_no_control_plane() -> None:
    verdict = conform(Target(app=agreeable, token="K"), provider="telnyx_assistants", quick=True)
    assert {each.state for each in verdict.rules.values() if each.rule.need} == {"not_testable"}
    assert verdict.rules["access.token-needed"].state == "fail"


def test_one_that_only_says_that_it_is_alive_is_no_control_plane() -> None:
    verdict = conform(Target(app=alive_and_no_more, token="K"), provider="telnyx_assistants", quick=True)
    assert verdict.exit_code == 5
    assert "what answered POST /_mock/worlds is no control plane: it told no id" in verdict.error


@pytest.mark.parametrize(("path", "hint"), [("/v1", "beside /v2, in which the URL does not end"), ("/v2", "plane, so")])
def test_a_url_that_ends_elsewhere_is_told_from_one_without_a_control_plane(path: str, hint: str) -> None:
    target = Target(f"http://127.0.0.1:1{path}", "K", app=agreeable)
    with pytest.raises(NeedsPermission, match=hint):
        conform(target, provider="telnyx_messages", allow_writes=False)


def test_a_control_plane_that_is_named_and_is_none_is_not_done_without() -> None:
    target = Target(app=agreeable, token="K", control="http://127.0.0.1:1")
    verdict = conform(target, provider="telnyx_messages", quick=True)
    assert (verdict.exit_code, verdict.requests) == (5, 0)
    assert "http://127.0.0.1:1 does not answer as a control plane does" in verdict.error


def test_one_that_is_always_busy_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("contratempo.conformance.run.pause", waited.append)
    verdict = conform(Target(app=busy, token="K"), provider="telnyx_assistants", quick=True)
    assert verdict.exit_code != 0
    assert "says 429 (too many requests) again and again" in verdict.error
    assert sum(waited) <= 120
