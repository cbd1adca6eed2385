"""Lines: where in the source files each place of a document in force was written."""

from functools import cached_property, lru_cache
from pathlib import Path

from contratempo.data import data_root

from .document import Document, in_force, read_tree
from .place import place
from .plainjson import count_values
from .pointer import Parts, from_pointer
from .references import bundle
from .source import DocumentError, Json, Marked
from .violation import Violation

MOST_VALUES = 30_000
"""Of a document whose lines are told: finding them in a larger one would hold up everybody for long."""
_KEPT = 4_096
"""Lines remembered: clients that are refused are refused for the same reasons."""


class Lines:
    """The lines of one document's files, read when first asked for: a second parse, which takes some 20 ms."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found = lru_cache(maxsize=_KEPT)(self._find)

    def of(self, violation: Violation) -> str | None:
        """The line that refused, as `Contract.line_of` describes it."""
        return self._found(violation.schema, violation.path[-1] if violation.kind == "required" else None)

    def _find(self, schema: str, member: str | int | None) -> str | None:
        mark = self._mark(place(self._document.tree, from_pointer(schema)), member)
        return f"{_shown(mark.file)}:{mark.line}" if mark else None

    def _mark(self, at: Parts, member: str | int | None) -> Marked | None:
        """The key of a place, or the closest one above it; of a list the first of its entry's keys."""
        node, mark = self._marked, None
        for part in at if node else ():
            key = _key(node, part)
            node, mark = node[part], key if isinstance(key, Marked) else mark
        added = next((name for name in node if name == member), None) if isinstance(node, list) else None
        # An overlay that requires more members appends them to the vendor's list: then its line is the one.
        return added if isinstance(added, Marked) and mark and added.file != mark.file else mark

    @cached_property
    def _marked(self) -> Json:
        """The document's tree with marked keys; empty where its files do not make it (any more), or it is large."""
        files, overlays = self._document.files, self._document.overlays
        if not files or count_values(self._document.tree, MOST_VALUES) > MOST_VALUES:
            return {}
        try:
            whole = bundle(read_tree(files, overlays, marked=True), files[0], files[0].parent, marked=True)
            tree = in_force(whole, bare=self._document.bare)
        except DocumentError:  # somebody is at work on a file: a line is an extra, and none is better than a wrong one
            return {}
        return tree if tree == self._document.tree else {}


def _key(node: Json, part: str | int) -> object:
    if isinstance(node, dict):
        return next(key for key in node if key == part)
    return next(iter(node[part]), None) if isinstance(node[part], dict) else None


@lru_cache(maxsize=256)
def _shown(file: Path) -> str:
    """A file of ours by its path below the specs folder, any other as it was named."""
    root = data_root("specs").resolve()
    return file.resolve().relative_to(root).as_posix() if file.resolve().is_relative_to(root) else str(file)
