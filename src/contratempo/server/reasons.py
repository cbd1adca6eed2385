"""Why a call is refused before it is done: the world is full, or the request breaks the document."""

from contratempo.contract.violation import Violation
from contratempo.provider import Problem


def too_full(held: int) -> Problem:
    """Return the problem of a world that holds as many records as may be."""
    hint = "reset the world, or raise --max-records"
    return Problem("rate-limited", f"The world holds {held} records, as many as may be.", hint=hint)


def invalid(violations: tuple[Violation, ...]) -> Problem:
    """Return the problem of what breaks the document, told by the first five violations."""
    if violations[0].kind == "security":
        return Problem("unauthorized", violations[0].message)
    summary = "; ".join(f"{violation.location}{violation.pointer} {violation.message}" for violation in violations[:5])
    return Problem("invalid", summary, violations)
