"""What the commands that look at a deployment share."""

import signal
import sys
from collections.abc import Callable
from time import sleep

import pytest
from click.testing import Result

from contratempo.cli.deployments import stopped_by_signals
from contratempo.cli.errors import Failure

Run = Callable[..., Result]


class Finalized:
    """What does something when it goes: whatever that raises is told to `sys.unraisablehook` alone."""

    def __init__(self, last: Callable[[], None]) -> None:
        self.last = last

    def __del__(self) -> None:
        self.last()


def fails() -> None:
    raise ValueError("no signal")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_comes_where_exceptions_are_lost_stops_the_run(number: signal.Signals) -> None:
    went_on: list[bool] = []

    @stopped_by_signals()
    def run() -> None:
        Finalized(lambda: signal.raise_signal(number))
        sleep(10)
        went_on.append(True)

    before = sys.unraisablehook, signal.getsignal(signal.SIGTERM)
    with pytest.raises(Failure, match="stopped before it had finished"):
        run()
    assert not went_on
    assert (sys.unraisablehook, signal.getsignal(signal.SIGTERM)) == before


def test_what_nohup_keeps_away_stays_away() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopped_by_signals():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_else_is_lost_is_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(str(lost.exc_value)))
    with stopped_by_signals():
        Finalized(fails)
    assert told == ["no signal"]


@pytest.mark.parametrize(
    "where", [["http://127.0.0.1:1/v1"], ["--har", __file__], ["http://127.0.0.1:1/v1", "--dry-run"]]
)
def test_a_profile_that_nobody_knows_is_wrong_usage(run: Run, where: list[str]) -> None:
    result = run("conform", *where, "--provider", "temphone", "--profile", "strict")
    assert result.exit_code == 2
    assert "there is no profile 'strict' here: known are spec, observed, lenient" in result.stderr


@pytest.mark.parametrize("name", ["http://proxy", "proxy:4020", "a:1", "[::1]"])
def test_a_proxy_is_told_which_host_names_are_none(run: Run, name: str) -> None:
    result = run("proxy", "http://127.0.0.1:1/v1", "--provider", "temphone", "--allowed-host", name)
    assert result.exit_code == 2
    assert f"{name!r} is no host name. Write it alone, without scheme, port and path" in result.stderr
