"""Watching: drawing a world anew whenever something has happened in it."""

from collections.abc import Callable, Sequence
from queue import Empty, Queue
from threading import Thread
from typing import Final, TextIO

import click

from contratempo.client import Control

_GATHER: Final = 0.1
"""Real seconds for which more is waited for before drawing: a thousand transitions are one picture."""
_MOST: Final = 1_000
"""Events after which it is drawn all the same."""
_PACE: Final = 1.0
"""Real seconds between two pictures of a clock that runs."""


class Screen:
    """Where pictures go: on a terminal each in place of the last one, elsewhere one after the other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._last: Sequence[str] = ()

    def show(self, lines: Sequence[str]) -> None:
        """Show a picture, unless it is there."""
        if lines == self._last:
            return
        if self._terminal:
            self._write("\x1b[H" + "\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J")
        else:
            self._write("\n".join(lines) + "\n\n")
        self._last = lines

    def __enter__(self) -> "Screen":
        if self._terminal:
            self._write("\x1b[?1049h\x1b[?25l")  # another page, without a cursor
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            self._write("\x1b[?25h\x1b[?1049l" + "\n".join(self._last) + "\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def watch(control: Control, picture: Callable[[], Sequence[str]], screen: Screen) -> None:
    """Show pictures until interrupted, or until the server or the world ends; the last one stays."""
    happened: Queue[Exception | bool | None] = Queue()
    Thread(target=_follow, args=(control, happened), daemon=True).start()
    running, ended = False, False
    with screen:
        try:
            while not ended:
                screen.show(picture())
                for event in _next(happened, _PACE if running else None):
                    if isinstance(event, Exception):
                        raise event
                    ended = ended or event is None
                    running = running if event is None else event
        except KeyboardInterrupt:
            return
    click.echo("the stream has ended", err=True)


def _follow(control: Control, happened: "Queue[Exception | bool | None]") -> None:
    """Put into a queue, at every event, whether the clock runs; None at the end, or what went wrong."""
    running = False
    try:
        for event in control.follow():
            if event.event in ("clock", "resync"):
                running = event.data["mode"] == "running"
            happened.put(running)
        happened.put(None)
    except Exception as error:  # whatever it is, it is told where it is waited for
        happened.put(error)


def _next(happened: "Queue[Exception | bool | None]", seconds: float | None) -> list[Exception | bool | None]:
    """Return the events that came, waiting for one at most so long, and then a moment for those that come with it."""
    events: list[Exception | bool | None] = []
    try:
        events.append(happened.get(timeout=seconds))
        while len(events) < _MOST:
            events.append(happened.get(timeout=_GATHER))
    except Empty:
        pass
    return events
