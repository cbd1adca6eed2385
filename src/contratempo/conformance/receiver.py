"""The suite's own receiver of webhooks, on loopback: what comes is kept, and the address decides the answer."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final

from contratempo.conformance.exchange import Receipt, read_json

_LARGEST: Final = 1_048_576


class Receiver:
    """Listens while it is open. `/ok/…` takes everything, `/quiet/…` and `/made/…` too (204, 201), `/fail/…` nothing
    (500, 404 and 410 in turn), `/once/…` all but the first of each, `/moved/…` redirects to where it would be taken."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall, self._lock = wall, Lock()
        self._kept: list[Receipt] = []
        self._tries: dict[str, int] = {}
        self._taken = 0
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return the address that all places lie below."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self) -> list[Receipt]:
        """Return what has come since the last time."""
        with self._lock:
            fresh, self._taken = self._kept[self._taken :], len(self._kept)
        return fresh

    def keep(self, place: str, headers: dict[str, str], content: bytes) -> int:
        """Keep what came and return the status to answer."""
        with self._lock:
            tries = self._tries[place] = self._tries.get(place, 0) + 1
            status = _status(place, tries)
            number = len(self._kept)
            self._kept.append(Receipt(place, headers, content, read_json(content), status, number, self._wall()))
        return status

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


_REFUSALS: Final = (500, 404, 410)
"""No other than 2xx says that a webhook was taken, and none that it is not to come again."""


def _status(place: str, tries: int) -> int:
    kind = place.split("/")[1] if place.count("/") else ""
    if kind == "fail":
        return _REFUSALS[tries % len(_REFUSALS)]
    if kind == "once" and tries == 1:
        return 500
    return {"moved": 302, "quiet": 204, "made": 201}.get(kind, 200)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _LARGEST)
        content = self.rfile.read(length)
        fields = {name.lower(): value for name, value in self.headers.items()}
        status = self.receiver.keep(self.path, fields, content)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"/ok{self.path.removeprefix('/moved')}")
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Be quiet."""
