"""How requests get to a deployment: over HTTP, or straight into an ASGI app of this process."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

import httpx2

App: TypeAlias = Callable[..., Any]

_PATIENCE: Final = httpx2.Timeout(30.0, connect=5.0)


class Unreachable(Exception):
    """Nobody answers where the deployment should be."""


@dataclass(frozen=True)
class Answer:
    """An answer as it came; a status of 0 means that none came, and `content` says why."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    elapsed: float = 0.0


class Wire(Protocol):
    """A way to one origin; `target` is path and query exactly as they go over the wire."""

    origin: str

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and return what came of it."""

    def close(self) -> None:
        """Let go of connections."""


class HttpWire:
    """Connections to an origin; the environment's proxies are for origins elsewhere. Redirects are not followed.

    `through` is the origin of a reverse proxy that is spoken to in its place.
    """

    def __init__(self, origin: str, stopwatch: Callable[[], float], *, near: bool, through: str = "") -> None:
        self.origin = origin
        self._place = through or origin
        self._stopwatch = stopwatch
        verify = ssl.create_default_context() if self._place.startswith("https:") else False
        self._http = httpx2.Client(timeout=_PATIENCE, trust_env=not near, verify=verify, follow_redirects=False)
        self._http.headers.clear()

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; Unreachable when no connection can be made, status 0 when it breaks."""
        started = self._stopwatch()
        request = self._http.build_request(
            method,
            self._place,
            headers=_bytes(_headed(headers, self.origin)),
            content=body or None,
            extensions={"target": target.encode("ascii")},
        )
        try:
            response = self._http.send(request)
        except httpx2.ConnectError as error:
            raise Unreachable(f"{self.origin}: {error}") from error
        except httpx2.TransportError as error:
            said = f"{type(error).__name__}: {error}".encode()
            return Answer(0, {}, said, self._stopwatch() - started)
        fields = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, fields, response.content, self._stopwatch() - started)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsgiWire:
    """An ASGI app, called directly: some fifteen times quicker than a socket."""

    def __init__(self, app: App, stopwatch: Callable[[], float], origin: str = "http://testserver") -> None:
        self.origin = origin
        self._app, self._stopwatch = app, stopwatch
        self._runner = asyncio.Runner()

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; what the app raises is a 500, as a server would answer."""
        started = self._stopwatch()
        try:
            status, fields, content = self._runner.run(self._call(method, target, headers, body))
        except Exception as error:  # whatever it is, a server in front of the app would answer 500
            return Answer(500, {}, f"{type(error).__name__}: {error}".encode(), self._stopwatch() - started)
        return Answer(status, fields, content, self._stopwatch() - started)

    async def _call(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        path, _, query = target.partition("?")
        fields = [(name.encode(), value.encode("latin-1")) for name, value in _headed(headers, self.origin).items()]
        if body:
            fields.append((b"content-length", str(len(body)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": fields,
            "client": ("127.0.0.1", 1),
            "server": (urlsplit(self.origin).hostname, 80),
            "state": {},
        }
        unsent, sent = [{"type": "http.request", "body": body, "more_body": False}], []

        async def receive() -> dict[str, Any]:
            return unsent.pop() if unsent else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start.get("headers", ())}
        content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return start["status"], answered, content

    def close(self) -> None:
        """Close the loop."""
        self._runner.close()


def _headed(headers: Mapping[str, str], origin: str) -> dict[str, str]:
    return {"host": urlsplit(origin).netloc, "accept": "*/*", "user-agent": "contratempo-conform", **headers}


def _bytes(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
