"""The list of an assistant's events: filters, order and pages."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from .checks import Wrong, moment, one_of
from .gateway import Gateway
from .instants import read_instant
from .service import Call, Refused
from .world import World

Event = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """What is asked of a list."""

    number: int = 1
    size: int = 20
    channel: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class EventList(Gateway):
    """Lists; what events are and look like is said by the others."""

    default_size = 20

    def list_events(self, call: Call) -> Response:
        query = self.query(call)
        rows = [row for row in self.rows(call) if self.passes(row, query)]
        rows.sort(key=self.order)
        page = self.page(rows, query)
        shown = [self.show_listed(call.world, row, call.now) for row in page]
        return self.json(200, self.listing(self.meta(rows, page, query), shown))

    def listing(self, meta: dict[str, Any], data: list[Any]) -> Any:
        return {"meta": meta, "data": data}

    def rows(self, call: Call) -> list[Event]:
        return [row for row in call.world.records.values() if self.is_listed(row, call.values["assistant"])]

    def is_listed(self, row: Event, assistant: str) -> bool:
        return bool(row["assistant"] == assistant)

    def show_listed(self, world: World, row: Event, now: datetime) -> Event:
        return self.show(world, row, now)

    # Filters and order

    def passes(self, row: Event, query: Query) -> bool:
        at = self.column(row)
        return (
            self.passes_channel(row, query.channel)
            and (query.start is None or self.not_before(at, query.start))
            and (query.end is None or self.not_after(at, query.end))
        )

    def column(self, row: Event) -> datetime:
        at: datetime = row["due"]
        return at

    def passes_channel(self, row: Event, channel: str | None) -> bool:
        return channel in (None, row["body"]["telnyx_conversation_channel"])

    def not_before(self, at: datetime, start: datetime) -> bool:
        return at >= start

    def not_after(self, at: datetime, end: datetime) -> bool:
        return at <= end

    def order(self, row: Event) -> Any:
        return row["due"], row["created"], row["id"]

    # Pages

    def page(self, rows: list[Event], query: Query) -> list[Event]:
        start = self.offset(query)
        return rows[start : start + query.size]

    def offset(self, query: Query) -> int:
        return (query.number - 1) * query.size

    def meta(self, rows: list[Event], page: list[Event], query: Query) -> dict[str, Any]:
        return {
            "total_pages": self.total_pages(len(rows), query.size),
            "total_results": self.total_results(rows, page),
            "page_number": query.number,
            "page_size": query.size,
        }

    def total_results(self, rows: list[Event], page: list[Event]) -> int:
        return len(rows)

    def total_pages(self, total: int, size: int) -> int:
        return math.ceil(total / size)

    # What was asked

    def query(self, call: Call) -> Query:
        sent = call.request.query_params
        wrong: list[tuple[list[str], str, str]] = []
        number = self._integer(sent, "page[number]", 1, self.number_bounds(), wrong)
        size = self._integer(sent, "page[size]", self.default_size, self.size_bounds(), wrong)
        for name, found in self.wrong_filters(sent):
            wrong += [(["query", name], *found)] if found else []
        if wrong:
            raise Refused(self.invalid(wrong))
        start, end = (read_instant(sent[name]) if name in sent else None for name in ("from_date", "to_date"))
        return Query(number, size, sent.get("conversation_channel"), start, end)

    def number_bounds(self) -> tuple[int, float]:
        return 1, math.inf

    def size_bounds(self) -> tuple[int, float]:
        return 1, 100

    def wrong_filters(self, sent: QueryParams) -> list[tuple[str, Wrong]]:
        checks = {
            "from_date": moment(),
            "to_date": moment(),
            "conversation_channel": one_of("phone_call", "sms_chat"),
        }
        return [(name, check(sent[name])) for name, check in checks.items() if name in sent]

    def _integer(
        self,
        sent: QueryParams,
        name: str,
        default: int,
        bounds: tuple[int, float],
        wrong: list[tuple[list[str], str, str]],
    ) -> int:
        digits = sent.get(name)
        if digits is None:
            return default
        if not re.fullmatch(r"[+-]?[0-9]{1,4000}", digits):
            wrong.append((["query", name], "int_parsing", "a valid integer"))
        elif not bounds[0] <= int(digits) <= bounds[1]:
            wrong.append((["query", name], "range", f"between {bounds[0]} and {bounds[1]}"))
        else:
            return int(digits)
        return default

    def show(self, world: World, event: Event, now: datetime) -> Event:
        raise NotImplementedError

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        raise NotImplementedError
