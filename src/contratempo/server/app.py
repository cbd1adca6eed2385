"""The application: everything wired, once."""

import asyncio
import contextlib
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from contratempo.server.endpoint import Endpoint
from contratempo.server.guard import Guard
from contratempo.server.page import PATH, docs_page
from contratempo.server.routing import Routing, Table
from contratempo.server.service import Service

_PAGES: Final = (PATH, "/_mock", "/_mock/")


class App:
    """The ASGI application of a service: pages, and behind the router the endpoint."""

    def __init__(self, service: Service) -> None:
        self.service = service
        documents = [service.catalog.contract(name, service.settings.profile).document for name in service.providers]
        endpoint = Endpoint(service, _guard(service), Table(documents))
        self._routing = Routing(endpoint, documents)
        self._pages = docs_page(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._app(scope["path"])(scope, receive, send)
        else:  # websocket: there is none here
            await send({"type": "websocket.close", "code": 1000})

    def _app(self, path: str) -> ASGIApp:
        return self._pages if path in _PAGES or path.startswith(f"{PATH}/") else self._routing

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        keeper = asyncio.create_task(self.service.pump.keep(self.service.worlds))
        self.service.ready = True
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.service.ready = False
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper
        await send({"type": "lifespan.shutdown.complete"})


def _guard(service: Service) -> Guard:
    settings = service.settings
    token = None if settings.insecure_control else settings.control_token
    return Guard([host.lower() for host in (settings.host, *settings.allowed_host)], token)
