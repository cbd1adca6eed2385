"""TemPhone: calls that are not made, and webhooks that do not tell of them."""

from datetime import datetime, timedelta
from typing import Any

from ..outbox import Delivery, Record
from ..temphone import TemPhone
from ..world import World
from .catalogue import breaks


@breaks("prose", "clock")
class CallNeverStarts(TemPhone):
    """A call that is due is started."""

    def start(self, record: Record) -> datetime:
        return record["due"] + timedelta(days=3650)


@breaks("prose", "clock")
class CallStartsEarly(TemPhone):
    """No call is started before it is due."""

    def start(self, record: Record) -> datetime:
        return record["due"] - timedelta(minutes=30)


@breaks("prose", "clock")
class CallStartsHourLate(TemPhone):
    """A call that is due is started soon."""

    def start(self, record: Record) -> datetime:
        return record["due"] + timedelta(hours=1)


@breaks("prose", "clock")
class NoCallWebhooks(TemPhone):
    """webhook_url is told how the call goes."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return ()


@breaks("prose", "clock")
class StartNotTold(TemPhone):
    """The start of a call is told."""

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        if status != "in_progress":
            super().tell(world, record, status, at)


@breaks("prose", "clock")
class EndOfCallNotTold(TemPhone):
    """The end of a call is told."""

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        if status == "in_progress":
            super().tell(world, record, status, at)


@breaks("prose", "clock")
class FailedCallNotTold(TemPhone):
    """That a call failed is told."""

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        if status != "failed":
            super().tell(world, record, status, at)


@breaks("prose", "clock")
class FailedCallToldCompleted(TemPhone):
    """A call that failed is not told as completed."""

    def status(self, record: Record, now: datetime) -> str:
        return super().status(record, now).replace("failed", "completed")

    def event_of(self, status: str) -> str:
        return super().event_of(status).replace("failed", "completed")


@breaks("prose", "clock")
class CompletedCallToldFailed(TemPhone):
    """A call that was answered is told as completed."""

    def status(self, record: Record, now: datetime) -> str:
        return super().status(record, now).replace("completed", "failed")

    def event_of(self, status: str) -> str:
        return super().event_of(status).replace("completed", "failed")


@breaks("prose", "clock")
class CallToldTooEarly(TemPhone):
    """The end of a call is told when it is there."""

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        super().tell(world, record, status, record["dispatched"])


@breaks("sense", "clock")
class CallToldTwice(TemPhone):
    """A receiver that has said yes is not told again."""

    def tell(self, world: World, record: Record, status: str, at: datetime) -> None:
        super().tell(world, record, status, at)
        super().tell(world, record, status, at)


@breaks("sense", "clock")
class ToldAsScheduled(TemPhone):
    """A webhook shows the call as it was at that instant."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        whole = super().webhook(world, record, delivery)
        return whole | {"data": whole["data"] | {"status": "scheduled"}}


@breaks("sense", "clock")
class ToldOfOtherCall(TemPhone):
    """A webhook is about the call that its receiver was named for."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        whole = super().webhook(world, record, delivery)
        other = next(iter(world.records.values()))
        return whole | {"data": whole["data"] | {"call_id": other["id"]}}


@breaks("sense", "clock")
class CallUpdatedNever(TemPhone):
    """updated_at moves when the status does."""

    def show_updated(self, record: Record, now: datetime) -> str:
        return self.show_created(record)


@breaks("prose", "clock")
class DurationLimitIgnored(TemPhone):
    """A call lasts max_duration_seconds at most."""

    def dispatch(self, world: World, record: Record, at: datetime) -> None:
        whole = record["body"]
        record["body"] = {name: value for name, value in whole.items() if name != "max_duration_seconds"}
        super().dispatch(world, record, at)
        record["body"] = whole


@breaks("sense", "clock")
class CallHookAsText(TemPhone):
    """A webhook is JSON and is called so."""

    def webhook_headers(self, world: World, body: bytes) -> dict[str, str]:
        return super().webhook_headers(world, body) | {"Content-Type": "text/plain"}


@breaks("sense", "clock")
class CallHookMetadataLost(TemPhone):
    """A webhook shows the call whole, as its answer did."""

    def webhook(self, world: World, record: Record, delivery: Delivery) -> Any:
        whole = super().webhook(world, record, delivery)
        kept = {name: value for name, value in whole["data"].items() if name not in ("metadata", "contact_id")}
        return whole | {"data": kept}
