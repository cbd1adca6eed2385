"""How fast a deployment is asked, and what is done when it says that it is asked too much."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from contratempo.conformance.door import Refused

_PATIENCE: Final = 60.0
_TIMES: Final = 3


class Pace:
    """So many requests a second, evenly; after a 429 none until its Retry-After is over, after the third none."""

    def __init__(
        self, rate: float, clock: Callable[[], float], pause: Callable[[float], None], wall: Callable[[], datetime]
    ) -> None:
        self._gap, self._clock, self._pause, self._wall = 1 / rate, clock, pause, wall
        self._next = clock()
        self._over = 0
        self.stopped = ""

    def wait(self) -> None:
        """Wait for the next request's turn; Refused when no more are to be sent."""
        if self.stopped:
            raise Refused(self.stopped)
        while (left := self._next - self._clock()) > 0:
            self._pause(left)
        self._next = self._clock() + self._gap

    def slow_down(self, retry_after: str) -> None:
        """Obey a 429."""
        seconds = self._seconds(retry_after)
        self._over += 1
        self._next = max(self._next, self._clock() + seconds)
        if self._over >= _TIMES or seconds > _PATIENCE:
            self.stopped = f"upstream: it said 429 (Retry-After: {retry_after[:40] or 'none'}), and is asked no more"

    def _seconds(self, retry_after: str) -> float:
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after[:9])
        try:
            return max(0.0, (parsedate_to_datetime(retry_after) - self._wall()).total_seconds())
        except (TypeError, ValueError):
            return 10.0
