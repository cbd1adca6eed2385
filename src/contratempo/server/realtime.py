"""Real time: the one place that reads it; everyone else is handed this."""

import time
from dataclasses import dataclass

from contratempo.sim.instants import Instant


@dataclass(frozen=True)
class RealTime:
    """The machine's clocks; tests hand in another with the same two methods."""

    def seconds(self) -> float:
        """Return seconds of a steady clock, for measuring."""
        return time.monotonic()

    def instant(self) -> Instant:
        """Return the wall clock's instant."""
        return time.time_ns() // 1_000
