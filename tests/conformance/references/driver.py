"""Drives an ASGI application without a loop or a socket, and notes every exchange and every webhook."""

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .service import Service

START = "2030-03-15T12:00:00Z"
Seen = tuple[Any, ...]
SHOWN = ("content-type", "allow", "content-length", "www-authenticate", "x-request-id", "location", "etag")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; `body` is its JSON, or its bytes when it is none."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        try:
            return json.loads(gzip.decompress(self.raw) if "content-encoding" in self.headers else self.raw)
        except ValueError:
            return self.raw

    def seen(self) -> Seen:
        """Return what a client goes by."""
        told = tuple(self.headers.get(name) for name in SHOWN)
        return self.method, self.path, self.status, told, self.raw


class Different(Exception):
    """What is seen is not what was expected."""


@dataclass
class Driver:
    """A client of one world, which stops at the first thing it sees that is not `expected`."""

    app: Service
    expected: list[Seen] | None = None
    receive: Callable[[str], int] = lambda _url: 200
    world: str = "w"
    token: str | None = "key-of-w"
    exchanges: list[Exchange] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app.send_webhook = self._webhook
        self.control("POST", "/worlds", {"id": "w", "clock": START})
        self.control("POST", "/worlds", {"id": "v", "clock": START})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send with the world's token, as JSON; return the answer's body."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("authorization", f"Bearer {self.token}")
        if body is not None:
            sent.setdefault("content-type", "application/json")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        exchange = self.send(method, path, sent, raw)
        self.exchanges.append(exchange)
        self._see(exchange.seen())
        return exchange.body

    def control(self, method: str, path: str, body: Any = None) -> Any:
        sent = {"x-mock-world": self.world} if path != "/worlds" else {}
        return self.send(method, "/_mock" + path, sent, json.dumps(body or {}).encode()).body

    def advance(self, by: float | str) -> Any:
        return self.control("POST", "/clock/advance", {"by": by})

    def script(self, *outcomes: Any, **match: str) -> None:
        self.control("POST", "/outcomes", {"match": match, "outcomes": list(outcomes)})

    def webhooks(self) -> list[Seen]:
        """Return (URL, content type, how it is signed, body, status) of those that came."""
        return [what for what in self.seen if what[0].startswith("http")]

    def send(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> Exchange:
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": plain,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        _run(self.app(scope, receive, send))
        told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Exchange(method, path, sent[0]["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))

    def _webhook(self, url: str, headers: dict[str, str], body: bytes) -> int:
        told = {name.lower(): value for name, value in headers.items()}
        status = self.receive(url)
        self._see((url, told.get("content-type"), self._signed(told, body), body, status))
        return status

    def _see(self, what: Seen) -> None:
        self.seen.append(what)
        number = len(self.seen) - 1
        if self.expected is not None and (number >= len(self.expected) or self.expected[number] != what):
            raise Different(f"{what}, not {self.expected[number : number + 1]}")

    def _signed(self, headers: dict[str, str], body: bytes) -> str:
        """Say how it is signed: the signature itself changes with the real time."""
        timestamp = headers.get("telnyx-timestamp", "")
        try:
            signature = base64.b64decode(headers["telnyx-signature-ed25519"], validate=True)
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.app.public_key()))
            key.verify(signature, timestamp.encode() + b"|" + body)
        except KeyError:
            return "not at all"
        except (ValueError, InvalidSignature):
            return "wrongly"
        return (
            "well, this decade"
            if timestamp.isdigit() and len(timestamp) == 10 and timestamp < "1893456000"
            else timestamp
        )


def _run(coroutine: Any) -> None:
    """Run what never waits for anything outside."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the application waits for something that a loop would have to bring")
