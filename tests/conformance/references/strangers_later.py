"""More strangers: servers that are wrong in what they show when time has passed, and in what they are seldom asked."""

import re
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from .assistants import Assistants
from .instants import read_instant, write_instant
from .messages import Messages
from .outbox import Delivery, Record
from .service import Call, Refused
from .strangers import Stranger
from .temphone import TemPhone
from .world import World

Body = dict[str, Any]
ENDED = ("completed", "failed")


class VariablesForgotten(Assistants):
    """Shows no variables any more when an event has been dispatched."""

    def show(self, world: World, event: Body, now: datetime) -> Body:
        shown = super().show(world, event, now)
        return {name: shown[name] for name in shown if name != "dynamic_variables" or shown["status"] == "pending"}


class SettingsForgotten(Assistants):
    """Shows no call settings any more when an event has been dispatched."""

    def show(self, world: World, event: Body, now: datetime) -> Body:
        shown = super().show(world, event, now)
        return {name: shown[name] for name in shown if name != "call_settings" or shown["status"] == "pending"}


class SameConversation(Assistants):
    """Says of all calls that they are one conversation."""

    def conversation(self, event: Body) -> str:
        return "conversation"


class TextWithoutConversation(Assistants):
    """Forgets the conversation of an event that has ended."""

    def show(self, world: World, event: Body, now: datetime) -> Body:
        shown = super().show(world, event, now)
        return {name: shown[name] for name in shown if name != "conversation_id" or shown["status"] not in ENDED}


class SameCall(Assistants):
    """Says of all attempts that they are one call."""

    def attempt(self, number: int, at: datetime, outcome: Any) -> Body:
        return super().attempt(number, at, outcome) | {"telnyx_call_control_id": "v3:1"}


class DurationInMinutes(Assistants):
    """Shows of an event how many minutes its call took."""

    def show(self, world: World, event: Body, now: datetime) -> Body:
        shown = super().show(world, event, now)
        return shown | ({"call_duration": -(-shown["call_duration"] // 60)} if "call_duration" in shown else {})


class DurationOfNobody(Assistants):
    """Shows a duration of a call that nobody answered."""

    def show(self, world: World, event: Body, now: datetime) -> Body:
        shown = super().show(world, event, now)
        return shown | ({"call_duration": 60} if shown["status"] == "failed" and self.is_phone(event) else {})


class InProgressBetweenRetries(Assistants):
    """Says of an event that waits for its retry that it is in progress."""

    def status(self, event: Body, now: datetime) -> str:
        status = super().status(event, now)
        return "in_progress" if status == "pending" and event["dispatches"] else status


class FirstTimeInTheEnd(Assistants):
    """Shows the time that was asked for again when the last retry has ended."""

    def scheduled_at(self, event: Body, now: datetime) -> str:
        ended = self.status(event, now) in ENDED
        return write_instant(event["due"]) if ended else super().scheduled_at(event, now)


class ExpiredIsFine(Assistants):
    """Completes a text that was never sent."""

    def good(self) -> tuple[str, ...]:
        return (*super().good(), "expired", "sending_failed")


class AnyRegion(Assistants):
    """Takes a region that there is none of."""

    def checks(self) -> Any:
        return super().checks() | {"call_settings": lambda value: None if isinstance(value, dict) else ("type", "x")}


class ParametersCut(Assistants):
    """Cuts the parameters off a SIP URI."""

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        return shown | {"telnyx_end_user_target": shown["telnyx_end_user_target"].partition(";")[0]}


class NoTypeWithoutBody(Assistants):
    """Refuses to delete where a media type comes without a body, as the SDK sends it."""

    def delete(self, call: Call) -> Response:
        if "content-type" in call.request.headers and not call.raw:
            raise Refused(self.unreadable("nothing"))
        return super().delete(call)


class SendsForAnybody(Messages):
    """Sends messages of those who have no token."""

    def needs_token(self, request: Any) -> bool:
        return not request.url.path.endswith("/messages")


class RepeatedIsSentAgain(Messages):
    """Answers a repeated key as before, and sends the message again."""

    def repeat(self, call: Call, body: Any, kept: Any) -> Response:
        answer = super().repeat(call, body, kept)
        self.make(call, body, "SendMessage")
        return answer


class RefusedIsSent(Messages):
    """Sends what it refused as too early."""

    def check_rules(self, call: Call, body: Body, *, scheduling: bool) -> None:
        try:
            super().check_rules(call, body, scheduling=scheduling)
        except Refused:
            if body.get("webhook_url") and body.get("text"):
                self.make(call, body | {"send_at": None}, "SendMessage")
            raise


class CancelledToTheSecond(Messages):
    """Cancels a message that is less than a minute away."""

    def is_early_to_cancel(self, ahead: timedelta) -> bool:
        return ahead >= timedelta(seconds=59)


class QueryCut(Messages):
    """Calls a webhook without its query."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return tuple(url.partition("?")[0] for url in super().receivers(record))


class OwnHooksOff(Messages):
    """Takes it that a message that wants none of its profile's webhooks wants none of its own."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return () if record["body"].get("use_profile_webhooks") is False else super().receivers(record)


class RefusalIsReceipt(Messages):
    """Takes it for received that a receiver knows no such place."""

    def is_received(self, status: int) -> bool:
        return super().is_received(status) or 400 <= status < 500


class FailoverOnce(Messages):
    """Tries the failover address once."""

    def following(self, delivery: Delivery) -> Delivery | None:
        return None if delivery.place else super().following(delivery)


class PointerWithoutSlash(Messages):
    """Points with a name, which is no JSON pointer."""

    def error(self, code: str, detail: str, **source: str) -> Body:
        return super().error(code, detail, **{name: place.lstrip("/") for name, place in source.items()})


class QueueNeverLeft(Messages):
    """Shows until when a message may wait in the queue that it has left."""

    def valid_until(self, message: Record, now: datetime) -> str | None:
        return write_instant(message["due"] + timedelta(hours=1))


class NullRefused(Messages):
    """Refuses a send_at that is null, which the SDK allows."""

    def send_checks(self) -> Any:
        return super().send_checks() | {"send_at": self.checks()["send_at"]}


class Endless(TemPhone):
    """Lets a call go on for as long as anybody talks."""

    def dispatch(self, world: World, record: Record, at: datetime) -> None:
        asked = record["body"]
        record["body"] = asked | {"max_duration_seconds": 10**6}
        super().dispatch(world, record, at)
        record["body"] = asked


class ToTheMinute(TemPhone):
    """Starts a call when the minute begins that it is due in."""

    def start(self, record: Record) -> datetime:
        return super().start(record).replace(second=0)


class RefusedIsCalled(TemPhone):
    """Calls a contact of whom it said that there is none."""

    def schedule(self, call: Call) -> Response:
        try:
            return super().schedule(call)
        except Refused as refused:
            if refused.response.status_code == 404:
                self.make(call, self.body(call))
            raise


class ReadOnlyTaken(TemPhone):
    """Takes from the client when a call was made."""

    def show_created(self, record: Record) -> str:
        sent = record["body"].get("created_at")
        return write_instant(read_instant(sent)) if isinstance(sent, str) else super().show_created(record)


class MetadataInSnakes(TemPhone):
    """Writes the names in metadata in another way."""

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        named = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name): value for name, value in shown.get("metadata", {}).items()}
        return shown | ({"metadata": named} if "metadata" in shown else {})


PLAYED = "time: calls and texts as scripted"
TOLD = "webhooks: every end"
LATER = (
    Stranger(VariablesForgotten, PLAYED, "events.time.kept"),
    Stranger(SettingsForgotten, PLAYED, "events.time.kept"),
    Stranger(SameConversation, PLAYED, "events.time.conversation"),
    Stranger(TextWithoutConversation, PLAYED, "events.time.conversation"),
    Stranger(SameCall, PLAYED, "attempts.own-call"),
    Stranger(DurationInMinutes, PLAYED, "attempts.duration-of-event"),
    Stranger(DurationOfNobody, PLAYED, "attempts.duration-of-event"),
    Stranger(InProgressBetweenRetries, PLAYED, "events.time.waits-again"),
    Stranger(FirstTimeInTheEnd, PLAYED, "events.time.moved-by-retries"),
    Stranger(ExpiredIsFine, PLAYED, "events.time.ends"),
    Stranger(AnyRegion, "create: a region that is none", "requests.invalid-refused"),
    Stranger(ParametersCut, "create: SIP targets", "events.create.echo"),
    Stranger(NoTypeWithoutBody, "delete", "events.delete.done"),
    Stranger(SendsForAnybody, "send", "access."),
    Stranger(RepeatedIsSentAgain, TOLD, "webhooks.known"),
    Stranger(RefusedIsSent, TOLD, "webhooks.known"),
    Stranger(CancelledToTheSecond, "cancel in time", "messages.cancel.too-late"),
    Stranger(QueryCut, TOLD, "webhooks.known"),
    Stranger(OwnHooksOff, TOLD, "webhooks.told"),
    Stranger(RefusalIsReceipt, "webhooks: not taken", "webhooks.tried"),
    Stranger(FailoverOnce, "webhooks: not taken", "webhooks.again"),
    Stranger(PointerWithoutSlash, "schedule: text 1", "errors.pointer"),
    Stranger(QueueNeverLeft, "time: messages as scripted", "messages.time.out-of-queue"),
    Stranger(NullRefused, "send", "requests.valid-accepted"),
    Stranger(Endless, TOLD, "webhooks.call-length"),
    Stranger(ToTheMinute, TOLD, "webhooks.not-before-due"),
    Stranger(RefusedIsCalled, TOLD, "webhooks.known"),
    Stranger(ReadOnlyTaken, "schedule: what is not the client's", "calls.create.created-at"),
    Stranger(MetadataInSnakes, "schedule: everything", "calls.create.echo"),
)
