"""Assistants: more of what the document, the guide and HTTP leave open, as services of other makes decide it."""

import re
from datetime import datetime
from typing import Any

from starlette.responses import PlainTextResponse, Response

from ..assistants import Assistants, Event
from ..service import Call, Refused
from ..world import World
from .catalogue import allowed

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SAFE = 2**53


@allowed
class MetadataOfTheVendor(Assistants):
    """Telnyx provides several pieces of metadata, says its description: the customer's own are among them."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        own = {"telnyx_conversation_channel": shown["telnyx_conversation_channel"]}
        own |= {"telnyx_dispatches": len(event["dispatches"])} if event["dispatches"] else {}
        return shown | {"conversation_metadata": own | shown.get("conversation_metadata", {})}


@allowed
class PlaceWithoutBody(Assistants):
    """Where loc begins is not documented: it may name the field alone."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return super().finding(place[1:] or place, kind, why)


@allowed
class MissingTextIsOfTheBody(Assistants):
    """That an SMS needs a text is a rule of the whole body, and its loc may be the body."""

    def finding(self, place: list[str], kind: str, why: str) -> Any:
        return super().finding(["body"] if place == ["body", "text"] and kind == "missing" else place, kind, why)


@allowed
class NoUuidIs400(Assistants):
    """An id that is none may be refused as malformed rather than not found."""

    def find(self, call: Call) -> Event:
        if not re.fullmatch(UUID, call.values["event"]):
            raise Refused(self.detail(400, "event_id must be a UUID"))
        return super().find(call)


@allowed
class DurationInAttemptsAlone(Assistants):
    """call_duration of the event is not required: the attempt has it."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        shown.pop("call_duration", None)
        return shown


@allowed
class ProblemsInDetail(Assistants):
    """The form of a 400 and of a 404 is not documented: it may be that of RFC 9457."""

    def detail(self, status: int, why: str) -> Response:
        problem = {"type": "about:blank", "title": "Refused", "status": status, "detail": why}
        return Response(self.render(problem), status, media_type="application/problem+json")


@allowed
class RulesInAList(Assistants):
    """The form of a 400 is not documented: detail may be a list of what is wrong."""

    def detail(self, status: int, why: str) -> Response:
        return self.json(status, {"detail": [self.finding(["body"], "value_error", why)]})


@allowed
class UnauthorizedInDetail(Assistants):
    """The body of a 401 is not documented: it may be the service's."""

    def unauthorized(self) -> Response:
        return self.json(401, {"detail": "Not authenticated"}, {"WWW-Authenticate": "Bearer"})


@allowed
class NowhereInPlainWords(Assistants):
    """What is said of a path or method that is not there is not documented."""

    def no_route(self) -> Response:
        return PlainTextResponse("Not Found", 404)

    def no_method(self, allowed: list[str]) -> Response:
        return PlainTextResponse("Method Not Allowed", 405, self.allow(allowed))


@allowed
class NothingShownInTheList(Assistants):
    """What says nothing may be shown in one answer and left out in another."""

    def show_listed(self, world: World, row: Event, now: datetime) -> Event:
        shown = super().show_listed(world, row, now)
        empty = {"errors": [], "conversation_metadata": {}, "dynamic_variables": {}}
        if shown["telnyx_conversation_channel"] == "phone_call":
            empty |= {"call_attempts": []}
        return empty | shown


@allowed
class BigNumbersRounded(Assistants):
    """Integers beyond 2**53 do not interoperate, says RFC 8259: they may lose digits."""

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        if "conversation_metadata" in shown:
            shown["conversation_metadata"] = {
                name: int(float(value)) if isinstance(value, int) and abs(value) > SAFE else value
                for name, value in shown["conversation_metadata"].items()
            }
        return shown


@allowed
class DurationOfTheEventAlone(Assistants):
    """call_duration of an attempt is not required: the event has it."""

    def duration(self, outcome: Any) -> Event:
        return {}

    def show(self, world: World, event: Event, now: datetime) -> Event:
        shown = super().show(world, event, now)
        if shown["status"] == "completed" and event["dispatches"] and self.is_phone(event):
            outcome = event["dispatches"][-1][1]
            shown |= {"call_duration": int(self.talk(outcome))}
        return shown
