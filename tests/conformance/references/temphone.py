"""TemPhone's scheduled calls: one operation, and webhooks that tell how the call goes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from .checks import Check, Wrong, boolean, integer, mapping, moment, text, url
from .instants import has_offset, read_instant, write_instant
from .lifecycle import CallStory, Outcome
from .outbox import Delivery, Outbox, Record
from .service import Call, Refused, seconds
from .world import World

Body = dict[str, Any]
MISSING = ("ctc_missing", "ctc_gone00")
ZONES = {"ctc_berlin": "Europe/Berlin", "ctc_tokyo0": "Asia/Tokyo"}
REQUIRED = ("contact_id", "scheduled_at", "initial_message")
MUST_BE = {
    "contact_id": "a non-empty string",
    "campaign_id": "a string",
    "scheduled_at": "a valid ISO-8601 timestamp in the future",
    "timezone": "a valid IANA timezone",
    "initial_message": "a non-empty string",
    "max_duration_seconds": "a positive integer",
    "caller_id": "a string",
    "metadata": "an object",
    "recording_enabled": "a boolean",
    "webhook_url": "a valid URL",
}
ENDS = {"completed": "completed", "busy": "failed", "no-answer": "failed", "failed": "failed", "canceled": "canceled"}


def zone(value: Any) -> Wrong:
    """Check that a time zone is in the tz database."""
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError, TypeError, AttributeError):
        return "format", "a time zone"
    return None


class TemPhone(CallStory, Outbox):
    """Correct by the vendor's page; what the page leaves open is decided one way."""

    provider = "temphone"
    base = "/v1"
    routes = ((r"/calls/scheduled", {"POST": "schedule"}),)

    def checks(self) -> dict[str, Check]:
        return {
            "contact_id": text(1),
            "campaign_id": text(),
            "scheduled_at": moment(),
            "timezone": zone,
            "initial_message": text(1),
            "max_duration_seconds": integer(1),
            "caller_id": text(),
            "metadata": mapping(),
            "recording_enabled": boolean,
            "webhook_url": url(),
        }

    def required(self) -> tuple[str, ...]:
        return REQUIRED

    # Schedule

    def schedule(self, call: Call) -> Response:
        body: Body = self.body(call)
        wrong = [name for name, _, _ in self.wrong_fields(body, self.required(), self.checks())]
        if "scheduled_at" not in wrong and wrong != [""] and self.is_past(body, call.now):
            wrong = [name for name in MUST_BE if name in (*wrong, "scheduled_at")]
        if wrong:
            raise Refused(self.invalid(wrong[0]))
        if not self.is_contact(body["contact_id"]):
            raise Refused(self.no_contact(body["contact_id"]))
        return self.scheduled(self.make(call, body), call.now)

    def is_past(self, body: Body, now: datetime) -> bool:
        return self.due({"contact_id": "", **body}, checked=False) <= now

    def due(self, body: Body, *, checked: bool = True) -> datetime:
        """Return the instant; a time without an offset is local to the call's time zone."""
        sent = body["scheduled_at"]
        if has_offset(sent):
            return read_instant(sent)
        name = self.zone_of(body)
        local = ZoneInfo(name) if checked or zone(name) is None else ZoneInfo("UTC")
        return read_instant(sent).replace(tzinfo=local).astimezone(ZoneInfo("UTC"))

    def zone_of(self, body: Body) -> str:
        return str(body.get("timezone") or self.contact_zone(str(body["contact_id"])))

    def contact_zone(self, contact: str) -> str:
        return ZONES.get(contact, "America/Los_Angeles")

    def is_contact(self, contact: str) -> bool:
        return contact.startswith("ctc_") and contact not in MISSING

    def make(self, call: Call, body: Body) -> Record:
        record = {"id": self.new_id(call), "body": body, "due": self.due(body), "created": call.now}
        record |= {"dispatched": None, "outcome": None}
        call.world.records[record["id"]] = record
        call.world.plan(self.start(record), "dispatch", record["id"])
        return record

    def new_id(self, call: Call) -> str:
        return "call_" + call.world.mint("call").replace("-", "")[:6]

    def scheduled(self, record: Record, now: datetime) -> Response:
        return self.json(200, self.success(self.show(record, now)))

    def success(self, data: Record) -> Any:
        return {"status": "success", "message": self.success_words(), "data": data}

    def success_words(self) -> str:
        return "AI outbound call scheduled successfully."

    # What time brings

    def start(self, record: Record) -> datetime:
        due: datetime = record["due"]
        return due

    def dispatch(self, world: World, record: Record, at: datetime) -> None:
        attempt = {"resource": record["id"], "to": record["body"]["contact_id"], "operation": "scheduleCall"}
        outcome = world.outcome(attempt, "completed")
        talk = min(outcome.get("talk", 60), record["body"].get("max_duration_seconds", 900))
        record["dispatched"], record["outcome"] = at, outcome | {"talk": talk}
        self.tell(world, record, "in_progress", at)
        for after, status in self.steps(record["outcome"]):
            world.plan(at + seconds(after), "step", record["id"], status)
        end = self.end(record["outcome"], at)
        if end is not None:
            self.tell(world, record, ENDS[outcome["status"]], end)

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        self.announce(world, record, self.event_of(status), at)

    def event_of(self, status: str) -> str:
        return {"in_progress": "call.started", "completed": "call.completed"}.get(status, "call.failed")

    def receivers(self, record: Record) -> tuple[str, ...]:
        url = record["body"].get("webhook_url")
        return (url,) if url else ()

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        shown = {"event": delivery.event, "occurred_at": write_instant(delivery.at)}
        return shown | {"data": self.show(record, self.shown_at(delivery))}

    def shown_at(self, delivery: Delivery) -> datetime:
        return delivery.at

    def signature_headers(self, world: World, body: bytes) -> dict[str, str]:
        return {"User-Agent": "temphone-webhooks"}

    # What a call looks like

    def show(self, record: Record, now: datetime) -> Record:
        return {
            "call_id": record["id"],
            **self.echo(record["body"]),
            "scheduled_at": self.show_scheduled(record),
            "timezone": self.zone_of(record["body"]),
            **self.defaults(record["body"]),
            "status": self.status(record, now),
            "created_at": self.show_created(record),
            "updated_at": self.show_updated(record, now),
        }

    def echo(self, body: Body) -> Record:
        names = ("contact_id", "campaign_id", "initial_message", "caller_id", "metadata", "webhook_url")
        return {name: body[name] for name in names if name in body}

    def show_scheduled(self, record: Record) -> str:
        sent: str = record["body"]["scheduled_at"]
        return sent if has_offset(sent) else write_instant(record["due"])

    def defaults(self, body: Body) -> Record:
        return {
            "max_duration_seconds": body.get("max_duration_seconds", 900),
            "recording_enabled": body.get("recording_enabled", True),
        }

    def status(self, record: Record, now: datetime) -> str:
        if record["dispatched"] is None:
            return "scheduled"
        end = self.end_of(record)
        return "in_progress" if end is None or end > now else ENDS[record["outcome"]["status"]]

    def end_of(self, record: Record) -> datetime | None:
        outcome: Outcome = record["outcome"]
        return self.end(outcome, record["dispatched"])

    def show_created(self, record: Record) -> str:
        return write_instant(record["created"])

    def show_updated(self, record: Record, now: datetime) -> str:
        if record["dispatched"] is None:
            return write_instant(record["created"])
        end = self.end_of(record)
        return write_instant(record["dispatched"] if end is None or end > now else end)

    # Refusals

    def refusal(self, status: int, words: str, headers: dict[str, str] | None = None) -> Response:
        return self.json(status, self.failure(words), headers)

    def failure(self, words: str) -> Any:
        return {"status": "error", "message": words, "data": None}

    def invalid(self, name: str) -> Response:
        return self.refusal(400, self.field_words(name) if name else "Request body must be a JSON object.")

    def field_words(self, name: str) -> str:
        return f"Field '{name}' must be {MUST_BE[name]}."

    def no_contact(self, contact: str) -> Response:
        return self.refusal(404, self.contact_words(contact))

    def contact_words(self, contact: str) -> str:
        return f"Contact not found: {contact}."

    def unauthorized(self) -> Response:
        return self.refusal(401, self.unauthorized_words(), {"WWW-Authenticate": "Bearer"})

    def unauthorized_words(self) -> str:
        return "Unauthorized."

    def no_route(self) -> Response:
        return self.refusal(404, "There is nothing here.")

    def no_method(self, allowed: list[str]) -> Response:
        return self.refusal(405, "Method not allowed.", {"Allow": ", ".join(allowed)})

    def unreadable(self, why: str) -> Response:
        return self.refusal(400, "Request body must be valid JSON.")

    def wrong_media_type(self, header: str) -> Response:
        return self.refusal(400, "Header 'Content-Type' must be application/json.")
