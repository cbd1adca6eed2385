"""Messages: what the document and the guides leave open, decided otherwise."""

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from ..instants import read_instant, write_instant
from ..messages import Messages
from ..messages_rules import Body, Broken
from ..outbox import Delivery, Record
from ..service import Call
from ..world import Timer, World
from .catalogue import allowed


@allowed
class ScheduledWhenRetrieved(Messages):
    """A message that waits may be retrieved as scheduled, as the guide shows it."""

    def retrieve(self, call: Call) -> Response:
        message = self.find(call)
        shown = self.show(message, call.now)
        if message["dispatched"] is None and message["cancelled"] is None and message["body"].get("send_at"):
            shown["to"][0]["status"] = "scheduled"
        return self.json(200, {"data": shown})


@allowed
class NoTimeIsNow(Messages):
    """What scheduling without send_at does is not documented: the schema allows it."""

    def no_time(self) -> Broken:
        return None


@allowed
class CancelErrorAlone(Messages):
    """A cancellation that is refused may be one bare error, as its page shows."""

    def refuse_cancel(self, status: int, code: str, words: str) -> Response:
        return self.json(status, self.error(code, words))

    def retrieve(self, call: Call) -> Response:
        found = call.world.records.get(call.values["message"])
        if found is None:
            return self.errors(404, self.error("40303", "There is no such message."))
        return super().retrieve(call)

    def is_too_old(self, message: Record, now: datetime) -> bool:
        return False


@allowed
class CancelErrorListed(Messages):
    """A cancellation that is refused may be a list of errors, as all other refusals are."""

    def refuse_cancel(self, status: int, code: str, words: str) -> Response:
        return self.errors(status, self.error(code, words))


@allowed
class NullsWhereAllowed(Messages):
    """What may be null may be shown as null."""

    def show(self, message: Record, now: datetime) -> Record:
        names = (
            "subject",
            "webhook_url",
            "webhook_failover_url",
            "cost_breakdown",
            "tcr_campaign_id",
            "send_at",
            "wait_seconds",
        )
        return dict.fromkeys(names) | super().show(message, now) | {"cost": None}


@allowed
class FewerMessageFields(Messages):
    """What is not required may be left out."""

    def show(self, message: Record, now: datetime) -> Record:
        left_out = ("cc", "tags", "cost", "valid_until")
        return {name: value for name, value in super().show(message, now).items() if name not in left_out}


@allowed
class MoreMessageFields(Messages):
    """A message may have fields that the document does not list."""

    def show(self, message: Record, now: datetime) -> Record:
        more = {"organization_id": "b448f9cc-a842-4784-98e9-03c1a5872950", "smart_encoding_applied": False, "links": []}
        return super().show(message, now) | more


@allowed
class ToldOutOfOrder(Messages):
    """Webhooks come in no order: that a message was sent may be told after its end."""

    async def deliver(self, world: World, record: Record, timer: Timer) -> None:
        delivery: Delivery = timer.data
        if delivery.event == "message.sent" and timer.due < delivery.at + timedelta(seconds=5):
            world.plan(delivery.at + timedelta(seconds=5), "deliver", record["id"], delivery)
            return
        await super().deliver(world, record, timer)


@allowed
class ToldAgain(Messages):
    """Webhooks come at least once: the same event, by its id, may come again."""

    async def deliver(self, world: World, record: Record, timer: Timer) -> None:
        await super().deliver(world, record, timer)
        again = timer.data.attempt == 1 and timer.due == timer.data.at
        if again and timer.data.event == "message.finalized":
            world.plan(timer.due + timedelta(milliseconds=500), "deliver", record["id"], timer.data)


@allowed
class ToldLater(Messages):
    """A webhook may be on its way for some seconds."""

    def announce(self, world: World, record: Record, event: str, at: datetime) -> None:
        urls = self.receivers(record)
        if urls:
            world.plan(
                at + timedelta(seconds=2), "deliver", record["id"], Delivery(event, world.mint("webhook"), at, urls)
            )


@allowed
class OccurredWithOffset(Messages):
    """UTC may be written +00:00, as in the guide's sample."""

    def occurred_at(self, delivery: Delivery) -> str:
        return delivery.at.isoformat(timespec="milliseconds")


@allowed
class LongerPauses(Messages):
    """How long the pauses between attempts are is not documented."""

    def delay(self, delivery: Delivery) -> Any:
        return timedelta(seconds=5 * 3 ** (delivery.attempt - 1))


@allowed
class HookWithMore(Messages):
    """A webhook may have more headers."""

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        more = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "telnyx-webhooks/2", "X-Trace": "1"}
        return super().webhook_headers(world, body) | more


@allowed
class SlowerDelivery(Messages):
    """When a message is sent is accurate to a minute, and when it is delivered nobody's promise."""

    def story(self, outcome: str) -> list[tuple[float, str]]:
        return [(after * 10, status) for after, status in super().story(outcome)]


@allowed
class WithinASecond(Messages):
    """How long a message is in each status is nobody's promise."""

    def story(self, outcome: str) -> list[tuple[float, str]]:
        return [(after / 20, status) for after, status in super().story(outcome)]


@allowed
class SentByMinute(Messages):
    """When a message is sent is accurate to a minute, says its description."""

    def first(self, message: Record) -> datetime:
        due = super().first(message)
        late = message["body"].get("send_at") is not None and due.second > 0
        return due.replace(second=0, microsecond=0) + timedelta(minutes=1) if late else due


@allowed
class WideIsCalledUtf16(Messages):
    """The guides call the wide encoding UCS-2 and UTF-16."""

    def show_encoding(self, body: Body) -> str:
        return super().show_encoding(body).replace("UCS-2", "UTF-16")


@allowed
class NonsenseIs404(Messages):
    """An id that is none leads to no message."""

    def wrong_id(self) -> Response:
        return self.not_found("that")


@allowed
class InvalidIs422Here(Messages):
    """Which of the 4XX a refusal has is hardly documented."""

    def invalid(self, wrong: list[tuple[str, str, str]]) -> Response:
        response = super().invalid(wrong)
        response.status_code = 422
        return response


@allowed
class OtherCodes(Messages):
    """Which code a refusal has is hardly documented."""

    def broken_rule(self, body: Body, now: datetime, *, scheduling: bool) -> Broken:
        broken = super().broken_rule(body, now, scheduling=scheduling)
        return broken and (400, "10015", broken[2], "That cannot be sent: " + broken[3])


@allowed
class RefusalsInShort(Messages):
    """An error needs a code and a title, no more."""

    def error(self, code: str, detail: str, **source: str) -> dict[str, Any]:
        whole = super().error(code, detail, **source)
        return {name: whole[name] for name in ("code", "title")}


@allowed
class SendAtInUtc(Messages):
    """An instant may be shown in UTC, whatever offset it was sent with."""

    def show_send_at(self, sent: str) -> str:
        return write_instant(read_instant(sent))


@allowed
class CarrierUnknown(Messages):
    """A number's carrier may be unknown."""

    def show_to(self, message: Record, now: datetime) -> list[Record]:
        return [to | {"carrier": "", "line_type": ""} for to in super().show_to(message, now)]


@allowed
class AnyNameSends(Messages):
    """A sender's form is looked at when it is known, or not at all."""

    def wrong_alphanumeric(self, body: Body, sender: str) -> Broken:
        return self.no_profile() if body.get("messaging_profile_id") is None and len(sender) <= 11 else None


@allowed
class UpperCaseIds(Messages):
    """A UUID may be written in capitals."""

    def show(self, message: Record, now: datetime) -> Record:
        shown = super().show(message, now)
        return shown | {"id": shown["id"].upper()}
