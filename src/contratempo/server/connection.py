"""The connection below a request: uvicorn's protocol, at which a fault can take hold of the wire."""

import asyncio
import socket
import struct
from typing import Any, Final, Protocol

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

WIRE: Final = "contratempo.wire"
"""The ASGI extension under which a request finds its connection."""
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Wire(Protocol):
    """A connection that a fault may end, whatever has been sent by then."""

    def close(self) -> None:
        """End it in good order, after what was sent."""

    def reset(self) -> None:
        """End it with a reset, dropping what was not sent yet."""


class Connection(H11Protocol):
    """uvicorn's protocol, handing every request its wire."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._application, self.app = self.app, self._with_wire

    async def _with_wire(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**scope.get("extensions", {}), WIRE: self}
        try:
            await self._application(scope, receive, send)
        except asyncio.CancelledError:  # the server closes and has waited long enough
            self.close()

    def close(self) -> None:
        """End the connection after what was sent."""
        self.cycle.disconnected = True  # else uvicorn would complain that the answer is missing, and send one
        self.transport.close()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self.cycle.disconnected = True
        below = self.transport.get_extra_info("socket")
        if below is not None:
            below.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
