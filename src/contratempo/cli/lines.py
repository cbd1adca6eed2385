"""Where in a file a JSON pointer points."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import yaml

from contratempo.contract.pointer import from_pointer
from contratempo.contract.source import DocumentError

MOST_EVENTS: Final = 100_000
"""Of a file that are read again for a line, half as many values: it is to be told in a second."""


def located(error: DocumentError) -> str:
    """Return the error's text with the line of what it points at, where that stands in the file it names."""
    if error.line is None and error.pointer and Path(error.file).is_file():
        error.line = line_of(Path(error.file), error.pointer)
    return str(error)


def line_of(file: Path, pointer: str) -> int | None:
    """Return the line, from 1, of what a pointer names; None when the file has no such place, or not near enough."""
    try:
        events = yaml.parse(file.read_text("utf-8-sig"), Loader=yaml.CSafeLoader)
        return _line(islice(events, MOST_EVENTS), from_pointer(pointer))
    except (ValueError, StopIteration, yaml.YAMLError):
        return None


def _line(events: Iterator[yaml.Event], parts: Sequence[str]) -> int | None:
    """Follow the parts through the events, keeping none of them: a document may be large, and is read up to there."""
    event: yaml.Event | None = next((each for each in events if isinstance(each, yaml.NodeEvent)), None)
    line = 1
    for part in parts:
        if isinstance(event, yaml.AliasEvent):
            break  # what it stands for was written for another place
        child = _child(events, event, part)
        if child is None:
            return None
        mark, event = child[0].start_mark, child[1]
        line = mark.line + 1 if mark is not None else line
    return line


def _child(events: Iterator[yaml.Event], parent: object, part: str) -> tuple[yaml.Event, yaml.Event] | None:
    """The event that a child's line is that of, and the one it starts with."""
    if isinstance(parent, yaml.MappingStartEvent):
        for key in events:
            if isinstance(key, yaml.MappingEndEvent):
                break
            if isinstance(key, yaml.ScalarEvent) and key.value == part:
                return key, next(events)
            _pass_over(events, key)
            _pass_over(events, next(events))
    if isinstance(parent, yaml.SequenceStartEvent) and part.isdecimal():
        for index, item in enumerate(events):
            if isinstance(item, yaml.SequenceEndEvent):
                break
            if index == int(part):
                return item, item
            _pass_over(events, item)
    return None


def _pass_over(events: Iterator[yaml.Event], event: yaml.Event) -> None:
    level = int(isinstance(event, yaml.CollectionStartEvent))
    while level:
        event = next(events)
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
