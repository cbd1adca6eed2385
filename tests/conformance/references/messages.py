"""Telnyx's messages: schedule, send, retrieve and cancel."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from .checks import Check, boolean, list_of, moment, nullable, one_of, text, url
from .idempotency import Idempotent
from .instants import has_offset, read_instant, write_instant
from .messages_life import MessageLife
from .messages_rules import Body, MessageRules
from .outbox import Record
from .service import Call, Refused

POOL_NUMBER = "+18445550001"
PRICE = Decimal("0.0051")
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
STATUS_OF = {"length": (422, "10025"), "url": (400, "10003"), "enum": (400, "10032"), "type": (400, "10026")}
STATUS_OF |= {"missing": (400, "10004")}


class Messages(MessageRules, MessageLife, Idempotent):
    """Correct by the vendored document, its descriptions, the vendor's guides and its SDKs."""

    provider = "telnyx_messages"
    base = "/v2"
    routes = (
        (r"/messages/schedule", {"POST": "schedule"}),
        (r"/messages", {"POST": "send"}),
        (r"/messages/(?P<message>[^/]+)", {"GET": "retrieve", "DELETE": "cancel"}),
    )

    def checks(self) -> dict[str, Check]:
        return {
            "from": text(),
            "messaging_profile_id": text(),
            "to": text(),
            "text": text(),
            "subject": text(),
            "media_urls": list_of(text()),
            "webhook_url": url(),
            "webhook_failover_url": url(),
            "use_profile_webhooks": boolean,
            "type": one_of("SMS", "MMS"),
            "auto_detect": boolean,
            "send_at": moment(),
        }

    def send_checks(self) -> dict[str, Check]:
        return self.checks() | {"send_at": nullable(moment()), "encoding": one_of("auto", "gsm7", "ucs2")}

    # Schedule and send

    def schedule(self, call: Call) -> Response:
        body = self.valid(call, self.checks())
        self.check_rules(call, body, scheduling=True)
        return self.accepted(self.make(call, body, "ScheduleMessage"), call.now)

    def send(self, call: Call) -> Response:
        body = self.valid(call, self.send_checks())

        def make() -> tuple[str, Response]:
            self.check_rules(call, body, scheduling=False)
            message = self.make(call, body, "SendMessage")
            return message["id"], self.accepted(message, call.now)

        return self.once(call, body, make)

    def valid(self, call: Call, checks: dict[str, Check]) -> Body:
        body: Body = self.body(call)
        wrong = self.wrong_fields(body, ("to",), checks)
        if wrong:
            raise Refused(self.invalid(wrong))
        return body

    def check_rules(self, call: Call, body: Body, *, scheduling: bool) -> None:
        broken = self.broken_rule(body, call.now, scheduling=scheduling)
        if broken:
            status, code, pointer, words = broken
            raise Refused(self.errors(status, self.error(code, words, pointer=pointer)))

    def make(self, call: Call, body: Body, operation: str) -> Record:
        message = {
            "id": self.new_id(call),
            "body": body,
            "operation": operation,
            "due": self.due(body, call.now),
            "received": call.now,
            "dispatched": None,
            "outcome": None,
            "cancelled": None,
        }
        call.world.records[message["id"]] = message
        self.plan_first(call.world, message)
        return message

    def new_id(self, call: Call) -> str:
        return call.world.mint("message")

    def due(self, body: Body, now: datetime) -> datetime:
        return now if body.get("send_at") is None else read_instant(body["send_at"])

    def accepted(self, message: Record, now: datetime) -> Response:
        return self.json(200, {"data": self.show(message, now)})

    # Retrieve and cancel

    def retrieve(self, call: Call) -> Response:
        return self.json(200, {"data": self.show(self.find(call), call.now)})

    def find(self, call: Call) -> Record:
        name = call.values["message"]
        if not re.fullmatch(UUID, name):
            raise Refused(self.wrong_id())
        message = call.world.records.get(name.lower())
        if message is None or self.is_too_old(message, call.now):
            raise Refused(self.not_found(name))
        return message

    def is_too_old(self, message: Record, now: datetime) -> bool:
        return bool(now - message["received"] > timedelta(days=10))

    def wrong_id(self) -> Response:
        return self.errors(400, self.error("10006", "The id is not a UUID.", parameter="id"))

    def not_found(self, name: str) -> Response:
        return self.refuse_cancel(404, "40303", f"There is no message {name}.")

    def cancel(self, call: Call) -> Response:
        message = self.find(call)
        if not self.is_cancellable(message, call.now):
            raise Refused(
                self.refuse_cancel(403, "10015", "Only a scheduled message can be cancelled, a minute before.")
            )
        self.stop(message, call.now)
        return self.cancelled(message, call.now)

    def is_cancellable(self, message: Record, now: datetime) -> bool:
        waits = message["cancelled"] is None and message["dispatched"] is None
        return waits and self.is_early_to_cancel(message["due"] - now)

    def is_early_to_cancel(self, ahead: timedelta) -> bool:
        return ahead > timedelta(minutes=1)

    def stop(self, message: Record, now: datetime) -> None:
        message["cancelled"] = now

    def cancelled(self, message: Record, now: datetime) -> Response:
        return self.json(200, self.show(message, now))

    def refuse_cancel(self, status: int, code: str, words: str) -> Response:
        """Answer one error and a list of it: the vendor's page shows the one, its document the other."""
        error = self.error(code, words)
        return self.json(status, error | {"errors": [error]})

    # What a message looks like

    def show(self, message: Record, now: datetime) -> Record:
        body = message["body"]
        shown = {
            "record_type": "message",
            "direction": "outbound",
            "id": message["id"],
            "type": self.kind(body),
            **self.echo(body),
            "from": self.show_from(body),
            "to": self.show_to(message, now),
            "cc": [],
            "media": self.show_media(body),
            "encoding": self.show_encoding(body),
            "parts": self.show_parts(body),
            "tags": [],
            "cost": {"amount": self.amount(message), "currency": "USD"},
            "received_at": self.show_received(message),
            **self.progress(message, now),
        }
        return shown | ({"send_at": self.show_send_at(body["send_at"])} if body.get("send_at") else {})

    def echo(self, body: Body) -> Record:
        names = ("messaging_profile_id", "text", "subject", "webhook_url", "webhook_failover_url")
        return {name: body[name] for name in names if name in body}

    def sender(self, body: Body) -> str:
        return str(body.get("from", POOL_NUMBER))

    def show_from(self, body: Body) -> Record:
        return {"phone_number": self.sender(body), "carrier": "TELNYX LLC", "line_type": "VoIP"}

    def show_to(self, message: Record, now: datetime) -> list[Record]:
        to = {"phone_number": message["body"]["to"], "status": self.status(message, now)}
        return [to | {"carrier": "T-MOBILE USA, INC.", "line_type": "Wireless"}]

    def show_media(self, body: Body) -> list[Record]:
        return [
            {"url": link, "content_type": None, "sha256": None, "size": None} for link in body.get("media_urls", [])
        ]

    def show_encoding(self, body: Body) -> str:
        return "UCS-2" if self.is_wide(body) else "GSM-7"

    def show_parts(self, body: Body) -> int:
        return 1 if self.kind(body) == "MMS" else self.parts(body.get("text", ""), self.is_wide(body))

    def amount(self, message: Record) -> str:
        return "0.0" if message["cancelled"] is not None else str(PRICE * self.show_parts(message["body"]))

    def show_received(self, message: Record) -> str:
        return write_instant(message["received"])

    def show_send_at(self, sent: str) -> str:
        return sent if has_offset(sent) else sent + "Z"

    # Refusals

    def invalid(self, wrong: list[tuple[str, str, str]]) -> Response:
        found = [self.finding(name, kind, words) for name, kind, words in wrong]
        status = STATUS_OF.get(wrong[0][1], (400, ""))[0]
        return self.errors(status, *found)

    def finding(self, name: str, kind: str, words: str) -> dict[str, Any]:
        code = STATUS_OF.get(kind, (400, "10015"))[1]
        return self.error(code, f"{name or 'The body'} must be {words}.", pointer=f"/{name}" if name else "")

    def unreadable(self, why: str) -> Response:
        return self.errors(400, self.error("10023", f"The body is not JSON: {why}"))

    def wrong_media_type(self, header: str) -> Response:
        return self.errors(415, self.error("10029", "Send the body as application/json."))

    def wrong_key(self) -> Response:
        return self.errors(400, self.error("10015", "Idempotency-Key is not well-formed.", parameter="Idempotency-Key"))

    def key_taken(self) -> Response:
        return self.errors(422, self.error("10027", "The key was used with another request."))
