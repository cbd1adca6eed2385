"""The application: everything wired, once."""

import asyncio
import contextlib

from starlette.types import Receive, Scope, Send

from contratempo.server.endpoint import Endpoint
from contratempo.server.guard import Guard
from contratempo.server.page import is_page, pages
from contratempo.server.routing import Routing
from contratempo.server.service import Service


class App:
    """The ASGI application of a service: pages, and behind the router the endpoint."""

    def __init__(self, service: Service) -> None:
        self.service = service
        documents = [service.catalog.contract(name, service.settings.profile).document for name in service.providers]
        endpoint = Endpoint(service, _guard(service), documents)
        self._routing = Routing(endpoint, documents)
        self._pages = pages(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            app = self._pages if is_page(scope["path"]) else self._routing
            await app(scope, receive, send)
        else:  # websocket: there is none here
            await send({"type": "websocket.close", "code": 1000})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        keeper = asyncio.create_task(self.service.pump.keep(self.service.worlds))
        keeping = [keeper]
        if (kept := self.service.state_file) is not None:
            keeping.append(asyncio.create_task(kept.keep(self.service.worlds.default)))
        for world in self.service.worlds:  # one that was lived through before has webhooks to send
            self.service.pump.changed(world)
        self.service.ready = True
        await send({"type": "lifespan.startup.complete"})
        try:
            await receive()
        except asyncio.CancelledError:  # a second Ctrl-C: nothing more is waited for, and no traceback is anybody's
            return
        self.service.close()
        await self.service.sender.close()
        for task in keeping:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if kept is not None:
            kept.close(self.service.worlds.default)
        await send({"type": "lifespan.shutdown.complete"})


def _guard(service: Service) -> Guard:
    settings = service.settings
    token = None if settings.insecure_control else settings.control_token
    return Guard([host.lower() for host in (settings.host, *settings.allowed_host)], token)
