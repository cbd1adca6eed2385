"""Running: a bound socket, uvicorn on it, in this thread or in one of its own."""

import gc
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import uvicorn

from contratempo.server.app import App
from contratempo.server.deferral import collecting_later
from contratempo.server.edge.connection import Connection
from contratempo.server.edge.limits import LIMITS, Limits
from contratempo.server.edge.line import Edge
from contratempo.server.edge.refusals import refusals
from contratempo.server.realtime import RealTime
from contratempo.server.service import Service, make_service
from contratempo.server.settings import Settings

INTERRUPTED: Final = 130
"""The exit code of a server that was asked a second time to end, and did so without waiting for anything."""
UNSAVED: Final = 1
"""The exit code of a server whose state file does not have the world as it was at the end."""
GRACE_SECONDS: Final = 4
"""Real seconds that what is under way has when the server closes; what takes longer is cut off unanswered."""


DESCRIPTORS: Final = 4_096
"""Files and sockets that may be open at once: twice the connections of the edge, webhooks, and some to spare."""


class CannotBind(OSError):
    """The address cannot be listened on."""


@dataclass
class BoundServer:
    """A server on its socket; `stop()` ends one that runs in a thread and waits for it."""

    host: str
    port: int
    service: Service
    _server: uvicorn.Server = field(repr=False)
    _socket: socket.socket = field(repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Return the origin a client on this machine uses."""
        return self.service.base_url

    def stop(self) -> None:
        """Stop serving and wait until the port is free."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=10)


class _Server(uvicorn.Server):
    """uvicorn, telling when it is ready and when it closes, and ending without raising the signal again."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_close: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready, self._on_close = on_ready, on_close

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_close()  # before uvicorn waits for what is under way
        await super().shutdown(sockets)
        self._captured_signals.clear()  # which uvicorn would raise again: a drained server ends with 0


def serve(
    settings: Settings,
    on_ready: Callable[[BoundServer], None],
    real: RealTime | None = None,
    limits: Limits = LIMITS,
) -> int:
    """Serve until SIGINT or SIGTERM and return 0; INTERRUPTED when a second SIGINT came before all was done.

    UNSAVED when the state file could not be written for the last time.
    `on_ready(bound)` is called once requests are taken. CannotBind when the address is not to be had; DocumentError
    when a document is bad.
    """
    with collecting_later():
        bound = _bind(settings, on_ready, real, limits)
    _spare_collections()
    _allow_descriptors()
    try:
        bound._server.run(sockets=[bound._socket])
    except KeyboardInterrupt:
        pass
    finally:
        bound._socket.close()
    if bound._server.force_exit:
        return INTERRUPTED
    kept = bound.service.state_file
    return UNSAVED if kept is not None and kept.lost else 0


def _spare_collections() -> None:
    """Collect less often, and never what is loaded by now: full collections were half the cost of a list request."""
    gc.freeze()  # as it is: what was made with the collector at rest is next to nothing but what stays
    gc.set_threshold(10_000, 50, 100)


def _allow_descriptors() -> None:
    """Raise the process's limit, often 1,024, which the connections could meet, as far as the machine lets us."""
    if sys.platform == "win32":
        return
    import resource  # Windows has none

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def start_in_thread(settings: Settings, real: RealTime | None = None, limits: Limits = LIMITS) -> BoundServer:
    """Serve in a daemon thread and return once requests are taken; errors as `serve`."""
    ready = threading.Event()
    bound = _bind(settings, lambda _: ready.set(), real, limits)
    bound._thread = threading.Thread(target=_run_in_thread, args=(bound,), name="contratempo", daemon=True)
    bound._thread.start()
    while not ready.wait(0.05):
        if not bound._thread.is_alive():
            raise RuntimeError("the server's thread ended before it was ready; its log says why")
    return bound


def _run_in_thread(bound: BoundServer) -> None:
    try:
        bound._server.run(sockets=[bound._socket])
    finally:
        bound._socket.close()


def _bind(
    settings: Settings, on_ready: Callable[[BoundServer], None], real: RealTime | None, limits: Limits
) -> BoundServer:
    listening = _listen(settings)
    port = listening.getsockname()[1]
    try:
        service = make_service(settings, real, base_url=f"http://{_reachable(settings.host)}:{port}", port=port)
        app = App(service)
    except BaseException:
        listening.close()
        raise
    server = _Server(_config(app, limits), lambda: on_ready(bound), service.close)
    bound = BoundServer(settings.host, port, service, server, listening)
    return bound


def _config(app: App, limits: Limits) -> uvicorn.Config:
    """Return uvicorn's settings; the loop is uvloop where that is installed, which it is not on Windows."""
    protocol = partial(Connection, edge=Edge(refusals(app.service), limits))
    return uvicorn.Config(
        app, http=protocol, loop="auto", ws="none", lifespan="on", log_config=None, access_log=False,  # type: ignore[arg-type]
        proxy_headers=False, server_header=False, timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio switches Nagle's delay off only on sockets that say they are TCP: 40 ms a request
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(2_048)
    except OSError as error:
        listening.close()
        raise CannotBind(error.errno, f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
    listening.setblocking(False)
    return listening


def _reachable(host: str) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown
