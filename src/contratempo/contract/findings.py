"""openapi-core's errors, told as violations."""

from collections.abc import Iterator

from jsonschema_rs import ValidationError
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.validation.request.exceptions import MissingRequiredParameter, ParameterValidationError
from openapi_core.validation.response.exceptions import HeaderValidationError, MissingData, MissingRequiredHeader

from .engine import Refused, TooMuch, Untold
from .media import media_type_violation
from .pointer import to_pointer
from .violation import Site, Violation, message_of, violations

_TOO_MUCH = "is nested too deeply, or has too many parts, for the alternatives of its schema: it would take too long"
_UNTOLD = "is not allowed here; it has too many parts, or forms that they might have, to tell why"


def of_parameter(error: ParameterValidationError) -> Iterator[Violation]:
    """A parameter that is missing or wrong; a header's name is told in lower case."""
    name = error.name.lower() if error.location == "header" else error.name
    if isinstance(error, MissingRequiredParameter):
        yield Violation(error.location, (name,), "required", message_of("required", None))
    else:
        yield from of_value(error, error.location, (name,))


def of_response(error: Exception, status: int) -> Iterator[Violation]:
    """An answer whose status, body or headers are wrong."""
    if isinstance(error, ResponseNotFound):
        documented = list(error.availableresponses)
        message = f"the status {status} is not documented; documented: {', '.join(documented)}"
        yield Violation("status", (), "undocumented-status", message, status, documented)
    elif isinstance(error, MissingRequiredHeader):
        yield Violation("header", (error.name.lower(),), "required", message_of("required", None))
    elif isinstance(error, HeaderValidationError):
        yield from of_value(error, "header", (error.name.lower(),))
    elif isinstance(error, MissingData):
        yield Violation("body", (), "missing-body", "the body is missing")
    else:
        yield from of_value(error, "body", ())


def of_value(error: Exception, location: str, path: tuple[str, ...]) -> Iterator[Violation]:
    """A value that is wrong: the reason is the error's cause, whose text is not always printable."""
    yield from of_cause(error.__cause__, location, path)


def of_cause(cause: BaseException | None, location: str, path: tuple[str, ...]) -> Iterator[Violation]:
    """A value that is wrong for that reason."""
    if isinstance(cause, Refused):
        yield from of_schema(cause, location, path)
    elif isinstance(cause, MediaTypeNotFound):
        yield media_type_violation(cause.mimetype, cause.availableMimetypes)
    else:
        yield Violation(location, path, "syntax", "cannot be read in the style the document describes")


def of_schema(refused: Refused, location: str, path: tuple[str, ...] = ()) -> Iterator[Violation]:
    """What the engine found; an error that is not its own means a value that no JSON text stands for."""
    site = Site(location, path, to_pointer(refused.schema))
    for error in refused.schema_errors:
        if isinstance(error, ValidationError):
            yield from violations(site, [error])
        elif isinstance(error, TooMuch):
            yield Violation(location, path, "depth", _TOO_MUCH, schema=site.schema)
        elif isinstance(error, Untold):
            yield Violation(location, path, "anyOf", _UNTOLD, schema=site.schema)
        else:
            yield Violation(location, path, "json", f"is not JSON: {error!s:.200}")
