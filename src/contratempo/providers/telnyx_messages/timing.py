"""When a message is to be sent: the request's `send_at`, and what the rules make of it."""

import re
from typing import Final

from contratempo.provider import Json, Refusal
from contratempo.sim.instants import HOUR, SECOND, Instant, format_instant, parse_instant
from contratempo.sim.simulation import Simulation

from .refusals import deny
from .tables import NAME, rule

_OFFSET: Final = re.compile(r"(?:[Zz]|[+-]\d\d:\d\d)$")
_FIRST: Final = parse_instant("0001-01-02T00:00:00Z")


def due_of(simulation: Simulation, body: Json, *, scheduling: bool) -> Instant:
    """Return when a message is due, now at the earliest; Refusal when a rule does not allow the moment.

    `scheduling` says that `send_at` is expected.
    """
    text = body.get("send_at")
    if text is None:
        if scheduling and rule(simulation, "missing_send_at") == "reject":
            raise deny("10004", "'send_at' is required to schedule.", pointer="/send_at", rule="missing_send_at")
        return simulation.now
    due = _parse(text)
    if due <= simulation.now:
        if rule(simulation, "past_datetime") == "reject":
            raise _past(simulation.now, text, due)
        return simulation.now
    if rule(simulation, "send_at_window") == "enforce":
        _check_window(simulation, text, due)
    return due


def echo(text: str) -> str:
    """Return a send_at as answers show it: what was sent, with Z when it had no offset."""
    return text if _OFFSET.search(text) else f"{text}Z"


def _parse(text: str) -> Instant:
    try:
        return parse_instant(text)
    except ValueError:
        raise deny("10015", "'send_at' is not an ISO 8601 date-time.", pointer="/send_at") from None


def _check_window(simulation: Simulation, text: str, due: Instant) -> None:
    least, most = (rule(simulation, f"send_at_{bound}_seconds") for bound in ("min", "max"))
    if not least * SECOND <= due - simulation.now <= most * SECOND:
        detail = (
            f"'send_at' must be from {least} to {most} seconds ahead; the mock's clock stands at "
            f"{format_instant(simulation.now)} and {text} was sent."
        )
        hint = _hint(due, "set rule telnyx_messages.send_at_window to off")
        raise deny("10015", detail, pointer="/send_at", rule="send_at_window", hint=hint)


def _past(now: Instant, text: str, due: Instant) -> Refusal:
    detail = f"'send_at' must be in the future; the mock's clock stands at {format_instant(now)} and {text} was sent."
    hint = _hint(due, f"set rule {NAME}.past_datetime to run_now")
    return deny("10015", detail, pointer="/send_at", rule="past_datetime", hint=hint)


def _hint(due: Instant, otherwise: str) -> str:
    """Return what helps: a clock that stands an hour before the moment, or the rule."""
    clock = format_instant(max(due - HOUR, _FIRST))
    return f"Start with `contratempo serve --clock {clock}`, or {otherwise}."
