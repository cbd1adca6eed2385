"""Refusals of the control plane: RFC 9457 problems that say what to do next."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
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
_NAMED: Final = 3
_INVALID: Final = {"media-type": 415, "json": 400, "missing-body": 400, "depth": 400}
_HINTS: Final = {
    "/by": "write 24h, 1h30m, PT1H30M or a number of seconds",
    "/horizon": "write how far ahead to look: 24h, 1h30m, PT1H30M or a number of seconds",
    "/to": "write an instant such as 2026-03-15T15:00:00Z, next or idle",
    "/now": "write an instant such as 2026-03-15T15:00:00Z",
    "/clock": "write an instant such as 2026-03-15T15:00:00Z",
    "/head": "write the number of a command, from 0 up to the world's head: GET /_mock/checkpoints tells it",
}
"""What a schema's own words do not tell."""
_FORMS: Final = {
    "/~1clock~1advance/": "give either by (such as 24h) or to (an instant, next or idle)",
    "/~1worlds/": "a saved world has a clock of its own: leave out clock, or fixtures",
    "/~1rewind/": "give one of checkpoint (a name), head (a number) and to (an instant)",
    "/~1fork/": "give one of checkpoint (a name), head (a number) and to (an instant), or none of them for the present",
}
"""What the forms are of which exactly one is to be given, by where the schema is."""
_INSTANT: Final = "write an instant such as 2026-03-15T15:00:00Z"
_INSTANT_ONLY: Final = ("/~1rewind/", "/~1fork/", "/~1state/", "/~1timeline/")
"""Where `to` is no word, as it may be in an advance."""
_DURATION: Final = "must be a duration such as 24h, 1h30m, PT1H30M or 90 (seconds)"
_NAME: Final = (
    "must be of lower-case letters, digits, dots, underscores and dashes, at most 64, a letter or digit first"
)
_MARK: Final = "must be of letters, digits, dots, underscores and dashes, at most 64, a letter first"
WORDS: Final[Mapping[str, str]] = {
    "^[1-8][0-9]{3}-": "must be an instant of the years 1000 to 8999",
    "^[a-z0-9][a-z0-9._-]{0,63}$": _NAME,
    "^[A-Za-z][A-Za-z0-9._-]{0,63}$": _MARK,
    r"^[0-9]{1,9}(\.[0-9]{1,6})?$": _DURATION,
    "^([0-9]{1,4}w)?([0-9]{1,5}d)?([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,9}s)?$": _DURATION,
    "^P([0-9]{1,4}W)?([0-9]{1,5}D)?(T([0-9]{1,5}H)?([0-9]{1,6}M)?([0-9]{1,9}S)?)?$": _DURATION,
}
"""What the patterns of the control plane's document ask for, in words."""


def refuse(problem: Problem) -> Response:
    """Return a problem as `application/problem+json`; its `type` ends in the problem's code, else its kind."""
    problem = _in_words(problem)
    status, title = _KINDS[problem.kind]
    if problem.kind == "invalid":
        status = next(filter(None, map(_status, problem.violations)), status)
    status = problem.status or status
    name = problem.code or problem.kind
    body: dict[str, Any] = {"type": f"urn:contratempo:problem:{name}", "title": title, "status": status}
    body["detail"] = problem.detail or title
    hint = problem.hint or next(filter(None, map(_hint, problem.violations)), None)
    body |= {key: value for key, value in (("hint", hint), ("rule", problem.rule)) if value}
    if problem.violations:
        body["violations"] = [violation.describe() for violation in problem.violations]
    return Response(status, body, problem.headers, media_type="application/problem+json", violations=problem.violations)


def _in_words(problem: Problem) -> Problem:
    """Return a problem that says in words what a pattern asks for."""
    detail, violations = problem.detail, []
    for found in problem.violations:
        words = WORDS.get(str(found.limit)) if found.kind == "pattern" else None
        detail = detail if words is None else detail.replace(found.message, words)
        violations.append(found if words is None else replace(found, message=words))
    return replace(problem, detail=detail, violations=tuple(violations))


def _hint(violation: Violation) -> str | None:
    form = next((hint for place, hint in _FORMS.items() if place in violation.schema), None)
    if violation.kind in ("oneOf", "not") and violation.pointer == "":
        return form
    if violation.pointer == "/to" and any(place in violation.schema for place in _INSTANT_ONLY):
        return _INSTANT
    if violation.kind == "media-type" and violation.limit:
        return f"send it with Content-Type: {' or '.join(violation.limit[:_NAMED])}"
    return _HINTS.get(violation.pointer)


def _status(violation: Violation) -> int | None:
    if violation.location == "path" and violation.kind == "encoding":
        return 404  # nothing here is called that
    return _INVALID.get(violation.kind)


def invalid(place: str, message: str, *, location: str = "body", hint: str | None = None) -> Refusal:
    """Return the refusal of one member that the document allows and the world does not."""
    return Refusal(Problem("invalid", message, (Violation(location, (place,), "value", message),), hint=hint))


def not_found(detail: str, hint: str) -> Refusal:
    """Return the refusal of something that is not there."""
    return Refusal(Problem("not-found", detail, hint=hint))


def unknown_name(place: str, name: str, names: Iterable[str]) -> Refusal:
    """Return the refusal of a name that nothing has, with the one that was probably meant."""
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(names))}"
    return not_found(f"There is no {place} {name!r}.", hint)


def conflict(detail: str, hint: str, *, code: str | None = None) -> Refusal:
    """Return the refusal of something that the present state does not allow."""
    return Refusal(Problem("conflict", detail, code=code, hint=hint))
