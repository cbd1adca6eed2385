"""A reference serves over a real socket, and its webhooks arrive at a real receiver during the advance."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx2
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import KEY, reference

MESSAGE = {"from": "+18445550001", "to": "+18665550001", "text": "Hello"}


@contextmanager
def served(provider: str) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(reference(provider), port=0, log_level="critical", ws="none"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def receiving() -> Iterator[tuple[str, list[tuple[Any, bytes]]]]:
    received: list[tuple[Any, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_webhooks_arrive_signed_while_time_passes() -> None:
    with (
        served("telnyx_messages") as origin,
        receiving() as (url, received),
        httpx2.Client(base_url=origin, trust_env=False, timeout=30) as http,
    ):
        world = http.post("/_mock/worlds", json={"clock": "2030-03-15T12:00:00Z"}).json()
        token = {"Authorization": f"Bearer {world['api_key']}"}
        assert http.post("/v2/messages", json=MESSAGE | {"webhook_url": url}, headers=token).status_code == 200
        http.post("/_mock/clock/advance", json={"by": "1h"}, headers={"X-Mock-World": world["id"]})
        key = http.get("/_mock/webhooks/public-key").json()["public_key"]
    assert len(received) == 2
    for headers, body in received:
        signed = headers["telnyx-timestamp"].encode() + b"|" + body
        signature = base64.b64decode(headers["telnyx-signature-ed25519"])
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(signature, signed)


def test_the_known_token_lives_in_real_time() -> None:
    with served("telnyx_assistants") as origin, httpx2.Client(base_url=origin, trust_env=False, timeout=30) as http:
        path = "/v2/ai/assistants/a/scheduled_events"
        assert http.get(path, headers={"Authorization": f"Bearer {KEY}"}).json()["data"] == []
        assert http.head(path, headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
        assert http.get(path).status_code == 401
        assert http.get("/_mock/clock").json()["mode"] == "running"
