"""What holds for every test: the hypothesis tiers, the `--target` option, and that CI knows no skipped test."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# A loaded machine makes an example slow, never wrong: so no deadline, and slowness alone fails no test.
_PATIENT: dict[str, Any] = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("moderate", max_examples=50, **_PATIENT)
settings.register_profile("full", max_examples=1000, **_PATIENT)
settings.load_profile(os.environ.get("CONTRATEMPO_TEST_TIER", "moderate"))


# Covering the floors to the last branch is the task of these; the others take half as long when nobody traces them.
_COVERING = frozenset({"sim", "contract", "providers", "server", "cli"})


def _covers(item: pytest.Item) -> bool:
    return item.path.relative_to(Path(__file__).parent).parts[0] in _COVERING


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not _covers(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Trace where it is of use, and change that rarely: Python cannot do it in two threads at one time."""
    tracing = getattr(item.config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if tracing is not None and tracing.started != _covers(item):
        (tracing.resume if _covers(item) else tracing.pause)()
    if tracing is not None and not tracing.started:
        while (another := Coverage.current()) is not None:  # which pytest-cov begins in each of xdist's workers
            another.stop()
    return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--target",
        metavar="URL",
        default=None,
        help="base URL of the deployment that tests/conformance exercises (default: our mock, started for the run)",
    )


def _refuse_skip(report: Report) -> Report:
    if os.environ.get("CI", "") not in {"", "0", "false"} and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason}. CI must be able to run every test: install what is missing."
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse_skip((yield))
