"""The commands that talk to a server: what they ask of it, what they print, how they fail."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from click.testing import Result

from contratempo.client import Control
from contratempo.provider import magic_targets

Run = Callable[..., Result]

CLOCK = {
    "now": "2026-03-15T15:00:00Z",
    "mode": "frozen",
    "rate": 1.0,
    "next_due": "2026-03-15T16:00:00.500Z",
    "head": 4,
}
FIRED = {
    "at": "2026-03-15T16:00:00.500Z", "provider": "phone", "resource": "c1", "attempt": 1, "from": "pending",
    "to": "busy", "cause": "busy", "kind": "call", "state": "fired",
}  # fmt: skip
SCRIPT = {"id": "out_1", "match": {"to": "+1"}, "outcomes": [{"status": "busy"}], "then": "repeat", "used": 0}
MAGIC = {"target": "+1 xxx 555 0120", "outcomes": ["busy"], "summary": "always busy"}
RULE = {
    "name": "phone.past", "summary": "a past call", "value": "run", "default": "reject", "values": ["reject", "run"],
    "origin": "world", "source": "docs", "confidence": "high", "note": "",
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "GET /_mock/clock": CLOCK,
    "PUT /_mock/clock": CLOCK | {"mode": "running", "rate": 60.0, "next_due": None},
    "POST /_mock/clock/advance": {"now": CLOCK["now"], "head": 5, "fired_count": 3, "fired": [FIRED], "undelivered": 1},
    "GET /_mock/outcomes": {"scripts": [SCRIPT], "magic": [MAGIC]},
    "POST /_mock/outcomes": SCRIPT,
    "DELETE /_mock/outcomes": None,
    "GET /_mock/rules": {"rules": [RULE, RULE | {"name": "mail.size", "value": 3, "values": None, "maximum": 1_000}]},
    "PATCH /_mock/rules": {"rules": [RULE, RULE | {"name": "mail.size"}]},
    "GET /_mock/readyz": {"status": "ready"},
}


class Server:
    """Stands for a control plane: answers from the table, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers = dict(ANSWERS)
        self.status = 200
        self.up = True

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if not self.up:
            raise httpx2.ConnectError("connection refused")
        self.asked.append(request)
        body = self.answers[f"{request.method} {request.url.path}"]
        return httpx2.Response(204) if body is None else httpx2.Response(self.status, json=body)

    @property
    def body(self) -> Any:
        return json.loads(self.asked[-1].content)


@pytest.fixture
def server(answered_by: Callable[..., None]) -> Server:
    """Answer every command by a stand-in."""
    stand_in = Server()
    answered_by(stand_in.answer)
    return stand_in


def test_show_prints_the_clock_on_one_line(run: Run, server: Server) -> None:
    shown = "2026-03-15T15:00:00Z  frozen, next due 2026-03-15T16:00:00.500Z (head 4)\n"
    assert run("clock", "show").output == shown


def test_json_is_what_the_server_answers(run: Run, server: Server) -> None:
    assert json.loads(run("clock", "show", "--json").output) == CLOCK
    assert json.loads(run("clock", "advance", "1h", "--json").output) == ANSWERS["POST /_mock/clock/advance"]


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["24h"], {"by": "24h"}),
        (["90"], {"by": "90"}),
        (["next"], {"to": "next"}),
        (["--to", "idle"], {"to": "idle"}),
        (["--to", "2026-03-16T00:00:00Z"], {"to": "2026-03-16T00:00:00Z"}),
    ],
)
def test_advance_asks_for_what_is_said(arguments: list[str], asked: dict[str, str], run: Run, server: Server) -> None:
    assert run("clock", "advance", *arguments).exit_code == 0
    assert asked.items() <= server.body.items()


def test_advance_lists_what_happened(run: Run, server: Server) -> None:
    lines = run("clock", "advance", "24h").output.splitlines()
    assert lines[0] == "2026-03-15T15:00:00Z  3 transitions (head 5)"
    assert lines[2].split() == ["2026-03-15T16:00:00.500Z", "phone", "c1", "1", "pending", "busy", "(call)", "busy"]
    assert lines[3:] == ["... and 2 more", "1 webhooks have not been answered yet"]


@pytest.mark.parametrize("arguments", [[], ["24h", "--to", "next"], ["--to", "24h"]])
def test_advance_must_know_how_far(arguments: list[str], run: Run, server: Server) -> None:
    assert run("clock", "advance", *arguments).exit_code == 2
    assert not server.asked


def test_freeze_and_run(run: Run, server: Server) -> None:
    assert run("clock", "freeze").exit_code == 0
    assert server.body == {"mode": "frozen"}
    assert "running at 60x, nothing is due" in run("clock", "run", "--rate", "60").output
    assert server.body == {"mode": "running", "rate": 60.0}


def test_the_world_and_the_token_are_sent(run: Run, server: Server) -> None:
    run("clock", "show", "--world", "w1", env={"CONTRATEMPO_CONTROL_TOKEN": "t0ken"})
    assert server.asked[0].headers["X-Mock-World"] == "w1"
    assert server.asked[0].headers["X-Mock-Token"] == "t0ken"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, "http://127.0.0.1:4010"),
        ({"CONTRATEMPO_HOST": "0.0.0.0", "CONTRATEMPO_PORT": "8080"}, "http://127.0.0.1:8080"),
        ({"CONTRATEMPO_URL": "http://mock:1", "CONTRATEMPO_PORT": "8080"}, "http://mock:1"),
    ],
)
def test_the_server_is_where_the_environment_says(environ: dict[str, str], url: str, run: Run, server: Server) -> None:
    assert run("ready", env=environ).output == f"ready: {url}\n"
    assert str(server.asked[0].url) == f"{url}/_mock/readyz"


def test_a_server_that_is_not_ready_ends_with_1(run: Run, server: Server) -> None:
    server.up = False
    result = run("ready")
    assert result.exit_code == 1
    assert "no server is ready at http://127.0.0.1:4010. Start one with `contratempo serve`" in result.stderr
    assert json.loads(run("ready", "--json").stdout) == {"url": "http://127.0.0.1:4010", "ready": False}


@pytest.mark.parametrize(
    ("arguments", "seconds"), [([], 0), (["--wait"], 60), (["--wait", "5"], 5), (["--wait=0.5"], 0.5)]
)
def test_ready_waits_as_long_as_it_is_told(
    arguments: list[str], seconds: float, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = []
    monkeypatch.setattr(Control, "ready", lambda self, wait: not waited.append(wait))
    assert run("ready", *arguments).exit_code == 0
    assert waited == [seconds]


def test_outcomes_lists_scripts_and_magic_targets(run: Run, server: Server) -> None:
    output = run("outcomes").output
    assert "out_1   to +1  0 of 1  busy, then the last again" in output
    assert "+1 xxx 555 0120  busy      always busy" in output
    assert json.loads(run("outcomes", "--json").output) == ANSWERS["GET /_mock/outcomes"]


def test_without_a_server_outcomes_lists_every_magic_target(run: Run, server: Server) -> None:
    server.up = False
    result = run("outcomes")
    assert result.exit_code == 0
    assert all(target.summary in result.stdout for target in magic_targets().values())
    assert "no server at http://127.0.0.1:4010" in result.stderr


@pytest.mark.parametrize("command", ["outcomes", "rules"])
def test_a_server_that_is_named_must_be_there(command: str, run: Run, server: Server) -> None:
    server.up = False
    result = run(command, "--url", "http://mock:1")
    assert result.exit_code == 5
    assert "no server answers at http://mock:1: ConnectError: connection refused. Start one with" in result.stderr


@pytest.mark.parametrize(
    "url", ["mock", "127.0.0.1:4010", "ftp://mock", "http://", "http://mock:x", "http://[", "http://mock:0"]
)
def test_what_is_no_address_is_not_asked(url: str, run: Run, server: Server) -> None:
    result = run("clock", "show", "--url", url)
    assert result.exit_code == 2
    assert f"--url: {url!r} is no address of a server. Write one such as http://127.0.0.1:4010" in result.stderr


def test_a_server_that_asks_for_its_token_is_told_of_in_words_of_the_command_line(run: Run, server: Server) -> None:
    server.status = 401
    server.answers["GET /_mock/clock"] = {
        "type": "urn:contratempo:problem:unauthorized",
        "detail": "It needs its token.",
    }
    assert "needs its token. Set CONTRATEMPO_CONTROL_TOKEN to the one that it printed" in run("clock", "show").stderr


def test_script_sends_outcomes_and_match(run: Run, server: Server) -> None:
    result = run("outcomes", "script", "busy", "completed", "--to", "+1", "--from", "+2", "--then", "default")
    assert server.body == {"outcomes": ["busy", "completed"], "match": {"to": "+1", "from": "+2"}, "then": "default"}
    assert result.output == "out_1: busy, then the last again; matches to +1\n"


def test_clear_removes_the_scripts(run: Run, server: Server) -> None:
    assert run("outcomes", "clear").output == "no script is left\n"
    assert server.asked[0].method == "DELETE"
    assert json.loads(run("outcomes", "clear", "--json").output) == {"scripts": []}


def test_rules_need_no_more_than_a_hundred_columns(run: Run) -> None:
    lines = run("rules", "--profile", "spec").output.splitlines()
    assert len(lines) > 100
    assert max(map(len, lines)) <= 100


def test_rules_lists_those_of_the_world(run: Run, server: Server) -> None:
    lines = run("rules").output.splitlines()
    assert lines[1:3] == ["phone.past  run    world   docs, high", "    a past call (reject | run)"]
    assert lines[3:5] == ["mail.size   3      world   docs, high", "    a past call (0 to 1,000)"]
    assert "phone" not in run("rules", "--provider", "mail").output
    assert "There are rules of phone, mail." in run("rules", "--provider", "male").stderr


def test_rules_of_a_profile_ask_no_server(run: Run, server: Server, shipped: object) -> None:
    rows = json.loads(run("rules", "--profile", "bare", "--json").output)["rules"]
    assert [(row["name"], row["value"], row["origin"]) for row in rows] == [
        ("phone.past", "run", "profile"),
        ("phone.ring", 5, "default"),
    ]
    assert not server.asked


def test_without_a_server_rules_are_those_of_the_default_profile(run: Run, server: Server, shipped: object) -> None:
    server.up = False
    result = run("rules")
    assert "phone.past  reject  default  docs, high\n    a past call is refused, or run (reject | run)" in result.stdout
    assert "this is what the profile spec has" in result.stderr


@pytest.mark.parametrize(("text", "value"), [("run", "run"), ("600", 600), ("0.5", 0.5)])
def test_set_sends_numbers_as_numbers(text: str, value: object, run: Run, server: Server) -> None:
    output = run("rules", "set", "phone.past", text).output
    assert server.body == {"phone.past": value}
    assert "phone.past" in output
    assert "mail.size" not in output


def test_unset_takes_a_value_back(run: Run, server: Server) -> None:
    assert run("rules", "unset", "phone.past").exit_code == 0
    assert server.body == {"phone.past": None}


def _refuse(server: Server, status: int, **problem: Any) -> None:
    server.status = status
    server.answers["GET /_mock/clock"] = {
        "type": "urn:contratempo:problem:x",
        "title": "x",
        "status": status,
        **problem,
    }


def test_a_refusal_says_what_and_what_next(run: Run, server: Server) -> None:
    _refuse(server, 404, detail="there is no world 'w'.", hint="make it")
    result = run("clock", "show")
    assert (result.exit_code, result.stderr) == (2, "contratempo: There is no world 'w'. Make it\n")


def test_violations_are_listed_when_there_are_several(run: Run, server: Server) -> None:
    places = [{"location": "body", "pointer": f"/{name}", "kind": "type", "message": "is wrong"} for name in "ab"]
    _refuse(server, 422, detail="two", violations=places)
    assert run("clock", "show").stderr == "contratempo: Two\n  body /a: is wrong\n  body /b: is wrong\n"


def test_a_failure_of_the_server_could_not_be_helped(run: Run, server: Server) -> None:
    _refuse(server, 500, detail="a fault")
    assert run("clock", "show").exit_code == 5
