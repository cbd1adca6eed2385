"""What is wrong with a document, and where."""

from pathlib import Path

from contratempo.plaintext import plain_text

_LONGEST_POINTER = 1_000


class DocumentError(Exception):
    """A document that cannot be used: `file`, `line` (from 1) or `pointer` (RFC 6901), `what` is wrong, a `hint`."""

    def __init__(
        self, what: str, *, file: str | Path = "", line: int | None = None, pointer: str | None = None, hint: str = ""
    ) -> None:
        self.file, self.line, self.pointer, self.what, self.hint = str(file), line, pointer, what, hint
        super().__init__(what)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        at = f" (at {_shortened(self.pointer)})" if self.pointer is not None else ""
        hint = f". {self.hint}" if self.hint else ""
        told = f"{place}: {self.what}{at}{hint}" if place else f"{self.what}{at}{hint}"
        return plain_text(told)  # names in a document may be anything


def _shortened(pointer: str) -> str:
    return pointer if len(pointer) <= _LONGEST_POINTER else f"{pointer[:_LONGEST_POINTER]}..."
