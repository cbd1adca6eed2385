"""Any provider: what goes wrong before an operation is reached, or on the way back."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..service import Call, Refused, Service
from ..world import World
from .catalogue import Kind, Needs, breaks

WIRE: list[tuple[type[Service], Kind, Needs]] = []


def everywhere(kind: Kind, needs: Needs = "one") -> Any:
    """Mark a fault that any provider can have."""

    def note(fault: type[Service]) -> type[Service]:
        WIRE.append((fault, kind, needs))
        return fault

    return note


def break_wire(reference: type[Service], prefix: str) -> None:
    """Make a mutant of a reference by each of the faults."""
    for fault, kind, needs in WIRE:
        body = {"__doc__": fault.__doc__, "__module__": fault.__module__}
        breaks(kind, needs)(type(prefix + fault.__name__, (fault, reference), body))


@everywhere("http")
class AllowMissing(Service):
    """405 comes with Allow."""

    def no_method(self, allowed: list[str]) -> Response:
        response = super().no_method(allowed)
        del response.headers["allow"]
        return response


@everywhere("http")
class AllowLies(Service):
    """Allow names the methods that the path has."""

    def no_method(self, allowed: list[str]) -> Response:
        return super().no_method([*allowed, "PATCH"])


@everywhere("http")
class AnyMethodAccepted(Service):
    """A method that the path does not have is refused."""

    def no_method(self, allowed: list[str]) -> Response:
        return self.json(200, {})


@everywhere("http")
class MethodCrashes(Service):
    """A method that the path does not have is no server error."""

    def no_method(self, allowed: list[str]) -> Response:
        return self.json(500, {"error": "Internal Server Error"})


@everywhere("spec")
class AnyTokenAccepted(Service):
    """A token that nobody was given is refused."""

    def world_of(self, token: str | None) -> World | None:
        return super().world_of(token) or (self.worlds["default"] if token else None)


@everywhere("spec")
class NoTokenAccepted(Service):
    """A request without a token is refused."""

    def world_of(self, token: str | None) -> World | None:
        return super().world_of(token) or (self.worlds["default"] if token is None else None)


@everywhere("spec")
class SchemeIgnored(Service):
    """The token is of the scheme Bearer, and no other."""

    def token(self, headers: list[str]) -> str | None:
        return headers[0].split()[-1] if headers and headers[0].split() else None


@everywhere("sense")
class TokenCaseIgnored(Service):
    """A token is compared letter by letter."""

    def world_of(self, token: str | None) -> World | None:
        keys = {world.api_key.lower(): world for world in self.worlds.values()}
        return keys.get((token or "").lower())


@everywhere("sense")
class TokenBeginningAccepted(Service):
    """A token that goes on after a good one is another token."""

    def world_of(self, token: str | None) -> World | None:
        longest = sorted(self.worlds.values(), key=lambda world: -len(world.api_key))
        return next((world for world in longest if (token or "").startswith(world.api_key)), None)


@everywhere("http")
class UnauthorizedIs403(Service):
    """A request without a token is answered 401."""

    def unauthorized(self) -> Response:
        response = super().unauthorized()
        response.status_code = 403
        return response


@everywhere("spec")
class PostNeedsNoToken(Service):
    """Every operation asks for a token, creating too."""

    def needs_token(self, request: Request) -> bool:
        return request.method != "POST" or "authorization" in request.headers


@everywhere("http")
class AnswersAsText(Service):
    """JSON is called application/json."""

    def media_type(self, status: int) -> str:
        return "text/plain"


@everywhere("http")
class RefusalsAsHtml(Service):
    """A refusal is JSON, too, and is called so."""

    def media_type(self, status: int) -> str:
        return "application/json" if status < 400 else "text/html"


@everywhere("http")
class MalformedJsonCrashes(Service):
    """A body that is not JSON is no server error."""

    def unreadable(self, why: str) -> Response:
        return self.json(500, {"error": "Internal Server Error"})


class _BodyCrash(Service):
    """Crashes on some bodies that the reference reads or refuses."""

    def crashes(self, raw: bytes) -> bool:
        raise NotImplementedError

    def body(self, call: Call) -> Any:
        if self.crashes(call.raw):
            raise Refused(self.json(500, {"error": "Internal Server Error"}))
        return super().body(call)


@everywhere("http")
class EmojiCrashes(_BodyCrash):
    """Text beyond the basic plane is no server error."""

    def crashes(self, raw: bytes) -> bool:
        return any(ord(c) > 0xFFFF for c in raw.decode(errors="replace")) or b"\\ud83" in raw.lower()


@everywhere("http")
class BigNumberCrashes(_BodyCrash):
    """A number beyond 64 bits is no server error."""

    def crashes(self, raw: bytes) -> bool:
        found = []
        try:
            json.loads(raw, parse_int=lambda digits: found.append(digits) if len(digits) > 18 else 0)
        except (ValueError, RecursionError):
            return False
        return bool(found)


@everywhere("http")
class DeepBodyCrashes(_BodyCrash):
    """A deeply nested body is no server error."""

    def crashes(self, raw: bytes) -> bool:
        return raw.count(b"[") + raw.count(b"{") > 500


@everywhere("http")
class TwiceNamedCrashes(_BodyCrash):
    """A name that comes twice in an object is no server error."""

    def crashes(self, raw: bytes) -> bool:
        twice = []

        def look(pairs: list[tuple[str, Any]]) -> None:
            twice.append(len(dict(pairs)) < len(pairs))

        try:
            json.loads(raw, object_pairs_hook=look)
        except (ValueError, RecursionError):
            return False
        return any(twice)


@everywhere("http")
class ListBodyCrashes(_BodyCrash):
    """A list where an object belongs is refused, no server error."""

    def crashes(self, raw: bytes) -> bool:
        return raw.lstrip().startswith(b"[") and len(raw) < 500


@everywhere("http")
class EmptyBodyCrashes(_BodyCrash):
    """A request without a body is refused, no server error."""

    def crashes(self, raw: bytes) -> bool:
        return not raw


@everywhere("http")
class MediaTypeIgnored(Service):
    """A body that is called something else than JSON is not read as JSON."""

    def check_media_type(self, header: str) -> None:
        return None


@everywhere("http")
class CharsetRefused(Service):
    """application/json may carry a charset."""

    def check_media_type(self, header: str) -> None:
        super().check_media_type("text/plain" if ";" in header else header)


@everywhere("http")
class UnknownPathIs200(Service):
    """A path that is not there is not found."""

    def no_route(self) -> Response:
        return self.json(200, {})


@everywhere("spec")
class ExtraStatus(Service):
    """A success is one of the documented ones."""

    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        return super().json(203 if status < 300 else status, value, headers)


@everywhere("http", "several")
class CutOff(Service):
    """A long answer comes whole."""

    def render(self, value: Any) -> bytes:
        return super().render(value)[:600]
