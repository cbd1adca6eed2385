"""The undo log: what makes a command happen whole or not at all."""

from collections.abc import Callable


class UndoLog:
    """Steps that take back what a command has done so far, newest last."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def note(self, step: Callable[[], object]) -> None:
        """Remember how to take back the change just made."""
        self._steps.append(step)

    def commit(self) -> None:
        """Keep what was done."""
        self._steps.clear()

    def roll_back(self) -> None:
        """Take back everything since the last commit, newest first."""
        while self._steps:
            self._steps.pop()()
