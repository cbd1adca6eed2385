"""Three correct servers, many that break one promise each, and many that only use what the documents leave open."""

from .assistants import Assistants
from .messages import Messages
from .mutants import MUTANTS, Mutant
from .service import KEY, Service
from .strangers import FIRST, Stranger
from .strangers_last import LAST
from .strangers_later import LATER
from .temphone import TemPhone
from .variants import VARIANTS, Variant

__all__ = [
    "KEY",
    "MUTANTS",
    "REFERENCES",
    "STRANGERS",
    "VARIANTS",
    "Mutant",
    "Service",
    "Stranger",
    "Variant",
    "reference",
]

STRANGERS: tuple[Stranger, ...] = (*FIRST, *LATER, *LAST)
REFERENCES: dict[str, type[Service]] = {server.provider: server for server in (Assistants, Messages, TemPhone)}


def reference(provider: str) -> Service:
    """Return a new reference server of a provider, an ASGI application; it knows the token KEY."""
    return REFERENCES[provider]()
