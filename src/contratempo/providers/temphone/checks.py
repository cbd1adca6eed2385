"""What the document lets through and the rules refuse: each breach a 400 about one field, the page's first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal
from contratempo.providers.temphone.tables import DIRECTORY, FIELDS, Contact, field_message
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


def addressee(rules: Rules, body: Mapping[str, Any]) -> tuple[Contact | None, str]:
    """Return whom a call is for, None when there is nobody, and the time zone that counts when none is sent."""
    fallback = rules["temphone.timezone_default"]
    contact = DIRECTORY.find(body.get("contact_id", ""), rules["temphone.unknown_contact"], fallback)
    return contact, contact.timezone if contact else fallback


def check(simulation: Simulation, body: Mapping[str, Any], contact: Contact | None, zone: str) -> Instant:
    """Return the instant the call is due; Refusal 400 with every breach, its message about the first field.

    `zone` is the contact's; a scheduled_at without an offset is local to the timezone sent, else to that.
    """
    due = _instant(body, zone)
    breaches = tuple(_breaches(simulation, body, contact, due))
    if due is None or breaches:
        raise Refusal(_problem(breaches, body))
    return due


def earlier(simulation: Simulation, body: Any, violations: Sequence[Violation]) -> Problem | None:
    """Return the problem of a field that a rule refuses and that the page lists before all that break the document."""
    if not isinstance(body, dict) or not all(each.path and each.path[0] in FIELDS for each in violations):
        return None
    order, broken = list(FIELDS), {str(each.path[0]) for each in violations}
    sound = {name: value for name, value in body.items() if name not in broken}
    contact, zone = addressee(simulation.rules, sound)
    breaches = tuple(_breaches(simulation, sound, contact, _instant(sound, zone)))
    if not breaches or order.index(breaches[0].field) > min(map(order.index, broken)):
        return None
    return _problem(breaches, body, tuple(violations))


def _instant(body: Mapping[str, Any], zone: str) -> Instant | None:
    sent = body.get("timezone", zone)
    try:
        return instant_in(body.get("scheduled_at", ""), sent if sent in NAMES else zone)
    except ValueError:
        return None


def _breaches(
    simulation: Simulation, body: Mapping[str, Any], contact: Contact | None, due: Instant | None
) -> Iterator[Breach]:
    """Yield what the rules refuse, in the order of the page's fields."""
    yield from _of_contact(simulation.rules, contact)
    if "scheduled_at" in body:
        yield from _of_time(simulation, due)
    yield from _of_rest(simulation.rules, body)


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


def _problem(breaches: Sequence[Breach], body: Mapping[str, Any], more: tuple[Violation, ...] = ()) -> Problem:
    first = breaches[0]
    violations = tuple(Violation("body", (each.field,), each.rule, each.what, body[each.field]) for each in breaches)
    message, rule = field_message(first.field, first.must_be), f"temphone.{first.rule}"
    return Problem("rule", message, violations + more, status=400, rule=rule, hint=first.hint)
