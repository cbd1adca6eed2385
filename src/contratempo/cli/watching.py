"""Watching: drawing a world anew whenever something has happened in it."""

from collections.abc import Callable, Sequence
from queue import Empty, Queue
from threading import Event, Thread
from typing import Final, TextIO

from contratempo.client import Control, ControlUnreachable

_GATHER: Final = 0.1
"""Real seconds for which more is waited for before drawing: a thousand transitions are one picture."""
_MOST: Final = 1_000
"""Events after which it is drawn all the same."""
_PACE: Final = 1.0
"""Real seconds between two pictures of a clock that runs, and between two tries to reach a server again."""
_AWAY: Final = ("", "the server does not answer any more; waiting until one does, Ctrl-C ends")


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

    def add(self, lines: Sequence[str]) -> None:
        """Show the last picture again with lines below it; where pictures follow one another the lines alone."""
        if self._terminal:
            self.show([*self._last, *lines])
        else:
            self.show([line for line in lines if line])

    def __enter__(self) -> "Screen":
        if self._terminal:
            self._write("\x1b[?1049h\x1b[?25l\x1b[?7l")  # another page, without a cursor, where no line goes on below
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            self._write("\x1b[?7h\x1b[?25h\x1b[?1049l" + "\n".join(self._last) + "\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def watch(
    control: Control,
    picture: Callable[[], Sequence[str]],
    screen: Screen,
    pause: Callable[[float], object] | None = None,
) -> None:
    """Show pictures until interrupted; the last one stays.

    A server that goes away is waited for, as `tail -F` waits for a file. ControlError when the world is there no more.
    """
    pause = pause or Event().wait
    with screen:
        try:
            while True:
                _watch_stream(control, picture, screen)
                screen.add(_AWAY)
                pause(_PACE)
                while not control.ready(_PACE):
                    pass
        except KeyboardInterrupt:
            return


def _watch_stream(control: Control, picture: Callable[[], Sequence[str]], screen: Screen) -> None:
    """Show pictures as things happen, until the stream ends or nobody answers."""
    happened: Queue[Exception | bool | None] = Queue()
    Thread(target=_follow, args=(control, happened), daemon=True).start()
    running = False
    try:
        while True:
            screen.show(picture())
            for event in _next(happened, _PACE if running else None):
                if isinstance(event, Exception):
                    raise event
                if event is None:
                    return
                running = event
    except ControlUnreachable:
        return


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
