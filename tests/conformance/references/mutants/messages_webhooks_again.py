"""Messages: webhooks that are tried too often, too seldom, or at the wrong address."""

from dataclasses import replace
from typing import Any

from ..messages import Messages
from ..outbox import Delivery, Record
from ..service import seconds
from ..world import Timer, World
from .catalogue import breaks


@breaks("prose", "clock")
class NotTriedAgain(Messages):
    """A receiver that fails is tried again."""

    def following(self, delivery: Delivery) -> Delivery | None:
        return super().following(replace(delivery, attempt=self.attempts_each))


@breaks("prose", "clock")
class TriedForever(Messages):
    """A receiver is tried three times."""

    attempts_each = 9


@breaks("prose", "clock")
class RedirectIsReceipt(Messages):
    """A redirect is a failure."""

    def is_received(self, status: int) -> bool:
        return 200 <= status < 400


@breaks("prose", "clock")
class RefusalIsReceipt(Messages):
    """Any answer but a 2xx is a failure."""

    def is_received(self, status: int) -> bool:
        return status > 0


@breaks("prose", "clock")
class SpareNeverTried(Messages):
    """The failover address is tried when the first one fails."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return super().receivers(record)[:1]


@breaks("prose", "clock")
class SpareAlwaysTold(Messages):
    """The failover address is not told what the first one has received."""

    def is_received(self, status: int) -> bool:
        return False

    def following(self, delivery: Delivery) -> Delivery | None:
        again = replace(delivery, place=delivery.place + 1, attempt=1)
        return again if again.place < len(delivery.urls) else None


@breaks("prose", "clock")
class SpareIsFirst(Messages):
    """webhook_url is tried before the failover address."""

    def receivers(self, record: Record) -> tuple[str, ...]:
        return super().receivers(record)[::-1]


@breaks("prose", "clock")
class HookAttemptsFromZero(Messages):
    """meta.attempt counts from 1."""

    def meta(self, delivery: Delivery) -> dict[str, Any]:
        return super().meta(delivery) | {"attempt": delivery.attempt - 1}


@breaks("prose", "clock")
class HookAttemptsNotCounted(Messages):
    """meta.attempt counts the attempts."""

    def meta(self, delivery: Delivery) -> dict[str, Any]:
        return super().meta(delivery) | {"attempt": 1}


@breaks("prose", "clock")
class DeliveredToWrong(Messages):
    """meta.delivered_to is the address that it is delivered to."""

    def meta(self, delivery: Delivery) -> dict[str, Any]:
        return super().meta(delivery) | {"delivered_to": delivery.urls[0].partition("?")[0] + "/"}


@breaks("prose", "clock")
class NewIdEachAttempt(Messages):
    """All attempts of an event carry its one id."""

    def following(self, delivery: Delivery) -> Delivery | None:
        again = super().following(delivery)
        return again and replace(again, id=again.id[:-1] + str(again.attempt))


@breaks("prose", "clock")
class NoPauseBetween(Messages):
    """The pauses between attempts grow."""

    def delay(self, delivery: Delivery) -> Any:
        return seconds(0)


@breaks("sense", "clock")
class ToldToEarlierMessage(Messages):
    """A message's events go to its own address."""

    async def deliver(self, world: World, record: Record, timer: Timer) -> None:
        others = [url for other in world.records.values() for url in self.receivers(other)]
        timer.data = replace(timer.data, urls=(others[0] + "&old", *timer.data.urls[1:]))
        await super().deliver(world, record, timer)
