"""A closed-loop HTTP load generator on raw sockets: each connection asks again when its answer is complete."""

import re
import selectors
import socket
import time
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Load:
    """What one window saw: answers per second, the share of a core the generator used, sorted latencies in seconds."""

    rate: float
    busy: float
    latencies: list[float]

    def quantile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class UnexpectedAnswer(Exception):
    """The server answered with a status that is not the one measured, or not at all."""


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
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
        self.received += came
        head = self.received.find(b"\r\n\r\n")
        if not came or not self.received.startswith(start[: len(self.received)]):
            raise UnexpectedAnswer(f"expected {start.decode()}, got {self.received[:400]!r}")
        if head < 0:
            return False
        if length := _LENGTH.search(self.received, 0, head + 2):
            return len(self.received) >= head + 4 + int(length[1])
        return self.received.endswith(b"0\r\n\r\n")  # chunked


def ask(port: int, request: bytes, status: int) -> None:
    """Make one exchange on a connection of its own; any answer but `status` is an error."""
    connection = _Connection(port)
    connection.ask(request)
    while not connection.is_answered(b"HTTP/1.1 %d " % status):
        pass
    connection.socket.close()


def load(port: int, request: bytes, status: int, *, seconds: float, connections: int) -> Load:
    """Ask for `seconds` over `connections` kept-alive connections; any answer but `status` ends the run."""
    start = b"HTTP/1.1 %d " % status
    latencies = []
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(port) for _ in range(connections)]
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        began, worked = time.perf_counter(), time.process_time()
        for connection in opened:
            connection.ask(request)
        while (now := time.perf_counter()) - began < seconds:
            ready = selector.select(timeout=10)
            if not ready:
                raise UnexpectedAnswer("no answer within 10 s")
            for key, _ in ready:
                connection = key.data
                if connection.is_answered(start):
                    latencies.append(time.perf_counter() - connection.asked)
                    connection.ask(request)
        worked = time.process_time() - worked
        for connection in opened:
            connection.socket.close()
    return Load(len(latencies) / (now - began), worked / (now - began), sorted(latencies))
