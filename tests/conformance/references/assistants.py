"""Scheduled events of Telnyx's AI assistants: create, list, retrieve and delete."""

from datetime import datetime
from typing import Any, ClassVar

from starlette.responses import Response

from .assistants_life import EventLife
from .assistants_list import EventList
from .checks import Check, integer, is_integer, label, mapping, moment, one_of, text
from .idempotency import Idempotent
from .instants import has_offset, read_instant, write_instant
from .service import Call, Refused

Body = dict[str, Any]
Event = dict[str, Any]
REQUIRED = (
    "telnyx_conversation_channel",
    "telnyx_end_user_target",
    "telnyx_agent_target",
    "scheduled_at_fixed_datetime",
)
REGIONS = ("US", "Europe", "Canada", "Australia", "Middle East")


def call_settings(value: Any) -> tuple[str, str] | None:
    """Check that a region, if there is one, is one of the SDK's."""
    if not isinstance(value, dict):
        return "type", "an object"
    return one_of(*REGIONS)(value["sip_region"]) if "sip_region" in value else None


class Assistants(EventLife, EventList, Idempotent):
    """Correct by the vendored documents, the vendor's guide and its SDKs."""

    provider = "telnyx_assistants"
    base = "/v2"
    routes = (
        (r"/ai/assistants/(?P<assistant>[^/]+)/scheduled_events", {"POST": "create", "GET": "list_events"}),
        (
            r"/ai/assistants/(?P<assistant>[^/]+)/scheduled_events/(?P<event>[^/]+)",
            {"GET": "retrieve", "DELETE": "delete"},
        ),
    )
    required: ClassVar[tuple[str, ...]] = REQUIRED

    def checks(self) -> dict[str, Check]:
        return {
            "telnyx_conversation_channel": one_of("phone_call", "sms_chat"),
            "telnyx_end_user_target": text(),
            "telnyx_agent_target": text(),
            "scheduled_at_fixed_datetime": moment(),
            "text": text(),
            "conversation_metadata": mapping(label),
            "dynamic_variables": mapping(text()),
            "max_retries_client_errors": integer(0, 10),
            "retry_interval_secs": integer(60, 86400),
            "call_settings": call_settings,
        }

    # Create

    def create(self, call: Call) -> Response:
        body = self.valid(call)

        def make() -> tuple[str, Response]:
            self.check_rules(call, body)
            event = self.make(call, body)
            return event["id"], self.created(call, event)

        return self.once(call, body, make)

    def valid(self, call: Call) -> Body:
        body: Body = self.body(call)
        wrong = self.wrong_fields(body, self.required, self.checks())
        if not wrong and body["telnyx_conversation_channel"] == "sms_chat" and self.lacks_text(body):
            wrong = [("text", "missing", "required")]
        if wrong:
            raise Refused(
                self.invalid([(["body", name] if name else ["body"], kind, why) for name, kind, why in wrong])
            )
        return body

    def lacks_text(self, body: Body) -> bool:
        return "text" not in body

    def check_rules(self, call: Call, body: Body) -> None:
        why = self.broken_rule(body, self.instant(body), call.now)
        if why:
            raise Refused(self.detail(400, why))

    def broken_rule(self, body: Body, due: datetime, now: datetime) -> str | None:
        retries, interval = body.get("max_retries_client_errors", 0), body.get("retry_interval_secs")
        if self.is_past(due, now):
            return "scheduled_at_fixed_datetime must be in the future"
        if body["telnyx_conversation_channel"] == "sms_chat":
            return self.retries_on_sms(retries, interval)
        if interval is None:
            return self.retries_without_interval(retries)
        return self.interval_without_retries(retries)

    def is_past(self, due: datetime, now: datetime) -> bool:
        return due <= now

    def retries_on_sms(self, retries: int, interval: int | None) -> str | None:
        return "Retries are for phone calls only" if retries or interval is not None else None

    def retries_without_interval(self, retries: int) -> str | None:
        return "retry_interval_secs is required with retries" if retries > 0 else None

    def interval_without_retries(self, retries: int) -> str | None:
        return None if retries > 0 else "retry_interval_secs needs max_retries_client_errors"

    def instant(self, body: Body) -> datetime:
        return read_instant(body["scheduled_at_fixed_datetime"])

    def make(self, call: Call, body: Body) -> Event:
        event = {
            "id": self.new_id(call),
            "assistant": call.values["assistant"],
            "body": body,
            "due": self.instant(body),
            "created": call.now,
            "dispatches": [],
        }
        self.keep(call, event)
        return event

    def new_id(self, call: Call) -> str:
        return call.world.mint("event")

    def keep(self, call: Call, event: Event) -> None:
        call.world.records[event["id"]] = event
        self.plan_first(call.world, event)

    def created(self, call: Call, event: Event) -> Response:
        return self.json(201, self.show(call.world, event, call.now))

    # Retrieve and delete

    def retrieve(self, call: Call) -> Response:
        return self.json(200, self.show(call.world, self.find(call), call.now))

    def find(self, call: Call) -> Event:
        event = call.world.records.get(call.values["event"])
        if event is None or not self.belongs(event, call.values["assistant"]):
            raise Refused(self.not_found(call.values["event"]))
        return event

    def belongs(self, event: Event, assistant: str) -> bool:
        return bool(event["assistant"] == assistant)

    def not_found(self, name: str) -> Response:
        return self.detail(404, f"Scheduled event {name} not found")

    def delete(self, call: Call) -> Response:
        self.remove(call, self.find(call))
        return self.deleted()

    def remove(self, call: Call, event: Event) -> None:
        del call.world.records[event["id"]]

    def deleted(self) -> Response:
        return Response(status_code=204)

    # What an event looks like

    def echo(self, body: Body) -> Event:
        """Return what is shown as it was sent."""
        names = [*REQUIRED[:3], "conversation_metadata", "dynamic_variables"]
        phone = body["telnyx_conversation_channel"] == "phone_call"
        names += ["retry_interval_secs", "call_settings"] if phone else ["text"]
        shown = {name: body[name] for name in names if name in body}
        return shown | ({"max_retries_client_errors": self.retries(body)} if phone else {})

    def retries(self, body: Body) -> int:
        retries = body.get("max_retries_client_errors", self.default_retries())
        assert is_integer(retries)
        return int(retries)

    def default_retries(self) -> int:
        return 0

    def time_text(self, sent: str) -> str:
        return sent if has_offset(sent) else sent + "Z"

    def show_created(self, event: Event) -> str:
        return write_instant(event["created"])

    # Refusals

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        return self.json(422, {"detail": [self.finding(place, kind, why) for place, kind, why in wrong]})

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return {"loc": place, "msg": f"Input should be {why}", "type": kind}

    def detail(self, status: int, why: str) -> Response:
        return self.json(status, {"detail": why})

    def unreadable(self, why: str) -> Response:
        return self.invalid([(["body"], "json_invalid", f"JSON: {why}")])

    def wrong_media_type(self, header: str) -> Response:
        return self.invalid([(["body"], "model_attributes_type", "application/json")])

    def wrong_key(self) -> Response:
        return self.errors(400, self.error("10015", "Idempotency-Key is not well-formed.", parameter="Idempotency-Key"))

    def key_taken(self) -> Response:
        return self.invalid([(["header", "Idempotency-Key"], "value_error", "new for another request")])
