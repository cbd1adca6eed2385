"""The record of what was created: a line before a request goes, a line before its answer is handed on, each on disk.

It holds no token. What it says lasts through a crash, so that `conform-clean` can tidy up after one.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any

NAME: Final = "conform-created.jsonl"
MARK: Final = "contratempo"
"""The member of `conversation_metadata` that a create is found again by when its answer was lost."""


class RecordError(Exception):
    """A record that cannot be read."""


class Record:
    """One file that lines are only ever added to; several runs may share it."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.file = file
        self._out = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._number = 0

    def begin(self, provider: str, url: str, run: str) -> None:
        """Say where what follows is created."""
        # A line that a crash cut off ends here.
        self._write(b"\n")
        self._add({"run": run, "provider": provider, "url": url})

    def intend(self, path: str, mark: Json, at: str) -> int:
        """Say that a create is about to be sent; return its number."""
        self._number += 1
        self._add({"intent": self._number, "path": path, "mark": mark, "at": at})
        return self._number

    def made(self, number: int, identifier: str) -> None:
        """Say what a create has made."""
        self._add({"made": number, "id": identifier})

    def nothing(self, number: int, why: str) -> None:
        """Say that a create has made nothing."""
        self._add({"nothing": number, "why": why})

    def gone(self, identifier: str) -> None:
        """Say that what was created is no more."""
        self._add({"gone": identifier})

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._out)

    def _add(self, line: Mapping[str, Json]) -> None:
        self._write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        os.fsync(self._out)

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(self._out, left) :]


@dataclass
class Left:
    """What runs left at a deployment: the path that each id was created at, and creates without answer."""

    provider: str
    url: str
    made: dict[str, str] = field(default_factory=dict)
    open: list[tuple[str, Json]] = field(default_factory=list)


def read_record(file: Path) -> list[Left]:
    """Return what is left, by deployment; RecordError for a file that is no record."""
    places: dict[tuple[str, str], Left] = {}
    here, intents = None, {}  # type: ignore[var-annotated]
    for line in _lines(file):
        if "run" in line:
            _settle(here, intents)
            key = (str(line["provider"]), str(line["url"]))
            here = places.setdefault(key, Left(*key))
        elif here is None:
            raise RecordError(f"{file}: it does not begin as a record of `contratempo conform`")
        elif "intent" in line:
            intents[line["intent"]] = (str(line["path"]), line.get("mark"))
        elif "made" in line:
            here.made[str(line["id"])] = intents.pop(line["made"])[0]
        elif "nothing" in line:
            intents.pop(line["nothing"], None)
        elif "gone" in line:
            for place in places.values():
                place.made.pop(str(line["gone"]), None)
    _settle(here, intents)
    return list(places.values())


def _settle(here: Left | None, intents: dict[int, tuple[str, Json]]) -> None:
    if here is not None:
        here.open += intents.values()
    intents.clear()


def _lines(file: Path) -> Iterator[dict[str, Json]]:
    """Yield the lines; one that a crash cut off is passed over."""
    try:
        texts = file.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise RecordError(
            f"{file}: cannot be read: {error.strerror}. Name the record, or the --report folder"
        ) from error
    for text in filter(None, texts):
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            yield line
