"""Violations in the words of FastAPI and pydantic, as the AI service sends them with a 422."""

from typing import Any, Final

from contratempo.contract.violation import Violation

_LONGEST: Final = 200
_TYPES: Final = {
    "array": ("list_type", "Input should be a valid list"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
    "integer": ("int_type", "Input should be a valid integer"),
    "number": ("float_type", "Input should be a valid number"),
    "object": ("dict_type", "Input should be a valid dictionary"),
    "string": ("string_type", "Input should be a valid string"),
}
_NO_MODEL: Final = (
    "model_attributes_type", "Input should be a valid dictionary or object to extract fields from",
)  # fmt: skip
_INT_PARSING: Final = ("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
_INT_FROM_FLOAT: Final = ("int_from_float", "Input should be a valid integer, got a number with a fractional part")
_PLUS: Final = "; a + in a query is a space, write %2B"
_BOUNDS: Final = {
    "minimum": ("greater_than_equal", "Input should be greater than or equal to {}"),
    "maximum": ("less_than_equal", "Input should be less than or equal to {}"),
    "minLength": ("string_too_short", "String should have at least {} characters"),
    "maxLength": ("string_too_long", "String should have at most {} characters"),
    "pattern": ("string_pattern_mismatch", "String should match pattern '{}'"),
}
_MISSING: Final = ("missing", "Field required")


def describe(violation: Violation) -> dict[str, Any]:
    """Return a violation as `{loc, msg, type}`; what was sent is never repeated."""
    type_, message = _words(violation)
    return {"loc": _loc(violation), "msg": message, "type": type_}


def plain(text: str) -> str:
    """Return a text cut to a sentence's length and fit for UTF-8."""
    return text[: 2 * _LONGEST].encode("utf-8", "replace").decode()


def _loc(violation: Violation) -> list[str | int]:
    """Return where it is: `page[size]` as sent, broken JSON by its offset, a wrong content type as the body's fault."""
    location = "body" if violation.location == "content-type" else violation.location
    if violation.kind == "json" and violation.limit is not None:
        return [location, int(violation.limit)]
    path = [plain(part)[:_LONGEST] if isinstance(part, str) else part for part in violation.path]
    if location == "query" and path:
        path = [str(path[0]) + "".join(f"[{member}]" for member in path[1:])]
    return [location, *path]


def _words(violation: Violation) -> tuple[str, str]:
    kind = violation.kind
    if kind in ("required", "missing-body"):
        return _MISSING
    if kind == "media-type":
        return _NO_MODEL
    if kind == "json":
        return "json_invalid", f"JSON decode error: {plain(violation.message)}"
    if kind in ("enum", "const"):
        return "literal_error", f"Input should be {_choices(violation)}"
    if kind in _BOUNDS:
        type_, message = _BOUNDS[kind]
        return type_, message.format(violation.limit)
    if kind == "type":
        return _of_type(violation)
    if kind == "format" and violation.limit == "date-time":
        lost_plus = violation.location == "query" and " " in str(violation.value)
        return "datetime_from_date_parsing", f"Input should be a valid datetime or date{_PLUS if lost_plus else ''}"
    return "value_error", f"Value error, {plain(violation.message)}"


def _choices(violation: Violation) -> str:
    choices = violation.limit if isinstance(violation.limit, list) else [violation.limit]
    first, last = [f"'{choice}'" for choice in choices[:-1]], f"'{choices[-1]}'"
    return f"{', '.join(first)} or {last}" if first else last


def _of_type(violation: Violation) -> tuple[str, str]:
    wanted = violation.limit[0] if isinstance(violation.limit, list) and len(violation.limit) == 1 else violation.limit
    if wanted == "object" and not violation.path:
        return _NO_MODEL
    if wanted == "integer" and violation.location in ("query", "path"):
        return _INT_PARSING
    if wanted == "integer" and isinstance(violation.value, float):
        return _INT_FROM_FLOAT
    if isinstance(wanted, str) and wanted in _TYPES:
        return _TYPES[wanted]
    return "value_error", f"Value error, {plain(violation.message)}"
