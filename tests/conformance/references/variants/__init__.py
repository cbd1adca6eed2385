"""Servers that are correct, each in its own way."""

from . import (  # noqa: F401 - importing them marks them
    assistants,
    assistants_life,
    assistants_more,
    messages,
    messages_more,
    temphone,
    temphone_more,
    wire,
)
from .catalogue import Variant, variants

__all__ = ["VARIANTS", "Variant"]

VARIANTS: tuple[Variant, ...] = variants()
