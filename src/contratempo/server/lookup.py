"""Looking up host names: a few threads of our own, which hold up neither the server nor its end."""

import asyncio
import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

THREADS: Final = 4
"""Lookups at once: a name server that does not answer holds each for many seconds."""


class _Asked(NamedTuple):
    host: str
    port: int
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[list[str]]"


@dataclass
class Lookup:
    """Answers the addresses of a host, as the machine's resolver gives them; OSError when it has none.

    The threads are daemons, which an executor's are not: a lookup under way cannot be ended, and must not keep the
    process from ending.
    """

    getaddrinfo: Callable[..., Any] = socket.getaddrinfo
    threads: int = THREADS
    _asked: "queue.SimpleQueue[_Asked | None]" = field(default_factory=queue.SimpleQueue, repr=False)
    _started: int = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, once each, in order."""
        loop = asyncio.get_running_loop()
        asked = _Asked(host, port, loop, loop.create_future())
        self._asked.put(asked)
        if self._started < self.threads:
            self._started += 1
            threading.Thread(target=self._work, name=f"lookup-{self._started}", daemon=True).start()
        return await asked.answer

    def close(self) -> None:
        """Let the threads end, each after the lookup it is at."""
        for _ in range(self._started):
            self._asked.put(None)
        self._started = 0

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            if not asked.answer.cancelled():  # else nobody waits for it any more
                self._look_up(asked)

    def _look_up(self, asked: _Asked) -> None:
        found: list[str] | Exception
        try:
            # as bytes, since Python would put a text through its own reading of international names
            rows = self.getaddrinfo(asked.host.encode("ascii"), asked.port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(row[4][0] for row in rows))
        except Exception as error:
            found = error
        with contextlib.suppress(RuntimeError):  # the loop may have ended by now
            asked.loop.call_soon_threadsafe(_settle, asked.answer, found)


def _settle(answer: "asyncio.Future[list[str]]", found: list[str] | Exception) -> None:
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
