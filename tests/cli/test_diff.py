"""Where two worlds differ, told in lines: of worlds of a server, and of files."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from contratempo.cli import connection, main
from contratempo.cli.differences import told
from contratempo.client import Control
from contratempo.sim.comparison import compare
from contratempo.sim.projection import ProjectionError, project

Run = Callable[..., Result]

NOON = "2026-03-15T12:00:00Z"
MOVED = {
    "at": NOON, "provider": "toy", "resource": "job-1", "attempt": 1, "from": "pending", "to": "busy", "cause": "busy",
    "kind": "call", "state": "fired",
}  # fmt: skip
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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx2.Request]:
    """What was asked of the server, which saves the same world whenever it is asked."""
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json=SAVED)

    def control(url: str, **more: Any) -> Control:
        return Control(url, transport=httpx2.MockTransport(answer), **more)

    monkeypatch.setattr(connection, "Control", control)
    return requests


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
    named: str, world: str | None, query: str, run: Run, asked: list[httpx2.Request]
) -> None:
    result = run("diff", named, named)
    assert (result.exit_code, result.output) == (
        0,
        f"{named} and {named} are the same: 1 resource, 1 transition, 0 webhooks\n",
    )
    assert asked[0].headers.get("X-Mock-World") == world
    assert asked[0].url.query.decode() == query


@pytest.mark.parametrize("named", ["", "@", "default@"])
def test_diff_of_no_world_is_wrong_usage(named: str, run: Run, asked: list[httpx2.Request]) -> None:
    result = run("diff", named, "default")
    assert (result.exit_code, asked) == (2, [])
    assert f"{named!r} names no world" in result.output


def test_diff_tells_where_worlds_differ_and_ends_with_1(run: Run, asked: list[httpx2.Request]) -> None:
    other = copy.deepcopy(SAVED)
    world = other["world"]
    world["clock"]["now"] = "2026-03-15T13:00:00Z"
    world["rules"] = {"toy.past": "run"}
    world["records"]["job"][0] |= {"status": "done", "due": 1_773_579_600_000_000, "tags": ["x" * 90]}
    world["transitions"]["rows"].append({**MOVED, "from": None, "to": None, "kind": "status", "resource": "b"})
    world["timers"]["timers"] = [TIMER]
    world["faults"] = [{"id": "flt_000001", "fault": {"kind": "drop"}}]
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(other))
    result = run("diff", "a.json", "b.json")
    assert (result.exit_code, result.output) == (1, DIFFERENCES)
    assert not asked
    as_json = json.loads(run("diff", "a.json", "b.json", "--json").output)
    assert (as_json["same"], as_json["rules"]) == (False, [{"field": "toy.past", "b": "run"}])


TIMER = {"due": 0, "number": 1, "provider": "toy", "kind": "ring", "subject": "b", "data": None}
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


NONSENSE = st.sampled_from(
    [None, [], {}, "x", 1, 2**80, "\ud800", {"id": {}}, [{"id": "a"}], [{"id": "a", "fault": 1}]]
)


@given(st.sampled_from([*WORLD]), NONSENSE, st.sampled_from([*WORLD["transitions"]["rows"][0]]), NONSENSE)
def test_whatever_stands_in_a_file_is_told_or_refused(member: str, one: Any, of_row: str, other: Any) -> None:
    world = copy.deepcopy(WORLD)
    row = world["transitions"]["rows"][0]
    world["transitions"]["rows"] += [row | {of_row: other}, row | {"to": "other"}]
    world[member] = one
    try:
        projection = project(world)
    except ProjectionError:
        return
    assert "\n".join(told(compare(project(WORLD), projection), "a", "b"))


def test_of_many_differences_the_first_are_told(run: Run, asked: list[httpx2.Request]) -> None:
    other = copy.deepcopy(SAVED)
    other["world"]["records"]["job"][0] |= {f"x{each}": each for each in range(25)}
    other["world"]["records"]["job"] += [{"id": f"j{each:02}"} for each in range(23)]
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(other))
    lines = run("diff", "a.json", "b.json").output.splitlines()
    assert [line.strip() for line in lines if "more" in line] == ["... and 5 more", "... and 3 more"]


def test_transitions_in_another_order_are_told(run: Run, asked: list[httpx2.Request]) -> None:
    one, other = copy.deepcopy(SAVED), copy.deepcopy(SAVED)
    rows = [{**MOVED, "resource": RECORD["id"], "to": to} for to in ("busy", "done")]
    one["world"]["transitions"]["rows"], other["world"]["transitions"]["rows"] = rows, rows[::-1]
    Path("a.json").write_text(json.dumps(one))
    Path("b.json").write_text(json.dumps(other))
    assert "transitions  the same 2, in another order" in run("diff", "a.json", "b.json").output


def test_what_applications_wrote_moves_no_cursor(run: Run, asked: list[httpx2.Request]) -> None:
    other = copy.deepcopy(SAVED)
    other["world"]["records"]["job"] = [RECORD | {"text": "\x1b[2J\n"}, {"id": "a\x07", "status": "\x1b[31mred"}]
    other["world"]["transitions"]["rows"].append(MOVED | {"resource": "\u202ec"})
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(other))
    lines = run("diff", "a.json", "b.json", color=True).output
    assert not {"\x1b", "\x07", "\u202e"} & set(lines)
    assert "    text: (none) | \\x1b[2J\\n\n" in lines
    assert "  B alone: job#2  a\\x07  \\x1b[31mred\n" in lines


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_terminal_of_few_letters_is_told_the_others_as_escapes(flags: list[str], run: Run) -> None:
    job = [RECORD | {"text": "né 日本 \U0001f600"}]
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(SAVED | {"world": WORLD | {"records": {"job": job}}}))
    result = CliRunner(charset="latin-1").invoke(main, ["diff", "a.json", "b.json", *flags])
    assert (result.exit_code, "\\u65e5\\u672c" in result.output) == (1, True)
    if flags:
        assert json.loads(result.output)["resources"]["differ"][0]["fields"][0]["b"] == job[0]["text"]


def test_a_profile_is_a_value_without_a_name(run: Run, asked: list[httpx2.Request]) -> None:
    Path("a.json").write_text(json.dumps(SAVED))
    Path("b.json").write_text(json.dumps(SAVED | {"world": WORLD | {"profile": "lenient"}}))
    assert "profile\n  spec | lenient\n" in run("diff", "a.json", "b.json").output


def test_a_world_that_has_lost_a_part_is_refused_by_diff(run: Run, asked: list[httpx2.Request]) -> None:
    Path("w.json").write_text(json.dumps({**SAVED, "world": {}}))
    result = run("diff", "w.json", "w.json")
    assert (result.exit_code, "w.json: this is no saved world: KeyError" in result.stderr) == (3, True)
