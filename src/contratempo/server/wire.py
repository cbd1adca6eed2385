"""The wire: what an HTTP request brings, read within bounds, and how an answer leaves."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec.structs import force_setattr
from starlette.types import Receive, Scope, Send

from contratempo.contract.answers import OF_THE_SERVER
from contratempo.provider import Problem, Refusal, Response
from contratempo.server.caller import Caller, caller_of

OWN_PAGES: Final[Mapping[str, str]] = {
    "cache-control": "no-store", "cross-origin-resource-policy": "same-origin", "x-content-type-options": "nosniff"
}  # fmt: skip
"""Headers of the control plane's answers: no other site's page may embed them, even as a script or an image."""
_JSON: Final = msgspec.json.Encoder()
_PRINTABLE: Final = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


class Incoming(msgspec.Struct, frozen=True):
    """A request as it came: header names in lower case, the body whole, path parameters still percent-encoded.

    `operation` is None where no route leads; `provider` is then whoever answers for that part of the path. `fields` are
    the headers by name, the first of each.
    """

    provider: str
    operation: str | None
    method: str
    path: str
    query: bytes
    headers: list[tuple[str, str]]
    body: bytes
    parameters: Mapping[str, str] = {}
    fields: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        force_setattr(self, "fields", dict(reversed(self.headers)))

    def header(self, name: str) -> str | None:
        """Return the first header of this name, or None."""
        return self.fields.get(name)

    @property
    def caller(self) -> Caller:
        """Return who sent it."""
        return caller_of(self.fields.get("authorization", ""))

    @property
    def token(self) -> str | None:
        """Return the bearer token, or None when there is none or it is empty."""
        return self.caller.token


def first_header(headers: list[tuple[str, str]], name: str) -> str | None:
    """Return the first header of a name in lower case, or None."""
    for known, value in headers:
        if known == name:
            return value
    return None


def read_headers(scope: Scope) -> list[tuple[str, str]]:
    """Return the headers as text; Latin-1, as HTTP has it."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


class Disconnected(Exception):
    """The client went away before its request was whole."""


async def read_body(
    receive: Receive, headers: list[tuple[str, str]], limit: int, flag: str = "--max-body-bytes"
) -> bytes:
    """Return the body; Refusal 413 beyond the `limit` bytes that a flag sets, Disconnected when the client is gone."""
    length = first_header(headers, "content-length") or "0"
    if length.isdigit() and int(length[:19]) > limit:
        raise Refusal(too_large(limit, flag))
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise Refusal(too_large(limit, flag))
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else bytes(chunk)
        chunks.append(chunk)


def too_large(limit: int, flag: str = "--max-body-bytes") -> Problem:
    """Return the refusal of a body beyond the limit that a flag sets."""
    return Problem("too-large", f"The body is larger than {limit} bytes.", hint=f"raise {flag}")


async def send_response(send: Send, response: Response, body: bytes, *, with_body: bool = True) -> None:
    """Send an answer whose body is encoded as `body`; with `with_body` off (HEAD) only its headers."""
    headers = [(b"content-length", b"%d" % len(body))] if body or response.status != 204 else []
    headers += _described(response.media_type if body else None, response.trace)
    for name, value in response.headers.items():
        if (lower := name.lower()) not in OF_THE_SERVER:
            headers.append((lower.encode(), header_safe(value).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})


@lru_cache(256)
def _described(media_type: str | None, trace: tuple[str, ...]) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers that say of what type a body is and why it is this one: most answers have those of others."""
    headers = () if media_type is None else ((b"content-type", media_type.encode()),)
    return (*headers, (b"x-mock-trace", header_safe("; ".join(trace)).encode())) if trace else headers


def encode(body: object) -> bytes:
    """Return a body as JSON; None, which is no content, has no bytes, and bytes are sent as they are."""
    if isinstance(body, bytes):
        return body
    return b"" if body is None else _JSON.encode(body)


def header_safe(text: str) -> str:
    """Return text fit for a header: printable ASCII as it is, the rest percent-encoded, at most 2,000 characters."""
    if text.isascii() and text.isprintable() and "%" not in text:
        return text[:2_000]
    return quote(text, safe=_PRINTABLE)[:2_000]
