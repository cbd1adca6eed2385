"""The clock of a world: frozen, or running at a rate; real time is an argument, never read."""

from typing import Any, Literal

from contratempo.sim.instants import LATEST, SECOND, Instant, format_instant, parse_instant

Mode = Literal["frozen", "running"]


class ClockError(ValueError):
    """A clock command that cannot be followed."""


class Clock:
    """`now` is the instant of the world's latest change; a running clock reads further along than that.

    `rate` is virtual seconds per real second. `anchor` is the pair (virtual instant, real seconds) from
    which a running clock counts; it is left out of what is saved.
    """

    __slots__ = ("_anchor", "mode", "now", "rate")

    def __init__(self, now: Instant, mode: Mode = "frozen", rate: float = 1.0, real: float = 0.0) -> None:
        self.now = now
        self.mode: Mode = mode
        self.rate = rate
        self._anchor = (now, real)

    def reading(self, real: float) -> Instant:
        """Return what the clock shows at the real time `real`, in seconds of any steady clock."""
        if self.mode == "frozen":
            return self.now
        start, since = self._anchor
        return min(LATEST, max(self.now, start + round((real - since) * self.rate * SECOND)))

    def jump(self, to: Instant) -> None:
        """Move forwards to an instant; going back, or past the calendar's end, is a ClockError."""
        if to < self.now:
            raise ClockError(f"the clock stands at {format_instant(self.now)} and does not go back")
        if to > LATEST:
            raise ClockError(f"the clock ends at {format_instant(LATEST)}")
        self.now = to

    def set(self, mode: Mode, rate: float, real: float) -> None:
        """Freeze, or run at `rate`, counting from now."""
        if not 0 < rate <= 1_000_000:
            raise ClockError(f"rate {rate} is not above 0 and at most 1000000")
        self.mode, self.rate = mode, rate
        self.anchor(real)

    def anchor(self, real: float) -> None:
        """Count from the present instant on: what a jump of a running clock needs afterwards."""
        self._anchor = (self.now, real)

    def real_seconds_until(self, due: Instant, real: float) -> float:
        """Return how many real seconds a running clock needs to reach `due`, 0 when it is past."""
        return max(0.0, (due - self.reading(real)) / SECOND / self.rate)

    def dump(self) -> dict[str, Any]:
        """Return the clock as JSON, without the real time it is anchored to."""
        return {"now": format_instant(self.now), "mode": self.mode, "rate": self.rate}

    @classmethod
    def load(cls, saved: dict[str, Any], real: float = 0.0) -> "Clock":
        """Return the clock that was saved, anchored at the real time `real`."""
        return cls(parse_instant(saved["now"]), saved["mode"], saved["rate"], real)
