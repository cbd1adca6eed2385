"""Assistants: what is created is not what was asked for."""

from typing import Any

from starlette.responses import Response

from ..assistants import Assistants, Body, Event
from ..service import Call
from ..world import World
from .catalogue import breaks


@breaks("sense")
class TargetAltered(Assistants):
    """The targets come back as they were sent."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        return shown | {"telnyx_end_user_target": shown["telnyx_end_user_target"].lstrip("+")}


@breaks("sense")
class TargetsSwapped(Assistants):
    """The end user's target and the agent's are two."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        targets = ("telnyx_end_user_target", "telnyx_agent_target")
        return shown | dict(zip(targets, (shown[targets[1]], shown[targets[0]]), strict=True))


@breaks("sense")
class TextTruncated(Assistants):
    """A long text comes back whole."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        return shown | {"text": shown["text"][:160]} if "text" in shown else shown


@breaks("sense")
class TextTrimmed(Assistants):
    """The text comes back with its spaces and line ends."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        return shown | {"text": " ".join(shown["text"].split())} if "text" in shown else shown


@breaks("sense")
class TextInAscii(Assistants):
    """The text comes back in its own letters."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        return shown | {"text": shown["text"].encode("ascii", "replace").decode()} if "text" in shown else shown


@breaks("sense")
class MetadataStringified(Assistants):
    """Numbers and truth values in conversation_metadata stay what they are."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        metadata = {name: str(value) for name, value in shown.get("conversation_metadata", {}).items()}
        return shown | ({"conversation_metadata": metadata} if metadata else {})


@breaks("sense")
class MetadataTruthAsNumber(Assistants):
    """true in conversation_metadata is not 1."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        sent = shown.get("conversation_metadata", {})
        metadata = {name: int(value) if isinstance(value, bool) else value for name, value in sent.items()}
        return shown | ({"conversation_metadata": metadata} if metadata else {})


@breaks("sense")
class MetadataLost(Assistants):
    """conversation_metadata comes back."""

    def echo(self, body: Body) -> Event:
        return {name: value for name, value in super().echo(body).items() if name != "conversation_metadata"}


@breaks("sense")
class MetadataKeysLowered(Assistants):
    """The names in conversation_metadata come back as they were sent."""

    def echo(self, body: Body) -> Event:
        shown = super().echo(body)
        sent = shown.get("conversation_metadata", {})
        return shown | ({"conversation_metadata": {n.lower(): v for n, v in sent.items()}} if sent else {})


@breaks("sense")
class VariablesLost(Assistants):
    """dynamic_variables come back."""

    def echo(self, body: Body) -> Event:
        return {name: value for name, value in super().echo(body).items() if name != "dynamic_variables"}


@breaks("sdk")
class RegionLost(Assistants):
    """call_settings come back."""

    def echo(self, body: Body) -> Event:
        return {name: value for name, value in super().echo(body).items() if name != "call_settings"}


@breaks("sense")
class IntervalLost(Assistants):
    """retry_interval_secs comes back."""

    def echo(self, body: Body) -> Event:
        return {name: value for name, value in super().echo(body).items() if name != "retry_interval_secs"}


@breaks("spec")
class DefaultRetriesThree(Assistants):
    """No retries are made when none are asked for."""

    def default_retries(self) -> int:
        return 3


@breaks("sense")
class RetriesAlwaysZero(Assistants):
    """max_retries_client_errors comes back as it was sent."""

    def retries(self, body: Body) -> int:
        return 0


@breaks("spec")
class CreatedIs200(Assistants):
    """Creating answers 201."""

    def created(self, call: Call, event: Event) -> Response:
        return self.json(200, self.show(call.world, event, call.now))


@breaks("spec")
class CreatedIsEnveloped(Assistants):
    """Creating answers the bare event."""

    def created(self, call: Call, event: Event) -> Response:
        return self.json(201, {"data": self.show(call.world, event, call.now)})


@breaks("spec")
class StatusScheduled(Assistants):
    """A status is one of the four."""

    def created(self, call: Call, event: Event) -> Response:
        return self.json(201, self.show(call.world, event, call.now) | {"status": "scheduled"})


@breaks("spec")
class BornCompleted(Assistants):
    """A new event is pending."""

    def created(self, call: Call, event: Event) -> Response:
        return self.json(201, self.show(call.world, event, call.now) | {"status": "completed"})


@breaks("sense", "several")
class WrongAssistantShown(Assistants):
    """assistant_id is the path's."""

    def show(self, world: World, event: Event, now: Any) -> Event:
        first = next(iter(world.records.values()), event)
        return super().show(world, event, now) | {"assistant_id": first["assistant"]}


@breaks("spec")
class AssistantNotShown(Assistants):
    """An event names its assistant."""

    def show(self, world: World, event: Event, now: Any) -> Event:
        return {name: value for name, value in super().show(world, event, now).items() if name != "assistant_id"}


@breaks("spec")
class IdIsNumber(Assistants):
    """scheduled_event_id is a string."""

    def show(self, world: World, event: Event, now: Any) -> Event:
        shown = super().show(world, event, now)
        return shown | {"scheduled_event_id": int(shown["scheduled_event_id"][:8], 16)}


@breaks("spec")
class NullsForUnset(Assistants):
    """conversation_id is a string or left out, never null."""

    def show(self, world: World, event: Event, now: Any) -> Event:
        return {"conversation_id": None} | super().show(world, event, now)


@breaks("sense", "several")
class IdsReused(Assistants):
    """An id is given once, even when its event was deleted."""

    def new_id(self, call: Call) -> str:
        call.world.minted = len(call.world.records)
        return super().new_id(call)


@breaks("sense", "several")
class SameRequestMerged(Assistants):
    """Two equal requests without a key make two events."""

    def make(self, call: Call, body: Body) -> Event:
        same = (event for event in call.world.records.values() if event["body"] == body)
        alike = next((event for event in same if event["assistant"] == call.values["assistant"]), None)
        return alike or super().make(call, body)


@breaks("sense", "several")
class RefusedIsKept(Assistants):
    """What is refused leaves nothing behind."""

    def check_rules(self, call: Call, body: Body) -> None:
        if self.broken_rule(body, self.instant(body), call.now):
            self.make(call, body)
        super().check_rules(call, body)


@breaks("sense", "several")
class EchoLostLater(Assistants):
    """Retrieving shows what creating showed."""

    def retrieve(self, call: Call) -> Response:
        shown = self.show(call.world, self.find(call), call.now)
        shown.pop("dynamic_variables", None)
        return self.json(200, shown)


@breaks("sense", "several")
class CreationTimeMoves(Assistants):
    """created_at stays what it was."""

    def retrieve(self, call: Call) -> Response:
        shown = self.show(call.world, self.find(call), call.now)
        return self.json(200, shown | {"created_at": shown["created_at"].replace("Z", ".001Z")})


@breaks("sense", "several")
class SecondCreateLost(Assistants):
    """Creating an event leaves the others alone."""

    def keep(self, call: Call, event: Event) -> None:
        for name, other in list(call.world.records.items()):
            if other["assistant"] == event["assistant"] and other["due"] == event["due"]:
                del call.world.records[name]
        super().keep(call, event)
