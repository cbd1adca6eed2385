"""The courier: one attempt of a webhook on the wire, bounded in time and in what it takes in."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

import httpx2

from contratempo.server.policy import DeliveryPolicy, Destination
from contratempo.server.redaction import Redactor
from contratempo.sim.webhooks import Receipt

if TYPE_CHECKING:
    from httpcore2 import AsyncNetworkStream  # which httpx2 imports when it is first used

READ: Final = 65_536
"""Bytes of an answer's body that are read."""
KEPT: Final = 2_000
"""Characters of it that are kept."""
CONNECT_SECONDS: Final = 2.0

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Answers the addresses of a host at a port; OSError when it has none."""


class _Captured(Exception):
    """The lookup led where nothing is sent."""


class _NotFound(Exception):
    """The lookup led nowhere."""


@dataclass
class _Answer:
    """What has come back so far: it counts even when the time is over before the rest comes."""

    status: int | None = None
    location: str | None = None
    body: bytearray = field(default_factory=bytearray)


@dataclass
class Courier:
    """Carries webhooks to where the policy lets them go: to the addresses it has checked, and to no others.

    It follows no redirect and knows no proxy, cookie or environment: each attempt has a connection of its own. `tls`
    is made when first needed unless given; `transport(context)` is what sends. Of answers `clean` keeps no secrets.
    """

    policy: DeliveryPolicy
    resolve: Resolver
    tls: ssl.SSLContext | None = None
    transport: Callable[[ssl.SSLContext], httpx2.AsyncBaseTransport] | None = None
    clean: Redactor = field(default_factory=Redactor, repr=False)

    async def carry(self, destination: Destination, headers: Mapping[str, str], body: bytes, seconds: float) -> Receipt:
        """Send a body and return what came of it, within `seconds` of real time over everything."""
        answer, reason = _Answer(), ""
        try:
            async with asyncio.timeout(seconds):
                await self._exchange(destination, headers, body, seconds, answer)
        except TimeoutError:
            reason = f"timed out after {seconds:g} s"
        except _Captured as captured:
            return Receipt("captured", reason=str(captured))
        except _NotFound as error:
            reason = str(error)
        except (OSError, httpx2.TransportError) as error:
            reason = self.clean.text(_why(error))
        return self._receipt(answer, reason)

    async def _exchange(
        self, destination: Destination, headers: Mapping[str, str], body: bytes, seconds: float, answer: _Answer
    ) -> None:
        addresses = destination.addresses or await self._looked_up(destination)
        first: httpx2.TransportError | None = None
        for address in addresses:
            connect = min(CONNECT_SECONDS, seconds / len(addresses))
            try:
                return await self._post(_request(destination, address, headers, body, connect), answer)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:  # nothing was sent: the next may do
                first = first or error
        assert first is not None
        raise first

    async def _looked_up(self, destination: Destination) -> tuple[str, ...]:
        """Return the addresses of a host; they are used as they are, so that no later answer can differ."""
        try:
            found = await self.resolve(destination.host, destination.port)
        except socket.gaierror as error:
            raise _NotFound(f"{destination.host} was not found: {error.strerror}") from None
        checked = self.policy.resolved(destination, found)
        if isinstance(checked, str):
            raise _Captured(checked)
        return checked

    async def _post(self, request: httpx2.Request, answer: _Answer) -> None:
        context = self._tls if request.url.scheme == "https" else self._no_tls
        make = self.transport or _plain_transport
        async with make(context) as transport, _closing(request):
            response = await transport.handle_async_request(request)
            answer.status, answer.location = response.status_code, response.headers.get("location")
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            async with aclosing(response):
                async for chunk in response.stream:
                    answer.body += chunk
                    if len(answer.body) >= READ:
                        return

    def _receipt(self, answer: _Answer, reason: str) -> Receipt:
        if answer.status is None:
            return Receipt("failed", reason=reason)
        text = self._kept(answer.body.decode("utf-8", "replace"), KEPT) or None
        if 200 <= answer.status < 300:
            return Receipt("delivered", answer.status, answer=text)
        if 300 <= answer.status < 400 and answer.location is not None:
            reason = f"redirect to {self._kept(answer.location, 200)} is not followed"
        else:
            reason = f"status {answer.status}"
        return Receipt("failed", answer.status, reason, answer=text)

    def _kept(self, text: str, limit: int) -> str:
        # of more than is kept, so that no secret is cut into what is not recognised
        return visible(self.clean.text(text[: 2 * limit]), limit)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()  # 70 ms, for its list of authorities

    @cached_property
    def _no_tls(self) -> ssl.SSLContext:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # knows no authority, and is not used


def _plain_transport(context: ssl.SSLContext) -> httpx2.AsyncBaseTransport:
    return httpx2.AsyncHTTPTransport(verify=context, trust_env=False)


@asynccontextmanager
async def _closing(request: httpx2.Request) -> AsyncIterator[None]:
    """Close whatever connection a request opens: the transport itself forgets one cancelled while it begins TLS."""
    opened: list[AsyncNetworkStream] = []

    async def note(event: str, info: Mapping[str, "AsyncNetworkStream"]) -> None:
        if event == "connection.connect_tcp.complete":
            opened.append(info["return_value"])

    request.extensions["trace"] = note
    try:
        yield
    finally:
        for stream in opened:
            await stream.aclose()


def _request(
    destination: Destination, address: str, headers: Mapping[str, str], body: bytes, connect: float | None
) -> httpx2.Request:
    """Return a request to an address in the name of a host: for TLS, too, the name is what counts."""
    url = httpx2.URL(scheme=destination.scheme, host=address, port=destination.port, path="/")
    extensions = {
        "target": destination.target.encode("ascii"),
        "sni_hostname": destination.host,
        "timeout": {"connect": connect, "read": None, "write": None, "pool": None},
    }
    sent = {**headers, "host": destination.authority, "connection": "close"}
    return httpx2.Request("POST", url, headers=sent, content=body, extensions=extensions)


def visible(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text, on one line: what does not print is escaped."""
    shown = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text[:limit]
    )
    return shown[:limit]


def _why(error: Exception) -> str:
    """Return why nothing came back, by what lies at the bottom of it."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"TLS: {visible(cause.verify_message, 200)}"
            case ssl.SSLError():
                reason = getattr(cause, "reason", None) or "failed"  # one that Python itself raises has none
                return f"TLS: {visible(reason, 200).lower().replace('_', ' ')}"
            case ConnectionRefusedError():
                return "connection refused"
            case ConnectionResetError() | BrokenPipeError():
                return "connection reset"
            case OSError(strerror=str(words)):
                return words.lower()
    if isinstance(error, httpx2.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx2.ReadError):
        return "connection reset"
    return visible(str(error), 200) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__  # httpcore2 drops the cause on its way
