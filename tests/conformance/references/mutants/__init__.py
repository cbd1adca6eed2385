"""Servers that each break one promise."""

from . import (  # noqa: F401 - importing them marks them
    assistants_attempts,
    assistants_counts,
    assistants_create,
    assistants_life,
    assistants_lists,
    assistants_queries,
    assistants_records,
    assistants_refusals,
    assistants_time,
    assistants_wire,
    messages_records,
    messages_records_life,
    messages_refusals,
    messages_show,
    messages_webhooks,
    messages_webhooks_again,
    temphone_refusals,
    temphone_show,
    temphone_webhooks,
)
from .catalogue import Mutant, mutants

__all__ = ["MUTANTS", "Mutant"]

MUTANTS: tuple[Mutant, ...] = mutants()
