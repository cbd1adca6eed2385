"""Exchanges: requests that came and what was answered, as the journal of a world keeps them."""

from typing import Any

import msgspec

from contratempo.sim.instants import Instant


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """A request and its answer as they came: bodies are bytes, `at` is the world's instant, `received_at` a real one.

    It is not for showing: what is shown of it goes through `server.showing`, which takes out the secrets unless `clean`
    says that they are out already. So its own text says nothing of it. `operation` None is no operation and `status` 0
    no answer. `sent` counts the request's bytes, of which `request` may be the beginning; `is_json` says that it is.
    `media_type` is the answer's where that is no JSON. `weight` is about how many bytes it takes.
    """

    number: int
    world: str
    at: Instant
    received_at: Instant
    seconds: float
    provider: str
    operation: str | None
    method: str
    path: str
    query: str
    status: int
    rule: str | None = None
    hint: str | None = None
    violations: tuple[dict[str, str | None], ...] = ()
    fault: dict[str, str] | None = None
    near_miss: dict[str, Any] | None = None
    trace: tuple[str, ...] = ()
    request: bytes = b""
    response: bytes = b""
    resource: str | None = None
    sent: int = 0
    is_json: bool = False
    clean: bool = False
    weight: int = 0
    media_type: str = ""

    def __repr__(self) -> str:
        return f"<exchange {self.number} of world {self.world}>"

    @property
    def verdict(self) -> str:
        """Say whether the request was accepted or refused; what was not answered was not accepted."""
        return "accepted" if 0 < self.status < 400 else "refused"
