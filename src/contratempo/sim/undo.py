"""The undo log: what makes a command happen whole or not at all."""

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = tuple[Callable[..., object], *tuple[Any, ...]]
"""What takes a change back: a function and its arguments, which is the least that can be made and dropped."""


class UndoLog:
    """Steps that take back what a command has done so far, newest last.

    `note(step)` remembers how to take back the change just made; `commit()` keeps what was done. Both are the list's
    own methods: they come several times with every timer.
    """

    __slots__ = ("_steps", "commit", "note")

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self.note: Callable[[Step], None] = self._steps.append
        self.commit: Callable[[], None] = self._steps.clear

    def mark(self) -> int:
        """Return the place that `roll_back` can go back to."""
        return len(self._steps)

    def roll_back(self, to: int = 0) -> None:
        """Take back, newest first, everything since a mark, or else since the last commit."""
        while len(self._steps) > to:
            step, *arguments = self._steps.pop()
            step(*arguments)
