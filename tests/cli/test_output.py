"""Tables: aligned, wrapped only on request."""

from contratempo.cli.output import table


def test_columns_are_as_wide_as_they_need() -> None:
    assert table(["A", "B"], [["one", 1], ["x", None]]) == "A    B\none  1\nx"


def test_a_table_without_rows_is_its_heads() -> None:
    assert table(["A", "B"], []) == "A  B"


def test_the_last_column_wraps_under_itself() -> None:
    lines = table(["N", "TEXT"], [["a", "word " * 12]], width=40).splitlines()
    assert lines[1].startswith("a  word")
    assert all(line.startswith("   word") for line in lines[2:])
    assert max(map(len, lines)) <= 40
