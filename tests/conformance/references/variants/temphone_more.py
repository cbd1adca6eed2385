"""TemPhone: more of what the page leaves open, as services of other makes decide it."""

from datetime import timedelta
from typing import Any

from starlette.responses import PlainTextResponse, Response

from ..checks import Check, integer, text
from ..instants import write_instant
from ..outbox import Record
from ..service import Call
from ..temphone import TemPhone
from ..world import World
from .catalogue import allowed


@allowed
class NullsForUnset(TemPhone):
    """Whether a field that was not sent is absent or null is not said."""

    def echo(self, body: Record) -> Record:
        return dict.fromkeys(("campaign_id", "caller_id", "metadata", "webhook_url")) | super().echo(body)

    def defaults(self, body: Record) -> Record:
        return super().defaults(body) | {"max_duration_seconds": body.get("max_duration_seconds")}


@allowed
class IdsOfAnotherForm(TemPhone):
    """The page shows ids and prescribes no form."""

    def new_id(self, call: Call) -> str:
        return call.world.mint("call").upper()


@allowed
class StampsApart(TemPhone):
    """created_at and updated_at are taken one after the other, with fractions of a second."""

    def show_updated(self, record: Record, now: Any) -> str:
        if record["dispatched"] is None:
            return write_instant(record["created"] + timedelta(microseconds=40))
        return super().show_updated(record, now)


@allowed
class FieldsAnyhow(TemPhone):
    """The page has words for scheduled_at alone: others may be said to be wrong in any way."""

    def field_words(self, name: str) -> str:
        return super().field_words(name) if name == "scheduled_at" else f"Validation failed: {name} is invalid."


@allowed
class CallsNowhereInPlainWords(TemPhone):
    """What is said of a path or method that is not there is not on the page."""

    def no_route(self) -> Response:
        return PlainTextResponse("Not Found", 404)

    def no_method(self, allowed: list[str]) -> Response:
        return PlainTextResponse("Method Not Allowed", 405, {"Allow": ", ".join(allowed)})


@allowed
class NoBoundsAtAll(TemPhone):
    """The page names no bounds: no shortest duration, no empty text, no form of a URL."""

    def checks(self) -> dict[str, Check]:
        unbound: dict[str, Check] = dict.fromkeys(("contact_id", "initial_message", "webhook_url"), text())
        return super().checks() | unbound | {"max_duration_seconds": integer()}

    def is_contact(self, contact: str) -> bool:
        return contact == "" or super().is_contact(contact)

    def receivers(self, record: Record) -> tuple[str, ...]:
        return tuple(url for url in super().receivers(record) if url.startswith("http"))


@allowed
class FewContacts(TemPhone):
    """Which contacts there are is the account's matter; the page's own is there."""

    def is_contact(self, contact: str) -> bool:
        return contact == "ctc_12kd88"


@allowed
class CallsWithFullStory(TemPhone):
    """A webhook may say more than the page lets one guess."""

    def webhook(self, world: World, record: Record, delivery: Any) -> Any:
        return super().webhook(world, record, delivery) | {"id": f"evt_{record['id']}", "api_version": "2026-01"}
