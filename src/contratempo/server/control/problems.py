"""Refusals of the control plane: RFC 9457 problems that say what to do next."""

from typing import Any, Final

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Response

_KINDS: Final = {
    "invalid": (422, "The request is not valid"),
    "unauthorized": (401, "A token is needed"),
    "forbidden": (403, "Not allowed"),
    "not-found": (404, "Not found"),
    "no-route": (404, "No such path"),
    "method": (405, "Method not allowed"),
    "too-large": (413, "Too large"),
    "conflict": (409, "The present state does not allow it"),
    "rate-limited": (429, "A limit is reached"),
    "timeout": (408, "Too slow"),
    "rule": (422, "A rule refuses it"),
    "internal": (500, "The mock failed"),
}
_INVALID: Final = {"media-type": 415, "json": 400, "missing-body": 400, "depth": 400}
_HINTS: Final = {
    "/by": "write 24h, 1h30m, PT1H30M or a number of seconds",
    "/to": "write an instant such as 2026-03-15T15:00:00Z, next or idle",
    "/now": "write an instant such as 2026-03-15T15:00:00Z",
    "/clock": "write an instant such as 2026-03-15T15:00:00Z",
}
"""What a schema's own words do not tell."""


def refuse(problem: Problem) -> Response:
    """Return a problem as `application/problem+json`; its `type` ends in the problem's code, else its kind."""
    status, title = _KINDS[problem.kind]
    if problem.kind == "invalid":
        status = next(filter(None, map(_status, problem.violations)), status)
    status = problem.status or status
    name = problem.code or problem.kind
    body: dict[str, Any] = {"type": f"urn:contratempo:problem:{name}", "title": title, "status": status}
    body["detail"] = problem.detail or title
    hint = problem.hint or next(
        (_HINTS[found.pointer] for found in problem.violations if found.pointer in _HINTS), None
    )
    body |= {key: value for key, value in (("hint", hint), ("rule", problem.rule)) if value}
    if problem.violations:
        body["violations"] = [violation.describe() for violation in problem.violations]
    return Response(status, body, problem.headers, media_type="application/problem+json", violations=problem.violations)


def _status(violation: Violation) -> int | None:
    if violation.location == "path" and violation.kind == "encoding":
        return 404  # nothing here is called that
    return _INVALID.get(violation.kind)


def invalid(place: str, message: str, *, location: str = "body") -> Refusal:
    """Return the refusal of one member that the document allows and the world does not."""
    return Refusal(Problem("invalid", message, (Violation(location, (place,), "value", message),)))


def not_found(detail: str, hint: str) -> Refusal:
    """Return the refusal of something that is not there."""
    return Refusal(Problem("not-found", detail, hint=hint))


def conflict(detail: str, hint: str, *, code: str | None = None) -> Refusal:
    """Return the refusal of something that the present state does not allow."""
    return Refusal(Problem("conflict", detail, code=code, hint=hint))
