"""Callers: what an Authorization header says of who calls, worked out once for those who call again and again."""

from functools import lru_cache
from typing import Final, NamedTuple

from contratempo.sim import ids

_REMEMBERED: Final = 256
"""Callers: a test has one, a server of many worlds one for each."""


class Caller(NamedTuple):
    """Who calls: `token` is None when there is none or it is empty; `digest` tells callers apart without being one."""

    token: str | None
    digest: str


@lru_cache(_REMEMBERED)
def caller_of(authorization: str) -> Caller:
    """Return the caller of a request with that header, empty where there is none."""
    scheme, _, sent = authorization.partition(" ")
    token = sent if scheme.lower() == "bearer" and sent and not sent.startswith(" ") else None
    return Caller(token, ids.digest("caller", token or "").hex())
