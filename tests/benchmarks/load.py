"""A closed-loop HTTP load generator on raw sockets: each connection asks again when its answer is complete."""

import re
import selectors
import socket
import time
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PATIENCE = 15


@dataclass(frozen=True)
class Load:
    """What one window saw: answers per second, the share of a core the generator used, sorted latencies in seconds.

    `pause` is the longest time in which no connection had an answer.
    """

    rate: float
    busy: float
    latencies: list[float]
    pause: float

    def quantile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class UnexpectedAnswer(Exception):
    """The server answered with a status that is not the one measured, or not at all."""


class Connection:
    """A kept-alive connection with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked = 0.0
        self.received = b""

    def ask(self, request: bytes) -> None:
        self.received = b""
        self.asked = time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self, start: bytes) -> bool:
        """Read what came; say whether the answer, which must begin with `start`, is complete."""
        came = self.socket.recv(262144)
        self.received = self.received + came if self.received else came
        if not came or not self.received.startswith(start[: len(self.received)]):
            raise UnexpectedAnswer(f"expected {start.decode()}, got {self.received[:400]!r}")
        return is_complete(self.received)


def is_complete(answer: bytes) -> bool:
    """Say whether all of an HTTP/1.1 answer with a length, or a chunked one, has come."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    if length := _LENGTH.search(answer, 0, head + 2):
        return len(answer) >= head + 4 + int(length[1])
    return answer.endswith(b"0\r\n\r\n") or answer.startswith(b"HTTP/1.1 204")


def ask(port: int, request: bytes, status: int) -> bytes:
    """Make one exchange on a connection of its own and return the body; any answer but `status` is an error."""
    connection = Connection(port)
    try:
        connection.ask(request)
        while not connection.is_answered(b"HTTP/1.1 %d " % status):
            pass
        return connection.received.partition(b"\r\n\r\n")[2]
    except TimeoutError:
        raise UnexpectedAnswer(f"no answer within {_PATIENCE} s") from None
    finally:
        connection.socket.close()


def load(
    port: int, request: bytes, status: int, *, seconds: float, connections: int, answers: float = float("inf")
) -> Load:
    """Ask for `seconds`, or until there are `answers`, over kept-alive connections.

    Any answer but `status` ends it, as UnexpectedAnswer.
    """
    start = b"HTTP/1.1 %d " % status
    latencies: list[float] = []
    pause = 0.0
    with selectors.DefaultSelector() as selector:
        opened = [Connection(port) for _ in range(connections)]
        try:
            for connection in opened:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            began, worked = time.perf_counter(), time.process_time()
            for connection in opened:
                connection.ask(request)
            latest = began
            while (now := time.perf_counter()) - began < seconds and len(latencies) < answers:
                ready = selector.select(timeout=_PATIENCE)
                if not ready:
                    raise UnexpectedAnswer(f"no answer within {_PATIENCE} s")
                for key, _ in ready:
                    connection = key.data
                    if connection.is_answered(start):
                        came = time.perf_counter()
                        pause, latest = max(pause, came - latest), came
                        latencies.append(came - connection.asked)
                        connection.ask(request)
            worked = time.process_time() - worked
        finally:
            for connection in opened:
                connection.socket.close()
    if not latencies:
        raise UnexpectedAnswer(f"no answer within {seconds:g} s")
    return Load(len(latencies) / (now - began), worked / (now - began), sorted(latencies), pause)
