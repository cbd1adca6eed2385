"""The watch: the deadlines of one connection, kept by one timer."""

import asyncio
from collections.abc import Callable
from typing import Final

from contratempo.server.edge.limits import UNLIMITED


class Watch:
    """Deadlines by name; `late(name)` is called for one that passes.

    They move with every request. So a timer is set only when it must ring earlier than it would, and one that rings
    for a deadline that has moved is set again.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, late: Callable[[str], None]) -> None:
        self._loop: Final = loop
        self._late: Final = late
        self._due: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def start(self, name: str, seconds: float) -> None:
        """Set a deadline so many seconds from now, in place of an earlier one of that name."""
        if seconds == UNLIMITED:
            return
        self._due[name] = at = self._loop.time() + seconds
        self._ring_by(at)

    def runs(self, name: str) -> bool:
        """Say whether there is a deadline of that name."""
        return name in self._due

    def stop(self, *names: str) -> None:
        """Forget deadlines, set or not."""
        for name in names:
            self._due.pop(name, None)

    def end(self) -> None:
        """Forget all of them."""
        self._due.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring_by(self, at: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer, now = None, self._loop.time()
        for name in [name for name, at in self._due.items() if at <= now]:
            if self._due.pop(name, None) is not None:  # what is done about one may be the end of another
                self._late(name)
        if self._due:
            self._ring_by(min(self._due.values()))
