"""Windows: taken in turn, and what happens when a server drops out."""

from types import SimpleNamespace
from typing import Any

import pytest
import windows
from exchanges import CREATE
from load import UnexpectedAnswer
from peers import CONTRATEMPO, PRISM_SILENT, TWIN

EFFORT = windows.Effort(3, 1.0, 0.5)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Every window asked for, as (server, seconds); a server with `broken` set fails at its second."""
    asked: list[tuple[str, float]] = []

    def measure(running: Any, exchange: Any, seconds: float, connections: int) -> windows.Window:
        asked.append((running.peer.name, seconds))
        if running.broken and len([name for name, _ in asked if name == running.peer.name]) == 2:
            raise UnexpectedAnswer("gone")
        return windows.Window(len(asked), 1, 1, 1, 1, 0.1)

    monkeypatch.setattr(windows, "measure", measure)
    monkeypatch.setattr(windows, "ask", lambda *_: b"")
    return asked


def server(peer: Any, *, broken: bool = False) -> Any:
    return SimpleNamespace(peer=peer, port=1, broken=broken)


def test_windows_are_taken_in_turn_after_a_warm_up(taken: list[tuple[str, float]]):
    windows.interleaved([server(CONTRATEMPO), server(TWIN)], CREATE, EFFORT, 16)
    assert taken == [(peer.name, seconds) for seconds in (0.5, 1, 1, 1) for peer in (CONTRATEMPO, TWIN)]


def test_the_warm_up_does_not_count(taken: list[tuple[str, float]]):
    found = windows.interleaved([server(CONTRATEMPO)], CREATE, EFFORT, 16)
    assert found.of(CONTRATEMPO.name, lambda window: window.rate) == [2, 3, 4]


def test_a_peer_that_crashes_is_reported_and_left_out(taken: list[tuple[str, float]]):
    found = windows.interleaved([server(CONTRATEMPO), server(PRISM_SILENT, broken=True)], CREATE, EFFORT, 16)
    assert list(found.windows) == [CONTRATEMPO.name]
    assert found.notes == ["create: Prism, logging off dropped out: gone"]
    assert found.of(PRISM_SILENT.name, lambda window: window.rate) == []


def test_our_own_crash_ends_the_measurement(taken: list[tuple[str, float]]):
    with pytest.raises(UnexpectedAnswer):
        windows.interleaved([server(CONTRATEMPO, broken=True)], CREATE, EFFORT, 16)
