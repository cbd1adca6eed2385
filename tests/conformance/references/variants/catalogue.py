"""What a variant is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..service import Service

S = TypeVar("S", bound=type[Service])


@dataclass(frozen=True)
class Variant:
    """A server that is correct, and uses a liberty which documents leave."""

    name: str
    provider: str
    liberty: str
    app: Callable[[], Service]


_marked: list[type[Service]] = []


def allowed(variant: S) -> S:
    """Mark a subclass of a reference as a variant; its docstring is the liberty that it takes."""
    _marked.append(variant)
    return variant


def variants() -> tuple[Variant, ...]:
    """Return all that are marked."""
    return tuple(Variant(app.__name__, app.provider, liberty_of(app), app) for app in _marked)


def liberty_of(app: type[Service]) -> str:
    """Return the first line of its docstring."""
    return (app.__doc__ or "").strip().partition("\n")[0]
