"""Refusals in the vendor's envelope. The texts of 401 and 500 are the vendor's and fixed; hints go into the trace."""

from collections.abc import Sequence
from typing import Final

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Response
from contratempo.providers.temphone.tables import FIELDS, field_message

_ANSWERS: Final = {
    "invalid": (400, ""),
    "rule": (400, ""),
    "unauthorized": (401, "Unauthorized."),
    "forbidden": (403, "Forbidden."),
    "not-found": (404, "Not found."),
    "no-route": (404, "Not found."),
    "method": (405, "Method not allowed."),
    "timeout": (408, "Request timed out."),
    "conflict": (409, "Conflict."),
    "too-large": (413, "Request body is too large."),
    "rate-limited": (429, "Too many requests. Please retry later."),
    "internal": (500, "Unable to schedule call at this time. Please retry."),
}
_FIXED: Final = ("unauthorized", "internal")
_BODY: Final = {
    "media-type": "Header 'Content-Type' must be application/json.",
    "json": "Request body must be valid JSON.",
    "depth": "Request body must not be nested so deeply.",
}
_NO_OBJECT: Final = "Request body must be a JSON object."


def refuse(problem: Problem) -> Response:
    """Return `{status: "error", message, data: null}`: one message, about the first field in the vendor's order."""
    status, text = _ANSWERS[problem.kind]
    message = text if problem.kind in _FIXED else problem.detail or text
    if problem.kind == "invalid" and problem.violations:
        message = _first(problem.violations)
    body = {"status": "error", "message": message, "data": None}
    return Response(problem.status or status, body, problem.headers, _trace(problem, message))


def _first(violations: Sequence[Violation]) -> str:
    """What is wrong with the whole comes before any field; a field below which something is wrong is wrong itself."""
    order = list(FIELDS)
    places = [order.index(name) for each in violations if each.path and (name := str(each.path[0])) in order]
    whole = [each for each in violations if not each.path]
    if whole or not places:
        return _BODY.get(whole[0].kind, _NO_OBJECT) if whole else _NO_OBJECT
    return field_message(order[min(places)])


def _trace(problem: Problem, message: str) -> tuple[str, ...]:
    rule = (f"rule {problem.rule}",) if problem.rule else ()
    said = (problem.detail,) if problem.detail and problem.detail != message else ()
    hint = (problem.hint,) if problem.hint else ()
    return rule + said + hint
