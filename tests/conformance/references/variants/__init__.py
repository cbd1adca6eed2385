"""Servers that are correct, each in its own way."""

from . import (  # noqa: F401 - importing them marks them
    assistants,
    assistants_edges,
    assistants_life,
    assistants_more,
    messages,
    messages_edges,
    messages_more,
    plain,
    plain_later,
    temphone,
    temphone_edges,
    temphone_more,
    wire,
)
from .catalogue import Variant, variants

__all__ = ["VARIANTS", "Variant"]

VARIANTS: tuple[Variant, ...] = variants()
