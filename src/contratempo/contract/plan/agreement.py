"""Both at once: what the plan makes of an exchange has to be what openapi-core makes of it."""

from typing import Any, TypeVar

T = TypeVar("T")


class Disagreement(Exception):
    """The plan and openapi-core differ over an exchange, which is a fault of the plan."""


def agreed(what: str, planned: T, judged: T) -> T:
    """What both say; Disagreement if they do not say the same, down to the types of numbers."""
    if repr(planned) != repr(judged) and _shape(planned) != _shape(judged):
        raise Disagreement(f"{what}: the plan says {planned!r}, openapi-core says {judged!r}")
    return planned


def _shape(value: Any) -> Any:
    """A value that differs from others' even where Python holds 1, 1.0 and True for equal, whatever the keys' order."""
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shape(each) for each in value]
    if hasattr(value, "__dict__"):
        return {name: _shape(each) for name, each in vars(value).items()}
    return type(value).__name__, value
