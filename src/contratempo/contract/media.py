"""Media types: what a Content-Type says, and whether a document speaks of it."""

import fnmatch
from collections.abc import Iterable

from .violation import Violation


def bare_media_type(header: str) -> str:
    """A Content-Type without its parameters, in lower case: openapi-core raises on parameters that are malformed."""
    return header.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a bare media type is JSON."""
    return media_type == "application/json" or media_type.endswith("+json")


def accepts(content: Iterable[str], media_type: str) -> bool:
    """Whether content described for these media types (which may have wildcards) covers one."""
    return any(fnmatch.fnmatchcase(media_type, bare_media_type(each)) for each in content)


def media_type_violation(media_type: str, described: Iterable[str]) -> Violation:
    wanted = list(described)
    said = f"is {media_type}" if media_type else "is missing"
    message = f"the content type {said}; expected: {', '.join(wanted)}"
    return Violation("content-type", (), "media-type", message, media_type, wanted)
