"""Servers that are correct, each in its own way."""

from . import assistants, assistants_life, messages, temphone, wire  # noqa: F401 - importing them marks them
from .catalogue import Variant, variants

__all__ = ["VARIANTS", "Variant"]

VARIANTS: tuple[Variant, ...] = variants()
