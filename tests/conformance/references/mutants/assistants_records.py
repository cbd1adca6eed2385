"""Assistants: retrieving and deleting that do something else, and keys that do not hold."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from ..assistants import Assistants, Event
from ..service import Call, Kept
from .catalogue import breaks


@breaks("spec", "several")
class RetrieveEnveloped(Assistants):
    """Retrieving answers the bare event."""

    def retrieve(self, call: Call) -> Response:
        return self.json(200, {"data": self.show(call.world, self.find(call), call.now)})


@breaks("sense")
class UnknownEventIsNull(Assistants):
    """An event that is not there is not found."""

    def not_found(self, name: str) -> Response:
        return self.json(200, None)


@breaks("http")
class UnknownEventCrashes(Assistants):
    """An event that is not there is no server error."""

    def not_found(self, name: str) -> Response:
        return self.json(500, {"detail": "Internal Server Error"})


@breaks("sense", "several")
class EventOfOtherAssistantShown(Assistants):
    """An event is found under its own assistant only."""

    def retrieve(self, call: Call) -> Response:
        event = call.world.records.get(call.values["event"])
        return self.json(200, self.show(call.world, event, call.now)) if event else super().retrieve(call)


@breaks("sense", "several")
class EventOfOtherTokenShown(Assistants):
    """One customer's event is not shown to another."""

    def find(self, call: Call) -> Event:
        for world in self.worlds.values():
            event = world.records.get(call.values["event"])
            if event is not None and self.belongs(event, call.values["assistant"]):
                return event
        return super().find(call)


@breaks("sdk", "several")
class DeleteDoesNothing(Assistants):
    """A deleted event is gone."""

    def remove(self, call: Call, event: Event) -> None:
        return None


@breaks("sense", "several")
class DeletedIsStillListed(Assistants):
    """A deleted event is in no list."""

    def remove(self, call: Call, event: Event) -> None:
        event["deleted"] = True

    def find(self, call: Call) -> Event:
        event = super().find(call)
        if event.get("deleted"):
            event = super().find(Call(call.world, call.request, call.raw, call.values | {"event": "gone"}))
        return event


@breaks("sense", "several")
class DeletedIsStillShown(Assistants):
    """A deleted event cannot be retrieved."""

    def remove(self, call: Call, event: Event) -> None:
        event["deleted"] = True

    def rows(self, call: Call) -> list[Event]:
        return [row for row in super().rows(call) if not row.get("deleted")]


@breaks("sense", "several")
class DeleteOfOtherAssistant(Assistants):
    """An event is deleted under its own assistant only."""

    def delete(self, call: Call) -> Response:
        event = call.world.records.get(call.values["event"])
        if event is None:
            return super().delete(call)
        self.remove(call, event)
        return self.deleted()


@breaks("sense", "several")
class DeleteTakesNeighbours(Assistants):
    """Deleting an event leaves the assistant's others."""

    def remove(self, call: Call, event: Event) -> None:
        for name, other in list(call.world.records.items()):
            if self.belongs(other, event["assistant"]):
                del call.world.records[name]


@breaks("sdk", "several")
class DeleteIsAccepted202(Assistants):
    """Deleting is done when it is answered."""

    def deleted(self) -> Response:
        return Response(status_code=202)


@breaks("sense", "clock")
class DeleteRefusedWhenOver(Assistants):
    """An event that is over can be deleted, too, say the SDKs."""

    def remove(self, call: Call, event: Event) -> None:
        if self.status(event, call.now) == "pending":
            super().remove(call, event)


# Keys


@breaks("sdk", "several")
class KeyIgnored(Assistants):
    """The same request with the same key makes one event."""

    def key_of(self, call: Call) -> str | None:
        super().key_of(call)
        return None


@breaks("sdk", "several")
class KeyRepeatsOther(Assistants):
    """Another request with the same key is refused."""

    def fingerprint(self, body: Any) -> str:
        return ""


@breaks("sdk", "several")
class KeyOfAllPaths(Assistants):
    """A key of one assistant says nothing of another."""

    def slot(self, call: Call, key: str) -> Any:
        return key


@breaks("sdk", "clock")
class KeyGoneAfterAnHour(Assistants):
    """A key holds for 24 hours."""

    def is_fresh(self, at: datetime, now: datetime) -> bool:
        return (now - at).total_seconds() < 3600


@breaks("sdk", "several")
class KeyTakenIs409(Assistants):
    """Another request with the same key is answered 422."""

    def key_taken(self) -> Response:
        return self.detail(409, "The key is in use")


@breaks("sdk", "several")
class KeyRemembersRefusals(Assistants):
    """Only successful answers are repeated."""

    def check_rules(self, call: Call, body: Any) -> None:
        why = self.broken_rule(body, self.instant(body), call.now)
        key = self.key_of(call)
        if why and key:
            call.world.records["refused"] = {"id": "refused", "assistant": "", "body": body}
            kept = Kept(self.fingerprint(body), self.detail(400, why), "refused", call.now)
            call.world.answers[self.slot(call, key)] = kept
        super().check_rules(call, body)

    def fingerprint(self, body: Any) -> str:
        return super().fingerprint({name: value for name, value in body.items() if name != "retry_interval_secs"})


@breaks("sdk", "several")
class RepeatShowsNewId(Assistants):
    """A repeated answer is the first one to the letter."""

    def repeat(self, call: Call, body: Any, kept: Kept) -> Response:
        response = super().repeat(call, body, kept)
        response.body = bytes(response.body).replace(kept.record.encode(), call.world.mint("event").encode())
        return response


@breaks("sdk")
class MalformedKeyAccepted(Assistants):
    """A key is made of letters, digits, hyphens and underscores."""

    def is_key(self, text: str) -> bool:
        return len(text) <= 255


@breaks("sdk")
class LongKeyAccepted(Assistants):
    """A key has at most 255 characters."""

    def is_key(self, text: str) -> bool:
        return super().is_key(text[:255])


@breaks("sdk")
class GoodKeyRefused(Assistants):
    """A key may have hyphens and underscores."""

    def is_key(self, text: str) -> bool:
        return text.isalnum()
