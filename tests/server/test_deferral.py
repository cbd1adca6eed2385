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
print([name for name in {unused} if name in sys.modules])
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "heavy_package").mkdir()
    (tmp_path / "heavy_package" / "__init__.py").write_text("weight = 7\n")
    (tmp_path / "heavy_package" / "part.py").write_text("size = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("heavy_package", "heavy_package.part"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)
    return "heavy_package"


def test_a_package_is_imported_when_it_is_asked_for(package: str):
    with deferring(package):
        import heavy_package
    assert package not in sys.modules
    assert (heavy_package.weight, sys.modules[package].weight) == (7, 7)


def test_a_package_may_be_asked_for_while_it_is_deferred(package: str):
    with deferring(package):
        from heavy_package import weight
        from heavy_package.part import size
    assert (weight, size, sys.modules[package].__file__ is None) == (7, 3, False)


def test_a_package_that_is_there_stays(package: str):
    import heavy_package

    with deferring(package):
        assert sys.modules[package] is heavy_package
    assert sys.modules[package] is heavy_package


def test_what_a_package_does_not_have_is_an_error(package: str):
    with deferring(package):
        import heavy_package
    with pytest.raises(AttributeError):
        heavy_package.colour  # noqa: B018


def test_serve_imports_nothing_that_it_never_uses():
    command = [sys.executable, "-c", SERVE.format(unused=UNUSED)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("[]\n", "")


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
