"""Assistants: what the document, the guide and the SDKs leave open, decided otherwise."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from ..assistants import Assistants, Body, Event
from ..checks import Check, moment, text
from ..service import Call, Refused
from ..world import World
from .catalogue import allowed


@allowed
class LatestFirst(Assistants):
    """No order of lists is documented: the latest may come first."""

    def order(self, row: Event) -> Any:
        return -row["due"].timestamp(), row["id"]


@allowed
class ListedByCreation(Assistants):
    """No order of lists is documented: it may be that of creation."""

    def order(self, row: Event) -> Any:
        return row["created"], row["id"]


@allowed
class ListedLater(Assistants):
    """A new event may come into the list after a while; that it is there at once is nowhere said."""

    def rows(self, call: Call) -> list[Event]:
        rows = super().rows(call)
        for row in rows:
            row["reads"] = row.get("reads", 0) + 1
        return [row for row in rows if row["reads"] > 2]


@allowed
class MoreFields(Assistants):
    """An event may have fields that the document does not list."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        more = {"record_type": "scheduled_event", "organization_id": "o-1", "links": {"self": None}}
        return super().show(world, event, now) | more


@allowed
class FewerFields(Assistants):
    """What is not required may be left out while it says nothing."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        defaults = {"retry_count": 0, "max_retries_client_errors": 0}
        return {name: value for name, value in shown.items() if name not in defaults or value != defaults[name]}


@allowed
class EmptyListsShown(Assistants):
    """Lists may be shown while they are empty."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        lists: Event = {"errors": []} | ({"call_attempts": []} if self.is_phone(event) else {})
        return lists | super().show(world, event, now)


@allowed
class OtherEventIds(Assistants):
    """An id is any string."""

    def new_id(self, call: Call) -> str:
        return f"sched_{super().new_id(call)[:13]}~1"


@allowed
class NumberedIds(Assistants):
    """An id is any string, digits too."""

    def new_id(self, call: Call) -> str:
        call.world.minted += 1
        return str(1_000_000 + call.world.minted)


@allowed
class OnePageOfNothing(Assistants):
    """Whether an empty list has no page or one is not documented."""

    def total_pages(self, total: int, size: int) -> int:
        return max(1, super().total_pages(total, size))


@allowed
class DeletedIs200(Assistants):
    """Deleting may answer 200 with a body: the SDKs take either, and 204 is assumed."""

    def deleted(self) -> Response:
        return self.json(200, {"deleted": True})


@allowed
class DeleteIsRepeatable(Assistants):
    """Deleting again what was deleted may be no error."""

    def remove(self, call: Call, event: Event) -> None:
        super().remove(call, event)
        call.world.answers["deleted", event["id"]] = event["assistant"]

    def delete(self, call: Call) -> Response:
        gone = call.world.answers.get(("deleted", call.values["event"])) == call.values["assistant"]
        return self.deleted() if gone else super().delete(call)


@allowed
class NotFoundByGateway(Assistants):
    """The body of a 404 is not documented: it may be the gateway's."""

    def not_found(self, name: str) -> Response:
        return self.errors(404, self.error("10005", f"There is no event {name}."))


@allowed
class NotFoundAtLength(Assistants):
    """The text of a 404 is not documented."""

    def not_found(self, name: str) -> Response:
        return self.detail(404, "The scheduled event that you are looking for could not be found, or is not yours.")


@allowed
class UnauthorizedInShort(Assistants):
    """An error needs a code and a title, no more."""

    def unauthorized(self) -> Response:
        brief = {"code": "10009", "title": "Authentication failed"}
        return self.errors(401, brief, headers={"WWW-Authenticate": "Bearer"})


@allowed
class RulesInDetail(Assistants):
    """detail of a 400 may be an object, as in the vendor's note on D13."""

    def detail(self, status: int, why: str) -> Response:
        return self.json(status, {"detail": {"code": "D01", "message": why}})


@allowed
class RulesByGateway(Assistants):
    """The body of a 400 is not documented: it may be the gateway's."""

    def detail(self, status: int, why: str) -> Response:
        return self.errors(status, self.error("10015", why))


@allowed
class PastIs422(Assistants):
    """The guide asks for a future time and names no status."""

    def check_rules(self, call: Call, body: Body) -> None:
        if self.is_past(self.instant(body), call.now):
            raise Refused(self.invalid([(["body", "scheduled_at_fixed_datetime"], "value_error", "in the future")]))
        super().check_rules(call, body)


@allowed
class MissingIntervalIs422(Assistants):
    """The guide asks for an interval with retries and names no status."""

    def check_rules(self, call: Call, body: Body) -> None:
        phone = body["telnyx_conversation_channel"] == "phone_call"
        if phone and self.retries(body) and "retry_interval_secs" not in body:
            raise Refused(self.invalid([(["body", "retry_interval_secs"], "missing", "required")]))
        super().check_rules(call, body)


@allowed
class MissingTextIs400(Assistants):
    """That an SMS needs a text is said without a status."""

    def valid(self, call: Call) -> Body:
        body = self.body(call)
        found = isinstance(body, dict) and self.wrong_fields(body, self.required, self.checks())
        if found == [] and body["telnyx_conversation_channel"] == "sms_chat" and self.lacks_text(body):
            raise Refused(self.detail(400, "text is required for SMS"))
        return super().valid(call)


@allowed
class NaiveRefused(Assistants):
    """A time without an offset is no date-time, and may be refused."""

    def checks(self) -> dict[str, Check]:
        return super().checks() | {"scheduled_at_fixed_datetime": moment(naive=False)}


@allowed
class KeyHoldsForever(Assistants):
    """A key holds for up to 24 hours; that it is forgotten then is no promise."""

    def is_fresh(self, at: datetime, now: datetime) -> bool:
        return True


@allowed
class MediaTypeIs415(Assistants):
    """A wrong media type is answered 415 by most."""

    def wrong_media_type(self, header: str) -> Response:
        return self.errors(415, self.error("10029", "Send the body as application/json."))


@allowed
class MalformedIs400(Assistants):
    """A body that is not JSON may be refused by the gateway, with 400."""

    def unreadable(self, why: str) -> Response:
        return self.errors(400, self.error("10023", why))


@allowed
class EmptyTargetsRefused(Assistants):
    """An empty target leads nowhere and may be refused."""

    def checks(self) -> dict[str, Check]:
        return super().checks() | {"telnyx_end_user_target": text(1), "telnyx_agent_target": text(1)}


@allowed
class FindingsInFull(Assistants):
    """A validation error may say more: what was sent, and a link."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return super().finding(place, kind, why) | {
            "input": None,
            "ctx": {"error": why},
            "url": "https://errors.example",
        }


@allowed
class PlaceOfCreated(Assistants):
    """A 201 may say where the new thing is."""

    def created(self, call: Call, event: Event) -> Response:
        response = super().created(call, event)
        response.headers["location"] = f"{call.request.scope['path']}/{event['id']}"
        return response
