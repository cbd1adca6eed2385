"""Watching: pictures of a world as things happen in it, on a terminal or not."""

import io
import re
import sys
from collections.abc import Iterator

import pytest

from contratempo.cli import timeline
from contratempo.cli.lanes import ASCII, Pen
from contratempo.cli.watching import Screen, watch
from contratempo.client import ControlError, ControlUnreachable, Event


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
    """Stands for a control plane whose streams have these events, each ending or breaking off."""

    def __init__(self, *streams: list[Event | Exception]) -> None:
        self.streams = list(streams)
        self.away = 0

    def follow(self) -> Iterator[Event]:
        for event in self.streams.pop(0) if self.streams else []:
            if isinstance(event, Exception):
                raise event
            yield event

    def ready(self, wait: float) -> bool:
        self.away += 1
        return self.away % 3 == 0


def clock(mode: str) -> Event:
    return Event("1", "clock", {"mode": mode})


AWAY = "the server does not answer any more; waiting until one does, Ctrl-C ends"


def watched(world: World, pictures: list[str | Exception], screen: Screen) -> None:
    """Watch until there are no more pictures, which is when somebody presses Ctrl-C."""

    def picture() -> list[str]:
        if not pictures:
            raise KeyboardInterrupt
        shown = pictures.pop(0)
        if isinstance(shown, Exception):
            raise shown
        return [shown]

    watch(world, picture, screen, pause=lambda seconds: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [[], [ControlUnreachable("GET", "gone")]], ids=["ends", "breaks"])
def test_a_server_that_goes_away_is_told_and_waited_for(end: list[Event | Exception]) -> None:
    screen, world = io.StringIO(), World(end, [])
    watched(world, ["one", "two", ControlUnreachable("GET", "gone")], Screen(screen))
    shown = [text for text in screen.getvalue().split("\n\n") if text]
    assert (shown[:3], world.away) == (["one", AWAY, "two"], 9)
    assert shown[3:] == [AWAY]


def test_on_a_terminal_the_last_picture_stays_while_the_server_is_away() -> None:
    terminal = Terminal()
    watched(World([]), ["one"], Screen(terminal))
    terminal.seek(0)
    assert terminal.read().endswith(f"one\n\n{AWAY}\n")


def test_a_world_that_is_gone_is_no_reason_to_wait() -> None:
    gone = ControlError("GET", 404, {"detail": "There is no world 'w'."})
    with pytest.raises(ControlError, match="no world 'w'"):
        watched(World([]), ["one", gone], Screen(io.StringIO()))
    with pytest.raises(ControlError, match="no world 'w'"):
        watched(World([gone]), ["one", "two"], Screen(io.StringIO()))


def test_watching_draws_anew_when_something_has_happened() -> None:
    shown = []

    def picture() -> list[str]:
        shown.append(len(shown))
        if len(shown) == 3:
            raise KeyboardInterrupt
        return [f"picture {len(shown)}"]

    screen = io.StringIO()
    watch(World([clock("running")] * 3_001), picture, Screen(screen))  # type: ignore[arg-type]
    assert screen.getvalue() == "picture 1\n\npicture 2\n\n"


def test_a_terminal_keeps_the_last_picture() -> None:
    terminal = Terminal()
    with Screen(terminal) as screen:
        for lines in (["one"], ["one"], ["two", "three"]):
            screen.show(lines)
    terminal.seek(0)
    begun, *pictures, ended = re.split(r"\x1b\[H|\x1b\[\?7h\x1b\[\?25h", terminal.read())
    assert begun == "\x1b[?1049h\x1b[?25l\x1b[?7l"
    assert pictures == ["one\x1b[K\x1b[J", "two\x1b[K\nthree\x1b[K\x1b[J"]
    assert ended == "\x1b[?1049ltwo\nthree\n"
