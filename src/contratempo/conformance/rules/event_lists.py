"""Lists of events: pages, totals, filters, and that everything is there once."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import instant_of, is_naive
from contratempo.conformance.ledger import Ledger, Made
from contratempo.conformance.rule import ASSISTANTS, Findings, rule

Json: TypeAlias = Any
_DEFAULTS: Final = {"page[number]": 1, "page[size]": 20}
_COUNTS: Final = ("total_pages", "total_results", "page_number", "page_size")
PARAMETERS: Final = frozenset({*_DEFAULTS, "from_date", "to_date", "conversation_channel"})
_WHEN: Final = "scheduled_at_fixed_datetime"


def asked(x: Exchange) -> dict[str, str]:
    """Return a query by name; of what comes twice the last."""
    return dict(parse_qsl(x.query, keep_blank_values=True))


def is_whole(value: Json) -> bool:
    """Say whether a number is an integer, which JSON lets a server write as 1.0."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def page(x: Exchange) -> tuple[dict[str, int], list[dict[str, Json]]] | None:
    """Return meta and data of a list that was answered as it should be, None of anything else."""
    if (
        x.auth != "good"
        or x.operation != "get_scheduled_events"
        or x.method != "GET"
        or not x.ok
        or x.strict
        or not isinstance(x.json, dict)
    ):
        return None
    meta, data = x.json.get("meta"), x.json.get("data")
    if not isinstance(meta, dict) or not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        return None
    counts = {name: int(meta[name]) for name in _COUNTS if is_whole(meta.get(name))}
    return (counts, data) if len(counts) == len(_COUNTS) else None


@rule(
    "lists.meta",
    "meta says which page this is, and how long a page: as asked, else the first of 20.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def meta(x: Exchange, ledger: Ledger) -> Findings:
    listed = page(x)
    if listed is None:
        return None
    wanted = {name: int(asked(x).get(name, value)) for name, value in _DEFAULTS.items()}
    said = {"page[number]": listed[0]["page_number"], "page[size]": listed[0]["page_size"]}
    return [
        f"{name} {wanted[name]} was asked for, {said[name]} is said" for name in wanted if said[name] != wanted[name]
    ]


@rule("lists.totals", "total_pages is total_results by pages.", source="sense", level="read", providers=(ASSISTANTS,))
def totals(x: Exchange, ledger: Ledger) -> Findings:
    listed = page(x)
    if listed is None or listed[0]["page_size"] < 1:
        return None
    said, results = listed[0]["total_pages"], listed[0]["total_results"]
    wanted = -(-results // listed[0]["page_size"])
    good = said == wanted or (results == 0 and said in (0, 1))
    return [] if good else [f"{results} results by {listed[0]['page_size']} are {wanted} pages, {said} are said"]


@rule(
    "lists.page-size",
    "A page has as many events as there are left, and no more than was asked for.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def page_size(x: Exchange, ledger: Ledger) -> Findings:
    listed = page(x)
    if listed is None:
        return None
    size, number = (int(asked(x).get(name, _DEFAULTS[name])) for name in ("page[size]", "page[number]"))
    left = max(0, min(size, listed[0]["total_results"] - size * (number - 1)))
    return [] if len(listed[1]) == left else [f"page {number} has {len(listed[1])} events, {left} should be on it"]


@rule("lists.no-repeats", "No event is on a page twice.", source="sense", level="read", providers=(ASSISTANTS,))
def no_repeats(x: Exchange, ledger: Ledger) -> Findings:
    listed = page(x)
    if listed is None or not listed[1]:
        return None
    ids = [each.get("scheduled_event_id") for each in listed[1]]
    return [f"{each} is listed twice" for each in ids if each is not None and ids.count(each) > 1][:1]


@rule(
    "lists.total-results",
    "total_results counts every event that was made and fits the filters.",
    source="sense",
    settles=True,
    providers=(ASSISTANTS,),
)
def total_results(x: Exchange, ledger: Ledger) -> Findings:
    listed, wanted = page(x), _expected(x, ledger)
    if listed is None or wanted is None:
        return None
    said = listed[0]["total_results"]
    return [] if said == len(wanted) else [f"total_results is {said}; {len(wanted)} were made and fit"]


@rule(
    "lists.complete",
    "Every event that was made and fits is on the page, or on another.",
    source="sense",
    settles=True,
    providers=(ASSISTANTS,),
)
def complete(x: Exchange, ledger: Ledger) -> Findings:
    listed, wanted = page(x), _expected(x, ledger)
    if listed is None or wanted is None or not wanted:
        return None
    ids = {str(each.get("scheduled_event_id")) for each in listed[1]}
    if len(wanted) > int(asked(x).get("page[size]", 20)) or int(asked(x).get("page[number]", 1)) > 1:
        return None
    return [f"{made.id} is not listed" for made in wanted if made.id not in ids][:1]


@rule(
    "lists.nothing-else",
    "Nothing is listed that does not belong there: other assistants' events, deleted ones.",
    source="sense",
    settles=True,
    providers=(ASSISTANTS,),
)
def nothing_else(x: Exchange, ledger: Ledger) -> Findings:
    listed, wanted = page(x), _living(x, ledger)
    if listed is None or wanted is None or not (listed[1] or wanted):
        return None
    known = {made.id: made for made in ledger.made.values()}
    strange = []
    for each in listed[1]:
        made = known.get(str(each.get("scheduled_event_id")))
        if made is not None and (made.gone or made.scope != x.params["assistant_id"]):
            strange.append(f"{made.id} is listed: {'it was deleted' if made.gone else f'it is of {made.scope}'}")
    return strange[:1]


@rule(
    "lists.pages-partition",
    "Going through the pages meets every event once.",
    source="sense",
    settles=True,
    providers=(ASSISTANTS,),
)
def partition(x: Exchange, ledger: Ledger) -> Findings:
    listed, wanted = page(x), _expected(x, ledger)
    if listed is None or wanted is None or x.now is None or listed[0]["page_number"] < 2:
        return None
    if listed[0]["page_number"] != listed[0]["total_pages"]:
        return None
    met = [each for earlier in (*_earlier(x, ledger), x) for each in _ids(earlier)]
    if len({asked(earlier).get("page[number]") for earlier in _earlier(x, ledger)}) != listed[0]["page_number"] - 1:
        return None
    missed, twice = {made.id for made in wanted} - set(met), {each for each in met if met.count(each) > 1}
    return [*(f"{each} is on no page" for each in sorted(missed)), *(f"{each} is on two" for each in sorted(twice))][:1]


@rule("lists.channel", "A channel filters.", source="spec", level="read", providers=(ASSISTANTS,))
def channel(x: Exchange, ledger: Ledger) -> Findings:
    listed, wanted = page(x), asked(x).get("conversation_channel")
    if listed is None or wanted is None or (not listed[1] and not ledger.real and not _living(x, ledger)):
        return None
    return [
        f"a {each.get('telnyx_conversation_channel')} event is listed"
        for each in listed[1]
        if each.get("telnyx_conversation_channel") != wanted
    ][:1]


@rule(
    "lists.dates",
    "from_date and to_date bound the scheduled time, both of them included.",
    source="sdk",
    contract="effective",
    settles=True,
    providers=(ASSISTANTS,),
)
def dates(x: Exchange, ledger: Ledger) -> Findings:
    query = asked(x)
    if page(x) is None or not {"from_date", "to_date"} & query.keys() or any(map(is_naive, query.values())):
        return None
    wanted = _expected(x, ledger)
    if wanted is None:
        return None
    listed = {str(each) for each in _ids(x)}
    outside = [each for each in listed if each in ledger.made and each not in {made.id for made in wanted}]
    inside = [made.id for made in wanted if made.id not in listed] if len(wanted) <= _size(query) else []
    number = int(query.get("page[number]", 1))
    return [
        *(f"{each} is listed and outside" for each in outside),
        *(f"{each} is inside and not listed" for each in inside if number == 1),
    ][:1]


@rule("lists.beyond", "A page beyond the last is empty.", source="sense", level="read", providers=(ASSISTANTS,))
def beyond(x: Exchange, ledger: Ledger) -> Findings:
    listed = page(x)
    if listed is None or listed[0]["page_number"] <= max(1, listed[0]["total_pages"]):
        return None
    return [f"page {listed[0]['page_number']} of {listed[0]['total_pages']} has events"] if listed[1] else []


def is_beyond(x: Exchange, ledger: Ledger) -> bool:
    """Say whether a page is asked for that nothing need be on: beyond what was made, or after the first where others
    write, too."""
    wanted, query = _expected(x, ledger), asked(x)
    before = (int(query.get("page[number]", 1)) - 1) * _size(query)
    return before > 0 and (wanted is None or before >= len(wanted))


def _living(x: Exchange, ledger: Ledger) -> list[Made] | None:
    """Return what was made below the path and not deleted; None where others write, too."""
    scope = x.params.get("assistant_id", "")
    if not x.exclusive or scope in ledger.shared:
        return None
    return list(ledger.living(scope))


def _expected(x: Exchange, ledger: Ledger) -> list[Made] | None:
    """Return what was made and fits the filters; None where that is not known."""
    living, query = _living(x, ledger), asked(x)
    if living is None or any(map(is_naive, (query.get("from_date"), query.get("to_date")))):
        return None
    bounded = {"from_date", "to_date"} & query.keys()
    if bounded and (ledger.book.flavour == "vendored" or any(_moving(made, x) for made in living)):
        return None
    return [made for made in living if _fits(made, query)]


def _moving(made: Made, x: Exchange) -> bool:
    """Say whether an event's time may have changed since it was last seen."""
    due = instant_of(made.last.record.get(_WHEN))
    return due is None or (x.at is not None and due <= x.at)


def _fits(made: Made, query: Mapping[str, str]) -> bool:
    wanted, due = query.get("conversation_channel"), instant_of(made.last.record.get(_WHEN))
    first, last = instant_of(query.get("from_date")), instant_of(query.get("to_date"))
    if wanted is not None and made.sent.get("telnyx_conversation_channel") != wanted:
        return False
    return due is not None and (first is None or first <= due) and (last is None or due <= last)


def _size(query: Mapping[str, str]) -> int:
    return int(query.get("page[size]", 20))


def _ids(x: Exchange) -> list[str]:
    listed = page(x)
    return [] if listed is None else [str(each.get("scheduled_event_id")) for each in listed[1]]


def _earlier(x: Exchange, ledger: Ledger) -> Iterator[Exchange]:
    """Yield the pages before this one, read since anything changed; of a page read twice the latest."""
    rest = {name: value for name, value in asked(x).items() if name != "page[number]"}
    pages: dict[int, Exchange] = {}
    for seen in ledger.history[ledger.last_change :] if ledger.last_change >= 0 else ledger.history:
        if isinstance(seen, Exchange) and seen.path == x.path and seen.now == x.now and page(seen) is not None:
            query = asked(seen)
            number = int(query.pop("page[number]", 1))
            if query == rest and number < int(asked(x).get("page[number]", 1)):
                pages[number] = seen
    yield from pages.values()
