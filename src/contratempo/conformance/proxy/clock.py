"""What time it is for the deployment: a mock's control plane tells, for the world that a request belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contratempo.conformance.exchange import read_json
from contratempo.conformance.instants import instant_of
from contratempo.conformance.proxy.upstream import BrokenOff, TooLate, TooLong, Upstream
from contratempo.conformance.wire import Unreachable

WORLD: Final = ("authorization", "x-mock-world")
"""The headers that say which world a request is for."""


@dataclass(frozen=True)
class Reading:
    """What a mock's clock shows, and how many commands its world has had."""

    now: datetime
    head: int


class Clock:
    """Reads the clock of a mock at `place`; once somebody answers there who is none, it is asked no more.

    Nor is who says nothing there: an application would wait twice as long for each answer that does not come.
    """

    def __init__(self, upstream: Upstream, place: str | None) -> None:
        self._upstream, self._place = upstream, place

    def read(self, headers: Mapping[str, str]) -> Reading | None:
        """Return what the clock shows for who sends these headers; None where nobody tells."""
        if self._place is None:
            return None
        asked = [(name, headers[name]) for name in WORLD if name in headers]
        try:
            answer = self._upstream.send("GET", f"{self._place}/clock", asked, b"")
        except TooLate:
            self._place = None
            return None
        except (Unreachable, BrokenOff, TooLong):
            return None
        told = read_json(answer.content)
        if answer.status == 200 and isinstance(told, dict) and (now := instant_of(told.get("now"))):
            head = told.get("head")
            return Reading(now, head if isinstance(head, int) else 0)
        if not isinstance(told, dict):
            self._place = None
        return None
