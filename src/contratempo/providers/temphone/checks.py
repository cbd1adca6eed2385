"""What the document lets through and the rules refuse: each breach a 400 about one field."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal
from contratempo.providers.temphone.tables import Contact, field_message
from contratempo.providers.temphone.zones import NAMES, instant_in
from contratempo.sim.instants import Instant, format_instant
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Simulation

_SEPARATORS: Final = re.compile(r"[-. ()]")
_E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")


class Breach(NamedTuple):
    """A field that a rule refuses, why, what would help, and what it must be where the vendor has no words for that."""

    field: str
    rule: str
    what: str
    hint: str
    must_be: str = ""


def check(simulation: Simulation, body: Mapping[str, Any], contact: Contact | None, zone: str) -> Instant:
    """Return the instant the call is due; Refusal 400 with every breach, its message about the first field.

    `zone` is the contact's; a scheduled_at without an offset is local to the timezone sent, else to that.
    """
    sent = body.get("timezone", zone)
    due = _instant(body["scheduled_at"], sent if sent in NAMES else zone)
    breaches = (*_of_contact(simulation.rules, contact), *_of_time(simulation, due), *_of_rest(simulation.rules, body))
    if due is None or breaches:
        raise _refusal(breaches, body)
    return due


def _instant(text: str, zone: str) -> Instant | None:
    try:
        return instant_in(text, zone)
    except ValueError:
        return None


def _of_contact(rules: Rules, contact: Contact | None) -> Iterator[Breach]:
    if contact and not contact.consent and rules["temphone.missing_consent"] == "reject":
        hint = "schedule calls to contacts with consent: true, or set the rule to accept"
        what, must_be = "belongs to a contact who has not consented", "a contact who has consented"
        yield Breach("contact_id", "missing_consent", what, hint, must_be)


def _of_time(simulation: Simulation, due: Instant | None) -> Iterator[Breach]:
    if due is None:
        yield Breach("scheduled_at", "naive_datetime", "is no moment of the calendar", "send it with an offset, or Z")
    elif due <= simulation.now and simulation.rules["temphone.past_datetime"] == "reject":
        now, asked = format_instant(simulation.now), format_instant(due)
        hint = (
            f"the mock's time is {now}, asked for was {asked}: send a later one, start with "
            f"`contratempo serve --clock <earlier date>`, or set rule temphone.past_datetime to run_now"
        )
        yield Breach("scheduled_at", "past_datetime", f"is not after the mock's time, {now}", hint)


def _of_rest(rules: Rules, body: Mapping[str, Any]) -> Iterator[Breach]:
    if body.get("timezone", "UTC") not in NAMES and rules["temphone.unknown_timezone"] == "reject":
        hint = "send a name of the IANA tz database, in its own spelling, such as America/Los_Angeles"
        yield Breach("timezone", "unknown_timezone", "is not in the tz database", hint)
    if rules["temphone.caller_id_format"] == "e164" and not _is_e164(body.get("caller_id", "+10")):
        hint = "send + and up to 15 digits, such as +14155550199"
        yield Breach("caller_id", "caller_id_format", "is not E.164", hint)


def _is_e164(text: str) -> bool:
    return bool(_E164.fullmatch(_SEPARATORS.sub("", text)))


def _refusal(breaches: tuple[Breach, ...], body: Mapping[str, Any]) -> Refusal:
    first = breaches[0]
    violations = tuple(Violation("body", (each.field,), each.rule, each.what, body[each.field]) for each in breaches)
    message = field_message(first.field, first.must_be)
    return Refusal(Problem("rule", message, violations, status=400, rule=f"temphone.{first.rule}", hint=first.hint))
