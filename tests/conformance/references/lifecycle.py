"""The story of a call by its outcome: what the line does, and how many seconds after the dispatch."""

from datetime import datetime, timedelta
from typing import Any

SETUP, RING, TALK, RING_TIMEOUT, BUSY, FAIL, CANCEL = 1, 7, 60, 30, 2, 1, 5
RETRIED = ("busy", "no-answer", "failed", "canceled")

Outcome = dict[str, Any]


class CallStory:
    """Pure in (outcome, instants): nothing is stored of what a call does between its dispatch and its end."""

    def steps(self, outcome: Outcome) -> list[tuple[float, str]]:
        """Return (seconds after the dispatch, call status), in order; the last one is the end but for `stuck`."""
        ring = SETUP + outcome.get("ring", RING)
        stories: dict[str, list[tuple[float, str]]] = {
            "completed": [(SETUP, "ringing"), (ring, "in-progress"), (ring + self.talk(outcome), "completed")],
            "busy": [(BUSY, "busy")],
            "no-answer": [(SETUP, "ringing"), (SETUP + outcome.get("ring", RING_TIMEOUT), "no-answer")],
            "failed": [(FAIL, "failed")],
            "canceled": [(SETUP, "ringing"), (SETUP + outcome.get("ring", CANCEL), "canceled")],
            "stuck": [(SETUP, "ringing")],
        }
        return stories[outcome["status"]]

    def talk(self, outcome: Outcome) -> float:
        """Return the seconds that an answered call is talked."""
        return float(outcome.get("talk", TALK))

    def line(self, outcome: Outcome, at: datetime, now: datetime) -> str | None:
        """Return the call status at `now` of a call dispatched at `at`; None before it rings."""
        reached = [status for after, status in self.steps(outcome) if at + timedelta(seconds=after) <= now]
        return reached[-1] if reached else None

    def end(self, outcome: Outcome, at: datetime) -> datetime | None:
        """Return when the call is over; None when it never is."""
        if outcome["status"] == "stuck":
            return None
        return at + timedelta(seconds=self.steps(outcome)[-1][0])
