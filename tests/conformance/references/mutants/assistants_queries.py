"""Assistants: queries that are not checked, or that crash the server."""

from starlette.datastructures import QueryParams
from starlette.responses import Response

from ..assistants import Assistants
from ..assistants_list import Query
from ..checks import Wrong
from ..service import Call
from .catalogue import breaks


class _Crash(Assistants):
    """Crashes where `crashes` says so."""

    def crashes(self, query: Query) -> bool:
        raise NotImplementedError

    def list_events(self, call: Call) -> Response:
        done = super().list_events(call)
        return self.json(500, {"detail": "Internal Server Error"}) if self.crashes(self.query(call)) else done


@breaks("http")
class CrashOnInvertedRange(_Crash):
    """from_date after to_date is an empty list or a refusal, no server error."""

    def crashes(self, query: Query) -> bool:
        return bool(query.start and query.end and query.start > query.end)


@breaks("http")
class CrashOnHugePage(_Crash):
    """A page number of twenty digits is no server error."""

    def crashes(self, query: Query) -> bool:
        return query.number >= 2**63


@breaks("http")
class CrashOnPageWord(Assistants):
    """A page number that is none is refused, no server error."""

    def query(self, call: Call) -> Query:
        self.crash = not call.request.query_params.get("page[number]", "1").lstrip("+-").isdigit()
        return super().query(call)

    def invalid(self, wrong: list[tuple[list[str], str, str]]) -> Response:
        crash = getattr(self, "crash", False)
        self.crash = False
        return self.json(500, {"detail": "Internal Server Error"}) if crash else super().invalid(wrong)


@breaks("spec")
class BadFromDateAccepted(Assistants):
    """from_date is a date-time."""

    def query(self, call: Call) -> Query:
        kept = [(name, value) for name, value in call.request.query_params.multi_items() if name != "from_date"]
        found = dict(self.wrong_filters(call.request.query_params))
        if found.get("from_date"):
            call.request._query_params = QueryParams(kept)
        return super().query(call)


@breaks("spec")
class UnknownChannelListed(Assistants):
    """conversation_channel is one of two words."""

    def wrong_filters(self, sent: QueryParams) -> list[tuple[str, Wrong]]:
        return [(name, wrong) for name, wrong in super().wrong_filters(sent) if name != "conversation_channel"]


@breaks("spec")
class ToDateByDay(Assistants):
    """to_date is a date-time, not a date."""

    def wrong_filters(self, sent: QueryParams) -> list[tuple[str, Wrong]]:
        found = super().wrong_filters(sent)
        return [(name, wrong) for name, wrong in found if name != "to_date" or len(sent["to_date"]) != 10]

    def query(self, call: Call) -> Query:
        sent = call.request.query_params
        if len(sent.get("to_date", "")) == 10:
            whole = [(n, v + "T23:59:59Z" if n == "to_date" and len(v) == 10 else v) for n, v in sent.multi_items()]
            call.request._query_params = QueryParams(whole)
        return super().query(call)
