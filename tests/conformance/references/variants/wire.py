"""Any provider: the same answers, written or sent in another way."""

import gzip
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..assistants import Assistants
from ..messages import Messages
from ..service import Service
from ..temphone import TemPhone
from ..world import World
from .catalogue import allowed

LIBERTIES: list[type[Service]] = []


def everywhere(liberty: type[Service]) -> type[Service]:
    """Mark a liberty that any provider can take."""
    LIBERTIES.append(liberty)
    return liberty


class Parts(Response):
    """Sends its body in parts, without saying how long it is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        for start in range(0, len(self.body), 100):
            await send({"type": "http.response.body", "body": self.body[start : start + 100], "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@everywhere
class PrettyPrinted(Service):
    """JSON may have white space."""

    def render(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


@everywhere
class KeysReversed(Service):
    """The members of an object have no order."""

    def render(self, value: Any) -> bytes:
        return super().render(_reversed(value))


def _reversed(value: Any) -> Any:
    if isinstance(value, list):
        return [_reversed(item) for item in value]
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return value


@everywhere
class LettersEscaped(Service):
    """JSON may escape letters."""

    def render(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=True).encode()


@everywhere
class SentInParts(Service):
    """An answer may come in parts, without Content-Length."""

    def finish(self, request: Request, response: Response) -> Response:
        finished = super().finish(request, response)
        return Parts(finished.body, finished.status_code, finished.headers) if finished.body else finished


@everywhere
class MoreHeaders(Service):
    """An answer may have headers that nobody documented."""

    def finish(self, request: Request, response: Response) -> Response:
        finished = super().finish(request, response)
        more = {"X-Request-Id": "r-1", "Cache-Control": "no-store", "Vary": "Origin", "X-RateLimit-Remaining": "41"}
        finished.headers.update(more)
        return finished


@everywhere
class CharsetSaid(Service):
    """application/json may carry a charset."""

    def media_type(self, status: int) -> str:
        return "application/json; charset=utf-8"


@everywhere
class PathBeforeToken(Service):
    """A path or a method that is not there may be told to anyone."""

    def whose(self, request: Request) -> World:
        try:
            return super().whose(request)
        except Exception:
            if self.needs_answer(request):
                raise
            return self.worlds["default"]

    def needs_answer(self, request: Request) -> bool:
        method = "GET" if request.method == "HEAD" else request.method
        found = [operations for pattern, operations in self.routes if self.matches(pattern, request)]
        return bool(found) and method in found[0]


@everywhere
class NoChallenge(Service):
    """Nothing is said of a challenge beside 401."""

    def unauthorized(self) -> Response:
        response = super().unauthorized()
        del response.headers["www-authenticate"]
        return response


@everywhere
class ChallengeInFull(Service):
    """A challenge may name a realm and an error."""

    def unauthorized(self) -> Response:
        response = super().unauthorized()
        response.headers["www-authenticate"] = 'Bearer realm="api", error="invalid_token"'
        return response


@everywhere
class CompressedWhenAsked(Service):
    """An answer may be compressed for a client that takes it."""

    def finish(self, request: Request, response: Response) -> Response:
        finished = super().finish(request, response)
        if "gzip" not in request.headers.get("accept-encoding", "") or not finished.body:
            return finished
        finished.body = gzip.compress(finished.body, mtime=0)
        finished.headers.update({"Content-Encoding": "gzip", "Content-Length": str(len(finished.body))})
        return finished


@everywhere
class CompressedAlways(Service):
    """A client that does not say what it takes takes any coding, says RFC 9110."""

    def finish(self, request: Request, response: Response) -> Response:
        finished = super().finish(request, response)
        if finished.body and "accept-encoding" not in request.headers:
            finished.body = gzip.compress(finished.body, mtime=0)
            finished.headers.update({"Content-Encoding": "gzip", "Content-Length": str(len(finished.body))})
        return finished


@everywhere
class LimitsRates(Service):
    """A client that is too quick may be told so, and when to come again."""

    asked_before = 0

    async def answer(self, request: Request) -> Response:
        if not request.scope["path"].startswith("/_mock/"):
            self.asked_before += 1
            if self.asked_before % 15 == 14:
                return self.finish(request, self.too_many())
        return await super().answer(request)

    def too_many(self) -> Response:
        error = {"code": "10011", "title": "Too many requests"}
        return self.json(429, {"errors": [error]}, {"Retry-After": "0"})


@everywhere
class OptionsAnswered(Service):
    """OPTIONS may be answered on any path."""

    def no_method(self, allowed: list[str]) -> Response:
        allow = super().no_method([*allowed, "OPTIONS"])
        if self.asked == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allow.headers["allow"]})
        return allow

    def route(self, world: World, request: Request, raw: bytes) -> Response:
        self.asked = request.method
        return super().route(world, request, raw)


@everywhere
class Tagged(Service):
    """An answer may be tagged and dated for caches, and set cookies."""

    def finish(self, request: Request, response: Response) -> Response:
        finished = super().finish(request, response)
        finished.headers.update({"ETag": 'W/"1"', "Age": "0", "Last-Modified": "Thu, 14 Mar 2030 09:00:00 GMT"})
        finished.set_cookie("session", "s")
        return finished


@everywhere
class MediaTypeInCapitals(Service):
    """Media types and their parameters know no case."""

    def media_type(self, status: int) -> str:
        return "Application/JSON;Charset=UTF-8"


@everywhere
class IntegersWithPoint(Service):
    """1.0 is an integer, say JSON Schema and RFC 8259."""

    def render(self, value: Any) -> bytes:
        return super().render(_pointed(value))


def _pointed(value: Any) -> Any:
    if isinstance(value, list):
        return [_pointed(item) for item in value]
    if isinstance(value, dict):
        return {name: _pointed(item) for name, item in value.items()}
    small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return float(value) if small else value


@everywhere
class OtherMethodsAre404(Service):
    """Which methods a path has need not be told: what is not there is not found."""

    def no_method(self, allowed: list[str]) -> Response:
        return self.no_route()


for reference, prefix in ((Assistants, "Events"), (Messages, "Messages"), (TemPhone, "Calls")):
    for liberty in LIBERTIES:
        allowed(type(prefix + liberty.__name__, (liberty, reference), {"__doc__": liberty.__doc__}))
