"""The rules, in rooms by subject; importing this puts all of them on the list."""

from contratempo.conformance.rule import RULES, Rule
from contratempo.conformance.rules import (
    access,
    answers,
    attempt_times,
    attempts,
    call_webhooks,
    calls,
    content,
    deliveries,
    effects,
    envelopes,
    event_lists,
    event_progress,
    event_times,
    events,
    events_kept,
    keys,
    message_progress,
    message_times,
    messages,
    messages_kept,
    methods,
    refusals,
    requests,
    signatures,
    webhook_records,
    webhooks,
)

__all__ = ["MADE_BY_NOBODY", "RULES", "Rule"]

ROOMS = (
    access,
    answers,
    attempt_times,
    attempts,
    call_webhooks,
    calls,
    content,
    deliveries,
    effects,
    envelopes,
    event_lists,
    event_progress,
    event_times,
    events,
    events_kept,
    keys,
    message_progress,
    message_times,
    messages,
    messages_kept,
    methods,
    refusals,
    requests,
    signatures,
    webhook_records,
    webhooks,
)

MADE_BY_NOBODY = ("events.retrieve.unknown", "messages.retrieve.unknown")
"""Rules that take what was not seen to be made for something that nobody made: not for those who see only a part."""
