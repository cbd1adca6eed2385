"""Refusals in the vendor's style: `errors[]` with code, title, detail, source and the page of the code."""

from typing import Any

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Response

from .tables import NAME, TABLES

Entry = dict[str, Any]

# The page on cancelling shows these as one bare error; a body that has both forms satisfies whoever reads either.
_ALSO_BARE = ("not-found", "forbidden")


def deny(
    code: str, detail: str, *, pointer: str | None = None, rule: str | None = None, hint: str | None = None
) -> Refusal:
    """Return the refusal of what a rule does not allow; its status is that of the code."""
    rule = rule and f"{NAME}.{rule}"
    return Refusal(Problem("rule", detail, code=code, pointer=pointer, rule=rule, hint=hint))


def refuse(problem: Problem) -> Response:
    """Return the vendor's answer to a problem: one error for each violation, or the one problem."""
    listed = problem.violations if problem.kind == "invalid" else ()
    entries = [_of_violation(violation) for violation in listed] or [_of_problem(problem)]
    body: Entry = {"errors": entries}
    if problem.kind in _ALSO_BARE:
        body = {name: entries[0][name] for name in ("code", "title", "detail")} | body
    status = _status(problem, entries)
    headers = dict(TABLES["rate_limit"]) if status == 429 else {}
    return Response(status, body, headers | dict(problem.headers), _trace(problem))


def entry(code: str, detail: str = "", source: Entry | None = None) -> Entry:
    """Return one error; `detail` empty means the one that belongs to the code."""
    known = TABLES["errors"].get(code) or TABLES["delivery_errors"][code]
    made = {"code": code, "title": known["title"], "detail": detail or known.get("detail", known["title"])}
    if source is not None:
        made["source"] = source
    return made | {"meta": {"url": TABLES["error_page"] + code}}


def _of_problem(problem: Problem) -> Entry:
    code = problem.code or TABLES["problems"][problem.kind]["code"]
    detail = " ".join(part for part in (problem.detail, problem.hint) if part)
    return entry(code, detail, None if problem.pointer is None else {"pointer": problem.pointer})


def _of_violation(violation: Violation) -> Entry:
    by_place, by_kind = TABLES["violation_places"], TABLES["violations"]
    code = by_place.get(violation.location) or by_kind.get(violation.kind, "10015")
    place = ".".join(str(part) for part in violation.path)
    detail = f"'{place}' {violation.message}." if place else violation.message
    return entry(code, detail, _source(violation))


def _source(violation: Violation) -> Entry:
    if violation.location == "body":
        return {"pointer": violation.pointer}
    return {"parameter": str(violation.path[0]) if violation.path else violation.location}


def _status(problem: Problem, entries: list[Entry]) -> int:
    """Return the refusal's own status, else its kind's, else that of its codes: the lowest, which is the plainest."""
    status: int | None = problem.status or TABLES["problems"][problem.kind].get("status")
    return status or min(int(TABLES["errors"][entry["code"]]["status"]) for entry in entries)


def _trace(problem: Problem) -> tuple[str, ...]:
    ruled = (f"rule {problem.rule}",) if problem.rule else ()
    return (*ruled, problem.hint) if problem.hint else ruled
