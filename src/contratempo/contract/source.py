"""Reading a document: bytes to one tree of JSON values, within budgets, without surprises."""

import math
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from .error import DocumentError
from .plainjson import copied, count_values, crowded, deeper_than, read_json
from .pointer import to_pointer

__all__ = ["MAX_NODES", "DocumentError", "Json", "Marked", "copied", "load", "load_ahead"]

Json: TypeAlias = Any

MAX_BYTES = 16_000_000
MAX_DEPTH = 100
# Counted after alias expansion: nine levels of nine aliases end here, not in memory. The largest documents that are
# published, of which GitHub's has 258,000 values in 13 MB, are within it.
MAX_NODES = 300_000

# The scalars of YAML 1.2's JSON schema. All others (off, yes, 2026-03-15, 0x1F) stay the strings that were written.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMERIC = frozenset("-0123456789")
_PAIR_OF_ESCAPES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_LONGEST_JOINED = 1_000_000
_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None, "~": None, "": None}
_STANDARD_TAGS = {"!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_READ_AHEAD: dict[Path, tuple[str, Json]] = {}
_MOST_AHEAD = 4
_TOLD = 100  # characters of what was written that an error repeats
_YamlLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Marked(str):
    """A key or a text of a document that knows where it was written: `file`, `line` (from 1)."""

    __slots__ = ("file", "line")
    file: Path
    line: int

    def __new__(cls, text: str, file: Path, line: int) -> "Marked":
        marked = super().__new__(cls, text)
        marked.file, marked.line = file, line
        return marked

    def __deepcopy__(self, memo: object) -> "Marked":
        return self


def load(path: Path, *, marked: bool = False) -> Json:
    """Read one YAML or JSON file as a tree of dicts (string keys), lists, strings, numbers, booleans and None.

    With `marked`, keys and texts are `Marked`, which costs time; those of an alias know where its anchor stands. Only
    `true`, `false`, `null`, integers and decimal numbers are more than strings. Refused with DocumentError: a file
    over 16 MB, deeper than 100 or of more than 300,000 values once aliases are expanded, duplicate or compound keys,
    tags, merge keys, several documents in one file, text that is not UTF-8. JSON takes a tenth of YAML's time.
    """
    text = _text(path)
    ahead = _READ_AHEAD.pop(path.absolute(), None)
    if marked:
        return _built(path, text, True)
    return ahead[1] if ahead is not None and ahead[0] == text else _read(path, text)


def load_ahead(path: Path) -> Json:
    """As `load`, of a file that is read for good right afterwards: as long as its text is the same, it is parsed once.

    What it returns is looked at and not changed: it is what that `load` returns.
    """
    text = _text(path)
    while len(_READ_AHEAD) >= _MOST_AHEAD:
        del _READ_AHEAD[next(iter(_READ_AHEAD))]
    tree = _read(path, text)
    _READ_AHEAD[path.absolute()] = text, tree
    return tree


def _read(path: Path, text: str) -> Json:
    """As JSON where it is; else, and where something is wrong with it, as YAML, which tells the line."""
    tree = read_json(text, MAX_NODES)
    if tree is None or deeper_than(tree, MAX_DEPTH):
        return _built(path, text, False)
    if count_values(tree, MAX_NODES) > MAX_NODES:
        place = to_pointer(crowded(tree))
        raise DocumentError(f"more than {MAX_NODES:,} values", file=path, pointer=place or None, hint="split it")
    return tree


def _built(path: Path, text: str, marked: bool) -> Json:
    try:
        return _Builder(path, marked).build(text)
    except yaml.YAMLError as error:
        # JSON's way to write what is beyond 16 bits, which YAML does not know
        if len(text) <= _LONGEST_JOINED and _PAIR_OF_ESCAPES.search(text):
            return _built(path, _PAIR_OF_ESCAPES.sub(_joined, text), marked)
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        line = mark.line + 1 if mark is not None else None
        raise DocumentError(f"not valid YAML: {what}", file=path, line=line) from None


def _joined(found: re.Match[str]) -> str:
    high, low = int(found[2], 16), int(found[3], 16)
    return f"{found[1]}{chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF))}"


def _text(path: Path) -> str:
    try:
        # Without O_NONBLOCK opening a pipe that nobody writes to would wait for ever.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise DocumentError("cannot be read: not a file", file=path, hint="name a file of YAML or JSON")
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "name a file of YAML or JSON that can be read"
        raise DocumentError(f"cannot be read: {error.strerror or error}", file=path, hint=hint) from None
    except ValueError:  # a name with a NUL in it
        raise DocumentError("cannot be read: not the name of a file", file=repr(str(path))[:200]) from None
    if len(raw) > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 1_000_000} MB", file=path, hint="split the document")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8 text", file=path, line=line, hint="save the file as UTF-8") from None


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been read yet."""

    node: dict[str, Json] | list[Json]
    is_mapping: bool
    anchor: str | None
    key: str | None = None
    size: int = 1
    height: int = 1


class _Builder:
    """Builds the tree from libyaml's events: no recursion of ours or libyaml's, and every budget kept as it goes."""

    def __init__(self, file: Path, marked: bool) -> None:
        self.file, self.marked = file, marked
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Json, int, int]] = {}
        self.nodes = 0
        self.event: yaml.Event | None = None
        self.roots: list[Json] = []

    @property
    def line(self) -> int:
        """Where what is being read was written, from 1."""
        mark = self.event.start_mark if self.event is not None else None
        return mark.line + 1 if mark is not None else 1

    def build(self, text: str) -> Json:
        take: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        for event in yaml.parse(text, Loader=_YamlLoader):
            self.event = event
            step = take.get(type(event))
            if step is not None:
                step(event)
        if not self.roots:
            raise DocumentError("the file is empty", file=self.file)
        return self.roots[0]

    def _document(self, _: yaml.DocumentStartEvent) -> None:
        if self.roots:
            raise self._error("a second YAML document in one file", "keep one document per file")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None:
            self._check_tag(event.tag)
        top = self.open[-1] if self.open else None
        if top is not None and top.is_mapping and top.key is None:
            self._key(event.value)
            return
        value = self._value(event.value) if event.implicit[0] else event.value
        value = self._mark(value) if self.marked and isinstance(value, str) else value
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._too_many()
        self._add(value, event.anchor, 1, 0)

    def _value(self, text: str) -> Json:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] not in _NUMERIC:
            return text
        if _INTEGER.fullmatch(text) and len(text) <= 1000:
            return int(text)
        if _NUMBER.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                raise self._error(f"the number {text[:40]} is too large", "quote it if it is meant as text")
            return number
        return text

    def _key(self, key: str) -> None:
        top = self.open[-1]
        if key in top.node:
            raise self._error(f"the key {key[:_TOLD]!r} occurs twice", "keep one of the two")
        if key == "<<":
            raise self._error(
                "a merge key (<<) is not YAML 1.2", "write the keys out, or use an alias for the whole value"
            )
        top.key = self._mark(key) if self.marked else key

    def _mark(self, text: str) -> str:
        return Marked(text, self.file, self.line)

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._check_tag(event.tag)
        if self._expects_key():
            raise self._error("a list or mapping as a key", "keys are plain text")
        self._check_budget(1, 1)
        if type(event) is yaml.MappingStartEvent:
            self.open.append(_Open({}, True, event.anchor))
        else:
            self.open.append(_Open([], False, event.anchor))

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        done = self.open.pop()
        self._add(done.node, done.anchor, done.size, done.height)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._expects_key():
            raise self._error("an alias as a key", "keys are plain text")
        if event.anchor not in self.anchors:
            raise self._error(
                f"the alias *{str(event.anchor)[:_TOLD]} names no finished value", "a tree cannot contain itself"
            )
        value, size, height = self.anchors[event.anchor]
        self._check_budget(size, height)
        self._add(copied(value), None, size, height)

    def _add(self, value: Json, anchor: str | None, size: int, height: int) -> None:
        """Put a value where it belongs; the budget has been asked."""
        if anchor is not None:
            self.anchors[anchor] = (value, size, height)
        if not self.open:
            self.roots.append(value)
            return
        top = self.open[-1]
        top.size += size
        if height >= top.height:
            top.height = height + 1
        if top.is_mapping:
            top.node[top.key], top.key = value, None  # type: ignore[call-overload,index]
        else:
            top.node.append(value)  # type: ignore[union-attr]

    def _expects_key(self) -> bool:
        if not self.open:
            return False
        top = self.open[-1]
        return top.is_mapping and top.key is None

    def _check_tag(self, tag: str | None) -> None:
        if tag is not None and tag not in _STANDARD_TAGS:
            raise self._error(f"the tag {tag} is not allowed", "remove the tag")

    def _check_budget(self, size: int, height: int) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise self._too_many()
        if len(self.open) + height > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", "name the inner parts and refer to them")

    def _too_many(self) -> DocumentError:
        return self._error(f"more than {MAX_NODES:,} values (aliases counted each time they are used)", "split it")

    def _error(self, what: str, hint: str) -> DocumentError:
        parts = [len(part.node) if isinstance(part.node, list) else part.key for part in self.open]
        pointer = to_pointer([part for part in parts if part is not None])
        return DocumentError(what, file=self.file, line=self.line, pointer=pointer or None, hint=hint)
