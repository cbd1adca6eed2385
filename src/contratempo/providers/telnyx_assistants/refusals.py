"""Refusals in the vendor's styles: `errors` of the gateway, `detail` of the AI service."""

from typing import Any, Final

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Response
from contratempo.providers.telnyx_assistants.rulebook import RULES
from contratempo.providers.telnyx_assistants.validation import describe, plain

_GATEWAY: Final = RULES.tables["gateway_errors"]
_TEXTS: Final = {
    "unauthorized": "No key found matching the credentials that were sent.",
    "no-route": "The requested resource or URL could not be found.",
    "method": "The resource does not support this method.",
    "internal": "An unexpected error occurred.",
}
_SERVICE: Final = {"forbidden": 403, "not-found": 404, "conflict": 409, "rule": 400}
_MORE: Final = "https://developers.telnyx.com/docs/overview/errors/{}"
_PER_WINDOW: Final = {
    "x-ratelimit-limit": "1",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "1",
    "retry-after": "1",
}
_SHOWN: Final = 100
"""So many violations are told; a body may have thousands."""


def refuse(problem: Problem) -> Response:
    """Say a refusal as the vendor would: 422 with a list, `{detail}`, or the gateway's `errors`."""
    status, body = _said(problem)
    headers = _headers(problem) | {name.lower(): value for name, value in problem.headers.items()}
    return Response(problem.status or status, body, headers, _trace(problem))


def _said(problem: Problem) -> tuple[int, dict[str, Any]]:
    if headers := [each for each in problem.violations if each.location == "header" and problem.kind == "invalid"]:
        return 400, {"errors": [_gateway_error("header", _about(each), each) for each in headers[:_SHOWN]]}
    if any(each.location == "path" for each in problem.violations):
        return 404, {"detail": "Not found: an id in the path has control characters or is not UTF-8"}
    if problem.violations:
        return 422, {"detail": [describe(violation) for violation in problem.violations[:_SHOWN]]}
    if problem.kind in _SERVICE:
        return _SERVICE[problem.kind], {"detail": _detail(problem)}
    kind = problem.kind if problem.kind in _GATEWAY else "header"
    text = plain(problem.detail) or _TEXTS.get(kind, _GATEWAY[kind]["title"])
    return _GATEWAY[kind]["status"], {"errors": [_gateway_error(kind, _and_hint(text, problem.hint))]}


def _detail(problem: Problem) -> str | dict[str, str]:
    """A text, or where there is a code, the code with it (D13 is known from the vendor's own scripts)."""
    text = plain(problem.detail) or problem.kind
    if problem.code is not None:
        return {"code": problem.code, "message": _and_hint(text, problem.hint)}
    return _and_hint(text, problem.hint)


def _and_hint(text: str, hint: str | None) -> str:
    return f"{text.rstrip('.')}. {hint[:1].upper()}{hint[1:]}" if hint else text


def _about(violation: Violation) -> str:
    return f"{'.'.join(map(str, violation.path))} {plain(violation.message)}"


def _gateway_error(kind: str, detail: str, violation: Violation | None = None) -> dict[str, Any]:
    entry = _GATEWAY[kind]
    error: dict[str, Any] = {"code": entry["code"], "title": entry["title"], "detail": detail}
    if violation is not None:
        error["source"] = {"parameter": ".".join(map(str, violation.path))}
    return error | {"meta": {"url": _MORE.format(entry["code"])}}


def _headers(problem: Problem) -> dict[str, str]:
    if problem.kind == "unauthorized":
        return {"www-authenticate": "Bearer"}
    return dict(_PER_WINDOW) if problem.kind == "rate-limited" else {}


def _trace(problem: Problem) -> tuple[str, ...]:
    return tuple(part for part in (problem.rule and f"rule {problem.rule}", problem.hint) if part)
