"""All providers: what is left out, limited, cut or told besides, where the documents are silent."""

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from starlette.responses import Response

from .. import message_text
from ..assistants import Assistants, Event
from ..checks import Check, integer, moment
from ..instants import read_instant, write_instant
from ..messages import Body, Messages
from ..outbox import Record
from ..service import Call, Kept, Refused
from ..temphone import TemPhone
from ..world import World
from .catalogue import allowed

GREEK = frozenset("ÇΔΦΓΛΩΠΨΣΘΞ")


def whole(text: str) -> str:
    """Return an instant without its fraction of a second."""
    return write_instant(read_instant(text).replace(microsecond=0))


@allowed
class PendingIsUnsaid(Assistants):
    """status is not required, and pending is its default."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        return {name: value for name, value in shown.items() if (name, value) != ("status", "pending")}


@allowed
class ErrorsBesideDetail(Assistants):
    """A validation error may have members that the document does not list."""

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        found = [self.finding(place, kind, why) for place, kind, why in wrong]
        return self.json(422, {"detail": found, "errors": [], "request_id": "r-1"})


@allowed
class NotFoundWithoutBody(Assistants):
    """The body of a 404 is not documented: there may be none."""

    def not_found(self, name: str) -> Response:
        return Response(status_code=404)


@allowed
class CapitalsAlone(Assistants):
    """An instant is formatted as ISO 8601, says its description, which has capital letters."""

    def checks(self) -> dict[str, Check]:
        def check(value: Any) -> tuple[str, str] | None:
            return moment()(value) or (("format", "a date-time") if re.search("[tz]", value) else None)

        return super().checks() | {"scheduled_at_fixed_datetime": check}


@allowed
class EventsInWholeSeconds(Assistants):
    """The seconds of an instant may be whole."""

    def time_text(self, sent: str) -> str:
        return whole(sent)


@allowed
class KeyOfTheToken(Assistants):
    """The same key with another request is refused: what is asked of another assistant is another one."""

    def slot(self, call: Call, key: str) -> Any:
        return key

    def repeat(self, call: Call, body: Any, kept: Kept) -> Response:
        if call.world.records[kept.record]["assistant"] != call.values["assistant"]:
            raise Refused(self.key_taken())
        return super().repeat(call, body, kept)


@allowed
class KeyOfTheBytes(Assistants):
    """Whether a request is the same that is written otherwise is not said."""

    written = b""

    def body(self, call: Call) -> Any:
        self.written = call.raw
        return super().body(call)

    def fingerprint(self, body: Any) -> str:
        return self.written.decode("utf-8", "replace")


@allowed
class NoCenturiesAhead(Assistants):
    """How far ahead an event may be is not said: a calendar has an end."""

    def broken_rule(self, body: Body, due: datetime, now: datetime) -> str | None:
        return super().broken_rule(body, due, now) or ("too far" if due - now > timedelta(days=3_700) else None)


@allowed
class SendAtByMinute(Messages):
    """send_at is accurate up till a minute, says its description."""

    def show_send_at(self, sent: str) -> str:
        return write_instant(read_instant(sent).replace(second=0, microsecond=0))


@allowed
class GreekIsWide(Messages):
    """The guide has two tables of GSM-7, one of them without Greek capitals."""

    def is_gsm(self, text: str) -> bool:
        return super().is_gsm(text) and GREEK.isdisjoint(text)


@allowed
class EscapesAreNotParted(Messages):
    """GSM 03.38 keeps the two septets of a character in one part."""

    def parts(self, text: str, wide: bool) -> int:
        if wide or self.gsm_units(text) <= 160:
            return super().parts(text, wide)
        parts, filled = 1, 0
        for letter in text:
            unit = 1 + (letter in message_text.EXTENSION)
            parts, filled = (parts + 1, unit) if filled + unit > 153 else (parts, filled + unit)
        return parts


@allowed
class AllAtOneInstant(Messages):
    """How long a message is in each status is nobody's promise: it may be no time at all."""

    def story(self, outcome: str) -> list[tuple[float, str]]:
        return [(0.0, status) for _, status in super().story(outcome)]


@allowed
class CallerOfTheAccount(TemPhone):
    """A caller or a campaign that was not sent may be the account's."""

    def echo(self, body: Body) -> Record:
        return {"caller_id": "+14155550100", "campaign_id": "camp_always"} | super().echo(body)


@allowed
class CallHasAnId(TemPhone):
    """A call may have fields that the page does not list, an id of the database among them."""

    def show(self, record: Record, now: datetime) -> Record:
        return {"id": 7, "object": "call"} | super().show(record, now)


@allowed
class CallsOfAnHour(TemPhone):
    """The page names no bounds of a duration: there may be some."""

    def checks(self) -> dict[str, Check]:
        return super().checks() | {"max_duration_seconds": integer(30, 3_600)}


@allowed
class CallsInWholeSeconds(TemPhone):
    """The seconds of an instant may be whole, as in the page's sample."""

    def show_scheduled(self, record: Record) -> str:
        return whole(super().show_scheduled(record))


@allowed
class SchedulingIsTold(TemPhone):
    """The page names started, completed and failed as examples: more may be told."""

    def make(self, call: Call, body: Body) -> Record:
        record = super().make(call, body)
        self.announce(call.world, record, "call.scheduled", call.now)
        return record


@allowed
class ToldByStatus(TemPhone):
    """How events are called is not on the page: it may be as the status is."""

    def event_of(self, status: str) -> str:
        return status


@allowed
class StartedWhenAnswered(TemPhone):
    """A call that nobody answered need not have been started."""

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        answered = [after for after, line in self.steps(record["outcome"]) if line == "in-progress"]
        if status != "in_progress":
            super().tell(world, record, status, at)
        elif answered:
            super().tell(world, record, status, at + timedelta(seconds=answered[0]))


@allowed
class CallsAreListed(TemPhone):
    """There may be operations that the page does not show."""

    routes: ClassVar[Any] = ((r"/calls/scheduled", {"POST": "schedule", "GET": "list_calls"}),)

    def list_calls(self, call: Call) -> Response:
        shown = [self.show(record, call.now) for record in call.world.records.values()]
        return self.json(200, {"status": "success", "message": "Scheduled calls.", "data": shown})


@allowed
class NowAndThenUnable(TemPhone):
    """The page has a 500 that asks for the request again."""

    asked = 0

    def schedule(self, call: Call) -> Response:
        self.asked += 1
        if self.asked % 30 == 29:
            return self.refusal(500, "Unable to schedule call at this time. Please retry.")
        return super().schedule(call)
