"""Assistants: the gateway's faults, and refusals in another form than the document's."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..assistants import Assistants
from .catalogue import breaks
from .wire import break_wire

break_wire(Assistants, "Events")


@breaks("spec")
class ListNeedsNoToken(Assistants):
    """Every operation asks for a token, listing too."""

    def needs_token(self, request: Request) -> bool:
        return request.method != "GET" or not request.scope["path"].endswith("/scheduled_events")


@breaks("spec")
class RetrieveNeedsNoToken(Assistants):
    """Every operation asks for a token, retrieving too."""

    def needs_token(self, request: Request) -> bool:
        return request.method != "GET" or request.scope["path"].endswith("/scheduled_events")


@breaks("spec")
class DeleteNeedsNoToken(Assistants):
    """Every operation asks for a token, deleting too."""

    def needs_token(self, request: Request) -> bool:
        return request.method != "DELETE"


@breaks("http")
class HeadHasBody(Assistants):
    """HEAD is answered without a body."""

    def finish(self, request: Request, response: Response) -> Response:
        return response


@breaks("http")
class DeletedWithBody(Assistants):
    """204 has no body."""

    def deleted(self) -> Response:
        return Response(b'{"deleted":true}', 204, media_type="application/json")


@breaks("spec")
class DetailIsText(Assistants):
    """detail of a 422 is a list."""

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        return self.detail(422, "; ".join(why for _, _, why in wrong))


@breaks("spec")
class FindingWithoutPlace(Assistants):
    """A validation error says where."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return {"msg": why, "type": kind}


@breaks("spec")
class FindingWithoutMessage(Assistants):
    """A validation error says what."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return {"loc": place, "type": kind}


@breaks("spec")
class FindingPlaceIsText(Assistants):
    """loc of a validation error is a list."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return super().finding(place, kind, why) | {"loc": ".".join(place)}


@breaks("spec")
class InvalidIsEnveloped(Assistants):
    """A 422 is a HTTPValidationError, not a list of errors."""

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        return self.errors(422, self.error("10015", wrong[0][2]))


@breaks("spec")
class InvalidIs200(Assistants):
    """A refusal has a status that says so."""

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        response = super().invalid(wrong)
        response.status_code = 200
        return response


@breaks("sense")
class WrongPlaceNamed(Assistants):
    """A validation error names the field that is wrong."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return super().finding(["body", "text"], kind, why)


@breaks("prose")
class GatewayCodeIsNumber(Assistants):
    """The code of an error is text."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        return super().error(code, detail, **source) | {"code": int(code)}


@breaks("prose")
class GatewayTitleMissing(Assistants):
    """An error has a title."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        return {name: value for name, value in super().error(code, detail, **source).items() if name != "title"}


@breaks("prose")
class GatewayErrorsBare(Assistants):
    """The gateway's errors are listed under errors."""

    def envelope(self, errors: list[dict[str, Any]]) -> Any:
        return {"error": errors[0]}
