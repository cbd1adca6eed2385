"""Media types: what a Content-Type says, and whether a document speaks of it."""

import fnmatch
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

from .violation import Violation

WITHOUT_BODY: Final = frozenset((204, 205, 304))
"""Statuses whose answers have no content in HTTP, whatever a document says."""
_MOST_RANGES = 100
"""Ranges of an Accept header that are looked at: each is met with each media type of an answer."""


def bare_media_type(header: str) -> str:
    """A Content-Type without its parameters, in lower case: openapi-core raises on parameters that are malformed."""
    return header.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a bare media type is JSON, under the name that frameworks used before it had one, too."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def is_xml(media_type: str) -> bool:
    """Whether a bare media type is XML."""
    return media_type in ("application/xml", "text/xml") or media_type.endswith("+xml")


@lru_cache(64)
def says_json(header: str) -> bool:
    """Whether a Content-Type is that of JSON; there are few, and each is sent again and again."""
    return is_json(bare_media_type(header))


def accepts(content: Collection[str], media_type: str) -> bool:
    """Whether content described for these media types (which may have wildcards) covers one."""
    return media_type in content or any(fnmatch.fnmatchcase(media_type, bare_media_type(each)) for each in content)


def media_type_violation(media_type: str, described: Iterable[str]) -> Violation:
    wanted = list(described)
    said = f"is {media_type}" if media_type else "is missing"
    message = f"the content type {said}; expected: {', '.join(wanted)}"
    return Violation("content-type", (), "media-type", message, media_type, wanted)


def best(described: Iterable[str], accept: str) -> str | None:
    """Of the media types described the one an Accept header likes best, JSON going first among equals; None if none."""
    names = sorted(described, key=lambda name: not is_json(bare_media_type(name)))
    asked = accept.split(",", _MOST_RANGES)[:_MOST_RANGES]
    ranges = [(bare_media_type(each), _quality(each)) for each in asked if each.strip()] or [("*/*", 1.0)]

    def liked(name: str) -> float:
        media_type = bare_media_type(name)
        fitting = [
            (len(wanted.replace("*", "")), quality)
            for wanted, quality in ranges
            if _covers(wanted, media_type) or _covers(media_type, wanted)
        ]
        return max(fitting)[1] if fitting else 0.0

    found = max(names, key=liked, default=None)
    return found if found is not None and liked(found) > 0 else None


def _covers(wanted: str, media_type: str) -> bool:
    """Whether a range covers a media type; of what a client writes fnmatch would make patterns, and keep them."""
    if wanted in (media_type, "*/*", "*"):
        return True
    before, star, after = wanted.partition("*")
    fits = media_type.startswith(before) and media_type.endswith(after)
    return bool(star) and fits and len(media_type) >= len(before) + len(after)


def _quality(accepted: str) -> float:
    for part in accepted.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
