"""The commands of history: what they ask of the server, what they print, how they fail."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result

from contratempo.cli import connection, timeline
from contratempo.client import Control

Run = Callable[..., Result]

NOON = "2026-03-15T12:00:00Z"
MARK = {"name": "calm", "head": 7, "now": NOON, "branch": 0}
MOVED = {
    "at": NOON, "provider": "toy", "resource": "job-1", "attempt": 1, "from": "pending", "to": "busy", "cause": "busy",
    "kind": "call", "state": "fired",
}  # fmt: skip
REWOUND = {
    "now": NOON, "head": 9, "branch": 1, "position": 7, "undone_count": 3, "unsent_impossible": 1, "undone": [MOVED],
}  # fmt: skip
CLOCK = {"now": NOON, "mode": "frozen", "rate": 1.0, "next_due": None, "head": 4}
FORK = {"id": "what-if", "api_key": "KEY1", "now": NOON, "head": 7}
RECORD = {"id": "0a1b2c3d-0000-4000-8000-00000000000a", "status": "busy", "due": 1_773_576_000_000_000}
WORLD: dict[str, Any] = {
    "schema": 1, "id": "w", "seed": "s", "profile": "spec", "branch": 0, "line": "", "head": 4, "start": {},
    "clock": {"now": NOON, "mode": "frozen", "rate": 1.0}, "rules": {}, "ordinals": {}, "records": {"job": [RECORD]},
    "timers": {"last": 0, "timers": []}, "outcomes": [], "faults": [],
    "outbox": {"total": 0, "opened": 0, "webhooks": [], "held": {}}, "idempotency": {},
    "transitions": {"total": 1, "rows": [{**MOVED, "resource": RECORD["id"]}]},
}  # fmt: skip
SAVED = {
    "contratempo": {"kind": "world", "schema": 1, "version": "0"},
    "fingerprint": {"documents": {}, "rules": {}},
    "world": WORLD,
}
TIMELINE = {"now": NOON, "head": 4, "planned_to": "2026-03-16T12:00:00Z", "transitions": [MOVED]}
ANSWERS: dict[str, Any] = {
    "GET /_mock/checkpoints": {"head": 9, "first": 0, "checkpoints": [MARK]},
    "POST /_mock/checkpoints": MARK,
    "DELETE /_mock/checkpoints/calm": None,
    "POST /_mock/rewind": REWOUND,
    "POST /_mock/fork": FORK,
    "GET /_mock/state": SAVED,
    "PUT /_mock/state": CLOCK,
    "GET /_mock/timeline": TIMELINE,
}


class Server:
    """Stands for a control plane: answers from the table, or with a problem, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers = copy.deepcopy(ANSWERS)
        self.problem: dict[str, Any] | None = None

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if self.problem is not None:
            return httpx2.Response(self.problem["status"], json=self.problem)
        body = self.answers[f"{request.method} {request.url.path}"]
        if callable(body):
            body = body(request)
        return httpx2.Response(204) if body is None else httpx2.Response(200, json=body)

    @property
    def said(self) -> Any:
        content = self.asked[-1].content
        line = f"{self.asked[-1].method} {self.asked[-1].url.raw_path.decode()}"
        return (line, json.loads(content)) if content else line


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    """Answer every command by a stand-in."""
    stand_in = Server()

    def control(url: str, **more: Any) -> Control:
        return Control(url, transport=httpx2.MockTransport(stand_in.answer), **more)

    monkeypatch.setattr(connection, "Control", control)
    return stand_in


def test_a_checkpoint_is_made_moved_listed_and_deleted(run: Run, server: Server) -> None:
    assert run("checkpoint", "calm").output == "calm  2026-03-15T12:00:00Z (head 7)\n"
    assert server.said == ("POST /_mock/checkpoints", {"name": "calm"})
    assert run("checkpoint", "calm", "--replace").exit_code == 0
    assert server.said[1] == {"name": "calm", "replace": True}
    assert "calm        7     2026-03-15T12:00:00Z  0" in run("checkpoint", "--list").output
    assert run("checkpoint", "calm", "--delete").output.startswith("the checkpoint calm is gone")
    assert server.said == "DELETE /_mock/checkpoints/calm"


def test_no_checkpoint_is_told(run: Run, server: Server) -> None:
    server.answers["GET /_mock/checkpoints"]["checkpoints"] = []
    assert "there is no checkpoint; `contratempo checkpoint NAME` makes one" in run("checkpoint", "--list").output


def test_json_is_what_the_server_answers(run: Run, server: Server) -> None:
    assert json.loads(run("checkpoint", "--json").output) == MARK
    assert json.loads(run("checkpoint", "--list", "--json").output) == {"checkpoints": [MARK]}
    assert json.loads(run("checkpoint", "calm", "--delete", "--json").output) == {"deleted": "calm"}
    assert json.loads(run("rewind", "calm", "--json").output) == REWOUND
    assert json.loads(run("fork", "--json").output) == FORK
    assert json.loads(run("timeline", "--json").output) == TIMELINE


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["calm"], {"checkpoint": "calm"}),
        (["--head", "0"], {"head": 0}),
        (["--to", "2026-03-15T13:00:00+01:00"], {"to": NOON}),
        (["--to", "2026-03-15T12:00:00"], {"to": NOON}),
    ],
)
def test_a_rewind_and_a_fork_go_to_one_of_three(
    arguments: list[str], asked: dict[str, Any], run: Run, server: Server
) -> None:
    assert run("rewind", *arguments).exit_code == 0
    assert server.said == ("POST /_mock/rewind", asked)
    forked = ["--checkpoint", *arguments] if arguments == ["calm"] else arguments
    assert run("fork", "--id", "what-if", "--deliver", *forked).exit_code == 0
    assert server.said == ("POST /_mock/fork", {**asked, "id": "what-if", "deliver": True})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rewind"], "Say where to"),
        (["rewind", "calm", "--head", "3"], "Say where once"),
        (["rewind", "--to", "tomorrow"], "'tomorrow' is not a date-time such as 2026-03-15T15:00:00Z."),
        (["rewind", "--head", "-1"], "--head"),
        (["fork", "--to", NOON, "--head", "3"], "Say where once"),
        (["checkpoint", "calm", "--list"], "Choose one"),
        (["checkpoint", "--replace", "--delete"], "Choose one"),
        (["checkpoint", "--delete"], "Say which to delete"),
        (["timeline", "--watch", "--json"], "--watch draws"),
        (["diff", "calm"], "Missing argument 'B'"),
        (["diff", "w@2026", "w@1x"], "is not a date-time"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: list[str], told: str, run: Run, server: Server) -> None:
    result = run(*arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output


def test_a_rewind_says_what_it_took_back(run: Run, server: Server) -> None:
    lines = run("rewind", "calm").output.splitlines()
    assert lines[0] == "2026-03-15T12:00:00Z  back at 7, 3 transitions taken back (head 9)"
    assert lines[1] == "1 webhook cannot be unsent: receivers have had them"
    assert lines[3].split() == [NOON, "toy", "job-1", "1", "pending", "busy", "(call)", "busy"]
    assert lines[4] == "... and 2 more"
    dry = run("rewind", "calm", "--dry-run").output
    assert dry.startswith("2026-03-15T12:00:00Z  would be back at 7, 3 transitions would be taken back")
    assert server.said[1] == {"checkpoint": "calm", "dry_run": True}


def test_a_fork_says_how_to_get_at_it(run: Run, server: Server) -> None:
    first, second = run("fork").output.splitlines()
    assert first == "what-if  forked at 2026-03-15T12:00:00Z (head 7), captures its webhooks"
    assert second == "API key KEY1; for other commands --world what-if"
    assert "sends its webhooks" in run("fork", "--deliver").output


def test_a_refusal_is_told_with_what_to_do(run: Run, server: Server) -> None:
    server.problem = {"status": 404, "detail": "there is no checkpoint 'x'; there are: calm", "hint": "make one"}
    result = run("rewind", "x")
    assert (result.exit_code, result.stderr) == (
        2,
        "contratempo: There is no checkpoint 'x'; there are: calm. Make one\n",
    )


def test_a_world_is_saved_whole_and_loaded(run: Run, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    said = run("state", "save", str(file), "--checkpoint", "calm").output
    assert said == f"{file}  2026-03-15T12:00:00Z, 1 record (head 4)\n"
    assert server.said == "GET /_mock/state?checkpoint=calm"
    assert [each.name for each in tmp_path.iterdir()] == ["w.json"]
    assert json.loads(file.read_text()) == SAVED
    assert "frozen, as saved in" in run("state", "load", str(file), "--anyway").output
    assert server.said == ("PUT /_mock/state?anyway=true", SAVED)
    assert json.loads(run("state", "load", str(file), "--json").output) == CLOCK
    assert json.loads(run("state", "save", str(file), "--json").output) == {"file": str(file), "now": NOON, "head": 4}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"contratempo":\n oops}', "w.json:2: Expecting value: this is no saved world"),
        (b"[]", "w.json: this is no saved world"),
        (b"{\xff}", "w.json: this is no saved world"),
        (b"[" * 100_000, "w.json: this is no saved world"),
        (b'{"contratempo": {"kind": "tape"}, "world": {}}', "w.json: this is no saved world"),
        (b'{"contratempo": {"kind": "world"}, "world": 1}', "w.json: this is no saved world"),
    ],
)
@pytest.mark.parametrize("command", [["state", "load", "w.json"], ["diff", "w.json", "w.json"]])
def test_a_file_that_is_no_saved_world_is_refused(
    content: bytes, told: str, command: list[str], run: Run, server: Server
) -> None:
    Path("w.json").write_bytes(content)
    result = run(*command)
    assert (result.exit_code, told in result.stderr) == (3, True), result.output
    assert "`contratempo state save FILE` makes one" in result.stderr
    assert not server.asked


def test_a_file_that_is_not_there_is_told(run: Run, server: Server) -> None:
    result = run("state", "load", "nowhere.json")
    assert (result.exit_code, "nowhere.json" in result.stderr) == (5, True)


def test_a_world_that_has_lost_a_part_is_refused_by_diff(run: Run, server: Server) -> None:
    Path("w.json").write_text(json.dumps({**SAVED, "world": {}}))
    result = run("diff", "w.json", "w.json")
    assert (result.exit_code, "w.json: this is no saved world: KeyError" in result.stderr) == (3, True)


@pytest.mark.parametrize(
    ("named", "world", "query"),
    [
        ("w1", "w1", ""),
        ("w1@calm", "w1", "checkpoint=calm"),
        ("w1@3", "w1", "head=3"),
        ("w1@2026-03-15T12:00:00Z", "w1", "to=2026-03-15T12%3A00%3A00Z"),
        ("@calm", None, "checkpoint=calm"),
    ],
)
def test_diff_asks_for_a_world_or_for_what_it_was(
    named: str, world: str | None, query: str, run: Run, server: Server
) -> None:
    result = run("diff", named, named)
    assert (result.exit_code, result.output) == (
        0,
        f"{named} and {named} are the same: 1 resource, 1 transition, 0 webhooks\n",
    )
    assert server.asked[0].headers.get("X-Mock-World") == world
    assert server.asked[0].url.query.decode() == query


def test_diff_tells_where_worlds_differ_and_ends_with_1(run: Run, server: Server) -> None:
    other = copy.deepcopy(SAVED)
    world = other["world"]
    world["clock"]["now"] = "2026-03-15T13:00:00Z"
    world["rules"] = {"toy.past": "run"}
    world["records"]["job"][0] |= {"status": "done", "due": 1_773_579_600_000_000, "tags": ["x" * 90]}
    world["transitions"]["rows"].append({**MOVED, "from": None, "to": None, "kind": "status", "resource": "b"})
    world["timers"]["timers"] = [{"due": 0, "number": 1, "provider": "toy", "kind": "ring", "subject": "b"}]
    world["faults"] = [{"id": "flt_000001", "fault": {"kind": "drop"}}]
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(other))
    result = run("diff", "a.json", "b.json")
    assert (result.exit_code, result.output) == (1, DIFFERENCES)
    assert not server.asked
    as_json = json.loads(run("diff", "a.json", "b.json", "--json").output)
    assert (as_json["same"], as_json["rules"]) == (False, [{"field": "toy.past", "b": "run"}])


DIFFERENCES = f"""\
A is a.json
B is b.json
clock
  now: 2026-03-15T12:00:00Z | 2026-03-15T13:00:00Z
rules
  toy.past: (none) | run
resources  0 the same, 1 differ, 0 in one alone
  job#1  {RECORD["id"]}
    status: busy | done
    due: 2026-03-15T12:00:00Z | 2026-03-15T13:00:00Z
    tags: (none) | ["{"x" * 57}…
faults  0 the same, 0 differ, 1 in one alone
  B alone: fault#1  flt_000001  drop
transitions  1 the same, 1 happened in one alone
  B 2026-03-15T12:00:00Z  b new -> gone (busy)
timers  0 the same, 1 due in one alone
  B 1970-01-01T00:00:00Z  b ring
"""


def test_of_many_differences_the_first_are_told(run: Run, server: Server) -> None:
    other = copy.deepcopy(SAVED)
    other["world"]["records"]["job"][0] |= {f"x{each}": each for each in range(25)}
    other["world"]["records"]["job"] += [{"id": f"j{each:02}"} for each in range(23)]
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(other))
    lines = run("diff", "a.json", "b.json").output.splitlines()
    assert [line.strip() for line in lines if "more" in line] == ["... and 5 more", "... and 3 more"]


def test_transitions_in_another_order_are_told(run: Run, server: Server) -> None:
    one, other = copy.deepcopy(SAVED), copy.deepcopy(SAVED)
    rows = [{**MOVED, "resource": RECORD["id"], "to": to} for to in ("busy", "done")]
    one["world"]["transitions"]["rows"], other["world"]["transitions"]["rows"] = rows, rows[::-1]
    Path("a.json").write_text(json.dumps(one))
    Path("b.json").write_text(json.dumps(other))
    assert "transitions  the same 2, in another order" in run("diff", "a.json", "b.json").output


def test_the_timeline_is_drawn_as_wide_as_there_is_room(run: Run, server: Server) -> None:
    lines = run("timeline", "--horizon", "2h", "--resource", "job-1", env={"COLUMNS": "80"}).output.splitlines()
    assert server.asked[0].url.query.decode() == "resource=job-1&limit=1000&horizon=2h"
    assert lines[0] == "2026-03-15T12:00:00Z  head 4, planned up to 2026-03-16T12:00:00Z"
    assert lines[4] == "  job-1 ●busy"
    assert max(map(len, lines)) <= 80


def test_the_command_watches_and_ends_well(run: Run, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = []
    monkeypatch.setattr(timeline, "watch", lambda control, picture, screen: watched.append(picture()))
    assert run("timeline", "--watch", "--lanes", "3").exit_code == 0
    assert watched[0][4] == "  job-1 ●busy"
