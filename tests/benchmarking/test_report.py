"""The report: table, verdict, JSON and the block of the README."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import report
import rows


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
    ("value", "shown"),
    [(12821.4, "12,821"), (100, "100"), (99.94, "99.9"), (4.049, "4.05"), (0.00449, "0.0045"), (0, "0.00")],
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
