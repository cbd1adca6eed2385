"""Patience with a deployment: an answer that does not end is cut off, and who is too slow altogether is given up."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, Final

PATIENT: Final = 30.0
"""How long an answer may take, in seconds, to begin and to end."""
PATIENT_WITH_GUARD: Final = 300.0
"""How long behind a guard, which waits for the turn of a request and has patience of its own with the deployment."""
HANGS: Final = 3
"""After how many requests in a row without an answer nobody is thought to listen."""
_QUICK: Final = 2.0
_LONGEST_BEYOND: Final = 60.0
"""How long all that answers take beyond two seconds each may come to."""
_CONNECTED: Final = "connection.connect_tcp.complete"


class Cord:
    """A second handle on the connection in use, by which it is cut when the patience with an answer ends.

    A client's own time limits are for each read: who sends a byte now and then is never cut off by them.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._handle: socket.socket | None = None
        self._changed = Condition()
        self._until: float | None = None
        self._watcher: Thread | None = None
        self._closed = False
        self.cut = False

    def hold(self, event: str, told: Mapping[str, Any]) -> None:
        """Take hold of a connection that is made, as the client's trace tells."""
        if event == _CONNECTED:
            self.let_go()
            handle = socket.socket(fileno=os.dup(told["return_value"].get_extra_info("socket").fileno()))
            with self._changed:
                self._handle = handle
                if self.cut:  # connecting took all the patience: nobody watches any more
                    self._cut()

    @contextmanager
    def patience(self) -> Iterator[None]:
        """Cut the connection unless the block is left in time; `cut` says whether it was."""
        with self._changed:
            self.cut, self._until = False, self._clock() + self._seconds
            if self._watcher is None:
                self._watcher = Thread(target=self._watch, daemon=True)
                self._watcher.start()
        try:
            yield
        finally:
            with self._changed:
                self._until = None

    def _watch(self) -> None:
        """Wait beside the requests, and end when there are none: a thread for each would take as long as it does."""
        with self._changed:
            if not self._closed:  # while this thread was started
                self._changed.wait(self._seconds)
            while self._until is not None:
                left = self._until - self._clock()
                if left > 0:
                    self._changed.wait(left)
                else:
                    self._cut()
            self._watcher = None

    def _cut(self) -> None:
        self.cut, self._until = True, None
        if self._handle is not None:
            with suppress(OSError):  # it is closed already
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go, and wait for nobody."""
        self.let_go()
        with self._changed:
            self._closed = True
            self._changed.notify()

    def let_go(self) -> None:
        """Close the handle; the connection stays as it is."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None


@dataclass
class Slowness:
    """What the answers of a deployment have taken so far; `verdict` says why there is no use in going on."""

    slow: int = 0
    beyond: float = 0.0
    late: int = 0
    verdict: str = ""

    def count(self, seconds: float, late: bool) -> None:
        """Count one more answer."""
        self.slow += seconds > _QUICK
        self.beyond += max(0.0, seconds - _QUICK)
        self.late = self.late + 1 if late else 0
        if self.late == HANGS:
            self.verdict = f"hangs: {HANGS} requests in a row had no answer within {PATIENT:.0f} s"
        elif self.beyond > _LONGEST_BEYOND:
            self.verdict = (
                f"is too slow to be tested: {self.slow} answers took longer than {_QUICK:.0f} s, on average"
                f" {_QUICK + self.beyond / self.slow:.0f} s"
            )
