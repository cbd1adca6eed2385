"""Watching: pictures of a world as things happen in it, on a terminal or not."""

import io
import re
import sys
from collections.abc import Iterator

import pytest

from contratempo.cli import timeline
from contratempo.cli.lanes import ASCII, Pen
from contratempo.cli.watching import Screen, watch
from contratempo.client import ControlUnreachable, Event


class Terminal(io.TextIOWrapper):
    """A terminal of some encoding, which keeps what it shows."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_colours_and_letters_as_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert timeline.pen() == Pen(coloured=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert timeline.pen() == Pen()
    monkeypatch.setattr(sys, "stdout", Terminal("ascii"))
    assert timeline.pen() == ASCII


class World:
    """Stands for a control plane whose stream has these events, and then breaks off or is interrupted."""

    def __init__(self, *events: Event | Exception) -> None:
        self.events = events

    def follow(self) -> Iterator[Event]:
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event


def clock(mode: str) -> Event:
    return Event("1", "clock", {"mode": mode})


def test_watching_draws_until_the_stream_ends(capsys: pytest.CaptureFixture[str]) -> None:
    screen = io.StringIO()
    watch(World(clock("frozen"), Event("2", "transition", {})), lambda: ["one"], Screen(screen))  # type: ignore[arg-type]
    assert screen.getvalue() == "one\n\n"
    assert capsys.readouterr().err == "the stream has ended\n"


def test_watching_draws_anew_when_something_has_happened() -> None:
    shown = []

    def picture() -> list[str]:
        shown.append(len(shown))
        if len(shown) == 3:
            raise KeyboardInterrupt
        return [f"picture {len(shown)}"]

    screen = io.StringIO()
    watch(World(clock("running"), *[clock("running")] * 3_000), picture, Screen(screen))  # type: ignore[arg-type]
    assert screen.getvalue() == "picture 1\n\npicture 2\n\n"


def test_a_stream_that_breaks_is_told() -> None:
    with pytest.raises(ControlUnreachable):
        watch(World(ControlUnreachable("GET", "gone")), lambda: ["one"], Screen(io.StringIO()))  # type: ignore[arg-type]


def test_a_terminal_keeps_the_last_picture() -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        for lines in (["one"], ["one"], ["two", "three"]):
            screen.show(lines)
    terminal.seek(0)
    begun, *pictures, ended = re.split(r"\x1b\[H|\x1b\[\?25h", terminal.read())
    assert begun == "\x1b[?1049h\x1b[?25l"
    assert pictures == ["one\x1b[K\x1b[J", "two\x1b[K\nthree\x1b[K\x1b[J"]
    assert ended == "\x1b[?1049ltwo\nthree\n"
