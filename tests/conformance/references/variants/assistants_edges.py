"""Assistants: the edges of pages, filters, deletes; instants, ids and errors as services of other makes have them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from ..assistants import Assistants, Event
from ..assistants_list import Query
from ..checks import Wrong, moment
from ..instants import read_instant, write_instant
from ..service import Call, Refused
from .catalogue import allowed

PARAMETERS = {"from_date", "to_date", "conversation_channel", "page[number]", "page[size]"}


@allowed
class PageBeyondIs422(Assistants):
    """A page beyond the last may be refused: that it is empty is nowhere said."""

    def page(self, rows: list[Event], query: Query) -> list[Event]:
        if 0 < self.offset(query) >= len(rows):
            raise Refused(self.beyond())
        return super().page(rows, query)

    def beyond(self) -> Response:
        return self.invalid([(["query", "page[number]"], "range", "a page that is there")])


@allowed
class PageBeyondIs404(PageBeyondIs422):
    """A page beyond the last may be called not found."""

    def beyond(self) -> Response:
        return self.detail(404, "Invalid page.")


@allowed
class InvertedRangeRefused(Assistants):
    """from_date after to_date may be refused rather than be an empty list."""

    def query(self, call: Call) -> Query:
        query = super().query(call)
        if query.start and query.end and query.start > query.end:
            raise Refused(self.invalid([(["query", "from_date"], "range", "before to_date")]))
        return query


@allowed
class UnknownQueryRefused(Assistants):
    """What an unknown query parameter does is not documented: it may be refused."""

    def query(self, call: Call) -> Query:
        unknown = sorted(set(call.request.query_params) - PARAMETERS)
        if unknown:
            raise Refused(self.invalid([(["query", name], "extra_forbidden", "left out") for name in unknown]))
        return super().query(call)


@allowed
class NaiveQueryRefused(Assistants):
    """A bound without an offset is no date-time, and may be refused."""

    def wrong_filters(self, sent: QueryParams) -> list[tuple[str, Wrong]]:
        found = dict(super().wrong_filters(sent))
        return [(name, moment(naive=False)(sent[name]) if "date" in name else wrong) for name, wrong in found.items()]


@allowed
class UnauthorizedWithoutBody(Assistants):
    """The body of a 401 is not documented: the challenge alone will do."""

    def unauthorized(self) -> Response:
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})


@allowed
class GoneIs410(Assistants):
    """What was deleted may be called gone."""

    def remove(self, call: Call, event: Event) -> None:
        super().remove(call, event)
        call.world.answers["gone", event["id"]] = True

    def find(self, call: Call) -> Event:
        if ("gone", call.values["event"]) in call.world.answers:
            raise Refused(self.detail(410, "It was deleted."))
        return super().find(call)


@allowed
class DeletedIs202(Assistants):
    """Deleting may be accepted: the SDKs take any success."""

    def deleted(self) -> Response:
        return self.json(202, {"status": "accepted"})


@allowed
class DeletesWhatIsNotThere(Assistants):
    """Deleting what is not there may be told as done: after it, nothing is there."""

    def delete(self, call: Call) -> Response:
        try:
            return super().delete(call)
        except Refused:
            return Response(status_code=204)


@allowed
class IdsThatNeedQuoting(Assistants):
    """An id is any string: it may need quoting in a path."""

    def new_id(self, call: Call) -> str:
        return f"évt {call.world.mint('event')[:13]}+%2F:=="


@allowed
class RetrievedLater(Assistants):
    """A new event may be retrieved after a while; that it is there at once is nowhere said."""

    def find(self, call: Call) -> Event:
        event = super().find(call)
        event["reads"] = event.get("reads", 0) + 1
        if event["reads"] == 1 and call.request.method == "GET":
            raise Refused(self.not_found(event["id"]))
        return event


@allowed
class ErrorsOfEachAttempt(Assistants):
    """errors may tell of every attempt that failed, also while a retry waits."""

    def failure(self, event: Event, now: datetime) -> list[str]:
        failed = [each for each in self.attempts(event, now) if each["call_status"] != "completed"]
        told = [f"Attempt {each['attempt_number']}: {each['call_status']}" for each in failed]
        return told if self.is_phone(event) else super().failure(event, now)


@allowed
class RetryCountedWhenTried(Assistants):
    """Whether a retry counts when it is due or when it is tried is not documented."""

    def retry_count(self, event: Event, now: datetime) -> int:
        return max(0, len(event["dispatches"]) - 1)


@allowed
class EndsAtOnce(Assistants):
    """How long a line rings and a call is talked is nobody's promise: it may be no time at all."""

    def steps(self, outcome: Any) -> list[tuple[float, str]]:
        return [(0.0, "ringing" if outcome["status"] == "stuck" else outcome["status"])]

    def talk(self, outcome: Any) -> float:
        return 0.0


@allowed
class ShownAtAnotherOffset(Assistants):
    """An instant may be shown at any offset."""

    def time_text(self, sent: str) -> str:
        return read_instant(sent).astimezone(timezone(timedelta(hours=-5))).isoformat()


@allowed
class ShownToTheNanosecond(Assistants):
    """The seconds of a date-time may have any number of digits."""

    def time_text(self, sent: str) -> str:
        return read_instant(sent).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


@allowed
class CreatedMomentsLater(Assistants):
    """created_at is taken when the event is stored, moments after the request."""

    def show_created(self, event: Event) -> str:
        return write_instant(event["created"] + timedelta(milliseconds=137))


@allowed
class FirstFindingAlone(Assistants):
    """A validation error may tell the first thing that is wrong, and no more."""

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        return super().invalid(wrong[:1])


@allowed
class HeadIs405(Assistants):
    """No document speaks of HEAD: it may be no method of a path."""

    def operate(self, call: Call, operations: Any) -> Response:
        head = call.request.method == "HEAD"
        return self.no_method(sorted(operations)) if head else super().operate(call, operations)


@allowed
class DeletedStillListed(Assistants):
    """The list may follow after a while; that what was deleted is not listed at once is nowhere said."""

    def remove(self, call: Call, event: Event) -> None:
        super().remove(call, event)
        call.world.answers["still listed", event["id"]] = event

    def rows(self, call: Call) -> list[Event]:
        late = [key for key in call.world.answers if key[0] == "still listed"]
        rows = [call.world.answers[key] for key in late]
        mine = [row for row in rows if self.is_listed(row, call.values["assistant"])]
        for row in mine:
            del call.world.answers["still listed", row["id"]]
        return super().rows(call) + mine


@allowed
class LatestAttemptFirst(Assistants):
    """Attempts have numbers, and no order of the list is documented."""

    def attempts(self, event: Event, now: datetime) -> list[Event]:
        return super().attempts(event, now)[::-1]


@allowed
class TooLongForTheGateway(Assistants):
    """A path may be too long for what stands in front, whose words for it are its own."""

    async def answer(self, request: Request) -> Response:
        longest = 300 if "/scheduled_events/" in request.scope["path"] else 4_000
        if len(request.scope["path"]) > longest:
            return Response("URI Too Long", 414, media_type="text/plain")
        return await super().answer(request)
