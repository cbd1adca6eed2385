"""Packages that are imported when they are asked for, and a collector that rests meanwhile."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from contratempo.server.deferral import UNUSED, collecting_later, deferring

SERVE = """
import sys
from contratempo.cli.serve import _import_server
_import_server()
from contratempo.server.settings import Settings
from contratempo.server.app import App
from contratempo.server.service import make_service
App(make_service(Settings(clock="2026-01-01T00:00:00Z", validation="both")))
print([name for name in {unused} if type(sys.modules.get(name)).__name__ != "_Deferred"])
print([name for name in ("flask", "hypothesis", "pydantic", "urllib3") if name in sys.modules])
"""
TAKEN = """
import gc
from contratempo.cli.serve import _import_server
_import_server()
from contratempo.server.deferral import _Later
taken = [each for each in gc.get_objects() if type(each) is _Later]
print(len(taken) > 0, [each.__name__ for each in taken if BaseException in getattr(each, "__mro__", ())])
"""
HOUSE = """
log.append("run")
weight = 7
class Weight(int): pass
def weigh(): return weight
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Say how often the package `heavy_package` was run; it has a part."""
    log: list[str] = []
    (tmp_path / "heavy_package").mkdir()
    (tmp_path / "heavy_package" / "__init__.py").write_text(f"from builtins import heavy_log as log\n{HOUSE}")
    (tmp_path / "heavy_package" / "part.py").write_text("size = 3\n")
    (tmp_path / "heavy_package" / "data.txt").write_text("told")
    monkeypatch.setattr("builtins.heavy_log", log, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("heavy_package", "heavy_package.part"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)
    return log


def test_a_package_is_run_when_it_is_asked_for(log: list[str]):
    with deferring("heavy_package"):
        import heavy_package
    assert log == []
    assert (heavy_package.weight, sys.modules["heavy_package"].weight) == (7, 7)
    assert (log, sys.modules["heavy_package"] is heavy_package) == (["run"], True)


def test_who_imports_it_later_gets_it_whole(log: list[str]):
    with deferring("heavy_package"):
        import heavy_package  # noqa: F401
    from heavy_package import weight

    assert (weight, log) == (7, ["run"])


def test_its_parts_are_imported_without_it(log: list[str]):
    with deferring("heavy_package"):
        from heavy_package import part
        from heavy_package.part import size
    assert (size, part.size, log) == (3, 3, [])


def test_what_is_taken_from_it_stands_in_too_until_it_is_used(log: list[str]):
    with deferring("heavy_package"):
        from heavy_package import Weight, weigh
    assert log == []
    assert (weigh(), Weight.__name__) == (7, "Weight")
    assert isinstance(Weight(1), Weight)
    assert not isinstance(1, Weight)
    assert log == ["run"]


def test_what_is_taken_from_it_can_be_built_upon(log: list[str]):
    with deferring("heavy_package"):
        from heavy_package import Weight

        class Burden(Weight):
            pass

    assert (int(Burden(4)), Burden.__mro__[1].__module__, log) == (4, "heavy_package", ["run"])


def test_its_data_can_be_read_without_it(log: list[str]):
    import pkgutil

    with deferring("heavy_package"):
        assert pkgutil.get_data("heavy_package", "data.txt") == b"told"
    assert log == []


def test_a_package_that_is_there_stays(log: list[str]):
    import heavy_package

    with deferring("heavy_package"):
        assert sys.modules["heavy_package"] is heavy_package
        assert heavy_package.weight == 7
    assert log == ["run"]


def test_what_a_package_does_not_have_is_an_error(log: list[str]):
    with deferring("heavy_package"):
        import heavy_package
    with pytest.raises(AttributeError):
        heavy_package.colour  # noqa: B018


def test_nothing_is_deferred_after_the_block(log: list[str]):
    before = list(sys.meta_path)
    with deferring("heavy_package"):
        pass
    import heavy_package  # noqa: F401

    assert (log, sys.meta_path) == (["run"], before)


def test_serve_runs_nothing_that_it_never_uses():
    command = [sys.executable, "-c", SERVE.format(unused=UNUSED)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("[]\n[]\n", "")


def test_no_exception_is_taken_from_what_stands_in():
    """An `except` clause takes no stand-in, and says so only when something is raised: in a request, of `serve`."""
    ended = subprocess.run([sys.executable, "-c", TAKEN], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("True []\n", "")


def test_the_collector_works_again_after_its_rest():
    with collecting_later():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with collecting_later():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
