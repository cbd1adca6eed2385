"""Idempotency keys: a repeated request gets the first one's answer, a different one is a conflict."""

from itertools import islice
from typing import Any, Final, NamedTuple

from contratempo.sim.instants import HOUR, Instant
from contratempo.sim.undo import UndoLog

KEPT_FOR: Final = 24 * HOUR
"""Virtual time for which an answer is replayed (vendor SDK's documentation of the header)."""

KEYS_KEPT: Final = 100_000
"""Answers kept at most, lapsed or not: a clock that stands still lets none lapse."""


class KeyReused(ValueError):
    """The key was used before with a different request."""


class KeptAnswers(NamedTuple):
    """Answers as a snapshot keeps them, and how many there have been.

    Two tuples are a fifth of what one of pairs is, and two things for a collection of garbage to look at.
    """

    scopes: tuple[str, ...]
    answers: tuple[dict[str, Any], ...]
    total: int

    @property
    def span(self) -> range:
        """Return the numbers of the answers, counted from 0."""
        return range(self.total - len(self.scopes), self.total)


class Idempotency:
    """Answers by scope, a digest of key, path and caller; they lapse by the clock and need no timer.

    When there are too many the oldest makes room.
    """

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._kept: dict[str, dict[str, Any]] = {}
        self._total = 0

    def recall(self, scope: str, fingerprint: str, now: Instant) -> Any:
        """Return the answer kept for the scope, or None; KeyReused when the request was a different one."""
        kept = self._kept.get(scope)
        if kept is None or now - kept["at"] >= KEPT_FOR:
            return None
        if kept["fingerprint"] != fingerprint:
            raise KeyReused
        return kept["answer"]

    def keep(self, scope: str, fingerprint: str, answer: Any, now: Instant) -> None:
        """Keep an answer; only successful ones belong here. The oldest that have lapsed make room."""
        for oldest in list(islice(self._kept, 2)):
            if now - self._kept[oldest]["at"] >= KEPT_FOR or len(self._kept) >= KEYS_KEPT:
                self._drop(oldest)
        before = self._kept if scope in self._kept else None
        if before is not None:  # it had lapsed, and is the latest now
            self._kept = {each: kept for each, kept in before.items() if each != scope}
        self._total += before is None
        self._kept[scope] = {"at": now, "fingerprint": fingerprint, "answer": answer}
        self._undo.note((self._restore, scope, before))

    def _drop(self, scope: str) -> None:
        before = self._kept.pop(scope)
        self._undo.note((self._put_first, scope, before))

    def dump(self) -> dict[str, Any]:
        """Return what is kept as JSON, the oldest first: in that order it goes."""
        return dict(self._kept)

    def snapshot(self) -> KeptAnswers:
        """Return what is kept, the oldest first."""
        return KeptAnswers(tuple(self._kept), tuple(self._kept.values()), self._total)

    def restore(self, kept: KeptAnswers) -> None:
        """Take over what was kept."""
        self._kept, self._total = dict(zip(kept.scopes, kept.answers, strict=True)), kept.total

    def load(self, saved: dict[str, Any]) -> None:
        """Take over what was kept."""
        self._kept, self._total = dict(saved), len(saved)

    def _put_first(self, scope: str, before: dict[str, Any]) -> None:
        self._kept = {scope: before, **self._kept}

    def _restore(self, scope: str, before: dict[str, dict[str, Any]] | None) -> None:
        if before is None:
            del self._kept[scope]
            self._total -= 1
        else:
            self._kept = before
