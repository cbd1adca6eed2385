"""Messages: more of what the document, the guides and HTTP leave open, as services of other makes decide it."""

from datetime import datetime
from typing import Any

from starlette.responses import PlainTextResponse, Response

from ..messages import Messages
from ..messages_rules import Body
from ..outbox import Record
from .catalogue import allowed


@allowed
class NoRecordType(Messages):
    """record_type and direction are not required of the answer to scheduling."""

    def accepted(self, message: Record, now: datetime) -> Response:
        shown = self.show(message, now)
        data = {name: value for name, value in shown.items() if name not in ("record_type", "direction")}
        return self.json(200, {"data": data})


@allowed
class EncodingInOtherLetters(Messages):
    """How an encoding is written is not documented."""

    def show_encoding(self, body: Body) -> str:
        return super().show_encoding(body).replace("-", "")


@allowed
class NonsenseIsUnknownId(Messages):
    """An id that is none may be called so with a 404."""

    def wrong_id(self) -> Response:
        return self.errors(404, self.error("10006", "The id is not a UUID.", parameter="id"))


@allowed
class CostComesLater(Messages):
    """A cost may be null until the message has ended."""

    def show(self, message: Record, now: datetime) -> Record:
        shown = super().show(message, now)
        return shown if shown["completed_at"] or message["cancelled"] else shown | {"cost": None}


@allowed
class MessagesNowhereInPlainWords(Messages):
    """What is said of a path or method that is not there is not documented."""

    def no_route(self) -> Response:
        return PlainTextResponse("Not Found", 404)

    def no_method(self, allowed: list[str]) -> Response:
        return PlainTextResponse("Method Not Allowed", 405, self.allow(allowed))


@allowed
class WaitsMoved(Messages):
    """wait_seconds is an estimate, and may be another in every answer."""

    answers = 0

    def show(self, message: Record, now: datetime) -> Record:
        self.answers += 1
        return super().show(message, now) | {"wait_seconds": self.answers / 8}


@allowed
class TaggedByTheVendor(Messages):
    """tags, the campaign and the organisation are the vendor's to fill in."""

    def show(self, message: Record, now: datetime) -> Record:
        more: dict[str, Any] = {"tags": ["transactional"], "tcr_campaign_id": None, "tcr_campaign_billable": False}
        more |= {"organization_id": "b448f9cc-a842-4784-98e9-03c1a5872950", "smart_encoding_applied": False}
        return super().show(message, now) | more
