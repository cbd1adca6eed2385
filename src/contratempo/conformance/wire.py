"""How requests get to a deployment: over HTTP, or straight into an ASGI app of this process."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

import httpx2

from contratempo.conformance.patience import PATIENT, PATIENT_WITH_GUARD, Cord, Slowness
from contratempo.conformance.surroundings import stopwatch as real_time

App: TypeAlias = Callable[..., Any]

_TRUST: Final = "to trust a certificate of your own, name its file in SSL_CERT_FILE"
_CONNECTING: Final = "connection.connect_"
_CODINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": zlib.decompress,
}
_LARGEST: Final = 16 * 1_048_576


class Unreachable(Exception):
    """Nobody answers where the deployment should be."""


class _Endless(Exception):
    """An answer that is not read to its end."""


@dataclass(frozen=True)
class Answer:
    """An answer as it came; a status of 0 means that none came, and `content` says why; `late` that patience ended."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    elapsed: float = 0.0
    late: bool = False


class Wire(Protocol):
    """A way to one origin; `target` is path and query exactly as they go over the wire."""

    origin: str

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and return what came of it."""

    def close(self) -> None:
        """Let go of connections."""


class HttpWire:
    """Connections to an origin; the environment's proxies are for origins elsewhere. Redirects are not followed.

    `through` is the origin of a reverse proxy that is spoken to in its place. `again` lets a request go once more on a
    new connection when the server has closed the one that was kept open; a guard counts what it sends, and wants none.
    """

    def __init__(
        self, origin: str, stopwatch: Callable[[], float], *, near: bool, through: str = "", again: bool = True
    ) -> None:
        self.origin, self._again = origin, again
        self._place = through or origin
        self._stopwatch = stopwatch
        verify = ssl.create_default_context() if self._place.startswith("https:") else False
        self._patience = PATIENT_WITH_GUARD if through else PATIENT
        timeout = httpx2.Timeout(self._patience, connect=5.0)
        self._http = httpx2.Client(timeout=timeout, trust_env=not near, verify=verify, follow_redirects=False)
        self._http.headers.clear()
        self._cord = Cord(self._patience, real_time)
        self._slowness = None if through else Slowness()  # who is behind a guard is timed by the guard

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; Unreachable when no connection can be made, status 0 when it breaks."""
        self._time(None)
        opened: list[str] = []

        def trace(event: str, told: Mapping[str, Any]) -> None:
            opened.append(event)
            self._cord.hold(event, told)

        request = self._http.build_request(
            method,
            self._place,
            headers=_bytes(_headed(headers, self.origin)),
            content=body or None,
            extensions={"target": target.encode("ascii"), "trace": trace},
        )
        answer = self._once(request)
        kept_open = not any(event.startswith(_CONNECTING) for event in opened)
        if self._again and kept_open and answer.status == 0 and not answer.late:
            # A server may close an idle connection at any time, so also while a request is on its way.
            answer = self._once(request)
        self._http.cookies.clear()  # what one request was given must not let another one in
        return answer

    def _once(self, request: httpx2.Request) -> Answer:
        started = self._stopwatch()
        try:
            with self._cord.patience():
                status, fields, content = self._answer(request)
            answer = Answer(status, fields, content, self._stopwatch() - started)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            hint = f"; {_TRUST}" if "CERTIFICATE_VERIFY_FAILED" in str(error) else ""
            raise Unreachable(f"{self.origin}: {str(error) or 'no connection within 5 s'}{hint}") from error
        except (httpx2.HTTPError, _Endless) as error:
            late = self._cord.cut or isinstance(error, httpx2.TimeoutException)
            said = _unended(self._patience) if late else f"{type(error).__name__.lstrip('_')}: {error}"
            answer = Answer(0, {}, said.encode(), self._stopwatch() - started, late)
        else:
            if self._cord.cut:  # without a length, what is cut off looks like what is over
                answer = Answer(0, {}, _unended(self._patience).encode(), answer.elapsed, True)
        self._time(answer)
        return answer

    def _time(self, answer: Answer | None) -> None:
        """Count what an answer took; Unreachable once there is no use in asking on."""
        if self._slowness is None:
            return
        if answer is not None:
            self._slowness.count(answer.elapsed, answer.late)
        if self._slowness.verdict:
            raise Unreachable(f"{self.origin} {self._slowness.verdict}")

    def _answer(self, request: httpx2.Request) -> tuple[int, dict[str, str], bytes]:
        response = self._http.send(request, stream=True)
        try:
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST:
                    raise _Endless(f"the answer is longer than {_LARGEST} bytes")
        finally:
            response.close()
        return response.status_code, {name.lower(): value for name, value in response.headers.items()}, bytes(content)

    def close(self) -> None:
        """Close the connections."""
        self._cord.close()
        self._http.close()


def _unended(seconds: float) -> str:
    return f"there was no whole answer within {seconds:g} s"


class AsgiWire:
    """An ASGI app, called directly: some fifteen times quicker than a socket."""

    def __init__(self, app: App, stopwatch: Callable[[], float], origin: str = "http://testserver") -> None:
        self.origin = origin
        self._app, self._stopwatch = app, stopwatch
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()  # its own `run` looks after signals, at a price for every request

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; what the app raises is a 500, as a server would answer."""
        started = self._stopwatch()
        try:
            status, fields, content = self._loop.run_until_complete(self._call(method, target, headers, body))
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
        return start["status"], answered, _decoded(content, answered)

    def close(self) -> None:
        """Close the loop."""
        self._runner.close()


def _decoded(content: bytes, fields: Mapping[str, str]) -> bytes:
    """Return a body without its coding, as a client over HTTP has it; what cannot be decoded stays as it came."""
    decode = _CODINGS.get(fields.get("content-encoding", "").strip().lower())
    if decode is None or not content:
        return content
    try:
        return decode(content)
    except (OSError, EOFError, zlib.error):
        return content


def _headed(headers: Mapping[str, str], origin: str) -> dict[str, str]:
    return {"host": urlsplit(origin).netloc, "accept": "*/*", "user-agent": "contratempo-conform", **headers}


def _bytes(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
