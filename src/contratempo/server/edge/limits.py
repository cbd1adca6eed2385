"""The limits of the edge: what a client may send, and how long it may take."""

import math
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 65_536
"""Bytes of request line and headers together. Node takes 16 KiB, nginx 32 KiB, Apache 100 fields of 8 KiB."""
HEADERS: Final = 100
"""Fields of a head, and of the trailers of a chunked body; Apache's LimitRequestFields."""
TARGET_BYTES: Final = 8_192
"""Bytes of a request target. RFC 9112, section 3: 8,000 at least; Apache's LimitRequestLine is 8,190."""
FRAMING_BYTES: Final = 65_536
"""Bytes of chunk extensions, padding and trailers: what a chunked body costs beyond chunks of a single byte."""
CHUNK_COST: Final = 6
"""Bytes on the wire of a chunk of one byte: `1 CRLF x CRLF`."""
HEAD_SECONDS: Final = 10.0
"""Real seconds from a connection, or the first byte of a further request, to the end of the head."""
GAP_SECONDS: Final = 15.0
"""Real seconds between two arrivals of a body."""
BODY_SECONDS: Final = 60.0
"""Real seconds for a whole body; nginx's client_body_timeout is 60 s between reads."""
IDLE_SECONDS: Final = 30.0
"""Real seconds that a connection is kept between requests: longer than clients keep theirs (httpx 5 s, Node 4 s)."""
WRITE_SECONDS: Final = 30.0
"""Real seconds in which a client must take what is waiting to be sent; nginx's send_timeout is 60 s."""
LINGER_SECONDS: Final = 2.0
"""Real seconds in which what still comes after a refusal is thrown away, lest a reset overtake the answer."""
SURPLUS_SECONDS: Final = 2.0
"""Real seconds for the head of a request that will be refused because too many connections are open."""
CONNECTIONS: Final = 1_000
"""Connections served at once; each costs a descriptor, of which a process often has 1,024."""
SURPLUS: Final = 100
"""Connections beyond that, each told so in an answer; further ones are dropped."""
READ_AHEAD_BYTES: Final = 65_536
"""Bytes of a body that wait for the application; beyond, the client waits. asyncio's own mark for writing."""
PIECE_BYTES: Final = 4_096
"""Bytes parsed at once: so many pipelined requests as fit in there can wait for their turn."""


@dataclass(frozen=True)
class Limits:
    """Every limit of the edge; units are those of the constants."""

    head_bytes: float = HEAD_BYTES
    headers: float = HEADERS
    target_bytes: float = TARGET_BYTES
    trailers: float = HEADERS
    framing_bytes: float = FRAMING_BYTES
    head_seconds: float = HEAD_SECONDS
    gap_seconds: float = GAP_SECONDS
    body_seconds: float = BODY_SECONDS
    idle_seconds: float = IDLE_SECONDS
    write_seconds: float = WRITE_SECONDS
    linger_seconds: float = LINGER_SECONDS
    surplus_seconds: float = SURPLUS_SECONDS
    connections: float = CONNECTIONS
    surplus: float = SURPLUS
    read_ahead_bytes: float = READ_AHEAD_BYTES
    piece_bytes: int = PIECE_BYTES


LIMITS: Final = Limits()
UNLIMITED: Final = math.inf
"""The value of a limit that is off."""
