"""Rooms run in processes of their own: rows handed over, failures and limits said."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bench
import psutil
import pytest
from rows import row

ROW = row("1", "create", [3, 4, 5], "req/s", peer="Prism", theirs=[1, 1, 1], wanted=">= 3x")


def room_of(monkeypatch: pytest.MonkeyPatch, directory: Path, text: str, seconds: float = 60) -> list[Any]:
    (directory / "room.py").write_text(text, "utf-8")
    (directory / "measured.py").touch()
    monkeypatch.setattr(bench, "HERE", directory)
    return list(bench.measured(bench.Room("measured", "", seconds, seconds), False))


def test_a_room_hands_over_its_rows_and_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    said = ["a note", asdict(ROW)]
    text = "".join(f"print({json.dumps(each)!r})\n" for each in said)
    assert room_of(monkeypatch, tmp_path, text) == ["a note", ROW]


def test_a_room_that_fails_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert room_of(monkeypatch, tmp_path, "raise SystemExit(3)") == ["measured: FAILED with exit 3, see above"]


def test_a_room_is_cut_off_at_its_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert room_of(monkeypatch, tmp_path, "import signal; signal.pause()", 0.1) == ["measured: cut off after 0.1 s"]


def test_a_room_that_is_not_there_is_reported():
    (said,) = bench.measured(bench.Room("nowhere", "", 1, 1), False)
    assert said == "nowhere: not measured, there is no nowhere.py"


def test_no_room_is_begun_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "measured.py").touch()
    monkeypatch.setattr(bench, "HERE", tmp_path)
    assert list(bench.measured(bench.Room("measured", "", 60, 60), False, -1.0)) == [
        "measured: not measured, the time is up"
    ]


def test_an_unknown_name_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as refused:
        bench.main(["speed"])
    assert refused.value.code == 2
    assert "there is no speed; there are throughput," in capsys.readouterr().err


def test_nothing_that_a_room_started_outlives_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    text = "import json, signal, subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
    (tmp_path / "room.py").write_text(f"{text}print(json.dumps(str(child.pid)), flush=True)\nsignal.pause()", "utf-8")
    (tmp_path / "measured.py").touch()
    monkeypatch.setattr(bench, "HERE", tmp_path)
    saying = bench.measured(bench.Room("measured", "", 60, 60), False)
    child = psutil.Process(int(next(saying)))
    saying.close()
    with suppress(psutil.NoSuchProcess):
        while child.status() != psutil.STATUS_ZOMBIE:  # pytest's time limit ends this if it does not end
            pass
