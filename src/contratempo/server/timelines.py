"""The timelines that ship: saved worlds with a past and a future, to start from."""

from pathlib import Path
from typing import Any, Final

from contratempo.data import data_root
from contratempo.server.saving import read

FOLDER: Final = "timelines"


def names() -> list[str]:
    """Return the names of the timelines there are."""
    return sorted(file.stem for file in _folder().glob("*.json"))


def timeline(name: str) -> Any:
    """Return the saved world of a name; LookupError when there is none."""
    if name not in names():
        raise LookupError(name)
    return read((_folder() / f"{name}.json").read_bytes())


def _folder() -> Path:
    return data_root("fixtures") / FOLDER
