"""A mock beside what it stands for: where they differ is named, with the rule of the mock that would follow."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result

from contratempo.cli import main
from contratempo.conformance import Permit, Protection, Target
from contratempo.conformance.book import open_book
from contratempo.conformance.drift import Comparison, compare
from contratempo.conformance.drift.drift import Drifts
from contratempo.conformance.exchange import Exchange
from contratempo.testing import MockServer

WISH: dict[str, Any] = {"contract": "effective", "level": "full", "seed": 1, "allow_writes": True, "profile": None}


@pytest.fixture(scope="module")
def mock() -> Iterator[Any]:
    """Serve our mock as the tests of a user do."""
    with MockServer(validation="both", known_key=("K",)) as server:
        yield server


@pytest.fixture(scope="module")
def other() -> Iterator[Any]:
    """Serve one that takes and shows what ours does not: what is real."""
    rules = {
        "temphone.success_status": 201, "temphone.naive_datetime": "reject", "telnyx_messages.naive_datetime": "reject",
        "telnyx_assistants.naive_datetime": "reject",
    }  # fmt: skip
    with MockServer(validation="both", known_key=("K",), profile="lenient", rules=rules) as server:
        yield server


def beside(mock: Any, real: Target, provider: str, protection: Protection | None = None, **wish: Any) -> Comparison:
    ours = Target(mock.url(provider), token="K")
    return compare(ours, real, provider=provider, protection=protection, **(WISH | wish))


def test_a_mock_does_not_differ_from_itself(mock: Any, full: bool) -> None:
    for provider in ("temphone", *(("telnyx_messages", "telnyx_assistants") if full else ())):
        found = beside(mock, Target(mock.url(provider), token="K"), provider)
        assert (found.exit_code, found.drifts, found.error) == (0, (), "")
        assert found.compared > 180


FOLLOWED = {
    ("temphone", "full"): {"success_status=201", "naive_datetime=reject", "past_datetime=run_now",
                           "unknown_timezone=accept"},
    ("telnyx_assistants", "reject"): {"naive_datetime=reject", "past_datetime=run_now", "interval_required=default",
                                      "interval_without_retries=ignore", "retry_fields_on_sms=ignore"},
    ("telnyx_messages", "full"): {"naive_datetime=reject", "past_datetime=run_now", "message_content=off",
                                  "message_size=off", "webhook_urls=off", "sender_format=off", "send_at_window=off",
                                  "missing_send_at=send_now", "cancelled_message=gone", "retrieval_window=off",
                                  "cancel_window=off", "gsm7_encoding=off", "idempotency_mismatch=fresh"},
}  # fmt: skip


def test_the_rules_by_which_another_deployment_goes_are_named(mock: Any, other: Any, full: bool) -> None:
    for (provider, level), settings in FOLLOWED.items():
        if provider != "telnyx_messages" or full:
            found = beside(mock, Target(other.url(provider), token="K"), provider, level=level)
            assert {each.todo.removeprefix(f"{provider}.") for each in found.differing} == settings
            assert found.exit_code == 1


def test_a_mutant_differs_in_what_it_breaks(mock: Any, mutant: Any) -> None:
    found = beside(mock, Target(app=mutant("EnvelopeWithoutMessage"), token="K"), "temphone")
    told = {(each.difference.kind, each.difference.place): each for each in found.differing}
    lost = told["member", "message"]
    assert (lost.operation, lost.difference.mock, lost.difference.real) == ("scheduleCall", "string", "absent")
    assert lost.todo.startswith("no rule decides this")
    assert len(lost.probes) > 20
    assert told["rule", "calls.create.message"].difference.mock == "kept"


def test_a_token_that_only_one_asks_for_is_the_servers_matter(contratempo_server: Any, mutant: Any) -> None:
    ours = Target(contratempo_server.url("telnyx_assistants"), token="any")
    real = Target(app=mutant("IdIsNumber"), token="K")
    found = compare(ours, real, provider="telnyx_assistants", protection=None, **(WISH | {"level": "read"}))
    told = [each for each in found.differing if "401" in (each.difference.mock, each.difference.real)]
    assert {each.operation for each in told} == {"get_scheduled_events", "get_scheduled_event"}
    assert all("--known-key" in each.todo for each in told)


def exchange(method: str, operation: str, status: int) -> tuple[Exchange, dict[str, list[str]]]:
    return Exchange("temphone", method, "/x", operation=operation, status=status), {}


def test_what_tells_nothing_is_not_compared() -> None:
    drifts = Drifts(open_book("temphone", "effective"))
    made = exchange("POST", "scheduleCall", 200)
    assert drifts.add("one", made, made)
    assert not drifts.add("one", made, exchange("POST", "scheduleCall", 429))
    assert not drifts.add("two", made, exchange("GET", "scheduleCall", 405))
    assert not drifts.add("two", made, exchange("POST", "scheduleCall", 400)), "it has gone another way"
    assert drifts.add("three", made, exchange("POST", "scheduleCall", 400))
    assert [each.probes for each in drifts.all()] == [("three",)]


class Counting:
    """A deployment that counts the methods it is asked for."""

    def __init__(self, app: Any) -> None:
        self.app, self.methods = app, list[str]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.methods.append(scope["method"])
        await self.app(scope, receive, send)


def test_a_real_deployment_is_guarded(
    mock: Any, references: ModuleType, serving_app: Any, client: httpx2.Client, tmp_path: Path, full: bool
) -> None:
    """At moderate counts it is only read, at the acceptance counts written to and tidied up."""
    real = Counting(references.reference("telnyx_assistants"))
    level: Any = "full" if full else "read"
    days = timedelta(days=1)
    permit = Permit(level, ("+13125550199",), ("+13125550198",), ("mine",), days, 40, 3, rate=10_000)
    with serving_app(real) as origin:
        target = Target(f"{origin}/v2", token="K", real=True, assistant="mine")
        guard = Protection(permit, tmp_path / "created.jsonl")
        found = beside(mock, target, "telnyx_assistants", guard, level=level)
        left = client.get(f"{origin}/v2/ai/assistants/mine/scheduled_events", headers={"authorization": "Bearer K"})
    assert 0 < found.compared <= 40
    assert full or set(real.methods) <= {"GET", "HEAD"}
    assert left.json()["data"] == []
    assert found.real is not None
    assert any("the guard sent on 40 requests" in note for note in found.real.notes)
    assert found.error == ""


def test_a_guarded_deployment_is_asked_what_the_mock_is_asked(tmp_path: Path, full: bool) -> None:
    """What is made fit for it is no difference, nor that it tells no profile, nor what a run before has left."""
    reach = ("+13125550199", "1111"), ("+13125550198",), ("mine", "2222")
    permit = Permit("full", *reach, timedelta(days=1), 2_000, 400, rate=10_000)
    providers = ("temphone", *(("telnyx_messages", "telnyx_assistants") * 2 if full else ()))
    with MockServer(validation="both", known_key=("K",), profile="observed") as server:
        for number, provider in enumerate(providers):
            guard = Protection(permit, tmp_path / f"{number}.jsonl")
            found = beside(server, Target(server.url(provider), token="K", real=True), provider, guard)
            assert (found.exit_code, found.drifts, found.error) == (0, (), "")
            assert found.compared > 100


def test_a_deployment_needs_a_token(mock: Any) -> None:
    found = beside(mock, Target(mock.url("temphone"), real=True), "temphone", level="read")
    assert (found.exit_code, "set CONTRATEMPO_TOKEN" in found.error) == (5, True)


def test_what_cannot_be_asked_is_told(mock: Any) -> None:
    dead = Target("http://127.0.0.1:9/v1", token="K")
    found = beside(mock, dead, "temphone", level="read")
    assert (found.exit_code, found.error.partition(":")[0]) == (5, "REAL cannot be tested")
    found = compare(dead, dead, provider="temphone", protection=None, **WISH)
    assert (found.exit_code, found.error.partition(":")[0], found.real) == (5, "MOCK cannot be tested", None)


def drift(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["drift", *arguments], env={"CONTRATEMPO_TOKEN": "K"})


def test_the_command_tells_it_in_a_table_and_in_a_file(mock: Any, other: Any, tmp_path: Path) -> None:
    urls = (mock.url("temphone"), other.url("temphone"))
    result = drift(*urls, "--provider", "temphone", "--level", "reject", "--report", str(tmp_path / "out"))
    assert result.exit_code == 1, result.output
    assert "temphone.past_datetime=run_now" in result.output
    assert "status (calls.future)" in result.output
    told = json.loads((tmp_path / "out" / "drift.json").read_text())
    assert (told["exit_code"], told["allowed"], told["level"]) == (1, [], "reject")
    past = next(each for each in told["differences"] if each["rules"] == ["calls.future"])
    assert (past["mock"], past["real"], past["todo"]) == ("400", "201", "temphone.past_datetime=run_now")
    assert past["curl"].startswith("curl -i -X POST")


HERE = "http://127.0.0.1:9/v2"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("https://api.telnyx.com/v2", HERE), 2, "MOCK has to be on this machine"),
        ((HERE, "https://api.telnyx.com/v2"), 2, "name it again by --real api.telnyx.com"),
        ((HERE, "https://api.telnyx.com/v2", "--level", "full"), 2, "name it again by --real api.telnyx.com"),
        ((HERE, "https://a.example/v2", "--real", "a.example", "--level", "full"), 2, "--allow-writes lets it"),
        ((HERE, HERE), 5, "could not test: MOCK cannot be tested: http://127.0.0.1:9: "),
    ],
)  # fmt: skip
def test_what_it_does_not_do(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = drift(*arguments, "--provider", "telnyx_messages")
    assert (result.exit_code, said in result.output) == (code, True), result.output
