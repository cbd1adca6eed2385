"""Assistants: lists that count wrongly, or show other events than there are."""

from datetime import datetime
from typing import Any

from starlette.responses import Response

from ..assistants import Assistants
from ..assistants_list import Event, Query
from ..service import Call
from ..world import World
from .catalogue import breaks


@breaks("sense", "several")
class TotalIsOfThePage(Assistants):
    """total_results counts all events, not those of the page."""

    def total_results(self, rows: list[Event], page: list[Event]) -> int:
        return len(page)


@breaks("sense", "several")
class TotalOneTooMany(Assistants):
    """total_results is how many events the pages show together."""

    def total_results(self, rows: list[Event], page: list[Event]) -> int:
        return len(rows) + 1 if rows else 0


@breaks("sense", "several")
class TotalIgnoresFilters(Assistants):
    """total_results counts what the filters leave."""

    def list_events(self, call: Call) -> Response:
        self.all_of_it = len(self.rows(call))
        return super().list_events(call)

    def total_results(self, rows: list[Event], page: list[Event]) -> int:
        return self.all_of_it


@breaks("sense", "several")
class TotalPagesFloored(Assistants):
    """The last page counts in total_pages even when it is not full."""

    def total_pages(self, total: int, size: int) -> int:
        return total // size


@breaks("sense", "several")
class TotalPagesOneTooMany(Assistants):
    """No page is counted that would be empty."""

    def total_pages(self, total: int, size: int) -> int:
        return total // size + 1


@breaks("sense", "several")
class MetaSizeAlwaysTwenty(Assistants):
    """meta.page_size is the size that was asked for."""

    def meta(self, rows: list[Event], page: list[Event], query: Query) -> dict[str, Any]:
        return super().meta(rows, page, query) | {"page_size": 20}


@breaks("sense")
class MetaNumberFromZero(Assistants):
    """meta.page_number is the number that was asked for."""

    def meta(self, rows: list[Event], page: list[Event], query: Query) -> dict[str, Any]:
        return super().meta(rows, page, query) | {"page_number": query.number - 1}


@breaks("spec")
class MetaTotalMissing(Assistants):
    """meta has total_results."""

    def meta(self, rows: list[Event], page: list[Event], query: Query) -> dict[str, Any]:
        return {name: value for name, value in super().meta(rows, page, query).items() if name != "total_results"}


@breaks("spec")
class ListIsBare(Assistants):
    """A list comes with its meta."""

    def listing(self, meta: dict[str, Any], data: list[Any]) -> Any:
        return data


@breaks("sense", "several")
class OrderChangesByPage(Assistants):
    """All pages of a list are cut from one order."""

    def page(self, rows: list[Event], query: Query) -> list[Event]:
        return super().page(rows if query.number % 2 else rows[::-1], query)


@breaks("sense", "several")
class EventListedTwice(Assistants):
    """An event is listed once."""

    def rows(self, call: Call) -> list[Event]:
        rows = super().rows(call)
        return rows + rows[-1:]


@breaks("sense", "several")
class PastTheEndRepeats(Assistants):
    """A page past the last one repeats nothing."""

    def offset(self, query: Query) -> int:
        return super().offset(query) if query.number < 3 else 0


@breaks("sense", "several")
class OtherAssistantsListed(Assistants):
    """The list is of the path's assistant."""

    def is_listed(self, row: Event, assistant: str) -> bool:
        return True


@breaks("sense", "several")
class OtherTokensListed(Assistants):
    """One customer's events are not shown to another."""

    def rows(self, call: Call) -> list[Event]:
        worlds = self.worlds.values()
        return [row for w in worlds for row in w.records.values() if self.is_listed(row, call.values["assistant"])]


@breaks("sense", "several")
class NewestNotListed(Assistants):
    """Every event that was created is listed in the end."""

    def rows(self, call: Call) -> list[Event]:
        rows = super().rows(call)
        return rows[:-1] if len(rows) > 2 else rows


@breaks("sense", "clock")
class FinishedNotListed(Assistants):
    """An event stays in the list when it is over."""

    def rows(self, call: Call) -> list[Event]:
        return [row for row in super().rows(call) if self.status(row, call.now) in ("pending", "in_progress")]


@breaks("sense", "clock")
class ListShowsOldStatus(Assistants):
    """The list and the event itself show the same status."""

    def show_listed(self, world: World, row: Event, now: datetime) -> Event:
        return super().show_listed(world, row, now) | {"status": "pending"}


@breaks("sense", "several")
class ListDropsMetadata(Assistants):
    """The list shows events whole."""

    def show_listed(self, world: World, row: Event, now: datetime) -> Event:
        shown = super().show_listed(world, row, now)
        shown.pop("conversation_metadata", None)
        return shown


@breaks("spec", "several")
class ListDropsTargets(Assistants):
    """Listed events have their targets."""

    def show_listed(self, world: World, row: Event, now: datetime) -> Event:
        shown = super().show_listed(world, row, now)
        del shown["telnyx_end_user_target"]
        return shown


@breaks("sense", "several")
class ListIdDiffers(Assistants):
    """The id in the list is the event's."""

    def show_listed(self, world: World, row: Event, now: datetime) -> Event:
        shown = super().show_listed(world, row, now)
        return shown | {"scheduled_event_id": shown["scheduled_event_id"].upper()}
