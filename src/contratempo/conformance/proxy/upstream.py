"""The way to the deployment: what is sent on goes as it came, and the answer is kept as it comes, to the byte."""

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, TypeAlias

import httpx2

from contratempo.conformance.patience import Cord
from contratempo.conformance.wire import Unreachable

Fields: TypeAlias = Sequence[tuple[str, str]]

LARGEST: Final = 16 * 1_048_576
_KEPT: Final = 16
"""Lines that are kept open for what may come next."""
_IDLE: Final = 2.0
"""How long they are: less than servers commonly wait, so that none is closed while a request is on its way."""
_TWICE: Final = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
"""Methods that may be sent again where a connection was closed: a second time does no more."""


class TooLong(Exception):
    """An answer that is longer than is passed on."""


class TooLate(Exception):
    """No whole answer came in time."""


class BrokenOff(Exception):
    """The deployment ended the connection before its answer was whole."""


@dataclass(frozen=True)
class Passed:
    """An answer as it came: repeated headers repeat, and the body is coded as it was."""

    status: int
    headers: Fields
    content: bytes
    elapsed: float


class Upstream:
    """One origin, spoken to by as many threads as there are. Nothing is followed, added to or retried that may not be.

    Raises Unreachable, TooLate, TooLong, BrokenOff.
    """

    def __init__(self, origin: str, stopwatch: Callable[[], float], *, near: bool, patience: float) -> None:
        self.origin, self._stopwatch, self._near, self._patience = origin, stopwatch, near, patience
        self._verify = ssl.create_default_context() if origin.startswith("https:") else False
        self._lock, self._idle = Lock(), list[_Line]()

    def send(self, method: str, target: str, headers: Fields, body: bytes) -> Passed:
        """Send a request on and return the answer."""
        with self._line() as line:
            started = self._stopwatch()
            try:
                answer = self._once(line, method, target, headers, body)
            except BrokenOff:
                if not line.kept_open or method not in _TWICE:
                    raise
                answer = self._once(line, method, target, headers, body)
        return Passed(*answer, self._stopwatch() - started)

    @contextmanager
    def _line(self) -> Iterator["_Line"]:
        with self._lock:
            line = self._idle.pop() if self._idle else None
        line = line or _Line(self._verify, self._patience, self._stopwatch, near=self._near)
        try:
            yield line
        finally:
            with self._lock:
                keep = len(self._idle) < _KEPT
                if keep:
                    self._idle.append(line)
            if not keep:
                line.close()

    def _once(self, line: "_Line", method: str, target: str, headers: Fields, body: bytes) -> tuple[int, Fields, bytes]:
        try:
            with line.cord.patience():
                answer = line.ask(method, self.origin, target, headers, body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise Unreachable(f"{self.origin}: {str(error) or 'no connection within 5 s'}") from error
        except httpx2.HTTPError as error:
            if line.cord.cut or isinstance(error, httpx2.TimeoutException):
                raise TooLate(self._unended()) from error
            raise BrokenOff(f"{self.origin}: {type(error).__name__}: {error}") from error
        if line.cord.cut:  # without a length, what is cut off looks like what is over
            raise TooLate(self._unended())
        return answer

    def _unended(self) -> str:
        return f"{self.origin}: there was no whole answer within {self._patience:g} s"

    def close(self) -> None:
        """Let go of the lines that are kept."""
        with self._lock:
            lines, self._idle = self._idle, []
        for line in lines:
            line.close()


class _Line:
    """One connection at a time, and the cord that cuts it."""

    def __init__(self, verify: Any, patience: float, stopwatch: Callable[[], float], *, near: bool) -> None:
        timeout = httpx2.Timeout(patience, connect=min(5.0, patience))
        limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE)
        self._http = httpx2.Client(
            timeout=timeout, limits=limits, trust_env=not near, verify=verify, follow_redirects=False
        )
        self._http.headers.clear()
        self.cord, self.kept_open = Cord(patience, stopwatch), False

    def ask(self, method: str, origin: str, target: str, headers: Fields, body: bytes) -> tuple[int, Fields, bytes]:
        self.kept_open = True
        request = self._http.build_request(
            method,
            origin,
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in headers],
            content=body or None,
            extensions={"target": target.encode("ascii"), "trace": self._trace},
        )
        response = self._http.send(request, stream=True)
        try:
            content = bytearray()
            for part in response.iter_raw():
                content += part
                if len(content) > LARGEST:
                    raise TooLong(f"{origin}: the answer is longer than {LARGEST} bytes")
        finally:
            response.close()
            self._http.cookies.clear()
        fields = [(name.decode("ascii").lower(), value.decode("latin-1")) for name, value in response.headers.raw]
        return response.status_code, fields, bytes(content)

    def _trace(self, event: str, told: Any) -> None:
        if event.startswith("connection.connect_"):
            self.kept_open = False
        self.cord.hold(event, told)

    def close(self) -> None:
        self.cord.close()
        self._http.close()
