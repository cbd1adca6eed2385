"""Where real time and chance are read: waiting, a stopwatch, the wall clock of signatures, names nobody else has."""

import secrets
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


def unheard_of() -> str:
    """Return a word that no other run has."""
    return secrets.token_hex(6)
