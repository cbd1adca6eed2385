"""Fragments of one vendor document put together again."""

from copy import deepcopy
from pathlib import Path

from .pointer import Parts, to_pointer
from .source import DocumentError, Json


def merge(whole: Json, fragment: Json, file: Path, at: Parts = ()) -> Json:
    """The union of two fragments, new; where both say something they must say the same, or it is a DocumentError."""
    if isinstance(whole, dict) and isinstance(fragment, dict):
        result = dict(whole)
        for key, value in fragment.items():
            result[key] = merge(whole[key], value, file, (*at, key)) if key in whole else deepcopy(value)
        return result
    if type(whole) is type(fragment) and whole == fragment:
        return whole
    raise DocumentError(
        "the fragments of one document contradict each other",
        file=file,
        pointer=to_pointer(at),
        hint="make them equal, or give the fragment a provider of its own",
    )
