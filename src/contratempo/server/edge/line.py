"""The line: a socket that answers go out on, and how it ends, in good order or not; never without a deadline."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from contratempo.provider import Problem
from contratempo.server.edge.limits import LIMITS, Limits
from contratempo.server.edge.refusals import Refused
from contratempo.server.edge.watch import Watch

_NO_LINGER: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Edge:
    """What every connection of a server shares: how a refusal is said (of a request for a target), and its limits."""

    refuse: Callable[[Problem, bytes], Refused]
    limits: Limits = LIMITS


class Line(asyncio.Protocol):
    """The lower half of a connection. While it is `open` requests are read; then what comes is thrown away."""

    transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        self._limits = limits
        self._watch = Watch(loop, self._late)
        self._open, self._paused = True, False
        self.stalled = False
        self._writable: asyncio.Event | None = None

    def _late(self, name: str) -> None:
        """Do what the deadline of that name is for: what was to be sent is not taken, or nothing comes any more."""
        if name in ("write", "end"):
            self.transport.abort()
        else:
            self._end()

    def eof_received(self) -> None:
        """Hear that the client sends no more: it is taken to be gone."""
        self._end()

    def pause_writing(self) -> None:
        """Hear that the client does not take what is sent."""
        self.stalled, self._writable = True, asyncio.Event()
        self._watch.start("write", self._limits.write_seconds)

    def resume_writing(self) -> None:
        """Hear that it does."""
        self.stalled = False
        self._watch.stop("write")
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    async def writable(self) -> None:
        """Wait until the client has taken enough of what was sent."""
        while self._writable is not None:
            await self._writable.wait()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def _pause(self, *, reading: bool) -> None:
        """Have what the client sends come, or wait with it."""
        if self._paused and reading:
            self.transport.resume_reading()
        elif not (self._paused or reading):
            self.transport.pause_reading()
        self._paused = not reading

    def _linger(self) -> None:
        """Send no more, and throw away what still comes: a reset, which closing would be, could overtake the answer."""
        self._open = False
        self._watch.stop("head", "gap", "body", "idle")
        if self.transport.is_closing():
            return
        self._pause(reading=True)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._watch.start("linger", self._limits.linger_seconds)

    def _end(self) -> None:
        """Close after what was sent, for which there is as long as for any writing."""
        self._open = False
        self._watch.stop("head", "gap", "body", "idle", "linger")
        self._watch.start("end", self._limits.write_seconds)
        self.transport.close()

    def _abort(self) -> None:
        """End with a TCP reset."""
        self._open = False
        below = self.transport.get_extra_info("socket")
        if below is not None:
            below.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()
