"""`POST /calls/scheduled`: what is refused, what is kept, and how a call is shown."""

from collections.abc import Mapping
from typing import Any, Final

from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.providers.temphone.checks import addressee, check
from contratempo.providers.temphone.tables import DIRECTORY, Contact
from contratempo.providers.temphone.zones import is_naive
from contratempo.sim.instants import SECOND, Instant, format_instant
from contratempo.sim.outcomes import CALL_OUTCOMES, Subject
from contratempo.sim.records import Record
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Simulation

KIND: Final = "scheduled_call"
_DONE: Final = "AI outbound call scheduled successfully."
_DEFAULTS: Final = {"max_duration_seconds": 900, "recording_enabled": True}
# As the vendor's sample has them.
_SHOWN: Final = (
    "contact_id", "campaign_id", "scheduled_at", "timezone", "initial_message", "max_duration_seconds", "caller_id",
    "recording_enabled", "webhook_url", "metadata",
)  # fmt: skip


def schedule_call(simulation: Simulation, request: Request) -> Response:
    """Schedule a call; Refusal 400 for the fields, then 404 for the contact and the campaign."""
    rules, body = simulation.rules, request.body
    contact, zone = addressee(rules, body)
    due = check(simulation, body, contact, zone)
    record = _new(simulation, _existing(rules, contact, body), due, _echo(body, due, zone))
    simulation.begin(KIND, record)
    simulation.records.put(KIND, record)
    simulation.timers.add(max(due, simulation.now), "temphone", "dispatch", record["id"])
    answer = {"status": "success", "message": _DONE, "data": represent(simulation, record)}
    trace = _trace(simulation, record, body)
    return Response(rules["temphone.success_status"], answer, trace=trace, resource=record["id"])


def _existing(rules: Rules, contact: Contact | None, body: Mapping[str, Any]) -> Contact:
    if contact is None:
        raise _unknown("Contact", body["contact_id"], "temphone.unknown_contact")
    campaign = body.get("campaign_id")
    if rules["temphone.unknown_campaign"] == "reject" and campaign is not None and campaign not in DIRECTORY.campaigns:
        raise _unknown("Campaign", campaign, "temphone.unknown_campaign")
    return contact


def _unknown(what: str, identifier: str, rule: str) -> Refusal:
    hint = "fixtures/temphone/contacts.yaml names them, and the rule says what becomes of others"
    return Refusal(Problem("not-found", f"{what} not found: {identifier}.", rule=rule, hint=hint))


def _echo(body: Mapping[str, Any], due: Instant, zone: str) -> dict[str, Any]:
    """What was sent, defaults filled in. A local time comes back in UTC: a Z behind the text sent would shift it."""
    filled = {**_DEFAULTS, "timezone": zone, **body}
    filled["max_duration_seconds"] = int(filled["max_duration_seconds"])  # 900.0 is an integer to JSON Schema
    if is_naive(body["scheduled_at"]):
        filled["scheduled_at"] = format_instant(due)
    return {name: filled[name] for name in _SHOWN if name in filled}


def _new(simulation: Simulation, contact: Contact, due: Instant, asked: dict[str, Any]) -> Record:
    return {
        "id": f"call_{simulation.short_id(KIND)}",
        "due": due,
        "created": simulation.now,
        "updated": simulation.now,
        "ordinal": simulation.ordinals[KIND],
        "phone": contact.phone,
        "asked": asked,
    }


def _trace(simulation: Simulation, record: Record, body: Mapping[str, Any]) -> tuple[str, ...]:
    lines = []
    if "timezone" not in body and body["contact_id"] not in DIRECTORY.contacts:
        lines.append(f"rule temphone.timezone_default = {record['asked']['timezone']}")
    if is_naive(body["scheduled_at"]):
        lines.append("rule temphone.naive_datetime = local")
    if record["due"] <= simulation.now:
        lines.append("rule temphone.past_datetime = run_now")
    expected = simulation.outcomes.preview(subject_of(record), 1, CALL_OUTCOMES, "completed")
    return (*lines, f"outcome {expected.why}")


def subject_of(record: Record) -> Subject:
    """Return whose attempt it is: a script's `to` may be the contact's id or its phone number."""
    asked = record["asked"]
    return Subject(record["id"], asked["contact_id"], asked.get("caller_id", ""), "scheduleCall", record["phone"])


def represent(_: Simulation, record: Record) -> dict[str, Any]:
    """Return the call as the vendor shows it: unset fields are absent, its own instants are cut to whole seconds."""
    stamps = {name: _whole(record[name.removesuffix("_at")]) for name in ("created_at", "updated_at")}
    return {"call_id": record["id"], **record["asked"], "status": record["status"], **stamps}


def _whole(instant: Instant) -> str:
    return format_instant(instant - instant % SECOND)
