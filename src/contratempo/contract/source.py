"""Reading a document: bytes to one tree of JSON values, within budgets, without surprises."""

import math
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from .pointer import to_pointer

Json: TypeAlias = Any

MAX_BYTES = 5_000_000
MAX_DEPTH = 100
MAX_NODES = 200_000  # counted after alias expansion: nine levels of nine aliases end here, not in memory

# The scalars of YAML 1.2's JSON schema. All others (off, yes, 2026-03-15, 0x1F) stay the strings that were written.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None, "~": None, "": None}
_STANDARD_TAGS = {"!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_YamlLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DocumentError(Exception):
    """A document that cannot be used: `file`, `line` (from 1) or `pointer` (RFC 6901), `what` is wrong, a `hint`."""

    def __init__(
        self, what: str, *, file: str | Path = "", line: int | None = None, pointer: str | None = None, hint: str = ""
    ) -> None:
        self.file, self.line, self.pointer, self.what, self.hint = str(file), line, pointer, what, hint
        super().__init__(what)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        at = f" (at {self.pointer})" if self.pointer is not None else ""
        hint = f". {self.hint}" if self.hint else ""
        return f"{place}: {self.what}{at}{hint}" if place else f"{self.what}{at}{hint}"


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
    over 5 MB, deeper than 100 or of more than 200,000 values once aliases are expanded, duplicate or compound keys,
    tags, merge keys, several documents in one file, text that is not UTF-8.
    """
    try:
        return _Builder(path, marked).build(_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        line = mark.line + 1 if mark is not None else None
        raise DocumentError(f"not valid YAML: {what}", file=path, line=line) from None


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
        raise DocumentError("larger than 5 MB", file=path, hint="split the document")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DocumentError("not UTF-8 text", file=path, line=line, hint="save the file as UTF-8") from None


@dataclass
class _Open:
    """A mapping or sequence whose end has not been read yet."""

    node: dict[str, Json] | list[Json]
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
        self.line = 1
        self.roots: list[Json] = []

    def build(self, text: str) -> Json:
        for event in self._events(text):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
        if not self.roots:
            raise DocumentError("the file is empty", file=self.file)
        return self.roots[0]

    def _events(self, text: str) -> Iterator[yaml.Event]:
        for event in yaml.parse(text, Loader=_YamlLoader):
            mark = event.start_mark
            self.line = mark.line + 1 if mark else self.line
            if isinstance(event, yaml.DocumentStartEvent) and self.roots:
                raise self._error("a second YAML document in one file", "keep one document per file")
            yield event

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_tag(event.tag)
        if self._expects_key():
            self._key(event.value)
            return
        value = self._value(event.value) if event.implicit[0] else event.value
        self._add(self._mark(value) if isinstance(value, str) else value, event.anchor, 1, 0)

    def _value(self, text: str) -> Json:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
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
            raise self._error(f"the key {key!r} occurs twice", "keep one of the two")
        if key == "<<":
            raise self._error(
                "a merge key (<<) is not YAML 1.2", "write the keys out, or use an alias for the whole value"
            )
        top.key = self._mark(key)

    def _mark(self, text: str) -> str:
        return Marked(text, self.file, self.line) if self.marked else text

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        self._check_tag(event.tag)
        if self._expects_key():
            raise self._error("a list or mapping as a key", "keys are plain text")
        self._check_budget(1, 1)
        self.open.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))

    def _end(self) -> None:
        done = self.open.pop()
        self.nodes -= 1  # counted at its start; _add counts it again
        self._add(done.node, done.anchor, done.size, done.height, counted=done.size - 1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._expects_key():
            raise self._error("an alias as a key", "keys are plain text")
        if event.anchor not in self.anchors:
            raise self._error(f"the alias *{event.anchor} names no finished value", "a tree cannot contain itself")
        value, size, height = self.anchors[event.anchor]
        self._check_budget(size, height)
        self._add(copied(value), None, size, height)

    def _add(self, value: Json, anchor: str | None, size: int, height: int, counted: int = 0) -> None:
        self._check_budget(size - counted, height)
        if anchor is not None:
            self.anchors[anchor] = (value, size, height)
        if not self.open:
            self.roots.append(value)
            return
        top = self.open[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if isinstance(top.node, list):
            top.node.append(value)
        else:
            assert top.key is not None
            top.node[top.key], top.key = value, None

    def _expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].node, dict) and self.open[-1].key is None

    def _check_tag(self, tag: str | None) -> None:
        if tag is not None and tag not in _STANDARD_TAGS:
            raise self._error(f"the tag {tag} is not allowed", "remove the tag")

    def _check_budget(self, size: int, height: int) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise self._error(f"more than {MAX_NODES:,} values (aliases counted each time they are used)", "split it")
        if len(self.open) + height > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", "name the inner parts and refer to them")

    def _error(self, what: str, hint: str) -> DocumentError:
        parts = [len(part.node) if isinstance(part.node, list) else part.key for part in self.open]
        pointer = to_pointer([part for part in parts if part is not None])
        return DocumentError(what, file=self.file, line=self.line, pointer=pointer or None, hint=hint)


def copied(value: Json) -> Json:
    """A copy of a tree: whoever changes one place, be it an alias, does not change another."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
