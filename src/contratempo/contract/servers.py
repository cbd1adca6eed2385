"""Servers: the origin and the base path that a document's `servers` give to its operations."""

import posixpath
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .source import Json

_VARIABLE = re.compile(r"\{([^{}]*)\}")


class ServerError(ValueError):
    """A server address that cannot be used: `hint` is what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def server_of(servers: Json) -> tuple[str, str]:
    """Origin ("" of a relative address) and base path ("" or "/v1") of the first server; ServerError for a bad one.

    Variables have their defaults. What comes after a path is not part of it.
    """
    if not servers:
        return "", ""
    try:
        url = urlsplit(_filled(servers[0]))
        origin = f"{url.scheme}://{url.netloc}" if url.netloc else ""
    except ValueError as error:
        if isinstance(error, ServerError):
            raise
        raise ServerError("a server address that cannot be used", "write it as https://example.com/v1") from None
    if "{" in url.path or "}" in url.path:
        raise ServerError("a server address that cannot be used", "close its braces, or write it without variables")
    return origin, _base(url.path)


def _filled(server: dict[str, Any]) -> str:
    variables = server.get("variables") or {}

    def default(found: re.Match[str]) -> str:
        if found[1] not in variables:
            hint = f"describe {found[1]!r} under variables, with a default"
            raise ServerError("a server address that cannot be used: a variable without a default", hint)
        return str(variables[found[1]]["default"])

    replace: Callable[[str], str] = lambda url: _VARIABLE.sub(default, url)  # noqa: E731
    return replace(server["url"])


def _base(path: str) -> str:
    """The path as the router compares it: from the root, without dots, each segment percent-encoded in one way."""
    plain = posixpath.normpath("/" + path.strip("/"))
    return "" if plain in ("/", "/.") else "/".join(quote(unquote(part), safe="") for part in plain.split("/"))
