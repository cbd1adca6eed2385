"""Checks of single values, each giving None or what is wrong as (kind, words)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .instants import has_offset, read_instant

Wrong = tuple[str, str] | None
Check = Callable[[Any], Wrong]


def anything(_value: Any) -> Wrong:
    return None


def text(least: int = 0, most: int | None = None) -> Check:
    def check(value: Any) -> Wrong:
        if not isinstance(value, str):
            return "type", "a string"
        fits = least <= len(value) and (most is None or len(value) <= most)
        return None if fits else ("length", f"a string of at least {least} characters")

    return check


def integer(least: int | None = None, most: int | None = None) -> Check:
    def check(value: Any) -> Wrong:
        if not is_integer(value):
            return "type", "an integer"
        fits = (least is None or value >= least) and (most is None or value <= most)
        return None if fits else ("range", f"between {least} and {most}")

    return check


def is_integer(value: Any) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def boolean(value: Any) -> Wrong:
    return None if isinstance(value, bool) else ("type", "a boolean")


def one_of(*values: str) -> Check:
    return lambda value: None if isinstance(value, str) and value in values else ("enum", " or ".join(values))


def mapping(of: Check = anything) -> Check:
    def check(value: Any) -> Wrong:
        if not isinstance(value, dict):
            return "type", "an object"
        return next((wrong for wrong in map(of, value.values()) if wrong), None)

    return check


def list_of(of: Check) -> Check:
    def check(value: Any) -> Wrong:
        if not isinstance(value, list):
            return "type", "a list"
        return next((wrong for wrong in map(of, value) if wrong), None)

    return check


def label(value: Any) -> Wrong:
    fits = isinstance(value, str | bool) or is_integer(value)
    return None if fits else ("type", "a string, an integer or a boolean")


def moment(naive: bool = True) -> Check:
    def check(value: Any) -> Wrong:
        if not isinstance(value, str):
            return "type", "a date-time"
        try:
            read_instant(value)
        except ValueError:
            return "format", "a date-time"
        return None if naive or has_offset(value) else ("format", "a date-time with an offset")

    return check


def nullable(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def url(most: int = 2000) -> Check:
    def check(value: Any) -> Wrong:
        if not isinstance(value, str):
            return "type", "a URL"
        try:
            parts = urlsplit(value)
            fits = parts.scheme in ("http", "https") and bool(parts.hostname) and len(value) <= most
        except ValueError:
            fits = False
        return None if fits and not any(c.isspace() for c in value) else ("url", "a valid URL")

    return check
