"""The readers of a server: how many streams it sends at once, each over its connection until that or the world ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakSet

from sse_starlette.sse import EventSourceResponse
from starlette.types import Message, Receive, Scope, Send

from contratempo.provider import Problem, Refusal
from contratempo.server.connection import WIRE
from contratempo.server.signal import Signal
from contratempo.server.stream import Cursor, Event, Feed, events

_LOG: Final = logging.getLogger("contratempo")
READERS: Final = 64
PING_SECONDS: Final = 15
SEND_SECONDS: Final = 5.0
"""Real seconds that a reader has to take what is sent; one that does not is dropped."""
GRACE_SECONDS: Final = 1.0
"""Real seconds that a reader has for the end of its stream when the server closes."""
MEDIA_TYPE: Final = "text/event-stream"


@dataclass(eq=False)
class Stream:
    """What one reader is given, from a cursor on, and how it is sent; `readers` are those it counts among."""

    readers: "Readers"
    feed: Feed
    place: Cursor | None
    limit: int | None
    left: Callable[[], float | None]

    async def send(self, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one that does not accept event streams gets what there is now, and that is all.

        A reader that does not read is dropped, its connection with it.
        """
        over = False

        async def watched(message: Message) -> None:
            nonlocal over
            await send(message)
            over = over or (message["type"] == "http.response.body" and not message.get("more_body", False))

        async def left(_: Message) -> None:
            nonlocal over
            over = True

        answer = EventSourceResponse(
            self.chunks(follow=_follows(scope)), headers=headers, sep="\n", ping=PING_SECONDS,
            send_timeout=SEND_SECONDS, shutdown_grace_period=GRACE_SECONDS, data_sender_callable=self._oversee,
            client_close_handler_callable=left,
        )  # fmt: skip
        try:
            await answer(scope, receive, watched)
        except* TimeoutError:
            _LOG.info("%s: a reader of the stream does not read and is dropped", self.feed.world.id)
        finally:
            self.readers.release(self)
        wire = scope.get("extensions", {}).get(WIRE)
        if not over and wire is not None:
            wire.reset()  # closing in good order would wait for the reader to read

    async def chunks(self, *, follow: bool) -> AsyncIterator[bytes]:
        """Yield the events as bytes, a batch at a time."""
        async for batch in events(self.feed, self.place, follow=follow, limit=self.limit, left=self.left):
            yield b"".join(map(Event.encode, batch))

    async def _oversee(self) -> None:
        await self.readers.closing.after(0)
        await asyncio.sleep(GRACE_SECONDS)
        raise TimeoutError("the server closes and the reader does not take the end of its stream")


@dataclass
class Readers:
    """The streams that a server sends, at most `limit`; `stamp` (hexadecimal) tells it from the server before."""

    stamp: str
    limit: int = READERS
    closing: Signal = field(default_factory=Signal)
    _open: WeakSet[Stream] = field(default_factory=WeakSet)

    def __len__(self) -> int:
        return len(self._open)

    def open(
        self,
        feed: Feed,
        last_event_id: str | None,
        *,
        limit: int | None = None,
        left: Callable[[], float | None] = lambda: None,
    ) -> Stream:
        """Return the stream of one more reader, from the event it had last on; Refusal 429 when there are too many.

        It counts until it has been sent, or is forgotten unsent. `limit` and `left` are as for `events`.
        """
        if len(self) >= self.limit:
            hint = "close a page or a reader that is done with, or poll GET /_mock/requests and GET /_mock/timeline"
            raise Refusal(Problem("rate-limited", f"{self.limit} streams are open, as many as may be.", hint=hint))
        stream = Stream(self, feed, Cursor.read(last_event_id) if last_event_id else None, limit, left)
        self._open.add(stream)
        return stream

    def release(self, stream: Stream) -> None:
        """Let a stream count no more."""
        self._open.discard(stream)

    def close(self) -> None:
        """Drop the readers that do not take the end of their streams, which ends by itself when the feed has ended."""
        self.closing.notify()


def _follows(scope: Scope) -> bool:
    return any(name == b"accept" and MEDIA_TYPE.encode() in value.lower() for name, value in scope["headers"])
