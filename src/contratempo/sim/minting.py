"""Minting: the ids of a world and its chance, all of them functions of its seed and of how often it was asked."""

from typing import Final

from contratempo.sim import ids
from contratempo.sim.undo import UndoLog

_BLOCK: Final = 2**20
"""Ordinals of short ids that a line has to itself: more than a world may have records."""
_BLOCKS: Final = 2_000
"""Blocks of ordinals there are, of 36**6 short ids."""


class Family:
    """A world with its forks and theirs: each fork has a line of its own, numbered from 1."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def next_line(self) -> str:
        """Return the line of the next fork."""
        self._last += 1
        return str(self._last)


class Minting:
    """The ordinals of a world by kind, and the branch and line that they are counted in.

    `branch` is the world's number for a stretch of its history, which a rewind begins; `line` is "" or, in a fork, the
    number that tells its ids from those of the world that it comes from, and of every other fork.
    """

    def __init__(self, seed: str, undo: UndoLog, line: str = "") -> None:
        self._seed = seed
        self._undo = undo
        self.branch = 0
        self.line = line
        self.ordinals: dict[str, int] = {}

    @property
    def strand(self) -> str | int:
        """Return what a digest holds so that no two branches, nor a world and its forks, come to the same one."""
        return f"{self.line}/{self.branch}" if self.line else self.branch

    def ordinal(self, kind: str) -> int:
        """Return the next ordinal of a kind, from 1."""
        ordinal = self.ordinals.get(kind, 0) + 1
        self.ordinals[kind] = ordinal
        self._undo.note((self._take_back, kind))
        return ordinal

    def uuid(self, kind: str) -> str:
        """Return a new UUID."""
        return ids.uuid(self._seed, self.strand, kind, self.ordinal(kind))

    def short(self, kind: str) -> str:
        """Return a new id of six letters and digits; its ordinals are never counted back, in whatever branch."""
        self.ordinal(kind)
        block = int(self.line) % _BLOCKS if self.line else 0
        return ids.short(f"{self._seed}/{kind}", block * _BLOCK + self.ordinal(f"short/{kind}"))

    def fraction(self, purpose: str) -> float:
        """Return a number from 0 up to 1: the same one in every branch, so that what was rewound comes out alike."""
        return ids.fraction(self._seed, "chance", purpose, self.ordinal(f"chance/{purpose}"))

    def forget_chance(self, purpose: str) -> None:
        """Drop the stream of a purpose that is not to come again."""
        name = f"chance/{purpose}"
        if (drawn := self.ordinals.pop(name, None)) is not None:
            self._undo.note((self._put_back, name, drawn))

    def open(self, branch: int, line: str, marks: dict[str, int]) -> None:
        """Go on in another branch, where ordinals begin at their marks."""
        self.branch, self.line = branch, line
        self.ordinals |= {name: max(mark, self.ordinals.get(name, 0)) for name, mark in marks.items()}

    def marks(self) -> dict[str, int]:
        """Return the ordinals that no branch may count again."""
        return {name: ordinal for name, ordinal in self.ordinals.items() if name.startswith("short/")}

    def _put_back(self, name: str, ordinal: int) -> None:
        self.ordinals[name] = ordinal

    def _take_back(self, kind: str) -> None:
        self.ordinals[kind] -= 1
        if not self.ordinals[kind]:
            del self.ordinals[kind]
