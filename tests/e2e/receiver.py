"""A receiver of webhooks for the end-to-end tests: it notes what comes and answers as it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

ALWAYS: Final = 1_000_000


@dataclass
class Received:
    """A webhook as it came: header names in lower case, the body as it was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers `statuses` one after the other, then 200; `on_receive(received)` is called before it answers."""

    statuses: list[int] = field(default_factory=list)
    on_receive: Callable[[Received], Any] = lambda received: None
    received: list[Received] = field(default_factory=list)
    url: str = ""

    def take(self, received: Received) -> int:
        self.received.append(received)
        self.on_receive(received)
        return self.statuses.pop(0) if self.statuses else 200


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(Received(self.path, headers, body)))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
        yield receiver
        server.shutdown()
        thread.join()
