"""Where in a file a JSON pointer points."""

from pathlib import Path

import yaml

from contratempo.contract.pointer import from_pointer
from contratempo.contract.source import DocumentError


def located(error: DocumentError) -> str:
    """Return the error's text with the line of what it points at, where that stands in the file it names."""
    if error.line is None and error.pointer and Path(error.file).is_file():
        error.line = line_of(Path(error.file), error.pointer)
    return str(error)


def line_of(file: Path, pointer: str) -> int | None:
    """Return the line, from 1, of what a pointer names; None when the file has no such place."""
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
        line = 1
        for part in from_pointer(pointer):
            line, node = _child(node, part)
    except (ValueError, LookupError, yaml.YAMLError):
        return None
    return line


def _child(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdecimal():
        child = node.value[int(part)]
        return child.start_mark.line + 1, child
    raise KeyError(part)
