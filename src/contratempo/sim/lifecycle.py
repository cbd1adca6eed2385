"""Lifecycles as tables: status, cause, next status."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class LifecycleError(ValueError):
    """A cause that the table does not allow in this status."""


@dataclass(frozen=True)
class Lifecycle:
    """One resource's table; a status without causes is terminal."""

    name: str
    initial: str
    transitions: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, name: str, table: Mapping[str, Any]) -> "Lifecycle":
        """Return the lifecycle written as `{initial, transitions: {status: {cause: status}}}`.

        Raises LifecycleError when a status is reached that the table does not list.
        """
        transitions = table["transitions"]
        reached = {table["initial"], *(status for causes in transitions.values() for status in causes.values())}
        if missing := reached - transitions.keys():
            raise LifecycleError(f"{name}: the table has no row for {', '.join(sorted(missing))}")
        return cls(name, table["initial"], transitions)

    def after(self, status: str, cause: str) -> str:
        """Return the status that `cause` leads to; LifecycleError when it leads nowhere from here."""
        causes = self.transitions[status]
        to = causes.get(cause)
        if to is None:
            raise LifecycleError(f"{self.name}: {cause!r} cannot happen in status {status!r}, only {sorted(causes)}")
        return to

    def is_terminal(self, status: str) -> bool:
        """Say whether nothing can happen any more."""
        return not self.transitions[status]
