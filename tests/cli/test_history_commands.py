"""The commands of history: what they ask of the server, what they print, how they fail."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result

from contratempo.cli import timeline

Run = Callable[..., Result]

NOON = "2026-03-15T12:00:00Z"
MARK = {"name": "calm", "head": 7, "now": NOON, "branch": 0}
MOVED = {
    "at": NOON, "provider": "toy", "resource": "job-1", "attempt": 1, "from": "pending", "to": "busy", "cause": "busy",
    "kind": "call", "state": "fired",
}  # fmt: skip
REWOUND = {
    "now": NOON, "head": 9, "branch": 1, "position": 7, "undone_count": 3, "undone_commands": 2,
    "unsent_impossible": 1, "undone": [MOVED],
}  # fmt: skip
CLOCK = {"now": NOON, "mode": "frozen", "rate": 1.0, "next_due": None, "head": 4}
FORK = {"id": "what-if", "api_key": "KEY1", "now": NOON, "head": 7}
SAVED: dict[str, Any] = {
    "contratempo": {"kind": "world", "schema": 1, "version": "0"},
    "fingerprint": {"documents": {}, "rules": {}},
    "world": {"head": 4, "clock": {"now": NOON}, "records": {"job": [{"id": "j"}]}},
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
        if isinstance(body, httpx2.Response):
            return body
        return httpx2.Response(204) if body is None else httpx2.Response(200, json=body)

    @property
    def said(self) -> Any:
        content = self.asked[-1].content
        line = f"{self.asked[-1].method} {self.asked[-1].url.raw_path.decode()}"
        return (line, json.loads(content)) if content else line


@pytest.fixture
def server(answered_by: Callable[..., None]) -> Server:
    """Answer every command by a stand-in."""
    stand_in = Server()
    answered_by(stand_in.answer)
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
        (["diff", "w@1x", "w"], "is not a date-time"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments: list[str], told: str, run: Run, server: Server) -> None:
    result = run(*arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output


def test_a_rewind_says_what_it_took_back(run: Run, server: Server) -> None:
    lines = run("rewind", "calm").output.splitlines()
    assert lines[0] == "2026-03-15T12:00:00Z  back at 7, 3 transitions and 2 commands taken back (head 9)"
    assert lines[1] == "1 attempt at a webhook cannot be unsent: its receiver may have had it"
    assert lines[3].split() == [NOON, "toy", "job-1", "1", "pending", "busy", "(call)", "busy"]
    assert lines[4] == "... and 2 more"
    dry = run("rewind", "calm", "--dry-run").output
    assert dry.startswith("2026-03-15T12:00:00Z  would be back at 7, 3 transitions and 2 commands would be taken back")
    assert server.said[1] == {"checkpoint": "calm", "dry_run": True}


def test_attempts_are_not_said_to_be_as_many_webhooks(run: Run, server: Server) -> None:
    server.answers["POST /_mock/rewind"] = REWOUND | {"unsent_impossible": 3}
    assert run("rewind", "calm").output.splitlines()[1] == (
        "3 attempts at webhooks cannot be unsent: their receivers may have had them"
    )


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


def test_a_name_that_is_taken_is_told_with_what_to_type(run: Run, server: Server) -> None:
    taken = {"type": "urn:contratempo:problem:checkpoint-taken", "detail": "There is a checkpoint 'calm' already."}
    server.problem = {"status": 409, "hint": "choose another name, or send replace: true to move it here", **taken}
    result = run("checkpoint", "calm")
    assert (result.exit_code, result.stderr) == (
        2,
        "contratempo: There is a checkpoint 'calm' already. "
        "Choose another name, or move it here: contratempo checkpoint calm --replace\n",
    )


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("unknown-checkpoint", "`contratempo checkpoint --list` lists them"),
        ("unknown-position", "`contratempo clock show` tells the head, `contratempo checkpoint --list` its names"),
        ("after-now", "`contratempo clock advance` goes forwards"),
        ("clock-goes-back", "`contratempo rewind` goes backwards"),
        ("forgotten", "`contratempo checkpoint --list` lists what can be gone back to by name"),
        ("advance-in-progress", "Wait until it has ended"),
    ],
)
def test_a_place_that_cannot_be_gone_to_is_told_with_what_to_type(
    kind: str, told: str, run: Run, server: Server
) -> None:
    server.problem = {"type": f"urn:contratempo:problem:{kind}", "status": 409, "detail": "No.", "hint": "GET /_mock"}
    for command in (["rewind", "x"], ["fork"], ["diff", "a", "b@x"], ["checkpoint", "x", "--delete"]):
        assert run(*command).stderr == f"contratempo: No. {told}\n"


@pytest.mark.parametrize(
    ("kind", "hint", "told"),
    [
        ("fingerprint", "by ?anyway=true", "Load it by --anyway, or start the server with what it was saved under"),
        ("no-saved-world", "load it with the version that saved it, 9", "Load it with the version that saved it, 9"),
    ],
)
def test_a_world_that_the_server_does_not_take_is_told_with_its_file(
    kind: str, hint: str, told: str, run: Run, server: Server
) -> None:
    Path("w.json").write_text(json.dumps(SAVED))
    problem = {"type": f"urn:contratempo:problem:{kind}", "detail": "It is of another sort."}
    server.problem = {"status": 409, "hint": hint, **problem}
    result = run("state", "load", "w.json")
    assert (result.exit_code, result.stderr) == (3, f"contratempo: w.json: It is of another sort. {told}\n")


@pytest.mark.parametrize(
    ("status", "kind", "then"),
    [
        (422, "invalid", "`contratempo state save FILE` makes one"),
        (400, "invalid", "`contratempo state save FILE` makes one"),
        (413, "too-large", "Raise it"),
    ],
)
def test_a_file_that_departs_from_the_document_is_told_by_name(
    status: int, kind: str, then: str, run: Run, server: Server
) -> None:
    Path("w.json").write_text(json.dumps(SAVED))
    problem = {"status": status, "detail": "body/x is not allowed", "hint": "raise it"}
    server.problem = problem | {"type": f"urn:contratempo:problem:{kind}"}
    result = run("state", "load", "w.json")
    told = f"contratempo: w.json: body/x is not allowed. {then}\n"
    assert (result.exit_code, result.stderr) == (3, told)


def test_any_other_refusal_of_a_load_is_told_as_it_is(run: Run, server: Server) -> None:
    Path("w.json").write_text(json.dumps(SAVED))
    server.problem = {"status": 404, "detail": "There is no such world.", "hint": "make one"}
    assert run("state", "load", "w.json").stderr == "contratempo: There is no such world. Make one\n"
    problem = {"status": 422, "type": "urn:contratempo:problem:invalid", "detail": "header/X-Mock-World is no id"}
    server.problem = problem | {"violations": [{"location": "header"}]}
    result = run("state", "load", "w.json")
    assert (result.exit_code, result.stderr) == (2, "contratempo: Header/X-Mock-World is no id\n")


@pytest.mark.parametrize("flags", [[], ["--json"], ["--watch"]])
def test_a_record_that_is_not_there_is_told(flags: list[str], run: Run, server: Server) -> None:
    server.answers["GET /_mock/timeline"] = TIMELINE | {"transitions": []}
    server.answers["GET /_mock/resources/nope"] = httpx2.Response(404, json={"status": 404, "detail": "None."})
    result = run("timeline", "--resource", "nope", *flags)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no record 'nope' in this world. `contratempo timeline` draws all there are" in result.stderr


def test_a_record_of_which_nothing_is_told_is_another_matter(run: Run, server: Server) -> None:
    server.answers["GET /_mock/timeline"] = TIMELINE | {"transitions": []}
    record = {"id": "job-1", "provider": "toy", "kind": "job", "status": None, "due": None, "record": {}}
    server.answers["GET /_mock/resources/job-1"] = record
    assert "nothing has happened" in run("timeline", "--resource", "job-1").output
    server.answers["GET /_mock/resources/job-1"] = httpx2.Response(500, json={"status": 500, "detail": "Oh."})
    assert "Oh" in run("timeline", "--resource", "job-1").stderr


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


def test_what_a_server_keeps_its_world_in_is_not_saved_over(run: Run, server: Server) -> None:
    holds = "import fcntl; f = open('w.json', 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); input()"
    Path("w.json").write_text("{}")
    with subprocess.Popen([sys.executable, "-c", holds], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        result = run("state", "save", "w.json")
        other.communicate("\n")
    assert (result.exit_code, Path("w.json").read_text(), server.asked) == (5, "{}", [])
    assert "w.json is the file that a server keeps its world in" in result.stderr
    assert run("state", "save", "w.json").exit_code == 0


def test_a_world_that_captured_is_told_of_and_may_be_let_deliver(run: Run, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    file.write_text(json.dumps(SAVED | {"contratempo": SAVED["contratempo"] | {"captures": True}}))
    assert "it captures its webhooks" in run("state", "load", str(file)).output
    assert "captures" not in run("state", "load", str(file), "--deliver").output
    assert server.said[0] == "PUT /_mock/state?deliver=true"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"contratempo":\n oops}', "w.json:2: Expecting value: this is no saved world"),
        (b'{"contratempo":\n {"kind": "wor', "w.json:2: it ends in the middle, so it is torn"),
        (b'{"contratempo":\n', "w.json:2: it ends in the middle, so it is torn"),
        (b"\n", "w.json: it is empty"),
        (b"[]", "w.json: this is no saved world"),
        (b"{\xff}", "w.json:1: it is not UTF-8: this is no saved world"),
        (b"[" * 100_000, "w.json:1: it is nested deeper than 64 levels: this is no saved world"),
        (b'{"contratempo": {"kind": "tape"}, "world": {}}', "w.json: this is no saved world"),
        (b'{"contratempo": {"kind": "world"}, "world": 1}', "w.json: this is no saved world"),
        (
            b'{"contratempo": {"kind": "world"}, "world": {"a": NaN}}',
            "w.json: NaN is not JSON: this is no saved world",
        ),
        (
            b'{"contratempo": {"kind": "world"}, "world": {"a": 1e999}}',
            "w.json: the number 1e999 is too large: this is no saved world",
        ),
        (
            b'{"contratempo": {"kind": "world"}, "world": {"a": %s}}' % (b"9" * 5_000),
            "w.json: it has an integer of",
        ),
        (b'{"contratempo": {"kind": "world"}, "world": {"\\ud800": 1}}', "w.json: it has half of a surrogate pair"),
        (
            b'{"contratempo": {"kind": "world"}, "world": {}, "world": {}}',
            "w.json: the key 'world' occurs twice",
        ),
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
    told = "nowhere.json cannot be read: No such file or directory. `contratempo state save FILE` makes one"
    assert (result.exit_code, result.stderr) == (5, f"contratempo: {told}\n")


def test_a_place_where_nothing_can_be_written_is_told(run: Run, server: Server) -> None:
    result = run("state", "save", "nowhere/w.json")
    assert result.exit_code == 5
    assert result.stderr == (
        "contratempo: nowhere/w.json cannot be written: No such file or directory. Name another place\n"
    )


def test_what_is_no_file_is_not_put_away_for_one(run: Run, server: Server, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = run("state", "save", str(pipe))
    told = f"contratempo: {pipe} cannot be written: It is no regular file. Name another place\n"
    assert (result.exit_code, result.stderr, pipe.is_fifo()) == (5, told, True)


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
