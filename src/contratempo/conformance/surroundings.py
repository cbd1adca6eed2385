"""Where real time is read: the suite's waiting, its stopwatch, and the wall clock that signatures are held against."""

import time
from datetime import UTC, datetime


def stopwatch() -> float:
    """Return seconds of a clock that only runs forward."""
    return time.perf_counter()


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def wall() -> datetime:
    """Return the real instant."""
    return datetime.now(UTC)
