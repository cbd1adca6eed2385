"""The errors of Telnyx's gateway: a list, each with a code in digits, a title and more."""

from typing import Any

from starlette.responses import Response

from .service import Service

PAGE = "https://developers.telnyx.com/docs/overview/errors/"
TITLES = {
    "10002": "Invalid phone number",
    "10003": "Invalid URL",
    "10004": "Missing required parameter",
    "10005": "Resource not found",
    "10006": "Invalid ID",
    "10009": "Authentication failed",
    "10015": "Bad Request",
    "10023": "Invalid JSON",
    "10025": "Invalid string length",
    "10026": "Invalid type",
    "10027": "Unprocessable entity",
    "10029": "JSON content type expected",
    "10030": "Method not allowed",
    "10032": "Invalid enumerated value",
    "10033": "Value outside of range",
    "40301": "Unsupported message type for the 'to' address",
    "40302": "Message too large",
    "40303": "Message not found",
    "40305": "Invalid 'from' address",
    "40316": "No content provided for message",
    "40317": "Invalid MMS content",
    "40325": "Invalid alphanumeric sender ID",
}


class Gateway(Service):
    """What is refused before it reaches a service of Telnyx's."""

    def errors(self, status: int, *errors: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
        return self.json(status, self.envelope(list(errors)), headers)

    def envelope(self, errors: list[dict[str, Any]]) -> Any:
        return {"errors": errors}

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        shown: dict[str, Any] = {"code": code, "title": TITLES[code], "detail": detail}
        return shown | ({"source": source} if source else {}) | {"meta": {"url": PAGE + code}}

    def unauthorized(self) -> Response:
        error = self.error("10009", "The authentication header is missing or not valid.")
        return self.errors(401, error, headers={"WWW-Authenticate": "Bearer"})

    def no_route(self) -> Response:
        return self.errors(404, self.error("10005", "The requested resource or URL could not be found."))

    def no_method(self, allowed: list[str]) -> Response:
        error = self.error("10030", f"Only {', '.join(allowed)} are allowed.")
        return self.errors(405, error, headers=self.allow(allowed))

    def allow(self, allowed: list[str]) -> dict[str, str]:
        return {"Allow": ", ".join(allowed)}
