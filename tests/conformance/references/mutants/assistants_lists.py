"""Assistants: lists that page, filter or count wrongly."""

import math
from datetime import datetime, timedelta

from starlette.responses import Response

from ..assistants import Assistants
from ..assistants_list import Event, Query
from ..service import Call
from .catalogue import breaks


@breaks("sense", "several")
class PageOffByOne(Assistants):
    """Page 1 begins with the first event."""

    def offset(self, query: Query) -> int:
        return query.number * query.size


@breaks("sense", "several")
class PagesOverlap(Assistants):
    """An event is on one page only."""

    def offset(self, query: Query) -> int:
        return max(0, (query.number - 1) * (query.size - 1))


@breaks("sense", "several")
class PagesSkipOne(Assistants):
    """No event is left out between two pages."""

    def offset(self, query: Query) -> int:
        return (query.number - 1) * (query.size + 1)


@breaks("spec", "several")
class PageSizeIgnored(Assistants):
    """A page has at most page[size] events."""

    def page(self, rows: list[Event], query: Query) -> list[Event]:
        return super().page(rows, Query(query.number, 20))


@breaks("spec", "several")
class PageNumberIgnored(Assistants):
    """page[number] says which page is shown."""

    def offset(self, query: Query) -> int:
        return 0


@breaks("spec")
class PageSizeNoMaximum(Assistants):
    """page[size] is at most 100."""

    def size_bounds(self) -> tuple[int, float]:
        return 1, 10**9


@breaks("spec")
class PageSizeZeroAccepted(Assistants):
    """page[size] is at least 1."""

    def size_bounds(self) -> tuple[int, float]:
        return 0, 100

    def total_pages(self, total: int, size: int) -> int:
        return super().total_pages(total, size or 1)


@breaks("spec")
class PageNumberZeroAccepted(Assistants):
    """page[number] is at least 1."""

    def number_bounds(self) -> tuple[int, float]:
        return 0, math.inf

    def offset(self, query: Query) -> int:
        return max(0, super().offset(query))


@breaks("spec")
class DefaultPageSizeTen(Assistants):
    """page[size] is 20 when it is not sent."""

    default_size = 10


@breaks("spec", "several")
class ChannelFilterIgnored(Assistants):
    """conversation_channel leaves out events of the other channel."""

    def passes_channel(self, row: Event, channel: str | None) -> bool:
        return True


@breaks("spec", "several")
class ChannelFilterHidesAll(Assistants):
    """conversation_channel keeps the events of that channel."""

    def passes_channel(self, row: Event, channel: str | None) -> bool:
        return channel is None or channel == "sms_chat" == row["body"]["telnyx_conversation_channel"]


@breaks("spec", "several")
class FromDateIgnored(Assistants):
    """from_date leaves out events before it."""

    def not_before(self, at: datetime, start: datetime) -> bool:
        return True


@breaks("spec", "several")
class ToDateIgnored(Assistants):
    """to_date leaves out events after it."""

    def not_after(self, at: datetime, end: datetime) -> bool:
        return True


@breaks("sdk", "several")
class FromDateExclusive(Assistants):
    """from_date is inclusive, say the SDKs."""

    def not_before(self, at: datetime, start: datetime) -> bool:
        return at > start


@breaks("sdk", "several")
class ToDateExclusive(Assistants):
    """to_date is inclusive, say the SDKs."""

    def not_after(self, at: datetime, end: datetime) -> bool:
        return at < end


@breaks("sense", "several")
class DatesSwapped(Assistants):
    """from_date is the earlier bound and to_date the later one."""

    def passes(self, row: Event, query: Query) -> bool:
        return super().passes(row, Query(query.number, query.size, query.channel, query.end, query.start))


@breaks("sense", "several")
class FilterByCreation(Assistants):
    """The dates of a list of scheduled events are about when they are scheduled."""

    def column(self, row: Event) -> datetime:
        created: datetime = row["created"]
        return created


@breaks("sense", "several")
class FilterByWholeDay(Assistants):
    """from_date and to_date are instants, not days."""

    def column(self, row: Event) -> datetime:
        return super().column(row).replace(hour=0, minute=0, second=0, microsecond=0)


@breaks("spec", "several")
class FilterIgnoresOffset(Assistants):
    """Instants are compared, whatever the offsets that they are written in."""

    def column(self, row: Event) -> datetime:
        sent: str = row["body"]["scheduled_at_fixed_datetime"]
        hours = int(sent[-6:-3]) if sent[-3] == ":" and sent[-6] in "+-" else 0
        return super().column(row) + timedelta(hours=hours)


@breaks("sense", "several")
class FiltersExclusive(Assistants):
    """Two filters hold together."""

    def passes(self, row: Event, query: Query) -> bool:
        if query.channel is None:
            return super().passes(row, query)
        return self.passes_channel(row, query.channel)


@breaks("sense", "several")
class FilterAfterPaging(Assistants):
    """Pages are cut from what the filters leave."""

    def list_events(self, call: Call) -> Response:
        query = self.query(call)
        rows = sorted(self.rows(call), key=self.order)
        page = [row for row in self.page(rows, query) if self.passes(row, query)]
        meta = self.meta([row for row in rows if self.passes(row, query)], page, query)
        return self.json(200, self.listing(meta, [self.show_listed(call.world, row, call.now) for row in page]))
