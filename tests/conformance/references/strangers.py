"""Servers that are wrong in ways that nobody who wrote mutants or rules had thought of, and what shows each.

They are in no score: the suite was taught to find them. `probe` is the one that asks what has to be asked.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .assistants import Assistants
from .assistants_list import Query
from .messages import Messages
from .outbox import Record
from .service import Call, Service
from .temphone import TemPhone
from .world import World

Body = dict[str, Any]
BELOW_ZERO = re.compile(r"-\d\d:([0-5]\d)$")
ABOVE_ZERO = re.compile(r"\+\d\d:([0-5]\d)$")


@dataclass(frozen=True)
class Stranger:
    """A server, the probe that shows its defect, and the beginning of the name of the rule that tells."""

    app: type[Service]
    probe: str
    rule: str


def minutes(pattern: re.Pattern[str], text: str) -> timedelta:
    """Return the minutes of an offset that a pattern finds."""
    found = pattern.search(text)
    return timedelta(minutes=int(found[1])) if found else timedelta()


class OffsetBelowZero(Assistants):
    """Reads -03:30 as -02:30."""

    def instant(self, body: Body) -> datetime:
        return super().instant(body) - 2 * minutes(BELOW_ZERO, body["scheduled_at_fixed_datetime"])


class ClocksPutForward(Assistants):
    """Calls an hour late what was scheduled before the night in which clocks are put forward."""

    def first_dispatch(self, event: Body) -> datetime:
        due = super().first_dispatch(event)
        return due + timedelta(hours=due >= datetime(2026, 3, 29, 1, tzinfo=UTC))


class FilterForgotten(Assistants):
    """Forgets from_date where there is a channel, too."""

    def passes(self, row: Body, query: Query) -> bool:
        return super().passes(row, replace(query, start=None) if query.channel else query)


class KeyOfOtherMetadata(Assistants):
    """Takes requests for the same that differ in their metadata."""

    def fingerprint(self, body: Any) -> str:
        return json.dumps([body[name] for name in sorted(body) if name != "conversation_metadata"])


class KeyInCapitals(Assistants):
    """Takes keys for the same that differ in capitals."""

    def slot(self, call: Call, key: str) -> Any:
        return super().slot(call, key.lower())


class KeyCutOff(Assistants):
    """Keeps the first 64 characters of a key."""

    def slot(self, call: Call, key: str) -> Any:
        return super().slot(call, key[:64])


class IntervalInMinutes(Assistants):
    """Keeps an interval in whole minutes."""

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        whole = shown.get("retry_interval_secs", 0) // 60 * 60
        return shown | ({"retry_interval_secs": whole} if whole else {})


class LineEnds(Assistants):
    """Makes one character of a line end of two."""

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        return shown | ({"text": shown["text"].replace("\r\n", "\n")} if "text" in shown else {})


class MetadataLeft(Assistants):
    """Shows the metadata of the event before where none was sent."""

    last: Body | None = None

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        self.last = shown.get("conversation_metadata", self.last)
        return shown | ({"conversation_metadata": self.last} if self.last else {})


class KeyOfAnyCustomer(Assistants):
    """Gives a customer what another one's key made."""

    def slot(self, call: Call, key: str) -> Any:
        call.world.answers = self.worlds["default"].answers
        return super().slot(call, key)

    def holds(self, call: Call, kept: Any) -> bool:
        return True

    def fingerprint(self, body: Any) -> str:
        return ""


class KeyTakenByAnyCustomer(KeyOfAnyCustomer):
    """Refuses a customer's key because another one has used it."""

    def fingerprint(self, body: Any) -> str:
        return json.dumps(body, sort_keys=True)


class OnlyOkWillDo(Messages):
    """Takes a webhook for lost that was answered with 204."""

    def is_received(self, status: int) -> bool:
        return status != 204 and super().is_received(status)


class SignedInAscii(Messages):
    """Signs other bytes than it sends, which are the same while all of them are ASCII."""

    def sign(self, timestamp: str, body: bytes) -> str:
        return super().sign(timestamp, json.dumps(json.loads(body), separators=(",", ":")).encode())


class HalfHours(Messages):
    """Reads +05:30 as +05:00."""

    def due(self, body: Body, now: datetime) -> datetime:
        return super().due(body, now) + minutes(ABOVE_ZERO, body.get("send_at") or "")


class DayBefore(Messages):
    """Takes the day of an instant as it is where it was written."""

    def due(self, body: Body, now: datetime) -> datetime:
        due, sent = super().due(body, now), body.get("send_at") or ""
        return due - (due.date() - datetime.fromisoformat(sent).date()) if BELOW_ZERO.search(sent) else due


class MetadataWithoutNulls(TemPhone):
    """Leaves out what is null in metadata."""

    def echo(self, body: Body) -> Body:
        shown = super().echo(body)
        kept = {name: value for name, value in shown.get("metadata", {}).items() if value is not None}
        return shown | ({"metadata": kept} if "metadata" in shown else {})


class ToldAsRecorded(TemPhone):
    """Tells of a call that it is recorded, whatever was asked for."""

    def webhook(self, world: World, record: Record, delivery: Any) -> Any:
        told = super().webhook(world, record, delivery)
        return told | {"data": told["data"] | {"recording_enabled": True}}


FIRST = (
    Stranger(OffsetBelowZero, "time: each at its own", "requests.valid-accepted"),
    Stranger(ClocksPutForward, "time: when clocks are changed", "events.time."),
    Stranger(FilterForgotten, "pages and filters, dates", "lists.dates"),
    Stranger(KeyOfOtherMetadata, "keys: repeated", "keys.mismatch"),
    Stranger(KeyInCapitals, "keys: repeated", "keys.own"),
    Stranger(KeyCutOff, "keys: alike", "keys.own"),
    Stranger(KeyOfAnyCustomer, "keys: two customers", "access.customers"),
    Stranger(KeyTakenByAnyCustomer, "keys: two customers", "access.customers"),
    Stranger(IntervalInMinutes, "create: an odd interval", "events.create.retries"),
    Stranger(LineEnds, "create: text 'a\\r\\nb'", "events.create.echo"),
    Stranger(MetadataLeft, "retrieve, keys: repeated", "events.create.unasked"),
    Stranger(OnlyOkWillDo, "webhooks: not taken", "webhooks.failover"),
    Stranger(SignedInAscii, "webhooks: every end", "signatures.verify"),
    Stranger(HalfHours, "time: each at its own", "messages.time."),
    Stranger(DayBefore, "time: when clocks are put back", "messages.time."),
    Stranger(MetadataWithoutNulls, "schedule: everything", "calls.create.echo"),
    Stranger(ToldAsRecorded, "webhooks: every end", "webhooks.echo"),
)
