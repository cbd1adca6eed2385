"""Breaches of the edge's limits and of HTTP itself, as problems that every provider can say in its style."""

from typing import Final

import httptools

from contratempo.provider import Problem
from contratempo.server.edge.limits import Limits

_HTTP: Final = "send a request as RFC 9112 has it"


class Breach(Exception):
    """Raised while a request is read: it goes no further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def malformed(detail: str, hint: str = _HTTP, *, status: int = 400) -> Problem:
    """Return the refusal of what is no valid HTTP request, or none that is taken here."""
    return Problem("invalid", detail, status=status, hint=hint)


def head_too_large(limits: Limits) -> Problem:
    """Return the refusal of a head beyond its bytes."""
    return _fields(f"The head of the request is larger than {limits.head_bytes:,} bytes.")


def too_many_headers(limits: Limits) -> Problem:
    """Return the refusal of a head with too many fields."""
    return _fields(f"The request has more than {limits.headers:,} headers.")


def too_many_trailers(limits: Limits) -> Problem:
    """Return the refusal of a chunked body with too many trailers."""
    return _fields(f"The body has more than {limits.trailers:,} trailers.")


def target_too_long(limits: Limits) -> Problem:
    """Return the refusal of a target beyond its bytes."""
    detail = f"The request target is longer than {limits.target_bytes:,} bytes."
    return Problem("too-large", detail, status=414, hint="send a shorter path and query")


def too_much_framing(limits: Limits) -> Problem:
    """Return the refusal of a chunked body that is mostly extensions, padding or trailers."""
    detail = f"The chunked body has more than {limits.framing_bytes:,} bytes that are no content."
    return malformed(detail, "send larger chunks without extensions")


def head_too_slow(limits: Limits) -> Problem:
    """Return the refusal of a head that does not end."""
    return Problem("timeout", f"The head of the request was not complete after {limits.head_seconds:g} s.", status=408)


def body_stopped(limits: Limits) -> Problem:
    """Return the refusal of a body that stops coming."""
    return Problem("timeout", f"Nothing more of the body came for {limits.gap_seconds:g} s.", status=408)


def body_too_slow(limits: Limits) -> Problem:
    """Return the refusal of a body that does not end."""
    return Problem("timeout", f"The body was not complete after {limits.body_seconds:g} s.", status=408)


def too_many_connections(limits: Limits) -> Problem:
    """Return the refusal of a connection beyond the limit."""
    detail = f"{limits.connections:,} connections are open, as many as may be."
    hint = "close connections that are done with, and try again"
    return Problem("rate-limited", detail, status=503, hint=hint, headers={"retry-after": "1"})


def unparsed(error: httptools.HttpParserError) -> Problem:
    """Return the refusal of what the parser could not read; its words are about HTTP, never the client's own."""
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return Problem("method", "The method is none that HTTP knows.", status=405)
    return malformed(f"This is no valid HTTP/1.1 request: {error}.")


def failed() -> Problem:
    """Return the answer where the application has failed to give one."""
    return Problem("internal", "The mock failed.", status=500, hint="the server's log has it")


def _fields(detail: str) -> Problem:
    return Problem("too-large", detail, status=431, hint="send fewer or shorter ones")
