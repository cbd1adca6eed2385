"""Outcomes: what the far end does, scripted, by magic target, or success."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from contratempo.sim.undo import UndoLog

Outcome: TypeAlias = dict[str, Any]
"""`{status, ring?, talk?, text?}`: ring and talk in seconds."""

CALL_OUTCOMES: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled", "stuck"})
MESSAGE_OUTCOMES: Final = frozenset(
    {"delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired", "stuck"}
)
SCRIPTS_KEPT: Final = 1_000
"""Scripts that a world may have: each attempt looks at all of them."""
_MATCHES: Final = ("resource", "to", "from", "operation")
_MAGIC: Final = re.compile(r"\+1\d{3}555(01[23]\d)")
_SEPARATORS: Final = re.compile(r"[ ().-]")


class Chosen(NamedTuple):
    """An outcome, and why it was this one."""

    outcome: Outcome
    why: str


class OutcomeError(ValueError):
    """A script that cannot be followed."""


@dataclass(frozen=True)
class MagicTarget:
    """A number whose last four digits decide: one outcome an attempt, the last one repeating."""

    digits: str
    outcomes: tuple[str, ...]
    summary: str


class Subject(msgspec.Struct, frozen=True):
    """Whose attempt it is: the record's id, where it goes, where it comes from, and what created it.

    `number` is the phone number behind `to` where `to` is an id of something else, such as a contact.
    """

    resource: str
    to: str
    sender: str
    operation: str
    number: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values that a script's match of this name may equal."""
        if name == "to":
            return (self.to, self.number) if self.number else (self.to,)
        return (self.sender if name == "from" else str(getattr(self, name)),)


@dataclass
class Script:
    """A list consumed one an attempt, by whatever it matches; `used` counts what is consumed."""

    id: str
    match: Mapping[str, str]
    outcomes: Sequence[Outcome]
    then: Literal["repeat", "default"] = "repeat"
    used: int = 0

    def next(self) -> Outcome | None:
        """Return the outcome of the next attempt, or None when the script has run out."""
        if self.used < len(self.outcomes):
            return self.outcomes[self.used]
        return self.outcomes[-1] if self.then == "repeat" else None

    def matches(self, subject: Subject) -> bool:
        """Say whether every condition of the match holds."""
        return all(wanted in subject.values(name) for name, wanted in self.match.items())

    def rank(self) -> int:
        """Return how narrow the match is: a resource before a target before a sender before an operation."""
        return next((place for place, name in enumerate(_MATCHES) if name in self.match), len(_MATCHES))


@dataclass
class Outcomes:
    """The scripts of a world and the table of magic targets."""

    magic: Mapping[str, MagicTarget]
    undo: UndoLog
    scripts: dict[str, Script] = field(default_factory=dict)

    def add(self, script: Script) -> None:
        """Add a script; OutcomeError when it is empty or names an outcome nobody has."""
        if not script.outcomes:
            raise OutcomeError("a script needs at least one outcome")
        for outcome in script.outcomes:
            if outcome["status"] not in CALL_OUTCOMES | MESSAGE_OUTCOMES:
                known = ", ".join(sorted(CALL_OUTCOMES | MESSAGE_OUTCOMES))
                raise OutcomeError(f"{outcome['status']!r} is not an outcome; known are {known}")
        self.scripts[script.id] = script
        self.undo.note((self._take_back, script.id))

    def remove(self, identifier: str) -> None:
        """Remove a script; KeyError when there is none."""
        before = dict(self.scripts)
        del self.scripts[identifier]
        self.undo.note((self._restore, before))

    def clear(self) -> None:
        """Remove every script."""
        before, self.scripts = self.scripts, {}
        self.undo.note((self._restore, before))

    def preview(self, subject: Subject, attempt: int, known: frozenset[str], success: str) -> Chosen:
        """Return what the next attempt would meet, using nothing up."""
        return self._choose(subject, attempt, known, success)[0]

    def choose(self, subject: Subject, attempt: int, known: frozenset[str], success: str) -> Chosen:
        """Return what this attempt meets: the narrowest script that has one for it, else magic, else success.

        `attempt` counts from 1; `known` are the outcomes the kind understands: a script whose next outcome
        is another's is passed over and keeps it.
        """
        chosen, script = self._choose(subject, attempt, known, success)
        if script is not None:
            script.used += 1
            self.undo.note((setattr, script, "used", script.used - 1))
        return chosen

    def _choose(
        self, subject: Subject, attempt: int, known: frozenset[str], success: str
    ) -> tuple[Chosen, Script | None]:
        newest_first = reversed(self.scripts.values())
        for script in sorted(newest_first, key=Script.rank) if self.scripts else ():
            outcome = script.next() if script.matches(subject) else None
            if outcome is not None and outcome["status"] in known:
                return Chosen(outcome, f"script {script.id} -> {outcome['status']}"), script
        return self._magic(subject, attempt, known) or Chosen({"status": success}, f"default -> {success}"), None

    def _magic(self, subject: Subject, attempt: int, known: frozenset[str]) -> Chosen | None:
        target = self.magic.get(_last_digits(subject.number or subject.to))
        if target is None:
            return None
        status = target.outcomes[min(attempt, len(target.outcomes)) - 1]
        return Chosen({"status": status}, f"magic target 555-{target.digits} -> {status}") if status in known else None

    def dump(self) -> list[dict[str, Any]]:
        """Return the scripts as JSON, oldest first."""
        return [describe(script) for script in self.scripts.values()]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Take over saved scripts."""
        self.scripts = {entry["id"]: Script(**entry) for entry in saved}

    def _take_back(self, identifier: str) -> None:
        del self.scripts[identifier]

    def _restore(self, before: dict[str, Script]) -> None:
        self.scripts = before


@lru_cache(maxsize=1_024)
def _last_digits(number: str) -> str:
    """Return the digits that may be magic of a number written in any way, "" for another one."""
    digits = _MAGIC.fullmatch(_SEPARATORS.sub("", number))
    return digits[1] if digits else ""


def describe(script: Script) -> dict[str, Any]:
    """Return a script as JSON."""
    outcomes = [dict(outcome) for outcome in script.outcomes]
    return {
        "id": script.id,
        "match": dict(script.match),
        "outcomes": outcomes,
        "then": script.then,
        "used": script.used,
    }
