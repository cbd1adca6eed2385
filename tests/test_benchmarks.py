"""The benchmark's own arithmetic, its report, what it sends, and that it still fits the product that it measures."""

import importlib
import json
import random
import re
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"


def module(name: str) -> ModuleType:
    if str(BENCHMARKS) not in sys.path:
        sys.path.append(str(BENCHMARKS))
    return importlib.import_module(name)


bench, exchanges, hostile, load = map(module, ("bench", "exchanges", "hostile", "load"))
report, rows, soak, stories = map(module, ("report", "rows", "soak", "stories"))


# rows


def test_a_row_has_the_median_its_quartiles_and_the_median_ratio_of_the_pairs():
    made = rows.row(
        "1", "create", [10, 20, 30, 40, 50], "req/s", peer="Prism", theirs=[10, 10, 10, 10, 100], wanted=">= 2x"
    )
    assert (made.low, made.measured, made.high) == (20, 30, 40)
    assert (made.ratio, made.met) == (2, True)  # pairs 1, 2, 3, 4 and 0.5


def test_repetitions_that_are_no_pairs_are_compared_by_their_medians():
    assert rows.compared([8, 4, 6], [2, 2]) == 3


@pytest.mark.parametrize(
    ("wanted", "measured", "ratio", "met"),
    [
        ("", 1, 1, None),
        (">= 3x", 1, 3.0, True),
        (">= 3x", 1, 2.9, False),
        ("<= 0.5x", 1, 0.6, False),
        ("<= 20", 20, None, True),
        ("<= 20", 21, 0.1, False),
        (">= 3x", 9, None, None),
    ],
)
def test_what_is_wanted_is_met_or_not_or_not_measured(
    wanted: str, measured: float, ratio: float | None, met: bool | None
):
    assert rows.met(wanted, measured, ratio) is met


def test_one_repetition_is_its_own_quartiles():
    assert rows.quartiles([7]) == (7, 7, 7)


# the report


def some_rows() -> list[Any]:
    made = [rows.row("1", "create", [900, 1000, 1100], "req/s", peer="Prism", theirs=[250, 250, 250], wanted=">= 3x")]
    for server, rate in (("Contratempo", 1000), ("Prism", 250)):
        made.append(rows.row("", "create", [rate], "req/s", server=server))
        made.append(rows.row("", "create", [1e6 / rate], "µs CPU", server=server))
    made.append(rows.row("", "what the load can ask", [50_000], "req/s", server="a bare socket"))
    return [
        *made,
        rows.row("12", "insert", [31.5], "µs", wanted="<= 10"),
        rows.row("7", "p99", [3], "ms", wanted="<= 1x"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(12821.4, "12,821"), (100, "100"), (99.94, "99.9"), (4.049, "4.05"), (0, "0.00")]
)
def test_figures_have_the_digits_that_count(value: float, shown: str):
    assert report.figure(value) == shown


def test_a_line_of_the_table_says_everything():
    shown = report.line(some_rows()[0])
    assert re.sub(" +", " ", shown).strip() == "1 create 1,000 950-1,050 req/s Prism 4.00x >= 3x yes"


def test_the_verdict_names_what_is_not_met_and_what_was_not_measured():
    assert report.verdict(some_rows()) == "1 of 3 met\n  not: 12 insert (<= 10)\n  not: 7 p99 (<= 1x)"


def test_yardsticks_are_a_line_for_each_server():
    first, second, _ = report.beside(some_rows())
    assert "1,000 req/s · 1,000 µs CPU" in first
    assert "Prism" in second


def test_the_readme_block_shows_every_peer_and_every_goal():
    block = report.as_markdown(some_rows(), "Python 3")
    assert "| create | 1,000 (1,000) | 250 (4,000) |" in block
    assert "| create | 1,000 req/s (950-1,050) | Prism | 4.00x | >= 3x | yes |" in block
    assert block.index("| p99 | 3.00 ms |  |  | <= 1x | not measured |") < block.index("| insert | 31.5 µs |")
    assert "what the load can ask" not in block


def test_a_block_takes_the_place_of_the_one_before(tmp_path: Path):
    readme, block = tmp_path / "README.md", report.as_markdown(some_rows(), "Python 3")
    readme.write_text(f"before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n", "utf-8")
    report.put(block, readme)
    report.put(block, readme)
    assert readme.read_text("utf-8") == f"before\n\n{block}\nafter\n"


def test_a_file_without_a_place_is_left_alone(tmp_path: Path):
    (tmp_path / "README.md").write_text("mine\n", "utf-8")
    with pytest.raises(ValueError, match=re.escape(report.BEGIN)):
        report.put("block", tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text("utf-8") == "mine\n"


def test_a_file_that_is_not_there_is_the_block(tmp_path: Path):
    for text in (f"{report.BEGIN} 1\n", f"{report.BEGIN} 2\n"):
        report.put(text, tmp_path / "block.md")
        assert (tmp_path / "block.md").read_text("utf-8") == text


def test_json_gives_the_rows_back():
    written = json.loads(report.as_json(some_rows(), ["a note"], "Python 3"))
    assert [rows.Row(**row) for row in written["rows"]] == some_rows()
    assert written["notes"] == ["a note"]


# rooms in processes of their own


def room_of(monkeypatch: pytest.MonkeyPatch, directory: Path, text: str, seconds: float = 60) -> list[Any]:
    (directory / "room.py").write_text(text, "utf-8")
    (directory / "measured.py").touch()
    monkeypatch.setattr(bench, "HERE", directory)
    return list(bench.measured(bench.Room("measured", "", seconds, seconds), False))


def test_a_room_hands_over_its_rows_and_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    said = ["a note", asdict(some_rows()[0])]
    text = "".join(f"print({json.dumps(each)!r})\n" for each in said)
    assert room_of(monkeypatch, tmp_path, text) == ["a note", some_rows()[0]]


def test_a_room_that_fails_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert room_of(monkeypatch, tmp_path, "raise SystemExit(3)") == ["measured: FAILED with exit 3, see above"]


def test_a_room_is_cut_off_at_its_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert room_of(monkeypatch, tmp_path, "import signal; signal.pause()", 0.1) == ["measured: cut off after 0.1 s"]


def test_a_room_that_is_not_there_is_reported():
    (said,) = bench.measured(bench.Room("nowhere", "", 1, 1), False)
    assert said == "nowhere: not measured, there is no nowhere.py"


def test_an_unknown_name_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as refused:
        bench.main(["speed"])
    assert refused.value.code == 2
    assert "there is no speed; there are throughput," in capsys.readouterr().err


# what is sent, and how answers are read


@pytest.mark.parametrize(
    ("answer", "complete"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-le", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\ndate: today\r\n\r\n", True),
    ],
)
def test_an_answer_is_complete_when_all_of_it_came(answer: bytes, complete: bool):
    assert load.is_complete(answer) is complete


def test_an_exchange_is_written_with_its_length():
    head, _, body = exchanges.CREATE.wire("/v2", 4010).partition(b"\r\n\r\n")
    assert head.startswith(
        b"POST /v2/ai/assistants/assistant-created/scheduled_events HTTP/1.1\r\nHost: 127.0.0.1:4010"
    )
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == exchanges.EVENT


def test_the_peers_document_answers_the_page_that_we_answer():
    paths = exchanges.merged_document({"data": ["ours"]})["paths"]
    listed = paths["/ai/assistants/{assistant_id}/scheduled_events"]
    assert listed["get"]["responses"]["200"]["content"]["application/json"]["example"] == {"data": ["ours"]}
    assert {"post", "get"} <= set(listed)
    assert "/messages/schedule" in paths


def test_hostile_calls_are_the_same_for_the_same_seed_and_their_lengths_are_true():
    calls = [hostile.chosen(random.Random(seed)) for seed in range(300)]
    assert calls == [hostile.chosen(random.Random(seed)) for seed in range(300)]
    assert {call.kind for call in calls} == {"call", "control", "hostile", "no HTTP"}
    for call in calls:
        head, _, body = call.data.partition(b"\r\n\r\n")
        if call.kind != "no HTTP" and (length := re.search(rb"Content-Length: (\d+)", head)):
            assert int(length[1]) == len(body)


# the soak and the stories


def test_the_slope_is_in_megabytes_for_a_hundred_thousand_operations():
    assert soak.slope([(number * 1_000, 50_000_000 + number * 20_000) for number in range(20)]) == pytest.approx(2.0)
    assert soak.slope([(1, 5), (2, 5)]) == 0
    assert soak.slope([(1, 5)]) == 0


def test_quantiles_of_tenths_of_a_millisecond():
    tenths = Counter({5: 98, 20: 1, 300: 1})
    assert (soak.quantile(tenths, 0.5), soak.quantile(tenths, 0.99), soak.quantile(tenths, 1)) == (0.5, 2.0, 30.0)
    assert soak.quantile(Counter(), 0.5) == 0


def test_a_server_error_is_an_error_and_a_refusal_is_none():
    tally, call = soak.Tally(), hostile.Call("hostile", b"", "POST /x")
    tally.answered(call, 422, 0.001)
    tally.answered(call, 503, 0.001)
    assert (tally.done, tally.wrong, tally.errors) == (2, 1, ["hostile: POST /x: answered 503"])


@pytest.mark.parametrize(("grown", "errors", "code"), [(0, 0, 0), (900_000, 0, 0), (1_000_000, 0, 1), (0, 1, 1)])
def test_a_soak_fails_by_growth_or_by_any_error(grown: int, errors: int, code: int):
    tally = soak.Tally(samples=[(number * 100_000, 10**8 + number * grown) for number in range(1, 6)])
    for _ in range(errors):
        tally.failed(hostile.Call("call", b"", "GET /"), "no answer")
    assert soak._verdict(tally, 1) == code


def test_a_soak_with_too_few_samples_proves_nothing():
    assert soak._verdict(soak.Tally(samples=[(1, 1), (2, 1), (3, 1)]), 1) == 1


@pytest.mark.parametrize(
    ("answer", "status"), [(b"HTTP/1.1 404 Not Found\r\n", 404), (b"\x15\x03", 599), (b"HTTP/1.1 abc", 599)]
)
def test_what_is_no_status_line_counts_as_a_server_error(answer: bytes, status: int):
    assert soak._status(answer) == status


def test_a_report_of_stories_names_the_flaky_runs(tmp_path: Path):
    (tmp_path / "report.xml").write_text(
        '<testsuites><testsuite><testcase name="a[1]" time="0.5"/><testcase name="a[2]" time="0.25">'
        '<failure message="assert 1 == 2"/></testcase></testsuite></testsuites>',
        "utf-8",
    )
    assert stories.read(tmp_path / "report.xml") == stories.Outcome(2, (("a[2]", "assert 1 == 2"),), (0.25, 0.5))


# what is measured is still there


@pytest.fixture(scope="module")
def world() -> Any:
    return module("stored").simulation()


def test_the_store_can_be_filled_and_asked(world: Any):
    stored, queries = module("stored"), module("queries")
    kind, record = stored.sample(world)
    world.records.load({kind.name: stored.alike(record, 5_000)})
    asked = queries._queries(world, 5_000)  # which asserts that each page is full
    assert len(asked) == 8
    assert queries._inserts(world, 5_000).unit == "µs"


def test_lifecycles_are_lived_through_and_some_are_busy_once():
    seconds, transitions = module("clock")._lived(14)
    assert seconds > 0
    assert transitions > 14 * 3


def test_every_path_of_a_generated_document_is_routed(tmp_path: Path):
    routing = module("routing")
    assert len(routing.document(30)["paths"]) == 30
    assert routing._calls(routing.written(30, tmp_path), 30)() > 0  # which asserts that each was found


def test_judging_can_be_taken_out_for_its_floor():
    from contratempo.contract.contract import Contract

    unjudged = module("unjudged")
    taken = unjudged._take_as_it_is(
        None, "create_scheduled_event", path={"assistant_id": "a"}, query=b"", body=b'{"a": 1}'
    )
    assert (taken.violations, taken.path, taken.body) == ((), {"assistant_id": "a"}, {"a": 1})
    for face in unjudged.FACES:
        assert callable(getattr(Contract, face))
